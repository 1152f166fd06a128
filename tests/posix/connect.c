/* connect: blocking and not, refused, again, and the states in between. */
#include "check.h"
#include <fcntl.h>

static int stream(int flags) { return must(socket(AF_INET, SOCK_STREAM | flags, 0), "socket"); }

static int connect_to(int s, const struct sockaddr_in *a) {
  return connect(s, (const struct sockaddr *)a, sizeof *a);
}

/* A port on which nobody listens. */
static struct sockaddr_in nobody(void) {
  struct sockaddr_in a;
  close(listener(&a, 1));
  return a;
}

static int socket_error(int s) {
  int error = -1;
  socklen_t length = sizeof error;
  getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}
#define SOCKET_ERROR(s) printf("SO_ERROR of " #s " = %s\n", error_name(socket_error(s)))

static void blocking(void) {
  heading("blocking");
  struct sockaddr_in a, name;
  socklen_t length = sizeof name;
  int s = listener(&a, 5), c = stream(0);
  CALL(connect_to(c, &a));
  CALL(connect_to(c, &a));
  CALL(getpeername(c, (struct sockaddr *)&name, &length));
  VALUE(name.sin_port == a.sin_port);
  SOCKET_ERROR(c);
  READY(c);
  CALL(connect_to(s, &a));
  CALL(listen(c, 1));
  close(c);
  c = stream(0);
  struct sockaddr_in any = a;
  any.sin_addr.s_addr = INADDR_ANY;
  CALL(connect_to(c, &any));
  length = sizeof name;
  CALL(getpeername(c, (struct sockaddr *)&name, &length));
  VALUE(name.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  close(c);
  close(s);
}

static void refused(void) {
  heading("refused");
  struct sockaddr_in a = nobody(), name;
  socklen_t length = sizeof name;
  int c = stream(0);
  SPEND(0, connect_to(c, &a));
  SOCKET_ERROR(c);
  CALL(connect_to(c, &a));
  CALL(getpeername(c, (struct sockaddr *)&name, &length));
  CALL(getsockname(c, (struct sockaddr *)&name, &length));
  VALUE(name.sin_port != 0);
  READY(c);
  int s = listener(&a, 1);
  CALL(connect_to(c, &a));
  close(c);
  close(s);
}

static void refused_and_bound(void) {
  heading("refused, and bound");
  struct sockaddr_in a = nobody(), own = loopback(0), name;
  socklen_t length = sizeof name;
  int c = stream(0);
  must(bind(c, (struct sockaddr *)&own, sizeof own), "bind");
  getsockname(c, (struct sockaddr *)&own, &length);
  CALL(connect_to(c, &a));
  getsockname(c, (struct sockaddr *)&name, &length);
  VALUE(name.sin_port == own.sin_port);
  int s = listener(&a, 1);
  CALL(connect_to(c, &a));
  getsockname(c, (struct sockaddr *)&name, &length);
  VALUE(name.sin_port == own.sin_port);
  close(c);
  close(s);
}

static void non_blocking(void) {
  heading("non-blocking");
  struct sockaddr_in a;
  int s = listener(&a, 5), c = stream(SOCK_NONBLOCK);
  READY(c);
  CALL(connect_to(c, &a));
  wait_for(c, POLLOUT);
  READY(c);
  SOCKET_ERROR(c);
  CALL(connect_to(c, &a));
  CALL(connect_to(c, &a));
  close(c);
  a = nobody();
  c = stream(SOCK_NONBLOCK);
  CALL(connect_to(c, &a));
  wait_for(c, POLLOUT);
  READY(c);
  SOCKET_ERROR(c);
  SOCKET_ERROR(c);
  READY(c);
  CALL(connect_to(c, &a));
  CALL(connect_to(c, &a));
  wait_for(c, POLLOUT);
  CALL(connect_to(c, &a));
  CALL(send(c, "x", 1, MSG_NOSIGNAL));
  close(c);
  close(s);
}

static void refused_and_read(void) {
  heading("refused, told by another call");
  struct sockaddr_in a = nobody();
  char byte;
  int c = stream(SOCK_NONBLOCK);
  CALL(connect_to(c, &a));
  wait_for(c, POLLOUT);
  CALL(recv(c, &byte, 1, 0));
  CALL(recv(c, &byte, 1, 0));
  close(c);
  c = stream(SOCK_NONBLOCK);
  CALL(connect_to(c, &a));
  wait_for(c, POLLOUT);
  CALL(send(c, "x", 1, MSG_NOSIGNAL));
  CALL(send(c, "x", 1, MSG_NOSIGNAL));
  close(c);
}

/* A listener whose queue is full answers nobody: who connects then waits. */
static void pending(void) {
  heading("still on its way");
  struct sockaddr_in a, name;
  socklen_t length = sizeof name;
  char byte;
  int s = listener(&a, 0), first = stream(0), c = stream(SOCK_NONBLOCK);
  must(connect_to(first, &a), "connect");
  CALL(connect_to(c, &a));
  CALL(connect_to(c, &a));
  READY(c);
  CALL(getpeername(c, (struct sockaddr *)&name, &length));
  CALL(getsockname(c, (struct sockaddr *)&name, &length));
  VALUE(name.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  SOCKET_ERROR(c);
  CALL(recv(c, &byte, 1, 0));
  CALL(send(c, "x", 1, 0));
  CALL(listen(c, 1));
  CALL(shutdown(c, SHUT_RD));
  READY(c);
  close(c);
  close(first);
  close(s);
}

static void pending_then_accepted(void) {
  heading("on its way until there is room");
  struct sockaddr_in a;
  int s = listener(&a, 0), first = stream(0), c = stream(SOCK_NONBLOCK);
  must(connect_to(first, &a), "connect");
  CALL(connect_to(c, &a));
  close(OPEN(accept(s, NULL, NULL)));
  wait_for(c, POLLOUT);
  CALL(connect_to(c, &a));
  close(OPEN(accept(s, NULL, NULL)));
  close(c);
  c = stream(0);
  close(first);
  first = stream(0);
  must(connect_to(first, &a), "connect");
  struct timeval limit = {.tv_usec = 100000};
  must(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), "setsockopt");
  SPEND(100, connect_to(c, &a));
  CALL(connect_to(c, &a));
  close(c);
  close(first);
  close(s);
}

static void wrong(void) {
  heading("wrong addresses");
  struct sockaddr_in a;
  int s = listener(&a, 1), c = stream(0);
  a.sin_family = AF_INET6;
  CALL(connect_to(c, &a));
  a.sin_family = AF_UNIX;
  CALL(connect_to(c, &a));
  a.sin_family = 99;
  CALL(connect_to(c, &a));
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(0xe0000001);
  CALL(connect_to(c, &a));
  a.sin_addr.s_addr = INADDR_BROADCAST;
  CALL(connect_to(c, &a));
  a = loopback(0);
  CALL(connect_to(c, &a));
  close(c);
  close(s);
}

static void disconnect(void) {
  heading("AF_UNSPEC");
  struct sockaddr_in a, none = {.sin_family = AF_UNSPEC}, name;
  socklen_t length = sizeof name;
  char byte;
  int s = listener(&a, 5), c = stream(0);
  CALL(connect_to(c, &none));
  must(connect_to(c, &a), "connect");
  int peer = must(accept(s, NULL, NULL), "accept");
  CALL(connect_to(c, &none));
  CALL(getpeername(c, (struct sockaddr *)&name, &length));
  CALL(getsockname(c, (struct sockaddr *)&name, &length));
  ADDRESS(name, length);
  wait_for(peer, POLLIN);
  CALL(recv(peer, &byte, 1, 0));
  CALL(connect_to(c, &a));
  close(c);
  close(peer);
  close(s);
}

static void addresses_of_127(void) {
  heading("127.0.0.2");
  struct sockaddr_in a, name, other = loopback(0);
  socklen_t length = sizeof name;
  int s = listener(&a, 5), c = stream(0);
  other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  other.sin_port = a.sin_port;
  CALL(connect_to(c, &other));
  other.sin_port = 0;
  CALL(bind(c, (struct sockaddr *)&other, sizeof other));
  CALL(connect_to(c, &a));
  int peer = OPEN(accept(s, (struct sockaddr *)&name, &length));
  VALUE(name.sin_addr.s_addr == htonl(INADDR_LOOPBACK + 1));
  close(peer);
  close(c);
  close(s);
}

static void self(void) {
  heading("to itself");
  struct sockaddr_in a = loopback(0), peer;
  socklen_t length = sizeof a;
  char byte = 0;
  int c = stream(0);
  must(bind(c, (struct sockaddr *)&a, sizeof a), "bind");
  must(getsockname(c, (struct sockaddr *)&a, &length), "getsockname");
  CALL(connect_to(c, &a));
  CALL(getpeername(c, (struct sockaddr *)&peer, &length));
  VALUE(peer.sin_port == a.sin_port);
  CALL(send(c, "x", 1, 0));
  CALL(recv(c, &byte, 1, 0));
  VALUE(byte);
  CALL(shutdown(c, SHUT_WR));
  CALL(recv(c, &byte, 1, 0));
  close(c);
}

/* A second connection between the same two ends. */
static void twice(void) {
  heading("from the same port to the same");
  struct sockaddr_in a, own = loopback(0);
  socklen_t length = sizeof own;
  int s = listener(&a, 5), c = stream(0), d = stream(0), on = 1;
  setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(d, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  must(bind(c, (struct sockaddr *)&own, sizeof own), "bind");
  must(getsockname(c, (struct sockaddr *)&own, &length), "getsockname");
  CALL(bind(d, (struct sockaddr *)&own, sizeof own));
  CALL(connect_to(c, &a));
  CALL(connect_to(d, &a));
  struct sockaddr_in b;
  int t = listener(&b, 5);
  CALL(connect_to(d, &b));
  close(c);
  close(d);
  close(s);
  close(t);
}

int main(void) {
  blocking();
  refused();
  refused_and_bound();
  non_blocking();
  refused_and_read();
  pending();
  pending_then_accepted();
  wrong();
  disconnect();
  addresses_of_127();
  self();
  twice();
}
