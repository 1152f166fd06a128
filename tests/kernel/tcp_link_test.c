/* TCP where the loopback cannot show it: hosts that are not there or go away, slow links, small
 * windows, urgent data in several segments, and queues of connections. */
#include "test.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PORT = 7000, OTHER_PORT = 7001, MS = 1000000, LARGE = 1 << 20, MANY = 400 };

static struct sockaddr_in address_of(const char *ip, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, ip, &a.sin_addr);
  return a;
}

static long new_socket(int flags) {
  return __syscall_socket(AF_INET, SOCK_STREAM | flags, 0, 0, 0, 0);
}

static long bind_to(long fd, int port) {
  struct sockaddr_in a = address_of("0.0.0.0", port);
  return __syscall_bind((int)fd, U(&a), sizeof a, 0, 0, 0);
}

static long connect_to(long fd, const char *ip, int port) {
  struct sockaddr_in a = address_of(ip, port);
  return __syscall_connect((int)fd, U(&a), sizeof a, 0, 0, 0);
}

static long set(long fd, int level, int option, int value) {
  return __syscall_setsockopt((int)fd, level, option, U(&value), sizeof value, 0);
}

static long listen_at(int port, int backlog, int option) {
  long fd = new_socket(0);
  if (option) set(fd, SOL_SOCKET, option, 1);
  if (bind_to(fd, port) || __syscall_listen((int)fd, backlog, 0, 0, 0, 0)) return -1;
  return fd;
}

static long accept_from(long fd) { return __syscall_accept4((int)fd, 0, 0, 0, 0, 0); }

static long receive(long fd, char *to, size_t n, int flags) {
  return __syscall_recvfrom((int)fd, U(to), n, flags, 0, 0);
}

static int events_of(long fd, int ms) {
  struct pollfd p = {.fd = (int)fd, .events = POLLIN | POLLPRI | POLLRDHUP};
  __syscall_poll(U(&p), 1, ms);
  return p.revents;
}

/* A link's delay, and whether it is cut. */
static void link_of(const char *host, int delay_ms, bool cut) {
  lock();
  net_link(host, delay_ms * INT64_C(1000000), 0, 0, 0, 0, 0, cut);
  unlock();
}

static bool took(int64_t since, int least_ms, int most_ms) {
  int64_t ms = (now_ns() - since) / MS;
  if (ms >= least_ms && ms <= most_ms) return true;
  printf("# %d ms\n", (int)ms);
  return false;
}

/* --- hosts that do not answer --- */

static void nobody_there(void) {
  int64_t since = now_ns();
  long fd = new_socket(0);
  is(connect_to(fd, "10.0.0.99", PORT), -EHOSTUNREACH, "connect to an address that no host has");
  ok(took(since, 2900, 6000), "after three seconds");
  is(connect_to(fd, "10.0.0.2", PORT), -ECONNREFUSED, "and the socket can be used again");
}

static void silent_host(void) {
  long fd = new_socket(0);
  connect_to(fd, "10.0.0.2", PORT); /* now its address is known */
  set(fd, IPPROTO_TCP, TCP_SYNCNT, 1);
  link_of("bob", 0, true);
  int64_t since = now_ns();
  is(connect_to(fd, "10.0.0.2", PORT), -ETIMEDOUT, "connect to a host that is silent");
  ok(took(since, 2900, 6000), "after one repetition, 1 + 2 seconds");
  link_of("bob", 0, false);
}

static void stay(void) {
  char b[8];
  long peer = accept_from(listen_at(PORT, 5, SO_REUSEADDR));
  while (take(peer, b, 8) > 0)
    ;
}

/* What has been sent stays without an answer, or nothing is sent and the peer is asked. */
static void lose_peer(long fd, const char *what, int least_ms, int most_ms) {
  char b[8];
  is(connect_to(fd, "10.0.0.2", PORT), 0, "connect");
  link_of("bob", 0, true);
  int64_t since = now_ns();
  if (least_ms < 1000) put(fd, "x", 1);
  is(take(fd, b, 8), -ETIMEDOUT, what);
  ok(took(since, least_ms, most_ms), "in time");
  is(put(fd, "x", 1), -EPIPE, "and then it is over");
  link_of("bob", 0, false);
}

static void keepalive(void) {
  __syscall_rt_sigaction(SIGPIPE, U(&(struct sigaction){.sa_handler = SIG_IGN}), 0);
  long fd = new_socket(0);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
  lose_peer(fd, "SO_KEEPALIVE on a dead link", 2500, 6000);
}

static void user_timeout(void) {
  __syscall_rt_sigaction(SIGPIPE, U(&(struct sigaction){.sa_handler = SIG_IGN}), 0);
  long fd = new_socket(0);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500);
  lose_peer(fd, "TCP_USER_TIMEOUT on a dead link", 450, 3000);
}

/* --- urgent data --- */

static void urgent_receiver(void) {
  static char b[LARGE];
  long peer = accept_from(listen_at(PORT, 5, SO_REUSEADDR)), n = 0, at = -1, mark = 0;
  while (!(events_of(peer, 10000) & POLLPRI))
    ;
  is(receive(peer, b, 1, MSG_OOB), 1, "the urgent byte");
  is(b[0], '!', "is the last");
  for (long got; (got = take(peer, b, 10000)) > 0; n += got) {
    control(peer, SIOCATMARK, &mark);
    if (mark && at < 0) at = n + got;
  }
  is(at, 100000, "reading stops at the mark");
  is(n, 100005, "and what is in band is all there");
}

static void urgent_sender(void) {
  static char b[100001];
  long fd = new_socket(0);
  connect_to(fd, "10.0.0.1", PORT);
  b[100000] = '!';
  is(__syscall_sendto((int)fd, U(b), sizeof b, MSG_OOB, 0, 0), sizeof b,
     "many segments, the last byte urgent");
  is(put(fd, "after", 5), 5, "and more behind");
}

/* --- windows --- */

static void small_receiver(void) {
  static char b[LARGE];
  long fd = listen_at(PORT, 5, SO_REUSEADDR);
  set(fd, SOL_SOCKET, SO_RCVBUF, 4096);
  long peer = accept_from(fd), n = 0, most = 0;
  for (long got, there; (got = take(peer, b, 1000)) > 0; n += got) {
    int waiting = 0;
    control(peer, FIONREAD, &waiting);
    there = waiting + got;
    if (there > most) most = there;
  }
  is(n, LARGE, "everything comes through a small window");
  ok(most <= 8192, "which is never exceeded");
}

static void small_sender(void) {
  static char b[LARGE];
  long fd = new_socket(0);
  connect_to(fd, "10.0.0.1", PORT);
  int64_t since = now_ns();
  is(put(fd, b, LARGE), LARGE, "a large write");
  ok(took(since, 0, 8000), "without waiting for probes");
}

/* --- connections that begin --- */

static long shared[2];
static int heard[2];

static void sharing(void) {
  enum { ROUNDS = 64, SHARED_PORT = 7002 };
  for (int i = 0; i < 2; i++)
    shared[i] = listen_at(SHARED_PORT, ROUNDS, SO_REUSEPORT);
  for (int i = 0; i < ROUNDS; i++)
    connect_to(new_socket(0), "127.0.0.1", SHARED_PORT);
  for (int i = 0; i < 2; i++)
    for (file_control(shared[i], F_SETFL, O_NONBLOCK); accept_from(shared[i]) > 0;)
      heard[i]++;
  is(heard[0] + heard[1], ROUNDS, "SO_REUSEPORT: all are accepted");
  ok(heard[0] > ROUNDS / 8 && heard[1] > ROUNDS / 8, "each by its part of the listeners");
}

static void long_queue(void) {
  long fd = listen_at(PORT, MANY, SO_REUSEADDR);
  int there = 0, accepted = 0;
  for (int i = 0; i < MANY; i++)
    there += !connect_to(new_socket(0), "127.0.0.1", PORT);
  is(there, MANY, "a queue of hundreds");
  for (long peer; accepted < MANY && (peer = accept_from(fd)) > 0; accepted++)
    shut(peer);
  is(accepted, MANY, "is accepted whole");
}

/* The server's side waits in TIME_WAIT when the client's port comes again. */
static void close_first(void) {
  char b[2];
  long fd = listen_at(PORT, 5, SO_REUSEADDR);
  for (int i = 0; i < 2; i++) {
    long peer = accept_from(fd);
    __syscall_shutdown((int)peer, SHUT_WR, 0, 0, 0, 0);
    is(take(peer, b, 2), 0, "the client closes second");
    shut(peer);
  }
}

static void same_port(void) {
  char b[2];
  for (int i = 0; i < 2; i++) {
    long fd = new_socket(0);
    set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    is(bind_to(fd, OTHER_PORT), 0, "the same port");
    int64_t since = now_ns();
    is(connect_to(fd, "10.0.0.1", PORT), 0, "connect");
    ok(took(since, 0, 800), "at once");
    take(fd, b, 2);
    shut(fd);
    sleep_ms(20);
  }
}

static void meet(const char *ip, int own, int other) {
  char b[8];
  long fd = new_socket(0);
  bind_to(fd, own);
  is(connect_to(fd, ip, other), 0, "both connect, nobody listens");
  is(put(fd, "hello", 5), 5, "and can send");
  is(take(fd, b, 8), 5, "and receive");
  __syscall_shutdown((int)fd, SHUT_WR, 0, 0, 0, 0);
  is(take(fd, b, 8), 0, "to the end");
}

static void meet_bob(void) { meet("10.0.0.2", PORT + 10, PORT + 11); }
static void meet_alice(void) { meet("10.0.0.1", PORT + 11, PORT + 10); }

/* --- outside --- */

static long connect_outside(long fd) { return connect_to(fd, "198.51.100.1", PORT); }

static void wait_writable(long fd) {
  struct pollfd p = {.fd = (int)fd, .events = POLLOUT};
  is(__syscall_poll(U(&p), 1, 20000), 1, "poll tells when it is known");
}

static void go_outside(void) {
  long fd = new_socket(SOCK_NONBLOCK);
  is(connect_outside(fd), -EINPROGRESS, "a connection to the outside begins");
  is(connect_outside(fd), -EALREADY, "and is on its way");
  wait_writable(fd);
  is(connect_outside(fd), -ECONNREFUSED, "it is refused");
  is(connect_outside(fd), -EINPROGRESS, "and tried once more");
  wait_writable(fd);
  is(connect_outside(fd), 0, "connect tells that it was made");
  is(connect_outside(fd), -EISCONN, "once");
}

static void outside(void) {
  int p = start(go_outside);
  wait_asleep(p);
  int first = gateway;
  gateway = -1;
  strcpy(k_buffer(), "ECONNREFUSED");
  k_gateway_failed(first);
  UNTIL(gateway >= 0);
  k_gateway_connected(gateway);
  is(wait_for(p), 0, "it ends");
  k_close(first);
  k_close(gateway);
}

static void pair_of(const char *first, void (*a)(void), const char *second, void (*b)(void)) {
  int s = start_on(first, a);
  wait_asleep(s);
  int c = start_on(second, b);
  is(wait_for(c), 0, "one ends");
  is(wait_for(s), 0, "the other ends");
}

int main(void) {
  boot();
  run(nobody_there);
  run(silent_host);
  int s = start_on("bob", stay);
  wait_asleep(s);
  run(keepalive);
  k_kill(s, SIGKILL);
  wait_for(s);
  s = start_on("bob", stay);
  wait_asleep(s);
  run(user_timeout);
  k_kill(s, SIGKILL);
  wait_for(s);
  pair_of("alice", urgent_receiver, "bob", urgent_sender);
  pair_of("alice", small_receiver, "bob", small_sender);
  run(sharing);
  run(long_queue);
  pair_of("alice", close_first, "bob", same_port);
  link_of("alice", 500, false); /* so that each has begun before the other's SYN is there */
  link_of("bob", 500, false);
  pair_of("alice", meet_bob, "bob", meet_alice);
  outside();
  return finish();
}
