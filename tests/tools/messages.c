/* Calls on datagram and local sockets, for strace to show. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

static void datagrams(void) {
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, from;
  struct sockaddr_in four = {
      .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
  struct ip_mreq group = {.imr_multiaddr.s_addr = htonl(0xe0000123)};
  socklen_t length = sizeof a;
  int off = 0, s = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP), u = socket(AF_INET, SOCK_DGRAM, 0);
  char bytes[16];
  setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  bind(s, (struct sockaddr *)&a, sizeof a);
  getsockname(s, (struct sockaddr *)&a, &length);
  sendto(s, "six", 3, 0, (struct sockaddr *)&a, sizeof a);
  recvfrom(s, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
  setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
  setsockopt(u, IPPROTO_IP, IP_MULTICAST_TTL, &off, sizeof off);
  sendto(u, "four", 4, MSG_DONTWAIT, (struct sockaddr *)&four, sizeof four);
  sendto(u, "", 0, 0, NULL, 0);
  struct iovec v = {bytes, sizeof bytes}, w[2] = {{(char[]){"ab"}, 2}, {(char[]){"cde"}, 3}};
  struct msghdr m = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = w, .msg_iovlen = 2};
  sendmsg(s, &m, 0);
  struct msghdr r = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &v, .msg_iovlen = 1};
  recvmsg(s, &r, MSG_TRUNC);
}

static void locals(void) {
  struct sockaddr_un hidden = {.sun_family = AF_UNIX, .sun_path = "\0hidden"};
  struct sockaddr_un nowhere = {.sun_family = AF_UNIX, .sun_path = "/no/such/socket"};
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
  int pair[2], fd = 1, s = socket(AF_UNIX, SOCK_STREAM, 0);
  char bytes[16];
  struct iovec v = {(char[]){"!"}, 1}, w = {bytes, sizeof bytes};
  struct msghdr m = {
      .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  bind(s, (struct sockaddr *)&hidden, offsetof(struct sockaddr_un, sun_path) + 7);
  connect(s, (struct sockaddr *)&nowhere, sizeof nowhere);
  socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair);
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  sendmsg(pair[0], &m, 0);
  m.msg_iov = &w;
  recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC);
  recvmsg(pair[1], &m, 0);
}

int main(void) {
  datagrams();
  locals();
  return 0;
}
