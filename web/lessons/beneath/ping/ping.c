/* Asks a host for echoes: ./ping HOST COUNT. On Linux only root may. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER 8 /* type, code, checksum, identifier, sequence number */
#define DATA 16
#define LARGEST 65535
#define IP_HEADER 20 /* without options */
#define WAIT_US 1000000
#define GAP_MS 300

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static unsigned get16(const uint8_t *at) { return at[0] * 256U + at[1]; }

static void put16(uint8_t *to, unsigned number) {
  to[0] = (uint8_t)(number >> 8);
  to[1] = (uint8_t)number;
}

/* The Internet checksum: the complement of the sum of all 16-bit words, where
   what does not fit in 16 bits is added at the other end. */
static unsigned checksum(const uint8_t *bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2)
    sum += get16(bytes + i);
  if (size % 2 == 1) sum += bytes[size - 1] * 256U;
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

static void ask(int fd, unsigned id, unsigned seq) {
  uint8_t message[HEADER + DATA] = {ICMP_ECHO};
  put16(message + 4, id);
  put16(message + 6, seq);
  memset(message + HEADER, 'p', DATA);
  put16(message + 2, checksum(message, sizeof message));
  if (send(fd, message, sizeof message, 0) == -1) die("send");
}

/* Is this packet the reply to that request? It begins with its IP header. */
static bool is_reply(const uint8_t *ip, size_t size, unsigned id,
                     unsigned seq) {
  size_t header = ip[0] % 16 * 4U;
  if (size < IP_HEADER || size < header + HEADER) return false;
  const uint8_t *icmp = ip + header;
  if (checksum(icmp, size - header) != 0) return false;
  if (icmp[0] != ICMP_ECHOREPLY) printf("something else: type %d\n", icmp[0]);
  return icmp[0] == ICMP_ECHOREPLY && get16(icmp + 4) == id &&
         get16(icmp + 6) == seq;
}

static void hear(int fd, unsigned id, unsigned seq) {
  static uint8_t packet[LARGEST];
  struct pollfd p = {.fd = fd, .events = POLLIN};
  long begin = now_us(), took = 0;
  for (; took < WAIT_US; took = now_us() - begin) {
    int ready = poll(&p, 1, (int)(WAIT_US - took) / 1000 + 1);
    if (ready == -1) die("poll");
    if (ready == 0) continue;
    ssize_t n = recv(fd, packet, sizeof packet, 0);
    if (n == -1) die("recv");
    if (!is_reply(packet, (size_t)n, id, seq)) continue;
    printf("echo %u: %zd bytes, ttl %d, %ld us\n", seq, n, packet[8],
           now_us() - begin);
    return;
  }
  printf("echo %u: nothing\n", seq);
}

int main(int argc, char *argv[]) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_RAW};
  struct addrinfo *to;
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST COUNT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int error = getaddrinfo(argv[1], NULL, &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
    return EXIT_FAILURE;
  }
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (fd == -1) die("socket");
  if (connect(fd, to->ai_addr, to->ai_addrlen) == -1) die("connect");
  freeaddrinfo(to);

  setvbuf(stdout, NULL, _IOLBF, 0);
  unsigned id = (unsigned)getpid() & 0xffff, count = (unsigned)atoi(argv[2]);
  for (unsigned seq = 1; seq <= count; seq++) {
    ask(fd, id, seq);
    hear(fd, id, seq);
    if (seq < count) poll(NULL, 0, GAP_MS);
  }
  close(fd);
  return 0;
}
