/* Multicast of both families, over the loopback: who joins what, and who gets what. */
#include "check.h"
#include <net/if.h>

static const int yes = 1, no = 0;
static const char *const GROUP = "239.1.2.3", *const OTHER = "239.1.2.4";
static char buffer[64];

static int lo(void) { return (int)if_nametoindex("lo"); }

static int receiver(in_addr_t host, in_port_t *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = *port, .sin_addr = {host}};
  socklen_t length = sizeof a;
  int s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  must(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), "SO_REUSEADDR");
  must(bind(s, (struct sockaddr *)&a, sizeof a), "bind");
  must(getsockname(s, (struct sockaddr *)&a, &length), "getsockname");
  *port = a.sin_port;
  return s;
}

static int member(int s, int name, const char *group, in_addr_t interface) {
  struct ip_mreq m = {.imr_interface = {interface}};
  inet_pton(AF_INET, group, &m.imr_multiaddr);
  return setsockopt(s, IPPROTO_IP, name, &m, sizeof m);
}

static int member_of(int s, int name, const char *group, int index) {
  struct ip_mreqn m = {.imr_ifindex = index};
  inet_pton(AF_INET, group, &m.imr_multiaddr);
  return setsockopt(s, IPPROTO_IP, name, &m, sizeof m);
}

static int send_to(int s, const char *group, in_port_t port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = port};
  inet_pton(AF_INET, group, &a.sin_addr);
  return (int)sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
}

/* Who of them has got it. */
static void got(const char *what, const int *sockets, int count) {
  printf("%s:", what);
  for (int i = 0; i < count; i++)
    while (recv(sockets[i], buffer, sizeof buffer, MSG_DONTWAIT) >= 0)
      printf(" %d", i);
  printf("\n");
}

static int sender(void) {
  struct in_addr a = {htonl(INADDR_LOOPBACK)};
  int s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  must(setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &a, sizeof a), "IP_MULTICAST_IF");
  return s;
}

static void joining(void) {
  heading("joining and leaving");
  in_addr_t local = htonl(INADDR_LOOPBACK);
  in_port_t port = 0;
  int s = receiver(INADDR_ANY, &port);
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, local));
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, local));
  CALL(member_of(s, IP_ADD_MEMBERSHIP, GROUP, lo()));
  CALL(member(s, IP_DROP_MEMBERSHIP, OTHER, local));
  CALL(member(s, IP_DROP_MEMBERSHIP, GROUP, local));
  CALL(member(s, IP_DROP_MEMBERSHIP, GROUP, local));
  CALL(member_of(s, IP_ADD_MEMBERSHIP, GROUP, lo()));
  CALL(member_of(s, IP_DROP_MEMBERSHIP, GROUP, lo()));
  CALL(member(s, IP_ADD_MEMBERSHIP, "10.1.1.1", local));
  CALL(member(s, IP_ADD_MEMBERSHIP, "255.255.255.255", local));
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, htonl(0xc6336401)));
  CALL(member_of(s, IP_ADD_MEMBERSHIP, GROUP, 999));
  CALL(member_of(s, IP_DROP_MEMBERSHIP, GROUP, 999));
  CALL(setsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, "1234567", 7));
  struct ip_mreq m;
  socklen_t length = sizeof m;
  CALL(getsockopt(s, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, &length));
  int many = 0;
  for (; many < 30; many++) {
    char group[20];
    snprintf(group, sizeof group, "239.9.9.%d", many);
    if (member(s, IP_ADD_MEMBERSHIP, group, local)) break;
  }
  VALUE(many);
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, local));
  close(s);
  s = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, local));
  close(s);
}

static void delivery(void) {
  heading("who gets it");
  in_addr_t local = htonl(INADDR_LOOPBACK), group;
  in_port_t port = 0;
  inet_pton(AF_INET, GROUP, &group);
  int s[4], from = sender();
  s[0] = receiver(INADDR_ANY, &port);
  s[1] = receiver(INADDR_ANY, &port);
  s[2] = receiver(group, &port);
  s[3] = receiver(local, &port);
  CALL(send_to(from, GROUP, port));
  got("nobody is a member", s, 4);
  CALL(member(s[0], IP_ADD_MEMBERSHIP, GROUP, local));
  CALL(send_to(from, GROUP, port));
  got("one is, the others hear too", s, 4);
  CALL(setsockopt(s[1], IPPROTO_IP, IP_MULTICAST_ALL, &no, sizeof no));
  CALL(send_to(from, GROUP, port));
  got("one wants its own groups only", s, 4);
  CALL(member(s[1], IP_ADD_MEMBERSHIP, OTHER, local));
  CALL(send_to(from, GROUP, port));
  got("and is a member elsewhere", s, 4);
  CALL(send_to(from, OTHER, port));
  got("where the others hear too", s, 4);
  CALL(close(s[0]));
  CALL(send_to(from, GROUP, port));
  got("the member is gone", s + 1, 3);
  CALL(member(s[2], IP_ADD_MEMBERSHIP, GROUP, local));
  CALL(setsockopt(from, IPPROTO_IP, IP_MULTICAST_LOOP, &no, sizeof no));
  CALL(send_to(from, GROUP, port));
  got("IP_MULTICAST_LOOP is not for the loopback", s + 1, 3);
  int zero = 0;
  CALL(setsockopt(from, IPPROTO_IP, IP_MULTICAST_TTL, &zero, sizeof zero));
  CALL(send_to(from, GROUP, port));
  got("nor is a time to live of 0", s + 1, 3);
  for (int i = 1; i < 4; i++)
    close(s[i]);
  close(from);
}

static void names(void) {
  heading("addresses");
  in_addr_t local = htonl(INADDR_LOOPBACK), group;
  in_port_t port = 0;
  inet_pton(AF_INET, GROUP, &group);
  struct sockaddr_in a;
  socklen_t length = sizeof a;
  int s = receiver(group, &port), from = sender();
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, local));
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  CALL(send_to(from, GROUP, port));
  length = sizeof a;
  CALL(recvfrom(s, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  a = loopback(port);
  inet_pton(AF_INET, GROUP, &a.sin_addr);
  CALL(connect(from, (struct sockaddr *)&a, sizeof a));
  length = sizeof a;
  CALL(getsockname(from, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  CALL(send(from, "x", 1, 0));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  close(s);
  s = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  a.sin_addr.s_addr = group;
  CALL(connect(s, (struct sockaddr *)&a, sizeof a));
  close(s);
  close(from);
}

static int member6(int s, int name, const char *group, int index) {
  struct ipv6_mreq m = {.ipv6mr_interface = (unsigned)index};
  inet_pton(AF_INET6, group, &m.ipv6mr_multiaddr);
  return setsockopt(s, IPPROTO_IPV6, name, &m, sizeof m);
}

static int send_to6(int s, const char *group, in_port_t port, int scope) {
  struct sockaddr_in6 a = {
      .sin6_family = AF_INET6, .sin6_port = port, .sin6_scope_id = (uint32_t)scope};
  inet_pton(AF_INET6, group, &a.sin6_addr);
  return (int)sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
}

static void six(void) {
  heading("IPv6");
  struct sockaddr_in6 a = {.sin6_family = AF_INET6};
  socklen_t length = sizeof a;
  int s = must(socket(AF_INET6, SOCK_DGRAM, 0), "socket"), index = lo();
  int from = must(socket(AF_INET6, SOCK_DGRAM, 0), "socket");
  must(bind(s, (struct sockaddr *)&a, sizeof a), "bind");
  must(getsockname(s, (struct sockaddr *)&a, &length), "getsockname");
  in_port_t port = a.sin6_port;
  CALL(setsockopt(from, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index));
  CALL(member6(s, IPV6_JOIN_GROUP, "ff15::77", lo()));
  CALL(member6(s, IPV6_JOIN_GROUP, "ff15::77", lo()));
  CALL(member6(s, IPV6_JOIN_GROUP, "ff15::77", 999));
  CALL(member6(s, IPV6_JOIN_GROUP, "::1", lo()));
  CALL(setsockopt(s, IPPROTO_IPV6, IPV6_JOIN_GROUP, &a, 19));
  CALL(send_to6(from, "ff15::77", port, 0)); /* the loopback is the way to no group of IPv6 */
  CALL(send_to6(from, "ff02::1", port, lo()));
  CALL(member6(s, IPV6_LEAVE_GROUP, "ff15::77", lo()));
  CALL(member6(s, IPV6_LEAVE_GROUP, "ff15::77", lo()));
  CALL(member(s, IP_ADD_MEMBERSHIP, GROUP, htonl(INADDR_LOOPBACK)));
  int four = sender();
  CALL(send_to(four, GROUP, port));
  got("IPv4, to a socket of IPv6", &s, 1);
  close(four);
  close(from);
  close(s);
}

int main(void) {
  joining();
  delivery();
  names();
  six();
}
