/* Answers each datagram with a line of verse, longer each time: ./server */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT "9999"

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

int main(void) {
  static const char *const verses[] = {
      "rain", "rain on the harbour",
      "rain on the harbour, and every boat knows its rope"};
  const size_t count = sizeof verses / sizeof verses[0];
  int fd = bound_to(PORT);

  for (size_t next = 0;; next = (next + 1) % count) {
    struct sockaddr_storage sender;
    struct sockaddr *from = (struct sockaddr *)&sender;
    socklen_t size = sizeof sender;
    if (recvfrom(fd, NULL, 0, 0, from, &size) == -1) die("recvfrom");
    const char *verse = verses[next];
    if (sendto(fd, verse, strlen(verse), 0, from, size) == -1) perror("sendto");
  }
}
