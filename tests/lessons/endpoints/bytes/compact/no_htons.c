/* wrong: wanted `0a000002270f`, got `0a0000020f27` */
/* Endpoints as text and as six bytes, from standard input to output. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 6, LINE = 80 };

/* A port's number, or -1. */
static long port_of(const char *text) {
  char *end;
  if (!isdigit((unsigned char)text[0])) return -1;
  long port = strtol(text, &end, 10);
  return *end == '\0' && port <= UINT16_MAX ? port : -1;
}

/* 10.0.0.2:9999 into its six bytes; false if the text is no endpoint. */
static bool pack(char *text, unsigned char bytes[SIZE]) {
  struct in_addr address;
  char *colon = strchr(text, ':');
  long number = port_of(colon + 1);
  *colon = '\0';
  if (number == -1 || inet_pton(AF_INET, text, &address) != 1) return false;

  in_port_t port = (in_port_t)number;
  memcpy(bytes, &address, sizeof address);
  memcpy(bytes + sizeof address, &port, sizeof port);
  return true;
}

/* Six bytes into text, such as 10.0.0.2:9999. */
static void unpack(const unsigned char bytes[SIZE], char text[LINE]) {
  in_port_t port;
  char address[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, bytes, address, sizeof address);
  memcpy(&port, bytes + sizeof(struct in_addr), sizeof port);
  snprintf(text, LINE, "%s:%d", address, ntohs(port));
}

/* Twelve hexadecimal digits into six bytes; false if the text is not that. */
static bool read_digits(const char *text, unsigned char bytes[SIZE]) {
  if (strlen(text) != 2 * SIZE) return false;
  if (strspn(text, "0123456789abcdef") != 2 * SIZE) return false;
  for (size_t i = 0; i < SIZE; i++)
    if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1) return false;
  return true;
}

static void print_digits(const unsigned char bytes[SIZE]) {
  for (size_t i = 0; i < SIZE; i++)
    printf("%02x", bytes[i]);
  printf("\n");
}

int main(void) {
  char line[LINE], text[LINE];
  unsigned char bytes[SIZE];

  setvbuf(stdout, NULL, _IOLBF, 0); /* each answer goes out at once */
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (strchr(line, ':') != NULL && pack(line, bytes)) {
      print_digits(bytes);
    } else if (strchr(line, ':') == NULL && read_digits(line, bytes)) {
      unpack(bytes, text);
      printf("%s\n", text);
    } else {
      printf("error\n");
    }
  }
  return 0;
}
