/* Asks a server for a line, and prints it: ./client HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 24

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A datagram socket that talks to this address, and to no other. */
static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *to;
  int error = getaddrinfo(host, port, &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, to->ai_addr, to->ai_addrlen) == -1) die("connect");
  freeaddrinfo(to);
  return fd;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  printf("connected\n");

  char line[ROOM];
  if (send(fd, "?", 1, 0) == -1) die("send");
  ssize_t n = recv(fd, line, sizeof line, MSG_TRUNC); /* the whole length */
  if (n == -1) die("recv");

  size_t length = (size_t)n < sizeof line ? (size_t)n : sizeof line;
  printf("%zu of %zd bytes: %.*s\n", length, n, (int)length, line);
  close(fd);
  return 0;
}
