/* wrong: htonl takes 32 bits */
/* Keeps a sum of kilograms, by UDP: ./ledger PORT */
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { VERSION = 1, LONGEST_NAME = 64, LARGEST = 1024 };

/* What is not read yet of a message; short_of: it ended too early. */
struct reader {
  const uint8_t *at;
  size_t left;
  bool short_of;
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

/* The next bytes, or NULL if there are not so many. */
static const uint8_t *take(struct reader *r, size_t size) {
  const uint8_t *bytes = r->at;
  if (r->short_of || size > r->left) {
    r->short_of = true;
    return NULL;
  }
  r->at += size;
  r->left -= size;
  return bytes;
}

static uint64_t take_number(struct reader *r, size_t size) {
  const uint8_t *bytes = take(r, size);
  uint64_t value = 0;
  for (size_t i = 0; bytes != NULL && i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

static uint8_t *put_number(uint8_t *to, uint64_t value, int size) {
  for (int i = size - 1; i >= 0; i--)
    *to++ = (uint8_t)(value >> (8 * i));
  return to;
}

/* Answers the message of so many bytes. Returns the answer's size, or 0: there
 * is none. */
static size_t answer_to(const uint8_t *bytes, size_t size, uint8_t answer[LARGEST]) {
  struct reader r = {.at = bytes, .left = size};
  unsigned version = (unsigned)take_number(&r, 1);
  uint64_t number = take_number(&r, 4);
  int64_t kilograms = (take_number(&r, 4), (int32_t)take_number(&r, 4));
  size_t length = (size_t)take_number(&r, 2);
  const uint8_t *name = take(&r, length);
  if (r.short_of || version == 0 || length > LONGEST_NAME) return 0;

  sum += kilograms;
  uint8_t *to = put_number(answer, VERSION, 1);
  to = put_number(to, number, 4);
  to = put_number(put_number(to, 0, 4), (uint64_t)sum, 4);
  to = put_number(to, length, 2);
  memcpy(to, name, length);
  return (size_t)(to - answer) + length;
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
    if (size > 0 && sendto(fd, answer, size, 0, from, length) == -1) perror("sendto");
  }
}
