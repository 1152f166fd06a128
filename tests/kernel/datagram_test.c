/* Datagram and raw sockets under what no program would do: random calls from a process on each
 * host, while the links misbehave. That every answer is Linux's, tests/posix holds; here nothing
 * may crash or leak, and all must still work behind it. */
#include "test.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { CALLS = 20000, SOCKETS = 12, LONGEST = 66000, PORTS = 4, FIRST_PORT = 7000, OWN = 253 };

static _Thread_local uint64_t state;
static _Thread_local uint8_t *bytes;
static _Thread_local long fds[SOCKETS];

static unsigned pick(unsigned n) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % n;
}

static const char *const places[] = {"127.0.0.1",
                                     "127.1.2.3",
                                     "10.0.0.1",
                                     "10.0.0.2",
                                     "10.0.0.3",
                                     "10.0.0.9",
                                     "10.0.0.255",
                                     "0.0.0.0",
                                     "255.255.255.255",
                                     "239.1.1.1",
                                     "224.0.0.1",
                                     "198.51.100.1",
                                     "::",
                                     "::1",
                                     "::ffff:10.0.0.2",
                                     "::ffff:127.0.0.1",
                                     "fd00:6c61:62::1",
                                     "fd00:6c61:62::2",
                                     "fd00:6c61:62::9",
                                     "fe80::ff:fe00:1",
                                     "fe80::ff:fe00:2",
                                     "ff02::1",
                                     "ff15::1",
                                     "2001:db8::1"};
enum { PLACES = sizeof places / sizeof *places };

/* An address, mostly sound. Its length. */
static unsigned fill(struct sockaddr_storage *a) {
  const char *place = places[pick(PLACES)];
  struct sockaddr_in6 *six = (void *)a;
  struct sockaddr_in *four = (void *)a;
  in_port_t port = htons((uint16_t)(pick(8) ? FIRST_PORT + pick(PORTS) : pick(3)));
  memset(a, 0, sizeof *a);
  bool is_six = strchr(place, ':');
  if (is_six) {
    *six =
        (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port, .sin6_scope_id = pick(4)};
    inet_pton(AF_INET6, place, &six->sin6_addr);
  } else {
    *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    inet_pton(AF_INET, place, &four->sin_addr);
  }
  if (!pick(30)) a->ss_family = (sa_family_t)pick(20);
  return pick(30) ? is_six ? sizeof *six : sizeof *four : pick(128);
}

static size_t length(void) {
  static const unsigned longest[] = {2, 64, 1600, 20000, LONGEST};
  return pick(longest[pick(5)]);
}

static void make(int n) {
  static const int kinds[][2] = {{SOCK_DGRAM, 0},
                                 {SOCK_DGRAM, IPPROTO_ICMP},
                                 {SOCK_DGRAM, IPPROTO_ICMPV6},
                                 {SOCK_RAW, IPPROTO_ICMP},
                                 {SOCK_RAW, IPPROTO_ICMPV6},
                                 {SOCK_RAW, OWN},
                                 {SOCK_RAW, IPPROTO_UDP},
                                 {SOCK_RAW, IPPROTO_RAW},
                                 {SOCK_DGRAM, 0},
                                 {SOCK_RAW, (IPPROTO_TCP)},
                                 {SOCK_DGRAM, 0},
                                 {SOCK_DGRAM, 0}};
  const int *kind = kinds[pick(sizeof kinds / sizeof *kinds)];
  fds[n] = __syscall_socket(pick(2) ? AF_INET : AF_INET6, kind[0], kind[1], 0, 0, 0);
}

static void set_something(long fd) {
  static const int levels[] = {SOL_SOCKET,     IPPROTO_IP,  IPPROTO_IPV6,
                               IPPROTO_ICMPV6, IPPROTO_UDP, IPPROTO_RAW};
  static const int values[] = {0, 1, 2, 64, 255, 256, -1, 100000};
  struct {
    int word[8];
  } value = {{values[pick(8)], values[pick(8)], values[pick(8)]}};
  int level = levels[pick(6)], option = (int)pick(80);
  if (!pick(8)) { /* a wide socket buffer would slow the test, not widen it */
    level = SOL_SOCKET;
    option = SO_RCVBUF;
  }
  __syscall_setsockopt((int)fd, level, option, U(&value), pick(33), 0);
  int n = (int)pick(40);
  __syscall_getsockopt((int)fd, levels[pick(6)], (int)pick(80), U(&value), U(&n), 0);
}

static void join_something(long fd) {
  struct ip_mreqn four = {.imr_ifindex = (int)pick(4)};
  struct ipv6_mreq six = {.ipv6mr_interface = pick(4)};
  inet_pton(AF_INET, pick(4) ? "239.1.1.1" : "239.1.1.2", &four.imr_multiaddr);
  inet_pton(AF_INET6, "ff15::1", &six.ipv6mr_multiaddr);
  __syscall_setsockopt((int)fd, IPPROTO_IP, pick(3) ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
                       U(&four), sizeof four, 0);
  __syscall_setsockopt((int)fd, IPPROTO_IPV6, pick(3) ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, U(&six),
                       sizeof six, 0);
}

static void send_something(long fd) {
  struct sockaddr_storage a;
  _Alignas(struct cmsghdr) uint8_t control[64] = {0};
  struct cmsghdr h = {.cmsg_len = pick(48),
                      .cmsg_level = pick(2) ? IPPROTO_IP : IPPROTO_IPV6,
                      .cmsg_type = (int)pick(70)};
  int words[] = {(int)pick(300), (int)pick(4)};
  memcpy(control, &h, sizeof h);
  memcpy(control + sizeof h, words, sizeof words);
  unsigned n = fill(&a);
  struct iovec piece = {bytes, length()};
  struct msghdr m = {
      .msg_name = pick(3) ? &a : NULL, .msg_namelen = n, .msg_iov = &piece, .msg_iovlen = 1};
  if (!pick(5)) m.msg_control = control, m.msg_controllen = pick(sizeof control);
  if (!pick(3)) bytes[0] = pick(2) ? 0x45 : 8; /* as an IP header or an echo request begins */
  bytes[1] = 0;
  __syscall_sendmsg((int)fd, U(&m), MSG_DONTWAIT | (pick(20) ? 0 : MSG_MORE), 0, 0, 0);
}

static void receive_something(long fd) {
  struct sockaddr_storage a;
  uint8_t control[200];
  struct iovec pieces[2] = {{bytes, pick(100)}, {bytes + 100, length() % (LONGEST - 100)}};
  struct msghdr m = {.msg_name = &a,
                     .msg_namelen = pick(200),
                     .msg_iov = pieces,
                     .msg_iovlen = 2,
                     .msg_control = control,
                     .msg_controllen = pick(sizeof control)};
  __syscall_recvmsg((int)fd, U(&m),
                    MSG_DONTWAIT | (pick(5) ? 0 : MSG_PEEK) | (pick(5) ? 0 : MSG_TRUNC), 0, 0, 0);
}

static void ask_something(long fd) {
  struct sockaddr_storage a;
  struct ifreq r = {.ifr_name = "eth0"};
  int n = (int)pick(200);
  unsigned requests[] = {FIONREAD, SIOCGIFADDR, SIOCGIFCONF, SIOCGIFNAME, SIOCGIFHWADDR};
  control(fd, requests[pick(5)], &r);
  if (pick(2))
    __syscall_getsockname((int)fd, U(&a), U(&n), 0, 0, 0);
  else
    __syscall_getpeername((int)fd, U(&a), U(&n), 0, 0, 0);
}

static void step(void) {
  int n = (int)pick(SOCKETS);
  struct sockaddr_storage a;
  if (fds[n] < 0) {
    make(n);
    return;
  }
  switch (pick(16)) {
  case 0: __syscall_bind((int)fds[n], U(&a), fill(&a), 0, 0, 0); break;
  case 1: __syscall_connect((int)fds[n], U(&a), fill(&a), 0, 0, 0); break;
  case 2: set_something(fds[n]); break;
  case 3: join_something(fds[n]); break;
  case 4: ask_something(fds[n]); break;
  case 5:
    if (!pick(10)) __syscall_shutdown((int)fds[n], (int)pick(3), 0, 0, 0, 0);
    break;
  case 6:
    if (!pick(4)) {
      shut(fds[n]);
      fds[n] = -1;
    }
    break;
  case 7:
  case 8:
  case 9:
  case 10: receive_something(fds[n]); break;
  default: send_something(fds[n]);
  }
}

static void anything(void) {
  state = (uint64_t)current->pid * 977;
  bytes = calloc(1, LONGEST);
  for (int n = 0; n < SOCKETS; n++)
    fds[n] = -1;
  for (int n = 0; n < CALLS; n++)
    step();
  free(bytes);
}

/* --- behind it --- */

static void answer_one(void) {
  char b[16];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)}, from;
  int n = sizeof from;
  long fd = __syscall_socket(AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
  __syscall_bind((int)fd, U(&a), sizeof a, 0, 0, 0);
  long got = __syscall_recvfrom((int)fd, U(b), sizeof b, 0, U(&from), U(&n));
  is(__syscall_sendto((int)fd, U(b), (size_t)got, 0, U(&from), sizeof from), 5, "the answer");
}

static void ask_one(void) {
  char b[16];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)};
  inet_pton(AF_INET, "10.0.0.2", &a.sin_addr);
  long fd = __syscall_socket(AF_INET, SOCK_DGRAM, 0, 0, 0, 0);
  is(__syscall_connect((int)fd, U(&a), sizeof a, 0, 0, 0), 0, "connect");
  is(put(fd, "hello", 5), 5, "the question");
  is(take(fd, b, sizeof b), 5, "the answer comes back");
}

/* Fragments whose others were lost are forgotten, as after a minute. */
static void forget_fragments(void) {
  lock();
  for (int seconds = 0; seconds < 70; seconds++) {
    ip_reass_tmr();
    ip6_reass_tmr();
  }
  net_run();
  unlock();
}

static void set_link(const char *host, uint32_t trouble) {
  lock();
  net_link(host, trouble ? 1000000 : 0, trouble ? 1000000 : 0, trouble, trouble, trouble, 0, false);
  unlock();
}

int main(void) {
  boot();
  for (int round = 0; round < 2; round++) {
    int pids[] = {start_on("alice", anything), start_on("bob", anything),
                  start_on("carol", anything)};
    for (int i = 0; i < 3; i++)
      is(wait_for(pids[i]), 0, "random calls");
    set_link("alice", 50000);
    set_link("bob", 50000);
  }
  set_link("alice", 0);
  set_link("bob", 0);
  int server = start_on("bob", answer_one);
  wait_asleep(server);
  is(wait_for(start_on("alice", ask_one)), 0, "alice");
  is(wait_for(server), 0, "bob");
  forget_fragments();
  return finish();
}
