/* Tells what is in a capture: ./dump FILE */
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

/* Numbers of a protocol: the high byte first. */
static unsigned get16(const uint8_t *at) { return at[0] * 256U + at[1]; }
static uint32_t get32(const uint8_t *at) {
  return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void tell_flags(uint8_t flags) {
  static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (flags >> i & 1) printf(" %s", names[i]);
}

static void tell_tcp(const uint8_t *ip, size_t ip_header, size_t size) {
  const uint8_t *tcp = ip + ip_header;
  char from[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
  if (size < ip_header + TCP_HEADER) {
    printf("too short for TCP\n");
    return;
  }
  size_t header = tcp[12] / 16 * 4U;
  inet_ntop(AF_INET, ip + 12, from, sizeof from);
  inet_ntop(AF_INET, ip + 16, to, sizeof to);
  printf("%s:%u > %s:%u", from, get16(tcp), to, get16(tcp + 2));
  tell_flags(tcp[13]);
  printf(", seq %u", (unsigned)get32(tcp + 4));
  printf(", %d bytes\n", (int)get16(ip + 2) - (int)(ip_header + header));
}

static void tell_frame(const uint8_t *frame, size_t size) {
  const uint8_t *ip = frame + ETHERNET_HEADER;
  if (size < ETHERNET_HEADER + IP_HEADER) {
    printf("too short for IP\n");
  } else if (get16(frame + 12) != TYPE_IPV4) {
    printf("type %04x, %zu bytes\n", get16(frame + 12), size);
  } else if (ip[9] != PROTOCOL_TCP) {
    printf("IP protocol %d\n", ip[9]);
  } else {
    tell_tcp(ip, ip[0] % 16 * 4U, size - ETHERNET_HEADER);
  }
}

int main(int argc, char *argv[]) {
  static uint8_t header[FILE_HEADER], frame[LARGEST];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "usage: %s FILE, a capture\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (fread(header, sizeof header, 1, file) == 1)
    swapped = number(header) != MAGIC;
  if (number(header) != MAGIC) {
    fprintf(stderr, "%s: not in the format of pcap\n", argv[1]);
    return EXIT_FAILURE;
  }
  while (fread(header, FRAME_HEADER, 1, file) == 1) {
    uint32_t kept = number(header + 8);
    if (kept > sizeof frame || fread(frame, 1, kept, file) != kept) {
      fprintf(stderr, "%s: damaged\n", argv[1]);
      return EXIT_FAILURE;
    }
    printf("%u.%06u ", (unsigned)number(header), (unsigned)number(header + 4));
    tell_frame(frame, kept);
  }
  fclose(file);
  return 0;
}
