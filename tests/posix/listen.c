/* listen and accept: the queue, what accepted sockets inherit, what a listener cannot do. */
#include "check.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

static const int yes = 1;

static int stream(int flags) { return must(socket(AF_INET, SOCK_STREAM | flags, 0), "socket"); }

static int connected(const struct sockaddr_in *a, int flags) {
  int c = stream(flags);
  if (connect(c, (const struct sockaddr *)a, sizeof *a) == 0 || errno == EINPROGRESS) return c;
  return must(-1, "connect");
}

static int option(int s, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  must(getsockopt(s, level, name, &value, &length), "getsockopt");
  return value;
}

static void listening(void) {
  heading("a listener");
  struct sockaddr_in a;
  socklen_t length = sizeof a;
  char byte;
  int n, s = stream(0);
  VALUE(option(s, SOL_SOCKET, SO_ACCEPTCONN));
  CALL(accept(s, NULL, NULL));
  CALL(listen(s, 5));
  VALUE(option(s, SOL_SOCKET, SO_ACCEPTCONN));
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  CALL(getpeername(s, (struct sockaddr *)&a, &length));
  CALL(listen(s, 0));
  CALL(listen(s, -1));
  CALL(listen(s, 1 << 20));
  READY(s);
  CALL(recv(s, &byte, 1, 0));
  CALL(recv(s, &byte, 1, MSG_OOB));
  CALL(read(s, &byte, 1));
  CALL(send(s, "x", 1, MSG_NOSIGNAL));
  CALL(ioctl(s, FIONREAD, &n));
  CALL(ioctl(s, SIOCATMARK, &n));
  CALL(shutdown(s, SHUT_WR));
  a = loopback(0);
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  close(s);
}

static void accepting(void) {
  heading("accept");
  struct sockaddr_in a, from;
  socklen_t length = sizeof from;
  int s = listener(&a, 5);
  fcntl(s, F_SETFL, O_NONBLOCK);
  CALL(accept(s, NULL, NULL));
  int c = connected(&a, 0);
  wait_for(s, POLLIN);
  READY(s);
  int t = OPEN(accept(s, (struct sockaddr *)&from, &length));
  VALUE(length);
  VALUE(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  VALUE(fcntl(t, F_GETFL) == O_RDWR);
  CALL(fcntl(t, F_GETFD));
  READY(s);
  close(t);
  close(c);
  c = connected(&a, 0);
  wait_for(s, POLLIN);
  t = OPEN(accept4(s, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  VALUE(fcntl(t, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CALL(fcntl(t, F_GETFD));
  CALL(accept(t, NULL, NULL));
  CALL(listen(t, 1));
  close(t);
  close(c);
  struct timeval limit = {.tv_usec = 50000};
  fcntl(s, F_SETFL, 0);
  must(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), "setsockopt");
  SPEND(50, accept(s, NULL, NULL));
  close(s);
}

static void inherited(void) {
  heading("what an accepted socket inherits");
  struct sockaddr_in a;
  struct linger linger = {.l_onoff = 1, .l_linger = 7};
  struct timeval limit = {.tv_sec = 3};
  socklen_t length = sizeof limit;
  int s = listener(&a, 5), idle = 33;
  setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  int c = connected(&a, 0), t = OPEN(accept(s, NULL, NULL));
  VALUE(option(t, SOL_SOCKET, SO_KEEPALIVE));
  VALUE(option(t, SOL_SOCKET, SO_REUSEADDR));
  VALUE(option(t, SOL_SOCKET, SO_ACCEPTCONN));
  VALUE(option(t, IPPROTO_TCP, TCP_NODELAY));
  VALUE(option(t, IPPROTO_TCP, TCP_KEEPIDLE));
  memset(&linger, 0, sizeof linger);
  length = sizeof linger;
  CALL(getsockopt(t, SOL_SOCKET, SO_LINGER, &linger, &length));
  VALUE(linger.l_linger);
  length = sizeof limit;
  limit.tv_sec = 99;
  CALL(getsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &limit, &length));
  VALUE(limit.tv_sec);
  close(c);
  close(t);
  close(s);
}

static bool comes(int c) {
  struct pollfd p = {.fd = c, .events = POLLOUT};
  return poll(&p, 1, 150) == 1;
}

/* Of a queue of n, n + 1 find room; the others are not answered, and come when they try again. */
static void overflow(void) {
  heading("a full queue");
  struct sockaddr_in a;
  int s = listener(&a, 2), c[5];
  for (int i = 0; i < 5; i++)
    c[i] = connected(&a, SOCK_NONBLOCK);
  for (int i = 0; i < 5; i++)
    printf("connection %d = %s\n", i, comes(c[i]) ? "there" : "waits");
  for (int i = 0; i < 5; i++)
    close(must(accept(s, NULL, NULL), "accept"));
  for (int i = 0; i < 5; i++) {
    wait_for(c[i], POLLOUT);
    printf("connection %d = %s\n", i, comes(c[i]) ? "there" : "waits");
    close(c[i]);
  }
  close(s);
}

static void gone_before_accept(void) {
  heading("connections that end before they are accepted");
  struct sockaddr_in a;
  char bytes[8];
  struct linger at_once = {.l_onoff = 1};
  int s = listener(&a, 5), c = connected(&a, 0);
  must((int)send(c, "hello", 5, 0), "send");
  close(c);
  int t = OPEN(accept(s, NULL, NULL));
  CALL(recv(t, bytes, sizeof bytes, 0));
  BYTES(bytes, 5);
  CALL(recv(t, bytes, sizeof bytes, 0));
  close(t);
  c = connected(&a, 0);
  setsockopt(c, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(c);
  t = OPEN(accept(s, NULL, NULL));
  READY(t);
  CALL(recv(t, bytes, sizeof bytes, 0));
  CALL(recv(t, bytes, sizeof bytes, 0));
  close(t);
  close(s);
}

static void closed_listener(void) {
  heading("a listener that closes");
  struct sockaddr_in a;
  char byte;
  int s = listener(&a, 5), c = connected(&a, 0), d = connected(&a, 0);
  int t = must(accept(s, NULL, NULL), "accept");
  close(s);
  CALL(send(t, "x", 1, 0));
  CALL(recv(c, &byte, 1, 0));
  wait_for(d, POLLIN);
  READY(d);
  CALL(recv(d, &byte, 1, 0));
  CALL(recv(d, &byte, 1, 0));
  close(t);
  close(c);
  close(d);
}

static void shut_listener(void) {
  heading("a listener that is shut down");
  struct sockaddr_in a;
  int s = listener(&a, 5), c = connected(&a, 0);
  CALL(shutdown(s, SHUT_RD));
  CALL(accept(s, NULL, NULL));
  VALUE(option(s, SOL_SOCKET, SO_ACCEPTCONN));
  wait_for(c, POLLIN);
  READY(c);
  READY(s);
  close(c);
  socklen_t length = sizeof a;
  CALL(listen(s, 5));
  getsockname(s, (struct sockaddr *)&a, &length);
  c = connected(&a, 0);
  close(OPEN(accept(s, NULL, NULL)));
  close(c);
  close(s);
}

/* Who cannot be given a descriptor stays in the queue. */
static void no_descriptor_left(void) {
  heading("accept without a descriptor left");
  struct sockaddr_in a;
  struct rlimit few;
  int s = listener(&a, 5), c = connected(&a, 0), last = dup(0);
  getrlimit(RLIMIT_NOFILE, &few);
  few.rlim_cur = (rlim_t)last + 1;
  must(setrlimit(RLIMIT_NOFILE, &few), "setrlimit");
  CALL(accept(s, NULL, NULL));
  CALL(socket(AF_INET, SOCK_STREAM, 0));
  READY(s);
  READY(c);
  close(last);
  VALUE(accept(s, NULL, NULL) == last);
  CALL(send(last, "x", 1, 0));
  few.rlim_cur = few.rlim_max;
  must(setrlimit(RLIMIT_NOFILE, &few), "setrlimit");
  close(last);
  close(c);
  close(s);
}

static void data_first(void) {
  heading("data before accept");
  struct sockaddr_in a;
  char bytes[8];
  int s = listener(&a, 5), c = connected(&a, 0);
  CALL(send(c, "early", 5, 0));
  int t = OPEN(accept(s, NULL, NULL));
  CALL(recv(t, bytes, sizeof bytes, 0));
  CALL(send(t, "x", 1, 0));
  close(t);
  close(c);
  close(s);
}

int main(void) {
  listening();
  accepting();
  inherited();
  overflow();
  gone_before_accept();
  closed_listener();
  shut_listener();
  data_first();
  no_descriptor_left();
}
