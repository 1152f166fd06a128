/* What one event costs when many others are watched for nothing: ./cost */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1000, ROUNDS = 100 };

static struct pollfd watched[MOST];
static int set, idle[2], active[2];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == -1) die("epoll_ctl");
}

static int wait_with_poll(int count) {
  return poll(watched, (nfds_t)count, -1);
}

static int wait_with_epoll(int count) {
  struct epoll_event event;
  return epoll_wait(set, &event, 1, -1) == 1 && count > 0 ? 1 : -1;
}

/* Nanoseconds for: a byte comes, is reported, and is read. */
static long cost(int (*wait)(int), int count) {
  char byte = 0;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int i = 0; i < ROUNDS; i++) {
    if (write(active[1], &byte, 1) == -1) die("write");
    if (wait(count) != 1) die("waiting");
    if (read(active[0], &byte, 1) == -1) die("read");
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  return ((end.tv_sec - begin.tv_sec) * 1000000000L + end.tv_nsec -
          begin.tv_nsec) /
         ROUNDS;
}

int main(void) {
  if (pipe(idle) == -1 || pipe(active) == -1) die("pipe");
  set = epoll_create1(0);
  if (set == -1) die("epoll_create1");
  watched[0] = (struct pollfd){.fd = active[0], .events = POLLIN};
  watch(active[0]);
  for (int count = 1; count <= MOST; count++) {
    if (count == 10 || count == 100 || count == MOST)
      printf("%4d watched: poll %08ld ns, epoll %08ld ns\n", count,
             cost(wait_with_poll, count), cost(wait_with_epoll, count));
    if (count == MOST) break;
    int fd = dup(idle[0]); /* a descriptor on which nothing ever comes */
    if (fd == -1) die("dup");
    watched[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    watch(fd);
  }
  return 0;
}
