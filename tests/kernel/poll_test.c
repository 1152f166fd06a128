/* poll and select: what they say of pipes, terminals and files, and when they wake. */
#include "test.h"
#include <limits.h>
#include <sys/select.h>
#include <sys/time.h>

static int a[2], b[2]; /* two pipes */

static void open_pipes(void) {
  __syscall_pipe2(U(a), 0);
  __syscall_pipe2(U(b), 0);
}

static long poll_one(int fd, int events, int ms) {
  struct pollfd p = {.fd = fd, .events = (short)events};
  long n = __syscall_poll(U(&p), 1, ms);
  return n < 0 ? n : p.revents;
}

static int64_t began;
static long elapsed(void) { return (long)((now_ns() - began) / 1000000); }

/* --- poll --- */

static void states(void) {
  static char full[PIPE_SIZE];
  open_pipes();
  is(poll_one(a[0], POLLIN, 0), 0, "an empty pipe cannot be read");
  is(poll_one(a[1], POLLOUT, 0), POLLOUT, "but written");
  put(a[1], "x", 1);
  is(poll_one(a[0], POLLIN | POLLOUT, 0), POLLIN, "a pipe with a byte in it can be read");
  is(poll_one(a[0], 0, 0), 0, "which is said to those who ask");
  put(a[1], full, PIPE_SIZE - 1);
  is(poll_one(a[1], POLLOUT, 0), 0, "a full pipe cannot be written");
  shut(a[1]);
  is(poll_one(a[0], POLLIN, 0), POLLIN | POLLHUP, "the writer has gone, bytes are left");
  take(a[0], full, sizeof full);
  is(poll_one(a[0], POLLIN, 0), POLLHUP, "no bytes are left");
  is(poll_one(a[0], 0, 0), POLLHUP, "POLLHUP is said unasked");
  shut(b[0]);
  is(poll_one(b[1], POLLOUT, 0), POLLOUT | POLLERR, "the reader has gone");
  is(poll_one(99, POLLIN, 0), POLLNVAL, "there is no such descriptor");
  is(poll_one(-1, POLLIN, 0), 0, "a negative one is passed over");
  long fd = __syscall_openat(AT_FDCWD, U("/dev/null"), O_RDWR, 0);
  is(poll_one((int)fd, POLLIN | POLLOUT, 0), POLLIN | POLLOUT, "a file is always ready");
  is(__syscall_poll(0, 1, 0), -EFAULT, "poll of a bad address");
  is(__syscall_poll(0, FD_LIMIT + 1, 0), -EINVAL, "poll of too many");
}

static void time_limits(void) {
  open_pipes();
  began = now_ns();
  is(poll_one(a[0], POLLIN, 30), 0, "poll with a time limit");
  ok(elapsed() >= 30 && elapsed() < 500, "waits that long");
  is(__syscall_poll(0, 0, 10), 0, "poll of nothing sleeps");
  struct timeval t = {.tv_usec = 20000};
  began = now_ns();
  is(__syscall__newselect(0, 0, 0, 0, U(&t)), 0, "so does select");
  ok(elapsed() >= 20 && elapsed() < 500, "that long");
  ok(!t.tv_sec && !t.tv_usec, "and tells that no time is left");
  t.tv_usec = -1;
  is(__syscall__newselect(0, 0, 0, 0, U(&t)), -EINVAL, "select with a bad time");
  is(__syscall__newselect(-1, 0, 0, 0, 0), -EINVAL, "select of -1 descriptors");
  struct timespec ns = {.tv_nsec = 1000000000};
  is(__syscall_pselect6(0, 0, 0, 0, U(&ns), 0), -EINVAL, "pselect with a bad time");
}

/* --- waking: the parent waits, its child does something a little later --- */

static void write_to_b(void) {
  sleep_ms(20);
  put(b[1], "x", 1);
}
static void close_all(void) { sleep_ms(20); }
static void read_from_a(void) {
  static char all[PIPE_SIZE];
  sleep_ms(20);
  take(a[0], all, sizeof all);
}

static void waking(void) {
  static char full[PIPE_SIZE];
  open_pipes();
  long child = start_child(write_to_b);
  struct pollfd p[] = {{.fd = a[0], .events = POLLIN}, {.fd = b[0], .events = POLLIN}, {.fd = -1}};
  is(__syscall_poll(U(p), 3, 5000), 1, "poll wakes when one of several can be read");
  ok(!p[0].revents && p[1].revents == POLLIN && !p[2].revents, "and says which");
  __syscall_wait4((int)child, 0, 0, 0);
  take(b[0], full, 1);
  child = start_child(write_to_b);
  fd_set in, out, none;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&none);
  FD_SET(a[0], &in);
  FD_SET(b[0], &in);
  is(__syscall__newselect(FD_SETSIZE, U(&in), U(&out), U(&none), 0), 1, "select wakes likewise");
  ok(!FD_ISSET(a[0], &in) && FD_ISSET(b[0], &in), "and says which");
  __syscall_wait4((int)child, 0, 0, 0);
  put(a[1], full, sizeof full);
  child = start_child(read_from_a);
  is(poll_one(a[1], POLLOUT, 5000), POLLOUT, "poll wakes when there is room to write");
  __syscall_wait4((int)child, 0, 0, 0);
  child = start_child(close_all);
  shut(a[1]);
  is(poll_one(a[0], POLLIN, 5000), POLLHUP, "poll wakes when the other end goes");
  __syscall_wait4((int)child, 0, 0, 0);
}

static void many(void) {
  enum { N = 200 };
  struct pollfd p[N];
  int ends[N][2];
  for (int i = 0; i < N; i++) {
    __syscall_pipe2(U(ends[i]), 0);
    p[i] = (struct pollfd){.fd = ends[i][0], .events = POLLIN};
  }
  for (int i = 0; i < N; i += 2)
    put(ends[i][1], "x", 1);
  is(__syscall_poll(U(p), N, -1), N / 2, "poll of 200 pipes");
  int right = 0;
  for (int i = 0; i < N; i++)
    right += p[i].revents == (i % 2 ? 0 : POLLIN);
  is(right, N, "half of them ready");
  fd_set in;
  FD_ZERO(&in);
  for (int i = 0; i < N; i++)
    FD_SET(ends[i][0], &in);
  is(__syscall__newselect(ends[N - 1][0] + 1, U(&in), 0, 0, 0), N / 2, "and select of them");
  right = 0;
  for (int i = 0; i < N; i++)
    right += !!FD_ISSET(ends[i][0], &in) == !(i % 2);
  is(right, N, "says the same");
  FD_SET(900, &in);
  is(__syscall__newselect(901, U(&in), 0, 0, 0), -EBADF, "select of what is not open");
}

static sig_atomic_t caught;
static void catch(int sig) { caught = sig; }

static void interrupted(void) {
  struct itimerval v = {.it_value.tv_usec = 20000};
  open_pipes();
  on_signal(SIGALRM, catch, SA_RESTART);
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  is(poll_one(a[0], POLLIN, -1), -EINTR, "a handler interrupts poll, even under SA_RESTART");
  is(caught, SIGALRM, "after it ran");
  fd_set in;
  FD_ZERO(&in);
  FD_SET(a[0], &in);
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  is(__syscall__newselect(a[0] + 1, U(&in), 0, 0, 0), -EINTR, "and select");
  /* pselect: the signal is blocked but while it waits */
  uint64_t blocked = UINT64_C(1) << (SIGALRM - 1), none = 0, now;
  struct {
    uptr set;
    size_t size;
  } mask = {U(&none), 8};
  __syscall_rt_sigprocmask(SIG_BLOCK, U(&blocked), 0);
  caught = 0;
  __syscall_kill((int)__syscall_getpid(), SIGALRM);
  is(caught, 0, "a blocked signal waits");
  is(__syscall_pselect6(a[0] + 1, U(&in), 0, 0, 0, U(&mask)), -EINTR, "for pselect to let it in");
  is(caught, SIGALRM, "and its handler runs");
  __syscall_rt_sigprocmask(SIG_BLOCK, 0, U(&now));
  ok(now & blocked, "and then it is blocked again");
}

/* Two wait for the same byte: one gets it, the other goes on waiting. */
static int takers_woken;
static void take_one(void) {
  char byte;
  if (poll_one(a[0], POLLIN, 5000) == POLLIN && take(a[0], &byte, 1) == 1)
    __atomic_fetch_add(&takers_woken, 1, __ATOMIC_SEQ_CST);
}
static void rivals(void) {
  __syscall_pipe2(U(a), 0);
  long one = start_child(take_one), two = start_child(take_one);
  sleep_ms(20);
  put(a[1], "x", 1);
  sleep_ms(20);
  put(a[1], "y", 1);
  __syscall_wait4((int)one, 0, 0, 0);
  __syscall_wait4((int)two, 0, 0, 0);
  is(takers_woken, 2, "two who wait for the same pipe both get their byte");
}

int main(void) {
  boot();
  run(states);
  run(time_limits);
  run(waking);
  run(many);
  run(interrupted);
  run(rivals);
  return finish();
}
