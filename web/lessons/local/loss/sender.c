/* Sends numbered datagrams: ./sender HOST PORT COUNT */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct timespec gap = {.tv_nsec = 20000000}; /* 20 ms */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

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
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT COUNT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  uint32_t count = (uint32_t)strtoul(argv[3], NULL, 10);

  for (uint32_t number = 1; number <= count; number++) {
    uint32_t bytes = htonl(number);
    if (send(fd, &bytes, sizeof bytes, 0) == -1) die("send");
    nanosleep(&gap, NULL);
  }
  printf("%u datagrams sent\n", (unsigned)count);
  close(fd);
  return 0;
}
