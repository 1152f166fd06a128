/* SOCK_RAW: ICMP, ICMPv6 and protocols of one's own, over the loopback. On Linux for root only. */
#include "check.h"
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/ioctl.h>

enum { OWN = 253, FILTER = 1 /* ICMP_FILTER */ };
static const int yes = 1;
static unsigned char buffer[70000];

static unsigned short checksum(const void *from, size_t n) {
  const unsigned char *bytes = from;
  unsigned long sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (unsigned long)bytes[i] << (i % 2 ? 0 : 8);
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return htons((unsigned short)~sum);
}

static ssize_t send_to(int s, const void *bytes, size_t n) {
  struct sockaddr_in to = loopback(0);
  return sendto(s, bytes, n, 0, (struct sockaddr *)&to, sizeof to);
}

static ssize_t send_to6(int s, const void *bytes, size_t n) {
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  return sendto(s, bytes, n, 0, (struct sockaddr *)&to, sizeof to);
}

/* What has come, with its IP header. */
static void print4(ssize_t n) {
  struct ip ip;
  struct icmphdr h;
  if (n < 28) return;
  memcpy(&ip, buffer, sizeof ip);
  memcpy(&h, buffer + 4 * ip.ip_hl, sizeof h);
  printf("  IPv%d header %d ttl %d protocol %d length %d, ICMP type %d code %d, %s\n", ip.ip_v,
         4 * ip.ip_hl, ip.ip_ttl, ip.ip_p, ntohs(ip.ip_len), h.type, h.code,
         checksum(buffer + 4 * ip.ip_hl, (size_t)n - 4 * ip.ip_hl) ? "bad checksum" : "sound");
}

static void echo(struct icmphdr *h, int id) {
  *h = (struct icmphdr){.type = ICMP_ECHO, .un.echo = {htons((unsigned short)id), htons(1)}};
  h->checksum = checksum(h, sizeof *h);
}

static void ping(void) {
  heading("ping");
  struct icmphdr h;
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  int s = OPEN(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  READY(s);
  echo(&h, 7);
  CALL(send_to(s, &h, sizeof h));
  ssize_t n = CALL(recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length));
  ADDRESS(from, length);
  print4(n); /* its own request */
  n = CALL(recv(s, buffer, sizeof buffer, 0));
  print4(n);
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  h.checksum ^= 1;
  CALL(send_to(s, &h, sizeof h));
  CALL(recv(s, buffer, sizeof buffer, 0));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT)); /* no reply to what is not sound */
  unsigned filter = 1u << ICMP_ECHO;
  CALL(setsockopt(s, SOL_RAW, FILTER, &filter, sizeof filter));
  echo(&h, 8);
  CALL(send_to(s, &h, sizeof h));
  n = CALL(recv(s, buffer, sizeof buffer, 0));
  print4(n);
  filter = 0;
  length = sizeof filter;
  CALL(getsockopt(s, SOL_RAW, FILTER, &filter, &length));
  VALUE(filter == 1u << ICMP_ECHO);
  int ttl = 9, count;
  CALL(setsockopt(s, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
  filter = 0;
  setsockopt(s, SOL_RAW, FILTER, &filter, sizeof filter);
  CALL(send_to(s, &h, sizeof h));
  CALL(ioctl(s, FIONREAD, &count));
  VALUE(count);
  n = CALL(recv(s, buffer, sizeof buffer, 0));
  print4(n);
  CALL(recv(s, buffer, 10, MSG_TRUNC));
  close(s);
}

static void unreachable(void) {
  heading("port unreachable");
  struct sockaddr_in to = loopback(htons(9));
  unsigned filter = ~(1u << ICMP_DEST_UNREACH);
  int s = OPEN(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)), u = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(s, SOL_RAW, FILTER, &filter, sizeof filter);
  CALL(sendto(u, "abcdefgh", 8, 0, (struct sockaddr *)&to, sizeof to));
  ssize_t n = recv(s, buffer, sizeof buffer, 0);
  struct ip inner;
  memcpy(&inner, buffer + 28, sizeof inner);
  VALUE(n >= 20 + 8 + 20 + 8);
  VALUE(buffer[20] == ICMP_DEST_UNREACH && buffer[21] == ICMP_PORT_UNREACH);
  VALUE(inner.ip_p == IPPROTO_UDP && inner.ip_src.s_addr == htonl(INADDR_LOOPBACK));
  VALUE(buffer[28 + 22] == 0 && buffer[28 + 23] == 9);
  close(s);
  close(u);
}

static void own_protocol(void) {
  heading("a protocol of one's own");
  struct sockaddr_in from, to = loopback(0);
  socklen_t length = sizeof from;
  int a = OPEN(socket(AF_INET, SOCK_RAW, OWN)), b = socket(AF_INET, SOCK_RAW, OWN);
  int c = socket(AF_INET, SOCK_RAW, OWN - 1);
  CALL(getsockname(a, (struct sockaddr *)&from, &length));
  VALUE(ntohs(from.sin_port));
  to.sin_addr.s_addr = htonl(0x7f000002);
  CALL(bind(b, (struct sockaddr *)&to, sizeof to));
  CALL(bind(b, (struct sockaddr *)&to, sizeof to));
  CALL(send(a, "x", 1, 0));
  CALL(send_to(a, "hello", 5));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  BYTES(buffer + 20, 5);
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(recv(c, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(a, "two", 3, 0, (struct sockaddr *)&to, sizeof to));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(connect(a, (struct sockaddr *)&to, sizeof to));
  CALL(getpeername(a, (struct sockaddr *)&from, &length));
  CALL(send(a, "three", 5, 0));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(send_to(b, "four", 4)); /* from 127.0.0.2, where a is connected to */
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(send_to(c, "none", 4));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(c, buffer, 65516, 0, (struct sockaddr *)&to, sizeof to));
  CALL(sendto(c, buffer, 65515, 0, (struct sockaddr *)&to, sizeof to));
  CALL(listen(c, 1));
  CALL(shutdown(c, SHUT_WR));
  CALL(send_to(c, "x", 1));
  close(a);
  close(b);
  close(c);
}

static void with_header(void) {
  heading("IP_HDRINCL");
  struct {
    struct ip ip;
    char data[4];
  } p = {.ip = {.ip_v = 4, .ip_hl = 5, .ip_ttl = 3, .ip_p = OWN, .ip_tos = 8}, .data = "data"};
  int s = OPEN(socket(AF_INET, SOCK_RAW, IPPROTO_RAW)), r = socket(AF_INET, SOCK_RAW, OWN),
      value = 0;
  socklen_t length = sizeof value;
  CALL(getsockopt(s, IPPROTO_IP, IP_HDRINCL, &value, &length));
  VALUE(value);
  p.ip.ip_dst.s_addr = htonl(INADDR_LOOPBACK);
  p.ip.ip_id = htons(77);
  CALL(send_to(s, &p, sizeof p));
  CALL(recv(r, buffer, sizeof buffer, MSG_DONTWAIT));
  memcpy(&p, buffer, sizeof p);
  VALUE(ntohs(p.ip.ip_len));
  VALUE(ntohs(p.ip.ip_id));
  VALUE(p.ip.ip_ttl);
  VALUE(p.ip.ip_tos);
  VALUE(p.ip.ip_src.s_addr == htonl(INADDR_LOOPBACK));
  VALUE(checksum(&p.ip, sizeof p.ip));
  p.ip.ip_src.s_addr = htonl(0x7f000063);
  CALL(send_to(s, &p, sizeof p));
  struct sockaddr_in from;
  length = sizeof from;
  CALL(recvfrom(r, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &length));
  ADDRESS(from, length);
  CALL(send_to(s, &p, 19));
  CALL(setsockopt(r, IPPROTO_IP, IP_HDRINCL, &yes, sizeof yes));
  CALL(send_to(r, &p, sizeof p));
  CALL(recv(r, buffer, sizeof buffer, MSG_DONTWAIT));
  close(s);
  close(r);
}

static void ping6(void) {
  heading("ICMPv6");
  struct icmp6_hdr h = {.icmp6_type = ICMP6_ECHO_REQUEST};
  struct sockaddr_in6 from;
  socklen_t length = sizeof from;
  struct icmp6_filter filter;
  int s = OPEN(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)), number = 2;
  ICMP6_FILTER_SETBLOCKALL(&filter);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
  CALL(setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter));
  setsockopt(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &yes, sizeof yes);
  h.icmp6_id = htons(5);
  CALL(send_to6(s, &h, sizeof h));
  CALL(recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length));
  ADDRESS(from, length);
  VALUE(buffer[0] == ICMP6_ECHO_REPLY);
  VALUE(buffer[5]);
  VALUE(buffer[2] || buffer[3]);
  ICMP6_FILTER_SETPASSALL(&filter);
  CALL(setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter));
  CALL(send_to6(s, &h, sizeof h));
  CALL(recv(s, buffer, sizeof buffer, 0));
  VALUE(buffer[0] == ICMP6_ECHO_REQUEST);
  CALL(recv(s, buffer, sizeof buffer, 0));
  VALUE(buffer[0] == ICMP6_ECHO_REPLY);
  CALL(setsockopt(s, IPPROTO_IPV6, IPV6_CHECKSUM, &number, sizeof number));
  length = sizeof number;
  CALL(getsockopt(s, IPPROTO_IPV6, IPV6_CHECKSUM, &number, &length));
  VALUE(number);
  CALL(send_to6(s, &h, 3));
  struct sockaddr_in6 to = {
      .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(9)};
  CALL(sendto(s, &h, sizeof h, 0, (struct sockaddr *)&to, sizeof to));
  close(s);
}

static void own_protocol6(void) {
  heading("a protocol of one's own, in IPv6");
  int a = OPEN(socket(AF_INET6, SOCK_RAW, OWN)), number = 2;
  CALL(send_to6(a, "hello!", 6));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  BYTES(buffer, 6);
  CALL(setsockopt(a, IPPROTO_IPV6, IPV6_CHECKSUM, &number, sizeof number));
  CALL(send_to6(a, "hello!", 6));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  VALUE(!memcmp(buffer, "he", 2) && memcmp(buffer + 2, "ll", 2) && !memcmp(buffer + 4, "o!", 2));
  number = 3;
  CALL(setsockopt(a, IPPROTO_IPV6, IPV6_CHECKSUM, &number, sizeof number));
  number = 20;
  CALL(setsockopt(a, IPPROTO_IPV6, IPV6_CHECKSUM, &number, sizeof number));
  CALL(send_to6(a, "hello!", 6));
  number = -1;
  CALL(setsockopt(a, IPPROTO_IPV6, IPV6_CHECKSUM, &number, sizeof number));
  CALL(send_to6(a, "hello!", 6));
  close(a);
}

static void types(void) {
  heading("options that are another type's");
  unsigned filter = 0;
  socklen_t length = sizeof filter;
  int own = socket(AF_INET, SOCK_RAW, OWN), u = socket(AF_INET, SOCK_DGRAM, 0);
  CALL(setsockopt(own, SOL_RAW, FILTER, &filter, sizeof filter));
  CALL(getsockopt(own, SOL_RAW, FILTER, &filter, &length));
  CALL(setsockopt(own, SOL_RAW, 99, &filter, sizeof filter));
  CALL(setsockopt(u, SOL_RAW, FILTER, &filter, sizeof filter));
  CALL(getsockopt(u, SOL_RAW, FILTER, &filter, &length));
  CALL(setsockopt(own, IPPROTO_IPV6, IPV6_CHECKSUM, &filter, sizeof filter));
  close(own);
  close(u);
}

/* Raw sockets see what TCP and UDP sockets send, too. */
static void listening_in(void) {
  heading("listening in");
  struct sockaddr_in to = loopback(0);
  socklen_t length = sizeof to;
  int r = OPEN(socket(AF_INET, SOCK_RAW, IPPROTO_UDP)), u = socket(AF_INET, SOCK_DGRAM, 0);
  must(bind(u, (struct sockaddr *)&to, sizeof to), "bind");
  must(getsockname(u, (struct sockaddr *)&to, &length), "getsockname");
  CALL(sendto(u, "secret", 6, 0, (struct sockaddr *)&to, sizeof to));
  CALL(recv(r, buffer, sizeof buffer, MSG_DONTWAIT));
  BYTES(buffer + 28, 6);
  CALL(recv(u, buffer, sizeof buffer, MSG_DONTWAIT));
  close(r);
  close(u);
}

int main(void) {
  ping();
  unreachable();
  own_protocol();
  with_header();
  ping6();
  own_protocol6();
  types();
  listening_in();
}
