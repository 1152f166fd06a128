/* Says what ICMP errors mean, which come as datagrams: ./blame PORT OURS */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LARGEST 65535
#define LINE 100
#define IP_HEADER 20 /* without options */
#define ICMP_HEADER 8
#define UDP_HEADER 8
#define FRAGMENT 6 /* where an IP header has these */
#define PROTOCOL 9
#define SOURCE 12
#define DESTINATION 16
#define OFFSET 0x1fff /* the bits of FRAGMENT that say where it begins */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static unsigned get16(const uint8_t *at) { return at[0] * 256U + at[1]; }

/* What is behind an IP header, if it came and has so many bytes; or NULL. */
static const uint8_t *behind_ip(const uint8_t *ip, size_t size, size_t needed) {
  if (size < IP_HEADER) return NULL;
  size_t header = ip[0] % 16 * 4U;
  return header < IP_HEADER || size < header + needed ? NULL : ip + header;
}

/* NULL: it is no error of those that we know. */
static const char *meaning(unsigned type, unsigned code) {
  if (type == ICMP_TIME_EXCEEDED && code == ICMP_EXC_TTL)
    return "time exceeded";
  if (type != ICMP_DEST_UNREACH) return NULL;
  switch (code) {
  case ICMP_NET_UNREACH: return "network unreachable";
  case ICMP_HOST_UNREACH: return "host unreachable";
  case ICMP_PORT_UNREACH: return "port unreachable";
  default: return "unreachable";
  }
}

/* Writes the line about this packet. false: it is no error of our datagrams. */
static bool explain(const uint8_t *ip, size_t size, unsigned port, char *line) {
  char who[INET_ADDRSTRLEN], to[INET_ADDRSTRLEN];
  const uint8_t *icmp = behind_ip(ip, size, ICMP_HEADER);
  if (icmp == NULL) return false;
  const char *what = meaning(icmp[0], icmp[1]);
  const uint8_t *ours = icmp + ICMP_HEADER;
  const uint8_t *udp = behind_ip(ours, size - (size_t)(ours - ip), UDP_HEADER);
  if (what == NULL || udp == NULL) return false;
  if (ours[PROTOCOL] != IPPROTO_UDP) return false;
  if ((get16(ours + FRAGMENT) & OFFSET) != 0) return false;
  if (get16(udp) != port) return false;
  inet_ntop(AF_INET, ip + SOURCE, who, sizeof who);
  inet_ntop(AF_INET, ours + DESTINATION, to, sizeof to);
  snprintf(line, LINE, "%s: %s, for %s:%u\n", who, what, to, get16(udp + 2));
  return true;
}

int main(int argc, char *argv[]) {
  static uint8_t packet[LARGEST];
  char line[LINE];
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT OURS\n", argv[0]);
    return EXIT_FAILURE;
  }
  unsigned ours = (unsigned)atoi(argv[2]);
  struct sockaddr_in here = {.sin_family = AF_INET}, peer;
  here.sin_port = htons((in_port_t)atoi(argv[1]));
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");

  for (;;) {
    socklen_t length = sizeof peer;
    ssize_t n = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&peer,
                         &length);
    if (n == -1) die("recvfrom");
    if (!explain(packet, (size_t)n, ours, line)) continue;
    if (sendto(fd, line, strlen(line), 0, (struct sockaddr *)&peer, length) ==
        -1)
      perror("sendto");
  }
}
