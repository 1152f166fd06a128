/* The harbour's board shows what ships report: ./board PORT */
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LARGEST = 1024 };

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

/* What is not read yet of a message; short_of: it ended too early. */
struct reader {
  const uint8_t *at;
  size_t left;
  bool short_of;
};

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

/* A number of so many bytes, the highest first. */
static uint64_t take_number(struct reader *r, size_t size) {
  const uint8_t *bytes = take(r, size);
  uint64_t value = 0;
  for (size_t i = 0; bytes != NULL && i < size; i++)
    value = value << 8 | bytes[i];
  return value;
}

static void show(const uint8_t *message, size_t length) {
  struct reader r = {.at = message, .left = length};
  unsigned version = (unsigned)take_number(&r, 1);
  uint32_t ship = (uint32_t)take_number(&r, 4);
  int tenths = (int16_t)take_number(&r, 2);
  int size = (int)take_number(&r, 1);
  const uint8_t *name = take(&r, (size_t)size);
  if (r.short_of || version == 0) {
    printf("%zu bytes that are no report\n", length);
    return;
  }
  printf("%.*s (ship %lu): %s%d.%d degrees\n", size, (const char *)name,
         (unsigned long)ship, tenths < 0 ? "-" : "", abs(tenths / 10),
         abs(tenths % 10));
}

int main(int argc, char *argv[]) {
  uint8_t message[LARGEST];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = bound_to(argv[1]);
  for (;;) {
    ssize_t n = recv(fd, message, sizeof message, 0);
    if (n == -1) die("recv");
    show(message, (size_t)n);
    fflush(stdout);
  }
}
