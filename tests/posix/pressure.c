/* Backpressure: buffers that fill, writes that are partial or wait, and what a slow reader does. */
#include "check.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

enum { CHUNK = 1 << 16, MUCH = 64 << 20 }; /* MUCH fits into no buffers */
static char chunk[CHUNK];
static int pair[2];

/* Sends without waiting until no more is taken; how much was. */
static size_t fill(int s) {
  size_t total = 0;
  ssize_t n;
  while (total < MUCH && (n = send(s, chunk, sizeof chunk, MSG_DONTWAIT)) > 0)
    total += (size_t)n;
  printf("no more is taken = %s\n", total < MUCH ? error_name(errno) : "it never ended");
  return total;
}

/* Reads that many bytes. */
static bool drain(int s, size_t n) {
  while (n) {
    ssize_t got = recv(s, chunk, n < sizeof chunk ? n : sizeof chunk, 0);
    if (got <= 0) return false;
    n -= (size_t)got;
  }
  return true;
}

static void full(void) {
  heading("until the buffers are full");
  tcp_pair(pair);
  size_t n = fill(pair[0]);
  VALUE(n > 0);
  READY(pair[0]);
  CALL(send(pair[0], "x", 1, MSG_DONTWAIT));
  fcntl(pair[0], F_SETFL, O_NONBLOCK);
  CALL(write(pair[0], "x", 1));
  CALL(writev(pair[0], &(struct iovec){chunk, 2}, 1));
  VALUE(drain(pair[1], n));
  wait_for(pair[0], POLLOUT);
  READY(pair[0]);
  CALL(send(pair[0], "x", 1, 0));
  close(pair[0]);
  close(pair[1]);
}

/* The window that the peer knows of is used up first. */
static void smaller_in_use(void) {
  heading("SO_RCVBUF made smaller on a connection");
  enum { PART = 16379, ALL = 4000000 };
  int room = 32768;
  size_t got = 0;
  tcp_pair(pair);
  CALL(setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &room, sizeof room));
  while (got < ALL) {
    struct pollfd p = {.fd = pair[1], .events = POLLIN};
    send(pair[0], chunk, PART, MSG_DONTWAIT);
    if (poll(&p, 1, SAFETY_MS) != 1) break;
    ssize_t n = recv(pair[1], chunk, sizeof chunk, MSG_DONTWAIT);
    if (n > 0) got += (size_t)n;
  }
  VALUE(got >= ALL);
  close(pair[0]);
  close(pair[1]);
}

static void partial(void) {
  heading("more than there is room for");
  static char large[MUCH];
  tcp_pair(pair);
  fcntl(pair[0], F_SETFL, O_NONBLOCK);
  ssize_t n = send(pair[0], large, sizeof large, 0);
  VALUE(n > 0 && n < MUCH);
  VALUE(drain(pair[1], (size_t)n));
  close(pair[0]);
  close(pair[1]);
}

static void time_limit(void) {
  heading("SO_SNDTIMEO");
  static char large[MUCH];
  struct timeval limit = {.tv_usec = 50000};
  tcp_pair(pair);
  setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ssize_t n = send(pair[0], large, sizeof large, 0);
  VALUE(n > 0 && n < MUCH);
  fill(pair[0]);
  SPEND(50, send(pair[0], large, sizeof large, 0));
  close(pair[0]);
  close(pair[1]);
}

/* SO_RCVBUF and SO_SNDBUF bound what is on the way. */
static size_t capacity(int size) {
  struct sockaddr_in a;
  int s = listener(&a, 1);
  if (size) must(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size), "SO_RCVBUF");
  pair[0] = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  if (size) must(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size), "SO_SNDBUF");
  must(connect(pair[0], (struct sockaddr *)&a, sizeof a), "connect");
  pair[1] = must(accept(s, NULL, NULL), "accept");
  close(s);
  size_t n = fill(pair[0]);
  close(pair[0]);
  close(pair[1]);
  return n;
}

static void sizes(void) {
  heading("buffers of a given size");
  size_t small = capacity(8192), large = capacity(100000), own = capacity(0);
  VALUE(small >= 4096 && small <= 65536);
  VALUE(large >= 100000 && large <= 800000);
  VALUE(own > large);
}

/* A signal lets the reader go on while send waits. */
static void read_some(int sig) {
  (void)sig;
  caught++;
  ssize_t n = recv(pair[1], chunk, sizeof chunk, MSG_DONTWAIT);
  (void)n;
}

static void waiting(void) {
  heading("a send that waits for a slow reader");
  static char large[MUCH / 16];
  struct sigaction a = {.sa_handler = read_some, .sa_flags = SA_RESTART};
  tcp_pair(pair);
  fill(pair[0]);
  must(sigaction(SIGALRM, &a, NULL), "sigaction");
  alarm_every(2);
  CALL(send(pair[0], large, 100, 0));
  alarm_every(0);
  VALUE(caught > 0);
  close(pair[0]);
  close(pair[1]);
}

static void reset_while_full(void) {
  heading("a reader that goes away");
  tcp_pair(pair);
  fill(pair[0]);
  close(pair[1]);
  wait_for(pair[0], POLLERR);
  READY(pair[0]);
  CALL(send(pair[0], "x", 1, MSG_NOSIGNAL));
  CALL(send(pair[0], "x", 1, MSG_NOSIGNAL));
  close(pair[0]);
}

static void corked(void) {
  heading("TCP_CORK and MSG_MORE: held back, then sent together");
  int on = 1, off = 0, n = -1;
  char bytes[8];
  tcp_pair(pair);
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &on, sizeof on), "TCP_CORK");
  CALL(send(pair[0], "ab", 2, 0));
  CALL(send(pair[0], "cd", 2, 0));
  CALL(recv(pair[1], bytes, 8, MSG_DONTWAIT));
  CALL(ioctl(pair[0], TIOCOUTQ, &n));
  VALUE(n);
  must(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &off, sizeof off), "TCP_CORK");
  wait_for(pair[1], POLLIN);
  CALL(recv(pair[1], bytes, 8, 0));
  CALL(send(pair[0], "ef", 2, MSG_MORE));
  CALL(recv(pair[1], bytes, 8, MSG_DONTWAIT));
  CALL(send(pair[0], "gh", 2, 0));
  CALL(recv(pair[1], bytes, 4, MSG_WAITALL));
  close(pair[0]);
  close(pair[1]);
}

static void low_water(void) {
  heading("SO_RCVLOWAT");
  int four = 4;
  char bytes[8];
  struct pollfd p;
  tcp_pair(pair);
  p = (struct pollfd){.fd = pair[1], .events = POLLIN};
  CALL(setsockopt(pair[1], SOL_SOCKET, SO_RCVLOWAT, &four, sizeof four));
  CALL(send(pair[0], "ab", 2, 0));
  SPEND(50, poll(&p, 1, 50));
  CALL(recv(pair[1], bytes, 8, MSG_DONTWAIT | MSG_PEEK));
  CALL(send(pair[0], "cd", 2, 0));
  CALL(poll(&p, 1, SAFETY_MS));
  CALL(recv(pair[1], bytes, 8, 0));
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  full();
  smaller_in_use();
  partial();
  time_limit();
  sizes();
  waiting();
  reset_while_full();
  corked();
  low_water();
}
