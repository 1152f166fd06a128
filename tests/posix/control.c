/* Control messages of datagrams (cmsg(3)): what comes with a datagram, and what goes with one. */
#include "check.h"
#include <net/if.h>

#pragma GCC diagnostic ignored "-Wsign-compare" /* Emscripten's CMSG_NXTHDR */

static const int yes = 1;
static char buffer[64];
static union {
  char bytes[256];
  struct cmsghdr align;
} control;

static unsigned lo(void) { return if_nametoindex("lo"); }

static int datagram(int family, bool bound, struct sockaddr_in6 *a) {
  int s = must(socket(family, SOCK_DGRAM, 0), "socket");
  socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof *a;
  if (!bound) return s;
  *a = (struct sockaddr_in6){.sin6_family = (sa_family_t)family};
  must(bind(s, (struct sockaddr *)a, length), "bind");
  must(getsockname(s, (struct sockaddr *)a, &length), "getsockname");
  return s;
}

static void set(int s, int level, int name) {
  must(setsockopt(s, level, name, &yes, sizeof yes), "setsockopt");
}

static void print_address(int family, const void *address) {
  char text[INET6_ADDRSTRLEN];
  printf(" %s", inet_ntop(family, address, text, sizeof text));
}

static void print(const struct cmsghdr *c) {
  struct in_pktinfo four;
  struct in6_pktinfo six;
  int number = 0;
  size_t n = c->cmsg_len - CMSG_LEN(0);
  if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
    memcpy(&four, CMSG_DATA(c), sizeof four);
    printf("  IP_PKTINFO%s", four.ipi_ifindex == (int)lo() ? " lo" : "");
    print_address(AF_INET, &four.ipi_spec_dst);
    print_address(AF_INET, &four.ipi_addr);
  } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
    memcpy(&six, CMSG_DATA(c), sizeof six);
    printf("  IPV6_PKTINFO%s", six.ipi6_ifindex == lo() ? " lo" : "");
    print_address(AF_INET6, &six.ipi6_addr);
  } else if (c->cmsg_level == SOL_SOCKET) {
    printf("  SOL_SOCKET%s", c->cmsg_type == SO_TIMESTAMP ? " SO_TIMESTAMP" : "");
  } else {
    memcpy(&number, CMSG_DATA(c), n < sizeof number ? n : sizeof number);
    printf("  level %d type %d value %d", c->cmsg_level, c->cmsg_type, number);
  }
  printf(" length %zu\n", c->cmsg_level == SOL_SOCKET ? 0 : n);
}

static ssize_t receive(int s, size_t room) {
  struct iovec piece = {buffer, sizeof buffer};
  struct msghdr m = {.msg_iov = &piece,
                     .msg_iovlen = 1,
                     .msg_control = room ? &control : NULL,
                     .msg_controllen = (socklen_t)room};
  memset(&control, 0, sizeof control);
  ssize_t n = recvmsg(s, &m, MSG_DONTWAIT);
  if (n < 0) return n;
  if (m.msg_flags & MSG_CTRUNC) printf("  MSG_CTRUNC\n");
  if (!room) return n;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
    print(c);
  return n;
}

static ssize_t send_with(int s, const struct sockaddr_in6 *to, int level, int type,
                         const void *data, size_t n) {
  char byte = 'x';
  struct iovec piece = {&byte, 1};
  struct msghdr m = {.msg_name = (void *)to,
                     .msg_namelen = to->sin6_family == AF_INET ? sizeof(struct sockaddr_in)
                                                               : sizeof(struct sockaddr_in6),
                     .msg_iov = &piece,
                     .msg_iovlen = 1};
  memset(&control, 0, sizeof control);
  if (data) {
    m.msg_control = &control;
    m.msg_controllen = CMSG_SPACE(n);
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(n);
    memcpy(CMSG_DATA(c), data, n);
  }
  return sendmsg(s, &m, 0);
}

static ssize_t send_number(int s, const struct sockaddr_in6 *to, int level, int type, int number) {
  return send_with(s, to, level, type, &number, sizeof number);
}

static void four_in(void) {
  heading("IPv4, received");
  struct sockaddr_in6 to;
  struct sockaddr_in *four = (void *)&to;
  int a = datagram(AF_INET, true, &to), b = datagram(AF_INET, false, NULL), ttl = 33, tos = 0x10;
  four->sin_addr.s_addr = htonl(0x7f000005);
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  set(a, IPPROTO_IP, IP_PKTINFO);
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  set(a, IPPROTO_IP, IP_RECVTTL);
  set(a, IPPROTO_IP, IP_RECVTOS);
  setsockopt(b, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
  setsockopt(b, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_LEN(2)));
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, 0));
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, 3));
  set(a, SOL_SOCKET, SO_TIMESTAMP);
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  close(a);
  close(b);
}

static void four_out(void) {
  heading("IPv4, sent");
  struct sockaddr_in6 to;
  int a = datagram(AF_INET, true, &to), b = datagram(AF_INET, false, NULL);
  struct in_pktinfo info = {.ipi_spec_dst = {htonl(0x7f000007)}};
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  set(a, IPPROTO_IP, IP_RECVTTL);
  set(a, IPPROTO_IP, IP_RECVTOS);
  CALL(send_number(b, &to, IPPROTO_IP, IP_TTL, 9));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IP, IP_TOS, 0x20));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IP, IP_TTL, 0));
  CALL(send_number(b, &to, IPPROTO_IP, IP_TTL, 256));
  CALL(send_number(b, &to, IPPROTO_IP, IP_TOS, 256));
  CALL(send_with(b, &to, IPPROTO_IP, IP_TTL, "\3", 1));
  CALL(send_with(b, &to, IPPROTO_IP, IP_TOS, "\4", 1));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IP, 999, 1));
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, 5));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, SOL_SOCKET, 999, 5));
  CALL(send_number(b, &to, 9999, 1, 5));
  CALL(receive(a, sizeof control));
  CALL(send_with(b, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
  CALL(recvfrom(a, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &length));
  print_address(AF_INET, &from.sin_addr);
  printf("\n");
  info.ipi_ifindex = (int)lo();
  CALL(send_with(b, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
  CALL(receive(a, sizeof control));
  info.ipi_ifindex = 999;
  CALL(send_with(b, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
  info.ipi_ifindex = 0;
  info.ipi_spec_dst.s_addr = htonl(0xc6336401);
  CALL(send_with(b, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info));
  CALL(send_with(b, &to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info - 1));
  close(a);
  close(b);
}

static void six_in(void) {
  heading("IPv6, received");
  struct sockaddr_in6 to;
  int a = datagram(AF_INET6, true, &to), b = datagram(AF_INET6, false, NULL), hops = 33, class = 8;
  int c = datagram(AF_INET, false, NULL);
  struct sockaddr_in four = loopback(to.sin6_port);
  set(a, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  to.sin6_addr = in6addr_loopback;
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  set(a, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
  set(a, IPPROTO_IPV6, IPV6_RECVTCLASS);
  setsockopt(b, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
  setsockopt(b, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  CALL(sendto(c, "4", 1, 0, (struct sockaddr *)&four, sizeof four));
  CALL(receive(a, sizeof control));
  set(a, IPPROTO_IP, IP_RECVTTL);
  set(a, IPPROTO_IP, IP_PKTINFO);
  CALL(sendto(c, "4", 1, 0, (struct sockaddr *)&four, sizeof four));
  CALL(receive(a, sizeof control));
  CALL(send_with(b, &to, 0, 0, NULL, 0));
  CALL(receive(a, sizeof control));
  close(a);
  close(b);
  close(c);
}

static void six_out(void) {
  heading("IPv6, sent");
  struct sockaddr_in6 to, from;
  int a = datagram(AF_INET6, true, &to), b = datagram(AF_INET6, false, NULL);
  struct in6_pktinfo info = {.ipi6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t length = sizeof from;
  to.sin6_addr = in6addr_loopback;
  set(a, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
  set(a, IPPROTO_IPV6, IPV6_RECVTCLASS);
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, 9));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_TCLASS, 0x20));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, -1));
  CALL(receive(a, sizeof control));
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, 256));
  CALL(send_number(b, &to, IPPROTO_IPV6, IPV6_TCLASS, 256));
  CALL(send_number(b, &to, IPPROTO_IPV6, 999, 256));
  CALL(send_with(b, &to, IPPROTO_IPV6, IPV6_HOPLIMIT, "\4", 1));
  CALL(send_with(b, &to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
  CALL(recvfrom(a, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &length));
  print_address(AF_INET6, &from.sin6_addr);
  printf("\n");
  info.ipi6_ifindex = lo();
  CALL(send_with(b, &to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
  CALL(receive(a, sizeof control));
  info.ipi6_ifindex = 999;
  CALL(send_with(b, &to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
  info.ipi6_ifindex = 0;
  inet_pton(AF_INET6, "2001:db8::1", &info.ipi6_addr);
  CALL(send_with(b, &to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info));
  close(a);
  close(b);
}

int main(void) {
  four_in();
  four_out();
  six_in();
  six_out();
}
