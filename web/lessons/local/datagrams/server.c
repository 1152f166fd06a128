/* Answers each datagram with the same text in capitals: ./server [PORT] */
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LONGEST                                                                \
  65507 /* bytes in a datagram over IPv4; no larger one can come */

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

static void tell(const struct sockaddr *sender, socklen_t size, ssize_t n) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  int error = getnameinfo(sender, size, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM);
  if (error == 0) printf("%zd bytes from %s:%s\n", n, host, port);
}

int main(int argc, char *argv[]) {
  static char text[LONGEST];
  setvbuf(stdout, NULL, _IOLBF, 0);
  int fd = bound_to(argc > 1 ? argv[1] : "9999");

  for (;;) {
    struct sockaddr_storage sender;
    struct sockaddr *from = (struct sockaddr *)&sender;
    socklen_t size = sizeof sender; /* recvfrom changes it: set it each time */
    ssize_t n = recvfrom(fd, text, sizeof text, 0, from, &size);
    if (n == -1) die("recvfrom");
    tell(from, size, n);
    for (ssize_t i = 0; i < n; i++)
      text[i] = (char)toupper((unsigned char)text[i]);
    if (sendto(fd, text, (size_t)n, 0, from, size) == -1) perror("sendto");
  }
}
