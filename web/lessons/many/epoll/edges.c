/* Says when epoll reports a socket, in its three ways: ./edges */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TAKEN = 5 }; /* bytes at a time */

static int set, in, out; /* what is written to `in` comes out of `out` */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void watch(int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = out};
  if (epoll_ctl(set, operation, out, &event) == -1) die("epoll_ctl");
}

static void come(const char *text) {
  if (write(in, text, strlen(text)) == -1) die("write");
  printf("  %zu bytes come\n", strlen(text));
}

/* Asks without waiting; takes a few bytes if it is told of some. */
static void look(void) {
  char text[TAKEN];
  struct epoll_event event;
  int count = epoll_wait(set, &event, 1, 0);
  if (count == -1) die("epoll_wait");
  if (count == 0) {
    printf("  nothing\n");
    return;
  }
  ssize_t n = read(event.data.fd, text, sizeof text);
  if (n == -1) die("read");
  printf("  ready; %d bytes taken\n", (int)n);
}

int main(void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1) die("socketpair");
  in = pair[0];
  out = pair[1];
  set = epoll_create1(0);
  if (set == -1) die("epoll_create1");

  printf("level:\n");
  watch(EPOLL_CTL_ADD, EPOLLIN);
  come("good morning");
  for (int i = 0; i < 4; i++)
    look();
  printf("edge:\n");
  watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLET);
  come("good morning");
  look();
  look();
  come("!");
  look();
  look();
  printf("oneshot, with 3 bytes left:\n");
  watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT);
  look();
  come("good night");
  look();
  watch(EPOLL_CTL_MOD, EPOLLIN | EPOLLONESHOT);
  look();
  return 0;
}
