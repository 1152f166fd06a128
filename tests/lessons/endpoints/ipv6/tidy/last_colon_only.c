/* wrong: asked `::1:80`: wanted `error` */
/* Endpoints in the form that all agree on, from standard input to output. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 128, IPV4_PLACE = 12 }; /* of IPv4 in a mapped address */

/* A port's number, or -1. */
static long port_of(const char *text) {
  char *end;
  if (!isdigit((unsigned char)text[0])) return -1;
  long port = strtol(text, &end, 10);
  return *end == '\0' && port <= UINT16_MAX ? port : -1;
}

static bool answer(int family, const void *address, long port) {
  char text[INET6_ADDRSTRLEN];
  if (port == -1) return false;
  inet_ntop(family, address, text, sizeof text);
  printf("%s %s port %ld\n", family == AF_INET ? "IPv4" : "IPv6", text, port);
  return true;
}

/* ADDRESS:PORT; false, and nothing printed, if it is not that. */
static bool tidy4(char *line) {
  struct in_addr address;
  char *colon = strchr(line, ':');
  if (colon == NULL) return false;
  *colon = '\0';
  if (inet_pton(AF_INET, line, &address) != 1) return false;
  return answer(AF_INET, &address, port_of(colon + 1));
}

/* [ADDRESS]:PORT, likewise. */
static bool tidy6(char *line) {
  struct in6_addr address;
  char *colon = strrchr(line, ':');
  if (colon == NULL) return false;
  *colon = '\0';
  long port = port_of(colon + 1);
  if (line[0] == '[') {
    line++;
    line[strcspn(line, "]")] = '\0';
  }
  if (inet_pton(AF_INET6, line, &address) != 1) return false;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return answer(AF_INET, address.s6_addr + IPV4_PLACE, port);
  return answer(AF_INET6, &address, port);
}

int main(void) {
  char line[LINE];

  setvbuf(stdout, NULL, _IOLBF, 0); /* each answer goes out at once */
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (!(strchr(line, '.') == NULL || line[0] == '[' ? tidy6(line) : tidy4(line)))
      printf("error\n");
  }
  return 0;
}
