/* Sends one UDP datagram, and prints the answer or the ICMP error that comes
   of it: ./probe HOST PORT TTL. On Linux only root may. */
#include <arpa/inet.h>
#include <errno.h>
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
#include <unistd.h>

#define LARGEST 65535
#define IP_HEADER 20 /* without options */
#define ICMP_HEADER 8
#define UDP_HEADER 8
#define TTL 8 /* where an IP header has these */
#define PROTOCOL 9
#define SOURCE 12
#define WAIT_MS 5000

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* What is behind an IP header, if it came and has so many bytes; or NULL. */
static const uint8_t *behind_ip(const uint8_t *ip, size_t size, size_t needed) {
  if (size < IP_HEADER) return NULL;
  size_t header = ip[0] % 16 * 4U;
  return header < IP_HEADER || size < header + needed ? NULL : ip + header;
}

static const char *meaning(const uint8_t *icmp) {
  if (icmp[0] == ICMP_TIME_EXCEEDED) return "its time is up";
  switch (icmp[1]) {
  case ICMP_NET_UNREACH: return "no way to that network";
  case ICMP_HOST_UNREACH: return "no way to that host";
  case ICMP_PORT_UNREACH: return "nobody at that port";
  default: return "it cannot get there";
  }
}

/* Is this packet an ICMP error about what went from here to there? Prints it.
 */
static bool is_error(const uint8_t *ip, size_t size,
                     const struct sockaddr_in *here,
                     const struct sockaddr_in *there) {
  const uint8_t *icmp = behind_ip(ip, size, ICMP_HEADER);
  if (icmp == NULL) return false;
  if (icmp[0] != ICMP_DEST_UNREACH && icmp[0] != ICMP_TIME_EXCEEDED)
    return false;
  const uint8_t *ours = icmp + ICMP_HEADER; /* the first bytes of it, back */
  const uint8_t *udp = behind_ip(ours, size - (size_t)(ours - ip), UDP_HEADER);
  if (udp == NULL || ours[PROTOCOL] != IPPROTO_UDP) return false;
  if (memcmp(udp, &here->sin_port, sizeof here->sin_port) != 0) return false;
  if (memcmp(udp + 2, &there->sin_port, sizeof there->sin_port) != 0)
    return false;
  char who[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, ip + SOURCE, who, sizeof who);
  printf("%s says: %s (type %d, code %d)\n", who, meaning(icmp), icmp[0],
         icmp[1]);
  printf("the datagram had a ttl of %d there\n", ours[TTL]);
  return true;
}

static void hear(int udp, int icmp, const struct sockaddr_in *there) {
  static uint8_t packet[LARGEST];
  struct sockaddr_in here;
  socklen_t length = sizeof here;
  struct pollfd p[] = {{.fd = icmp, .events = POLLIN},
                       {.fd = udp, .events = POLLIN}};
  if (getsockname(udp, (struct sockaddr *)&here, &length) == -1)
    die("getsockname");
  for (bool told = false; !told;) {
    int ready = poll(p, 2, WAIT_MS);
    if (ready == -1) die("poll");
    if (ready == 0) printf("no error\n");
    if (p[0].revents == 0) break;
    ssize_t n = recv(icmp, packet, sizeof packet, 0);
    if (n == -1) die("recv");
    told = is_error(packet, (size_t)n, &here, there);
  }
  ssize_t n = recv(udp, packet, sizeof packet, MSG_DONTWAIT);
  printf("recv on the UDP socket: ");
  if (n == -1)
    printf("%s\n", strerror(errno));
  else
    printf("%zd bytes\n", n);
}

int main(int argc, char *argv[]) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *to;
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT TTL\n", argv[0]);
    return EXIT_FAILURE;
  }
  int error = getaddrinfo(argv[1], argv[2], &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
    return EXIT_FAILURE;
  }
  struct sockaddr_in there;
  memcpy(&there, to->ai_addr, sizeof there);
  freeaddrinfo(to);

  int ttl = atoi(argv[3]);
  int icmp = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  if (icmp == -1) die("raw socket");
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  if (udp == -1) die("socket");
  if (setsockopt(udp, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) == -1)
    die("IP_TTL");
  if (connect(udp, (struct sockaddr *)&there, sizeof there) == -1)
    die("connect");
  if (send(udp, "hello", strlen("hello"), 0) == -1) die("send");
  hear(udp, icmp, &there);
  return 0;
}
