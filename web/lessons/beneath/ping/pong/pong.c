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

static void put16(uint8_t *to, unsigned number) {
  to[0] = (uint8_t)(number >> 8);
  to[1] = (uint8_t)number;
}

/* Makes the reply in the place of the request. false: there is none. */
static bool reply(uint8_t *message, size_t size) {
  if (size < HEADER) return false;
  message[0] = ICMP_ECHOREPLY;
  put16(message + 2, 0); /* the checksum is to be here */
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
    ssize_t n = recvfrom(fd, message, sizeof message, 0,
                         (struct sockaddr *)&peer, &length);
    if (n == -1) die("recvfrom");
    if (!reply(message, (size_t)n)) continue;
    if (sendto(fd, message, (size_t)n, 0, (struct sockaddr *)&peer, length) ==
        -1)
      perror("sendto");
  }
}
