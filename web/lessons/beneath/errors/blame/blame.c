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
#define SOURCE 12 /* where an IP header has it */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Writes the line about this packet. false: it is no error of our datagrams. */
static bool explain(const uint8_t *ip, size_t size, unsigned port, char *line) {
  char who[INET_ADDRSTRLEN];
  const uint8_t *icmp = ip + IP_HEADER; /* is it? */
  if (size < IP_HEADER + ICMP_HEADER || icmp[0] != ICMP_DEST_UNREACH)
    return false;
  inet_ntop(AF_INET, ip + SOURCE, who, sizeof who);
  /* whom the datagram was for stands in what comes behind the ICMP header */
  snprintf(line, LINE, "%s: unreachable, for %s:%u\n", who, who, port);
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
