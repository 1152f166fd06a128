/* Keeps a sum of kilograms, by UDP: ./ledger PORT */
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LONGEST_NAME = 64, LARGEST = 1024 };

/* Here messages are what this struct looks like in memory. Other machines see
 * it differently. */
struct message {
  uint8_t version;
  uint32_t number;
  int64_t kilograms;
  uint16_t length;
  char name[LONGEST_NAME];
};

static int64_t sum;

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

/* Answers the message of so many bytes. Returns the answer's size, or 0: there
 * is none. */
static size_t answer_to(const uint8_t *bytes, size_t size,
                        uint8_t answer[LARGEST]) {
  struct message m = {0};
  memcpy(&m, bytes, size < sizeof m ? size : sizeof m);
  sum += m.kilograms;
  m.kilograms = sum;
  memcpy(answer, &m, sizeof m);
  return sizeof m;
}

int main(int argc, char *argv[]) {
  uint8_t message[LARGEST], answer[LARGEST];
  struct sockaddr_storage sender;
  struct sockaddr *from = (struct sockaddr *)&sender;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = bound_to(argv[1]);
  for (;;) {
    socklen_t length = sizeof sender;
    ssize_t n = recvfrom(fd, message, sizeof message, 0, from, &length);
    if (n == -1) die("recvfrom");
    size_t size = answer_to(message, (size_t)n, answer);
    if (size > 0 && sendto(fd, answer, size, 0, from, length) == -1)
      perror("sendto");
  }
}
