/* Sockets of AF_UNIX between processes: who wakes whom, and that nothing is left behind. */
#include "test.h"
#include "unix.h"

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
static size_t heap_used(void) { return __sanitizer_get_current_allocated_bytes(); }
#else
static size_t heap_used(void) { return 0; }
#endif

/* --- a program's calls --- */

static long new_socket(int type) { return __syscall_socket(AF_UNIX, type, 0, 0, 0, 0); }
static void pair(int type, int p[2]) { __syscall_socketpair(AF_UNIX, type, 0, U(p), 0, 0); }

/* @ stands for the NUL of an abstract name. */
static unsigned name(struct sockaddr_un *a, const char *text) {
  size_t n = strlen(text);
  *a = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(a->sun_path, text, n);
  if (*text == '@') a->sun_path[0] = 0;
  return (unsigned)(UNNAMED + n + (*text != '@'));
}

static long bind_to(long fd, const char *text) {
  struct sockaddr_un a;
  unsigned length = name(&a, text);
  return __syscall_bind((int)fd, U(&a), length, 0, 0, 0);
}

static long connect_to(long fd, const char *text) {
  struct sockaddr_un a;
  unsigned length = name(&a, text);
  return __syscall_connect((int)fd, U(&a), length, 0, 0, 0);
}

static long listener(const char *text, int backlog) {
  long fd = new_socket(SOCK_STREAM);
  bind_to(fd, text);
  __syscall_listen((int)fd, backlog, 0, 0, 0, 0);
  return fd;
}

static long accept_one(long fd) { return __syscall_accept4((int)fd, 0, 0, 0, 0, 0); }
static long send_bytes(long fd, const void *bytes, size_t n) {
  return __syscall_sendto((int)fd, U(bytes), n, MSG_NOSIGNAL, 0, 0);
}

static long send_fds(long s, const int *fds, int count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {0};
  struct iovec io = {&(char){0}, 1};
  struct cmsghdr *c = (struct cmsghdr *)control;
  c->cmsg_len = CMSG_LEN((size_t)count * sizeof *fds);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  memcpy(CMSG_DATA(c), fds, (size_t)count * sizeof *fds);
  struct msghdr m = {
      .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = c->cmsg_len};
  return __syscall_sendmsg((int)s, U(&m), 0, 0, 0, 0);
}

static long receive_fd(long s) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  char byte;
  int fd = -1;
  struct iovec io = {&byte, 1};
  struct msghdr m = {
      .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  long n = __syscall_recvmsg((int)s, U(&m), 0, 0, 0, 0);
  if (n == 1 && m.msg_controllen >= CMSG_LEN(sizeof fd))
    memcpy(&fd, control + CMSG_LEN(0), sizeof fd);
  return n < 0 ? n : fd;
}

/* --- streams --- */

enum { AMOUNT = 3000000, PIECE = 70000 };
static uint8_t pattern(size_t i) { return (uint8_t)(i * 31 + i / 251); }

static void echo(void) {
  static char bytes[PIECE];
  long l = listener("@echo", 1), s = accept_one(l);
  for (long n; (n = take(s, bytes, sizeof bytes)) > 0;)
    for (long done = 0, m; done < n; done += m)
      if ((m = send_bytes(s, bytes + done, (size_t)(n - done))) < 0) return;
}

static int echo_socket;
static void write_all(void) {
  static uint8_t bytes[PIECE];
  size_t n;
  for (size_t sent = 0; sent < AMOUNT; sent += n) {
    n = 1 + sent % PIECE;
    if (n > AMOUNT - sent) n = AMOUNT - sent;
    for (size_t i = 0; i < n; i++)
      bytes[i] = pattern(sent + i);
    if (put(echo_socket, (char *)bytes, n) != (long)n) ok(false, "a blocking write is whole");
  }
  __syscall_shutdown(echo_socket, SHUT_WR, 0, 0, 0, 0);
}

static void stream(void) {
  static char bytes[50000];
  long child = start_child(echo);
  echo_socket = (int)new_socket(SOCK_STREAM);
  while (connect_to(echo_socket, "@echo") == -ECONNREFUSED)
    sleep_ms(1);
  long writer = start_child(write_all);
  size_t got = 0, wrong = 0;
  for (long n; (n = take(echo_socket, bytes, 1 + got % sizeof bytes)) > 0; got += (size_t)n)
    for (long i = 0; i < n; i++)
      wrong += (uint8_t)bytes[i] != pattern(got + (size_t)i);
  is((long)got, AMOUNT, "every byte comes back");
  is((long)wrong, 0, "in order");
  __syscall_wait4((int)child, 0, 0, 0);
  __syscall_wait4((int)writer, 0, 0, 0);
}

static int ends[2];
static void close_later(void) { sleep_ms(20); }
static void write_to_full(void) {
  static char bytes[100000];
  shut(ends[1]);
  for (;;)
    put(ends[0], bytes, sizeof bytes);
}

static void endings(void) {
  char byte;
  pair(SOCK_STREAM, ends);
  long child = start_child(close_later);
  shut(ends[1]);
  is(take(ends[0], &byte, 1), 0, "a sleeping reader sees the end when the last descriptor goes");
  __syscall_wait4((int)child, 0, 0, 0);
  pair(SOCK_STREAM, ends);
  child = start_child(write_to_full);
  shut(ends[0]);
  sleep_ms(20);
  shut(ends[1]);
  int status = 0;
  __syscall_wait4((int)child, U(&status), 0, 0);
  is(status, SIGPIPE, "a sleeping writer gets SIGPIPE when nobody is left to read");
}

/* --- waiting for a listener, and for a datagram socket --- */

static long full_listener, full_socket;
static void accept_later(void) {
  sleep_ms(20);
  accept_one(full_listener);
}

static void connecting(void) {
  full_listener = listener("@full", 0);
  is(connect_to(new_socket(SOCK_STREAM), "@full"), 0, "connect while the queue has room");
  long child = start_child(accept_later);
  is(connect_to(new_socket(SOCK_STREAM), "@full"), 0, "connect sleeps until one is accepted");
  __syscall_wait4((int)child, 0, 0, 0);
  child = start_child(close_later);
  shut(full_listener);
  is(connect_to(new_socket(SOCK_STREAM), "@full"), -ECONNREFUSED,
     "and fails when the listener goes");
  __syscall_wait4((int)child, 0, 0, 0);
}

static void receive_later(void) {
  char byte;
  sleep_ms(20);
  take(full_socket, &byte, 1);
}

static void datagrams(void) {
  long s = new_socket(SOCK_DGRAM);
  full_socket = new_socket(SOCK_DGRAM);
  bind_to(full_socket, "@datagrams");
  is(connect_to(s, "@datagrams"), 0, "connect to a datagram socket");
  for (int i = 0; i < 11; i++)
    send_bytes(s, "x", 1);
  long child = start_child(receive_later);
  is(send_bytes(s, "x", 1), 1, "send sleeps until one is received");
  __syscall_wait4((int)child, 0, 0, 0);
  child = start_child(receive_later);
  struct pollfd p = {.fd = (int)s, .events = POLLOUT};
  is(__syscall_poll(U(&p), 1, 5000), 1, "so does poll");
  __syscall_wait4((int)child, 0, 0, 0);
  send_bytes(s, "x", 1);
  child = start_child(close_later);
  shut(full_socket);
  is(send_bytes(s, "x", 1), -ECONNREFUSED, "and fails when the socket goes");
  __syscall_wait4((int)child, 0, 0, 0);
}

/* --- hosts --- */

static void on_bob(void) {
  struct sockaddr_un a;
  unsigned length = name(&a, "@host");
  long s = new_socket(SOCK_STREAM);
  is(connect_to(s, "@host"), -ECONNREFUSED, "an abstract name of another host is not there");
  is(connect_to(s, "/tmp/host"), -ECONNREFUSED, "a path leads to no socket of another host");
  is(__syscall_bind((int)s, U(&a), length, 0, 0, 0), 0, "each host has its own abstract names");
}

static void on_alice(void) {
  listener("@host", 1);
  listener("/tmp/host", 1);
  is(bind_to(new_socket(SOCK_STREAM), "@host"), -EADDRINUSE, "a name is taken once");
  sleep_ms(1000000);
}

/* --- descriptors in flight --- */

static void chain(void) {
  enum { LINKS = 400 };
  int before[2], next[2], pipe_ends[2];
  char byte;
  __syscall_pipe2(U(pipe_ends), 0);
  pair(SOCK_STREAM, before);
  send_fds(before[0], &pipe_ends[1], 1);
  shut(pipe_ends[1]);
  for (int i = 0; i < LINKS; i++) {
    pair(SOCK_STREAM, next);
    is(send_fds(next[0], before, 2), 1, "a socket in the queue of the next");
    shut(before[0]), shut(before[1]);
    before[0] = next[0], before[1] = next[1];
  }
  shut(before[0]), shut(before[1]);
  is(take(pipe_ends[0], &byte, 1), 0, "400 sockets, each in the next's queue, go with the last");
}

/* Sockets that hold each other: only the collector finds them. */
static void cycles(void) {
  enum { SOCKETS = 6 };
  int s[SOCKETS][2], pipe_ends[2];
  unsigned random = 12345;
  char byte;
  for (int round = 0; round < 100; round++) {
    __syscall_pipe2(U(pipe_ends), 0);
    for (int i = 0; i < SOCKETS; i++)
      pair(round % 2 ? SOCK_STREAM : SOCK_DGRAM, s[i]);
    for (int n = 0; n < 20; n++) {
      random = random * 1103515245 + 12345;
      int from = (int)(random >> 16) % SOCKETS, what = (int)(random >> 20) % SOCKETS;
      send_fds(s[from][random >> 30 & 1],
               (int[]){s[what][0], s[what][random >> 29 & 1], pipe_ends[1]}, 3);
    }
    shut(pipe_ends[1]);
    for (int i = 0; i < SOCKETS; i++)
      shut(s[i][0]), shut(s[i][1]);
    pair(SOCK_STREAM, s[0]);
    shut(s[0][0]),
        shut(s[0][1]); /* as on Linux, it is the next that closes that has them collected */
    if (take(pipe_ends[0], &byte, 1)) ok(false, "round %d: the pipe is still held", round);
    shut(pipe_ends[0]);
  }
}

/* What is in use must not be collected, however it hangs together. */
static void kept(void) {
  int p[2], q[2], pipe_ends[2];
  char text[8];
  __syscall_pipe2(U(pipe_ends), 0);
  pair(SOCK_STREAM, p), pair(SOCK_STREAM, q);
  send_fds(q[0], &pipe_ends[1], 1);
  send_fds(p[0], &q[1], 1); /* q[1], with the pipe in its queue, is in the queue of p[1] */
  shut(q[0]), shut(q[1]), shut(pipe_ends[1]);
  pair(SOCK_STREAM, q);
  shut(q[0]), shut(q[1]);
  long inner = receive_fd(p[1]), writer = receive_fd(inner);
  is(put(writer, "kept", 4), 4, "what can be reached through a queue is kept");
  is(take(pipe_ends[0], text, 8), 4, "and works");
}

static void hold_and_die(void) {
  int p[2], l = (int)listener("@die", 4);
  pair(SOCK_DGRAM, p);
  for (int i = 0; i < 5; i++)
    send_fds(p[0], (int[]){p[0], p[1], l}, 3);
  for (int i = 0; i < 3; i++) {
    long c = new_socket(SOCK_STREAM);
    connect_to(c, "@die");
    send_fds(c, (int[]){l, (int)c}, 2);
  }
  sleep_ms(1000000);
}

static size_t settled(void) {
  UNTIL(!processes);
  return heap_used();
}

int main(void) {
  boot();
  run(stream);
  run(endings);
  run(connecting);
  run(datagrams);
  int alice = start(on_alice);
  wait_asleep(alice);
  wait_for(start_on("bob", on_bob));
  k_kill(alice, SIGKILL);
  wait_for(alice);
  run(chain);
  run(cycles);
  run(kept);
  for (int i = 0; i < 2; i++) {
    size_t before = settled();
    int pid = start(hold_and_die);
    wait_asleep(pid);
    k_kill(pid, SIGKILL);
    wait_for(pid);
    if (i) is((long)(settled() - before), 0, "a killed process leaves nothing behind");
  }
  ok(!locals, "no socket is left");
  return finish();
}
