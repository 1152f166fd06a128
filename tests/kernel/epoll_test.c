/* epoll, eventfd and timerfd between processes; and what a wait costs. */
#include "test.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

static int ep, a[2], b[2];

static long add(int fd, unsigned events) {
  struct epoll_event e = {.events = events, .data.fd = fd};
  return __syscall_epoll_ctl(ep, EPOLL_CTL_ADD, fd, U(&e));
}

/* The events of the one descriptor that is ready, or how many there were as a negative number. */
static long wait_one(int fd, int ms) {
  struct epoll_event e[4] = {0};
  long n = __syscall_epoll_pwait(ep, U(e), 4, ms, 0, 0);
  return n == 1 && e[0].data.fd == fd ? (long)e[0].events : n < 0 ? n : -1000 - n;
}
enum { NOTHING = -1000 };

static void write_later(void) {
  sleep_ms(20);
  put(b[1], "x", 1);
}
static void hold_later(void) { sleep_ms(20); }

static void waking(void) {
  char byte;
  ep = (int)__syscall_epoll_create1(0);
  __syscall_pipe2(U(a), 0);
  __syscall_pipe2(U(b), 0);
  is(add(a[0], EPOLLIN), 0, "epoll_ctl of a pipe");
  is(add(b[0], EPOLLIN | EPOLLET), 0, "and of another");
  long child = start_child(write_later);
  is(wait_one(b[0], -1), EPOLLIN, "epoll_wait wakes when a process writes");
  is(wait_one(b[0], 0), NOTHING, "once, when it is edge-triggered");
  __syscall_wait4((int)child, 0, 0, 0);
  child = start_child(hold_later);
  shut(a[1]);
  is(wait_one(a[0], -1), EPOLLHUP, "and when the last writer goes");
  __syscall_wait4((int)child, 0, 0, 0);
  take(b[0], &byte, 1);
  shut(a[0]);
  child = start_child(hold_later); /* it has b[0] too, and keeps it open */
  shut(b[0]);
  put(b[1], "x", 1);
  is(wait_one(b[0], 0), EPOLLIN, "a descriptor is watched until every process has closed it");
  __syscall_wait4((int)child, 0, 0, 0);
  put(b[1], "x", 1);
  is(wait_one(b[0], 0), NOTHING, "and not after");
}

static int counter;
static void add_later(void) {
  uint64_t one = 1;
  sleep_ms(20);
  put(counter, (char *)&one, sizeof one);
}
static void take_later(void) {
  uint64_t n;
  sleep_ms(20);
  take(counter, (char *)&n, sizeof n);
}

static void counters(void) {
  uint64_t n = UINT64_MAX - 1;
  counter = (int)__syscall_eventfd2(0, 0);
  long child = start_child(add_later);
  is(take(counter, (char *)&n, sizeof n), 8, "read of an eventfd sleeps until one adds");
  __syscall_wait4((int)child, 0, 0, 0);
  n = UINT64_MAX - 1;
  put(counter, (char *)&n, sizeof n);
  child = start_child(take_later);
  n = 1;
  is(put(counter, (char *)&n, sizeof n), 8, "write sleeps until one takes");
  __syscall_wait4((int)child, 0, 0, 0);
}

static void timers(void) {
  struct itimerspec t = {.it_value.tv_nsec = 20000000, .it_interval.tv_nsec = 1};
  uint64_t n = 0;
  int fd = (int)__syscall_timerfd_create(CLOCK_MONOTONIC, 0);
  ep = (int)__syscall_epoll_create1(0);
  add(fd, EPOLLIN);
  int64_t began = now_ns();
  is(__syscall_timerfd_settime(fd, 0, U(&t), 0), 0, "timerfd_settime");
  is(wait_one(fd, 5000), EPOLLIN, "epoll_wait wakes when it expires");
  ok(now_ns() - began >= 20000000, "not before");
  sleep_ms(5);
  is(take(fd, (char *)&n, sizeof n), 8, "read of it");
  ok(n > 1000000, "tells of every nanosecond (%llu), though nobody woke for them",
     (unsigned long long)n);
}

/* Many who wait for one: all of them wake, none is lost. */
static int shared[2];
static void waiter(void) {
  char byte;
  ep = (int)__syscall_epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN | EPOLLEXCLUSIVE};
  int own = (int)__syscall_epoll_create1(0);
  __syscall_epoll_ctl(own, EPOLL_CTL_ADD, shared[0], U(&e));
  for (int got = 0; !got;) {
    if (__syscall_epoll_pwait(own, U(&e), 1, -1, 0, 0) == 1) got = take(shared[0], &byte, 1) == 1;
  }
}

static void herd(void) {
  enum { COUNT = 8 };
  long waiters[COUNT];
  __syscall_pipe2(U(shared), O_NONBLOCK);
  for (int i = 0; i < COUNT; i++)
    waiters[i] = start_child(waiter);
  for (int i = 0; i < COUNT; i++) {
    sleep_ms(5);
    put(shared[1], "x", 1);
  }
  for (int i = 0; i < COUNT; i++)
    __syscall_wait4((int)waiters[i], 0, 0, 0);
  ok(true, "eight processes wait for one pipe, and each gets a byte");
}

/* Whatever else the machine does does not count. */
static int64_t processor_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Nanoseconds for one event to be written, waited for and read, with so many idle descriptors. */
static long cost(int idle) {
  enum { ROUNDS = 20000 };
  static int fds[1000];
  uint64_t one = 1;
  ep = (int)__syscall_epoll_create1(0);
  counter = (int)__syscall_eventfd2(0, O_NONBLOCK);
  add(counter, EPOLLIN);
  for (int i = 0; i < idle; i++)
    add(fds[i] = (int)__syscall_eventfd2(0, 0), EPOLLIN);
  int64_t began = processor_ns();
  for (int i = 0; i < ROUNDS; i++) {
    put(counter, (char *)&one, sizeof one);
    if (wait_one(counter, -1) != EPOLLIN) ok(false, "the one that is ready");
    take(counter, (char *)&one, sizeof one);
  }
  long spent = (long)((processor_ns() - began) / ROUNDS);
  for (int i = 0; i < idle; i++)
    shut(fds[i]);
  shut(ep), shut(counter);
  return spent;
}

static void costs(void) {
  long few = cost(1), many = cost(1000);
  printf("# %ld ns with 1 idle descriptor, %ld ns with 1000\n", few, many);
  ok(many < 3 * few, "a wait costs as much with 1000 descriptors as with one");
}

int main(void) {
  boot();
  run(waking);
  run(counters);
  run(timers);
  run(herd);
  run(costs);
  return finish();
}
