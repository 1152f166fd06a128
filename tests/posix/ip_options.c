/* The options of levels IPPROTO_IP and IPPROTO_IPV6: what is there at first, what becomes of what
 * is set, and what cannot be. ip(7), ipv6(7). */
#include "check.h"
#include <net/if.h>

static long get(int s, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(s, level, name, &value, &length) ? -1 : value;
}

static int set(int s, int level, int name, int value) {
  return setsockopt(s, level, name, &value, sizeof value);
}

/* Its value, then those that each of the others becomes. */
static void option(int family, int type, int level, int name, const char *label, int count,
                   const int values[]) {
  int s = must(socket(family, type, 0), "socket");
  char call[80];
  errno = 0;
  check_call(label, get(s, level, name));
  for (int i = 0; i < count; i++) {
    snprintf(call, sizeof call, "%s set to %d", label, values[i]);
    errno = 0;
    if (check_call(call, set(s, level, name, values[i]))) continue;
    errno = 0;
    check_call(label, get(s, level, name));
  }
  close(s);
}
#define LIST(...)                                                                                  \
  sizeof((int[]){__VA_ARGS__}) / sizeof(int), (int[]) { __VA_ARGS__ }
#define UDP4(name, ...)                                                                            \
  option(AF_INET, SOCK_DGRAM, IPPROTO_IP, name, "UDP " #name, LIST(__VA_ARGS__))
#define TCP4(name, ...)                                                                            \
  option(AF_INET, SOCK_STREAM, IPPROTO_IP, name, "TCP " #name, LIST(__VA_ARGS__))
#define UDP6(name, ...)                                                                            \
  option(AF_INET6, SOCK_DGRAM, IPPROTO_IPV6, name, "UDP " #name, LIST(__VA_ARGS__))
#define TCP6(name, ...)                                                                            \
  option(AF_INET6, SOCK_STREAM, IPPROTO_IPV6, name, "TCP " #name, LIST(__VA_ARGS__))
#define OTHER(family, type, level, name, ...)                                                      \
  option(family, type, level, name, #family " " #type " " #level " " #name, LIST(__VA_ARGS__))

static void four(void) {
  heading("IPPROTO_IP");
  UDP4(IP_TOS, 0x10, 0xb8, 3, 256, -1);
  TCP4(IP_TOS, 0x10, 3, 0xff);
  UDP4(IP_TTL, 1, 255, 0, 256, -1);
  TCP4(IP_TTL, 1, 255, 0, 256);
  UDP4(IP_MULTICAST_TTL, 0, 255, 256, -1, -2);
  TCP4(IP_MULTICAST_TTL, 2);
  UDP4(IP_MULTICAST_LOOP, 0, 1, 7);
  TCP4(IP_MULTICAST_LOOP, 0);
  UDP4(IP_MULTICAST_ALL, 0, 1, 2);
  UDP4(IP_PKTINFO, 1, 0, 7);
  UDP4(IP_RECVTTL, 1, 0, 7);
  UDP4(IP_RECVTOS, 1, 0, 7);
  TCP4(IP_PKTINFO, 1);
  UDP4(IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_PMTUDISC_DONT, 6, -1);
  UDP4(IP_FREEBIND, 1, 0);
  UDP4(IP_HDRINCL, 1);
  UDP4(IP_MTU, 1);
  UDP4(999, 1);
  OTHER(AF_INET, SOCK_DGRAM, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  OTHER(AF_INET, SOCK_STREAM, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  OTHER(AF_INET, SOCK_DGRAM, IPPROTO_UDP, 999, 1);
  OTHER(AF_INET, SOCK_DGRAM, IPPROTO_TCP, 1, 1);
  OTHER(AF_INET, SOCK_DGRAM, 9999, 1, 1);
}

static void six(void) {
  heading("IPPROTO_IPV6");
  UDP6(IPV6_V6ONLY, 1, 0, 7);
  TCP6(IPV6_V6ONLY, 1, 0);
  UDP6(IPV6_UNICAST_HOPS, 1, 255, 0, 256, -1, -2);
  TCP6(IPV6_UNICAST_HOPS, 9);
  UDP6(IPV6_MULTICAST_HOPS, 0, 255, 256, -1, -2);
  TCP6(IPV6_MULTICAST_HOPS, 2);
  UDP6(IPV6_MULTICAST_LOOP, 0, 1, 7);
  UDP6(IPV6_TCLASS, 0x20, 255, 256, -1, -2);
  TCP6(IPV6_TCLASS, 0x20, 3);
  UDP6(IPV6_RECVPKTINFO, 1, 0, 7);
  UDP6(IPV6_RECVHOPLIMIT, 1, 0, 7);
  UDP6(IPV6_RECVTCLASS, 1, 0, 7);
  UDP6(IPV6_MTU_DISCOVER, 2, 0, 6, -1);
  UDP6(IPV6_MULTICAST_IF, 0, 999, -1);
  TCP6(IPV6_MULTICAST_IF, 0);
  UDP6(IPV6_UNICAST_IF, 0);
  UDP6(IPV6_CHECKSUM, 2);
  UDP6(999, 1);
  OTHER(AF_INET6, SOCK_DGRAM, IPPROTO_IP, IP_TTL, 5, 0);
  OTHER(AF_INET6, SOCK_DGRAM, IPPROTO_IP, IP_TOS, 0x10);
  OTHER(AF_INET6, SOCK_STREAM, IPPROTO_IP, IP_TTL, 5);
  OTHER(AF_INET6, SOCK_DGRAM, 9999, 1, 1);
  OTHER(AF_INET6, SOCK_STREAM, 9999, 1, 1);
}

/* The options of IPv4 may be one byte, those of IPv6 may not. */
static void lengths(void) {
  heading("lengths");
  int s = socket(AF_INET, SOCK_DGRAM, 0), value;
  unsigned char byte = 7;
  socklen_t length = sizeof byte;
  CALL(setsockopt(s, IPPROTO_IP, IP_TTL, &byte, sizeof byte));
  VALUE(get(s, IPPROTO_IP, IP_TTL));
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_TTL, &byte, sizeof byte));
  VALUE(get(s, IPPROTO_IP, IP_MULTICAST_TTL));
  byte = 0;
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_LOOP, &byte, sizeof byte));
  VALUE(get(s, IPPROTO_IP, IP_MULTICAST_LOOP));
  byte = 99;
  CALL(getsockopt(s, IPPROTO_IP, IP_TTL, &byte, &length));
  VALUE(byte);
  VALUE(length);
  length = 2;
  value = -1;
  CALL(getsockopt(s, IPPROTO_IP, IP_TTL, &value, &length));
  VALUE(length);
  length = 0;
  CALL(getsockopt(s, IPPROTO_IP, IP_TTL, &value, &length));
  VALUE(length);
  CALL(setsockopt(s, IPPROTO_IP, IP_TTL, &value, 0));
  CALL(setsockopt(s, IPPROTO_IP, IP_TTL, BAD, 4));
  CALL(setsockopt(s, IPPROTO_IP, IP_TTL, &value, (socklen_t)-1));
  length = sizeof value;
  CALL(getsockopt(s, IPPROTO_IP, IP_TTL, BAD, &length));
  close(s);
  s = socket(AF_INET6, SOCK_DGRAM, 0);
  CALL(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &byte, 1));
  CALL(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &byte, 1));
  value = 3;
  length = 1;
  CALL(setsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, sizeof value));
  CALL(getsockopt(s, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &byte, &length));
  VALUE(length);
  close(s);
}

static void bound(void) {
  heading("IPV6_V6ONLY once bound");
  struct sockaddr_in6 a = {.sin6_family = AF_INET6};
  int s = socket(AF_INET6, SOCK_DGRAM, 0);
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  CALL(set(s, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  VALUE(get(s, IPPROTO_IPV6, IPV6_V6ONLY));
  close(s);
}

static void interfaces(void) {
  heading("IP_MULTICAST_IF");
  struct in_addr a = {htonl(0x7f000001)};
  struct ip_mreqn m = {.imr_ifindex = (int)if_nametoindex("lo")};
  socklen_t length = sizeof a;
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof a));
  a.s_addr = 0;
  CALL(getsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, &length));
  VALUE(a.s_addr == htonl(0x7f000001));
  a.s_addr = htonl(0xc6336401);
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof a));
  a.s_addr = htonl(INADDR_ANY);
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof a));
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof m));
  length = sizeof a;
  a.s_addr = 99;
  CALL(getsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, &length));
  VALUE(a.s_addr);
  m.imr_ifindex = 999;
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof m));
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, 3));
  close(s);
  s = socket(AF_INET, SOCK_STREAM, 0);
  CALL(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof a));
  close(s);
  s = socket(AF_INET6, SOCK_DGRAM, 0);
  CALL(set(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)if_nametoindex("lo")));
  VALUE(get(s, IPPROTO_IPV6, IPV6_MULTICAST_IF) == (long)if_nametoindex("lo"));
  close(s);
}

int main(void) {
  four();
  six();
  lengths();
  bound();
  interfaces();
}
