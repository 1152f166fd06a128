/* Packets of all kinds from alice to bob, for tcpdump to show. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void stream(const char *address, int port, const char *text) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  char bytes[64];
  inet_pton(AF_INET, address, &a.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (!connect(fd, (struct sockaddr *)&a, sizeof a) &&
      send(fd, text, strlen(text), 0) == (ssize_t)strlen(text))
    recv(fd, bytes, 1, MSG_WAITALL);
  close(fd);
}

static void datagram(const char *address, int port) {
  struct addrinfo *a, hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
  char text[8];
  snprintf(text, sizeof text, "%d", port);
  if (getaddrinfo(address, text, &hints, &a)) return;
  int fd = socket(a->ai_family, SOCK_DGRAM, 0);
  connect(fd, a->ai_addr, a->ai_addrlen);
  send(fd, "hello", 5, 0);
  recv(fd, text, sizeof text, 0); /* ECONNREFUSED */
  close(fd);
  freeaddrinfo(a);
}

static uint16_t sum(const void *bytes, size_t n) {
  const uint8_t *b = bytes;
  uint32_t total = 0;
  for (size_t i = 0; i < n; i += 2)
    total += (uint32_t)(b[i] << 8 | b[i + 1]);
  while (total >> 16)
    total = (total & 0xffff) + (total >> 16);
  return htons((uint16_t)~total);
}

static void echo(const char *address) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  struct icmphdr request = {.type = ICMP_ECHO, .un.echo = {htons(7), htons(1)}};
  char answer[64];
  inet_pton(AF_INET, address, &a.sin_addr);
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  request.checksum = sum(&request, sizeof request);
  sendto(fd, &request, sizeof request, 0, (struct sockaddr *)&a, sizeof a);
  recv(fd, answer, sizeof answer, 0);
  close(fd);
}

static void group(void) {
  struct ip_mreq r = {.imr_multiaddr.s_addr = htonl(0xe0000123)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &r, sizeof r);
  close(fd);
}

static void name(const char *of) {
  struct addrinfo *a;
  if (!getaddrinfo(of, NULL, NULL, &a)) freeaddrinfo(a);
}

int main(void) {
  stream("10.0.0.2", 7000, "x");
  stream("10.0.0.2", 80, "GET / HTTP/1.0\r\nHost: bob\r\n\r\n");
  stream("10.0.0.2", 9, "");
  datagram("10.0.0.2", 7777);
  datagram("fd00:6c61:62::2", 7778);
  echo("10.0.0.2");
  group();
  name("example.lab");
  name("nothing.lab");
  return 0;
}
