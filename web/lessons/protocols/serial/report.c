/* A ship reports the temperature: ./report HOST PORT SHIP TENTHS NAME */
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VERSION = 1, LONGEST_NAME = 255, LARGEST = 1 + 4 + 2 + 1 + 255 };

struct report {
  uint8_t version;
  uint32_t ship;
  int16_t tenths; /* of a degree Celsius */
  const char *name;
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A connected datagram socket. */
static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

/* Writes the lowest `size` bytes of the value, the highest of them first.
 * Returns where the next goes. */
static uint8_t *put_number(uint8_t *to, uint64_t value, int size) {
  for (int i = size - 1; i >= 0; i--)
    *to++ = (uint8_t)(value >> (8 * i));
  return to;
}

/* The name must fit. Returns how many bytes there are. */
static size_t pack(uint8_t message[LARGEST], const struct report *r) {
  size_t length = strlen(r->name);
  uint8_t *to = put_number(message, r->version, 1);
  to = put_number(to, r->ship, 4);
  to = put_number(to, (uint64_t)r->tenths, 2);
  to = put_number(to, length, 1);
  memcpy(to, r->name, length);
  return (size_t)(to - message) + length;
}

int main(int argc, char *argv[]) {
  uint8_t message[LARGEST];
  if (argc != 6 || strlen(argv[5]) > LONGEST_NAME) {
    fprintf(stderr, "usage: %s HOST PORT SHIP TENTHS NAME\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct report report = {.version = VERSION, .name = argv[5]};
  report.ship = (uint32_t)strtoul(argv[3], NULL, 10);
  report.tenths = (int16_t)atoi(argv[4]);

  int fd = connect_to(argv[1], argv[2]);
  size_t length = pack(message, &report);
  if (send(fd, message, length, 0) == -1) die("send");
  for (size_t i = 0; i < length; i++)
    printf("%02x%c", message[i], i + 1 < length ? ' ' : '\n');
  close(fd);
  return 0;
}
