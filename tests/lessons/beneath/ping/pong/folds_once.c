/* wrong: until nothing is left above them */
/* Answers echo requests that come as datagrams: ./pong PORT */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define HEADER 8 /* type, code, checksum, identifier, sequence number */
#define LARGEST 65535

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static unsigned get16(const uint8_t *at) { return at[0] * 256U + at[1]; }

static void put16(uint8_t *to, unsigned number) {
  to[0] = (uint8_t)(number >> 8);
  to[1] = (uint8_t)number;
}

static unsigned checksum(const uint8_t *bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2)
    sum += get16(bytes + i);
  if (size % 2 == 1) sum += bytes[size - 1] * 256U;
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/* Makes the reply in the place of the request. false: there is none. */
static bool reply(uint8_t *message, size_t size) {
  if (size < HEADER || checksum(message, size) != 0) return false;
  if (message[0] != ICMP_ECHO || message[1] != 0) return false;
  message[0] = ICMP_ECHOREPLY;
  put16(message + 2, 0);
  put16(message + 2, checksum(message, size));
  return true;
}

int main(int argc, char *argv[]) {
  static uint8_t message[LARGEST];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sockaddr_in here = {.sin_family = AF_INET}, peer;
  here.sin_port = htons((in_port_t)atoi(argv[1]));
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");

  for (;;) {
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&peer, &length);
    if (n == -1) die("recvfrom");
    if (!reply(message, (size_t)n)) continue;
    if (sendto(fd, message, (size_t)n, 0, (struct sockaddr *)&peer, length) == -1) perror("sendto");
  }
}
