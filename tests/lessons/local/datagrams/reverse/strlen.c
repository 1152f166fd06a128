/* wrong: a zero byte among them ends nothing */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LONGEST 65507 /* bytes in a datagram over IPv4 */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A datagram socket at this port of every IPv4 address that the host has. */
static int bound_to(const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  hints.ai_flags = AI_PASSIVE;
  struct addrinfo *here;
  int error = getaddrinfo(NULL, port, &hints, &here);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", port, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(here->ai_family, here->ai_socktype, here->ai_protocol);
  if (fd == -1) die("socket");
  if (bind(fd, here->ai_addr, here->ai_addrlen) == -1) die("bind");
  freeaddrinfo(here);
  return fd;
}

static void reverse(char *bytes, size_t n) {
  for (size_t i = 0; i < n / 2; i++) {
    char byte = bytes[i];
    bytes[i] = bytes[n - 1 - i];
    bytes[n - 1 - i] = byte;
  }
}

int main(int argc, char *argv[]) {
  static char text[LONGEST + 1];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = bound_to(argv[1]);

  for (;;) {
    struct sockaddr_storage sender;
    struct sockaddr *from = (struct sockaddr *)&sender;
    socklen_t size = sizeof sender;
    ssize_t n = recvfrom(fd, text, sizeof text - 1, 0, from, &size);
    if (n == -1) die("recvfrom");
    text[n] = 0;
    n = (ssize_t)strlen(text);
    reverse(text, (size_t)n);
    if (sendto(fd, text, (size_t)n, 0, from, size) == -1) perror("sendto");
  }
}
