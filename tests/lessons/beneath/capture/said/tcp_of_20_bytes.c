/* wrong: A TCP header is not always 20 bytes */
/* Tells from a capture who said how much by TCP: ./said FILE */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC 0xa1b2c3d4U
#define FILE_HEADER 24
#define FRAME_HEADER 16
#define LARGEST 262144
#define ETHERNET_HEADER 14
#define TYPE_IPV4 0x0800
#define IP_HEADER 20 /* without options */
#define TCP_HEADER 20
#define PROTOCOL_TCP 6

static bool swapped; /* the file has the other byte order than we */

/* A number of the capture's own headers. */
static uint32_t number(const uint8_t *at) {
  uint32_t n;
  memcpy(&n, at, sizeof n);
  return swapped ? __builtin_bswap32(n) : n;
}

/* A number of a protocol: the high byte first. */
static unsigned get16(const uint8_t *at) { return at[0] * 256U + at[1]; }

/* What an IPv4 packet says by TCP, if it does. `size` bytes of it are here. */
static void tell_packet(const uint8_t *ip, size_t size) {
  char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
  if (size < IP_HEADER || ip[9] != PROTOCOL_TCP) return;
  size_t ip_header = ip[0] % 16 * 4U;
  if (ip_header < IP_HEADER || size < ip_header + TCP_HEADER) return;

  const uint8_t *tcp = ip + ip_header;
  size_t headers = ip_header + TCP_HEADER, length = get16(ip + 2);
  if (length <= headers) return;
  inet_ntop(AF_INET, ip + 12, from, sizeof from);
  inet_ntop(AF_INET, ip + 16, to, sizeof to);
  printf("%s:%u > %s:%u %zu\n", from, get16(tcp), to, get16(tcp + 2), length - headers);
}

static void damaged(const char *name) {
  fprintf(stderr, "%s: damaged\n", name);
  exit(EXIT_FAILURE);
}

int main(int argc, char *argv[]) {
  static uint8_t header[FILE_HEADER], frame[LARGEST];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: %s FILE, a capture\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (fread(header, sizeof header, 1, file) != 1) damaged(argv[1]);
  swapped = number(header) != MAGIC;
  if (number(header) != MAGIC) damaged(argv[1]);

  size_t n;
  while ((n = fread(header, 1, FRAME_HEADER, file)) == FRAME_HEADER) {
    uint32_t kept = number(header + 8);
    if (kept > sizeof frame || fread(frame, 1, kept, file) != kept) damaged(argv[1]);
    if (kept > ETHERNET_HEADER && get16(frame + 12) == TYPE_IPV4)
      tell_packet(frame + ETHERNET_HEADER, kept - ETHERNET_HEADER);
  }
  if (n != 0) damaged(argv[1]);
  fclose(file);
  return 0;
}
