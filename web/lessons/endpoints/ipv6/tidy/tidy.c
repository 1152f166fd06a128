/* Endpoints in the form that all agree on, from standard input to output. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 128 };

/* A port's number, or -1. */
static long port_of(const char *text) {
  char *end;
  if (!isdigit((unsigned char)text[0])) return -1;
  long port = strtol(text, &end, 10);
  return *end == '\0' && port <= UINT16_MAX ? port : -1;
}

/* False, and nothing printed, if the line is no endpoint. */
static bool tidy(char *line) {
  struct in_addr address;
  char text[INET_ADDRSTRLEN];
  char *colon = strchr(line, ':');
  if (colon == NULL) return false;
  *colon = '\0';
  long port = port_of(colon + 1);
  if (port == -1 || inet_pton(AF_INET, line, &address) != 1) return false;
  inet_ntop(AF_INET, &address, text, sizeof text);
  printf("IPv4 %s port %ld\n", text, port);
  return true;
}

int main(void) {
  char line[LINE];

  setvbuf(stdout, NULL, _IOLBF, 0); /* each answer goes out at once */
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (!tidy(line)) printf("error\n");
  }
  return 0;
}
