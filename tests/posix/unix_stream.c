/* AF_UNIX, SOCK_STREAM and SOCK_SEQPACKET: connections. */
#include "check.h"
#include "unix.h"
#include <fcntl.h>
#include <sys/ioctl.h>

static char bytes[4096];

static int unix_listener(int type, const char *name, int backlog) {
  int s = must(socket(AF_UNIX, type, 0), "socket");
  must(unix_bind(s, name), "bind");
  must(listen(s, backlog), "listen");
  return s;
}

static void making(void) {
  int pair[2];
  heading("socket and socketpair");
  close(OPEN(socket(AF_UNIX, SOCK_STREAM, 0)));
  close(OPEN(socket(AF_UNIX, SOCK_STREAM, PF_UNIX)));
  close(OPEN(socket(AF_UNIX, SOCK_SEQPACKET, 0)));
  int raw = OPEN(socket(AF_UNIX, SOCK_RAW, 0));
  OPTION(raw, SO_TYPE);
  close(raw);
  CALL(socket(AF_UNIX, SOCK_STREAM, 6));
  CALL(socket(AF_UNIX, SOCK_RDM, 0));
  CALL(socket(AF_UNIX, 0, 0));
  CALL(socket(AF_UNIX, 11, 0));
  CALL(socket(AF_UNIX, SOCK_STREAM | 1 << 20, 0));
  CALL(socketpair(AF_INET, SOCK_STREAM, 0, pair));
  CALL(socketpair(AF_UNIX, SOCK_STREAM, 17, pair));
  CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)BAD));
  CALL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
  VALUE(fcntl(pair[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
  VALUE(fcntl(pair[1], F_GETFD));
  SOCKNAME(pair[0]);
  PEERNAME(pair[0]);
  OPTION(pair[0], SO_DOMAIN);
  OPTION(pair[0], SO_TYPE);
  OPTION(pair[0], SO_PROTOCOL);
  OPTION(pair[0], SO_ACCEPTCONN);
  OPTION(pair[0], SO_ERROR);
  OPTION(pair[0], SO_SNDBUF);
  CALL(setsockopt(pair[0], IPPROTO_TCP, 1, &(int){1}, sizeof(int)));
  CALL(getsockopt(pair[0], IPPROTO_TCP, 1, &(int){1}, &(socklen_t){4}));
  CALL(connect(pair[0], (struct sockaddr *)&(struct sockaddr_un){.sun_family = AF_UNIX}, PATH_AT));
  close(pair[0]);
  close(pair[1]);
}

static void connecting(int type) {
  struct sockaddr_un a;
  socklen_t length = unix_name(&a, "s");
  int c = must(socket(AF_UNIX, type, 0), "socket"), s;
  heading(type == SOCK_STREAM ? "connections, SOCK_STREAM" : "connections, SOCK_SEQPACKET");
  READY(c);
  PEERNAME(c);
  CALL(unix_connect(c, "s"));
  CALL(unix_connect(c, "@portside-test"));
  CALL(connect(c, (struct sockaddr *)&a, PATH_AT));
  CALL(connect(c, (struct sockaddr *)&a, 1));
  CALL(connect(c, (struct sockaddr *)&a, sizeof a + 1));
  CALL(connect(c, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET}, 16));
  CALL(connect(c, (struct sockaddr *)&(struct sockaddr){.sa_family = AF_UNSPEC}, 16));
  CALL(listen(c, 1));
  CALL(accept(c, NULL, NULL));
  CALL(recv(c, bytes, 1, 0));
  CALL(send(c, "x", 1, MSG_NOSIGNAL));
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&a, length));
  s = must(socket(AF_UNIX, type, 0), "socket");
  CALL(unix_bind(s, "s"));
  CALL(unix_connect(c, "s"));
  CALL(unix_bind(s, "s"));
  CALL(unix_bind(s, "t"));
  CALL(accept(s, NULL, NULL));
  CALL(listen(s, 1));
  READY(s);
  OPTION(s, SO_ACCEPTCONN);
  CALL(unix_connect(s, "s"));
  CALL(ioctl(s, FIONREAD, &(int){0}));
  CALL(recv(s, bytes, 1, MSG_DONTWAIT));
  CALL(send(s, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
  CALL(unix_connect(c, "s"));
  READY(s);
  READY(c);
  SOCKNAME(c);
  PEERNAME(c);
  CALL(unix_connect(c, "s"));
  CALL(unix_connect(c, "nowhere"));
  CALL(listen(c, 1));
  CALL(send(c, "early", 5, 0));
  socklen_t got = sizeof a;
  int e = OPEN(accept(s, (struct sockaddr *)&a, &got));
  show_name("accept's address", &a, got);
  SOCKNAME(e);
  PEERNAME(e);
  OPTION(e, SO_ACCEPTCONN);
  RECEIVE(e, 100, 0);
  CALL(send(e, "answer", 6, 0));
  RECEIVE(c, 100, 0);
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&a, length));
  CALL(close(s));
  CALL(unix_connect(s = must(socket(AF_UNIX, type, 0), "socket"), "s"));
  CALL(unix_bind(s, "s"));
  CALL(unlink("s"));
  CALL(unix_bind(s, "s"));
  CALL(unlink("s"));
  close(s);
  SOCKNAME(e);
  PEERNAME(c);
  close(e);
  PEERNAME(c);
  close(c);
}

static void backlog(void) {
  int s = unix_listener(SOCK_STREAM, "s", 1), c[5];
  heading("backlog");
  for (int i = 0; i < 5; i++) {
    c[i] = must(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    CALL(unix_connect(c[i], "s"));
  }
  READY(c[3]);
  fcntl(c[3], F_SETFL, 0);
  setsockopt(c[3], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  SPEND(50, unix_connect(c[3], "s"));
  int e = OPEN(accept(s, NULL, NULL));
  CALL(unix_connect(c[3], "s"));
  CALL(unix_connect(c[4], "s"));
  CALL(send(c[1], "x", 1, 0));
  CALL(listen(s, 3));
  CALL(unix_connect(c[4], "s"));
  CALL(shutdown(s, SHUT_RD));
  READY(s);
  int late = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  CALL(unix_connect(late, "s"));
  close(OPEN(accept(s, NULL, NULL)));
  close(s);
  CALL(recv(c[0], bytes, 1, MSG_DONTWAIT));
  CALL(recv(c[1], bytes, 1, 0));
  CALL(recv(c[3], bytes, 1, 0));
  CALL(recv(c[3], bytes, 1, 0));
  CALL(send(c[3], "x", 1, MSG_NOSIGNAL));
  for (int i = 0; i < 5; i++)
    close(c[i]);
  close(e);
  close(late);
  unlink("s");
}

static void accepting(void) {
  int s = unix_listener(SOCK_STREAM, "@portside-accept", 4);
  struct sockaddr_un a;
  heading("accept");
  fcntl(s, F_SETFL, O_NONBLOCK);
  CALL(accept(s, NULL, NULL));
  fcntl(s, F_SETFL, 0);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  SPEND(50, accept(s, NULL, NULL));
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0}, sizeof(struct timeval));
  catch(SIGALRM, 0);
  alarm_every(30);
  CALL(accept(s, NULL, NULL));
  alarm_every(0);
  int c = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  CALL(unix_bind(c, "@portside-client"));
  CALL(unix_connect(c, "@portside-accept"));
  socklen_t length = 5;
  memset(&a, 'x', sizeof a);
  int e = OPEN(accept4(s, (struct sockaddr *)&a, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  VALUE(length);
  BYTES(&a, 8);
  PEERNAME(e);
  VALUE(fcntl(e, F_GETFL) & O_NONBLOCK ? 1 : 0);
  VALUE(fcntl(e, F_GETFD));
  CALL(accept4(s, NULL, NULL, 1));
  close(e);
  close(c);
  c = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  must(unix_connect(c, "@portside-accept"), "connect");
  length = sizeof a;
  CALL(accept(s, (struct sockaddr *)BAD, &length));
  RECEIVE(c, 1, MSG_DONTWAIT);
  close(c);
  close(s);
}

static void streaming(void) {
  int p[2];
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
  heading("bytes");
  CALL(recv(p[0], bytes, 10, MSG_DONTWAIT));
  CALL(send(p[1], "hello ", 6, 0));
  CALL(send(p[1], "world", 5, 0));
  READY(p[0]);
  CALL(ioctl(p[0], FIONREAD, &(int){0}));
  int n = 0;
  ioctl(p[0], FIONREAD, &n);
  VALUE(n);
  RECEIVE(p[0], 3, MSG_PEEK);
  RECEIVE(p[0], 100, MSG_PEEK);
  RECEIVE(p[0], 3, 0);
  RECEIVE(p[0], 100, MSG_TRUNC);
  CALL(send(p[1], "", 0, 0));
  READY(p[0]);
  CALL(read(p[0], bytes, 0));
  CALL(send(p[1], BAD, 4, 0));
  CALL(send(p[1], "abcd", 4, MSG_OOB | MSG_DONTROUTE) > 0);
  close(p[0]);
  close(p[1]);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
  setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  CALL(send(p[1], "abc", 3, 0));
  SPEND(50, recv(p[0], bytes, 10, MSG_WAITALL));
  SPEND(50, recv(p[0], bytes, 10, 0));
  CALL(send(p[1], "abc", 3, 0));
  CALL(recv(p[0], bytes, 10, MSG_WAITALL | MSG_PEEK));
  CALL(recv(p[0], bytes, 10, MSG_WAITALL | MSG_DONTWAIT));
  CALL(setsockopt(p[0], SOL_SOCKET, SO_RCVLOWAT, &(int){4}, sizeof(int)));
  CALL(send(p[1], "abc", 3, 0));
  READY(p[0]);
  SPEND(50, recv(p[0], bytes, 10, 0));
  SPEND(50, recv(p[0], bytes, 0, 0));
  CALL(send(p[1], "abc", 3, 0));
  CALL(recv(p[0], BAD, 3, 0));
  RECEIVE(p[0], 100, 0);
  close(p[0]);
  close(p[1]);
}

static void filling(void) {
  int p[2], n;
  long sent = 0;
  must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p), "socketpair");
  heading("a full stream");
  while ((n = (int)send(p[0], bytes, sizeof bytes, 0)) > 0)
    sent += n;
  check_call("send, at last", n);
  VALUE(sent);
  READY(p[0]);
  READY(p[1]);
  n = 0;
  ioctl(p[1], FIONREAD, &n);
  VALUE(n == sent);
  setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  fcntl(p[0], F_SETFL, 0);
  SPEND(50, send(p[0], bytes, 1, 0));
  while (recv(p[1], bytes, sizeof bytes, 0) > 0)
    ;
  READY(p[0]);
  CALL(send(p[0], bytes, 1, 0));
  CALL(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int)));
  OPTION(p[0], SO_SNDBUF);
  static char big[300000];
  SPEND(50, send(p[0], big, sizeof big, 0) > 1000);
  close(p[0]);
  close(p[1]);
}

static void ending(int type) {
  int p[2];
  heading(type == SOCK_STREAM ? "shutdown and close, SOCK_STREAM"
                              : "shutdown and close, SOCK_SEQPACKET");
  int s = must(socket(AF_UNIX, type, 0), "socket");
  CALL(shutdown(s, SHUT_RDWR));
  CALL(shutdown(s, 3));
  close(s);
  must(socketpair(AF_UNIX, type, 0, p), "socketpair");
  CALL(send(p[0], "last", 4, 0));
  CALL(shutdown(p[0], SHUT_WR));
  READY(p[0]);
  READY(p[1]);
  catch(SIGPIPE, 0);
  CALL(send(p[0], "x", 1, 0));
  VALUE(caught);
  CALL(send(p[0], "x", 1, MSG_NOSIGNAL));
  CALL(write(p[0], "x", 1));
  VALUE(caught);
  RECEIVE(p[1], 100, 0);
  RECEIVE(p[1], 100, 0);
  RECEIVE(p[1], 100, MSG_DONTWAIT);
  CALL(send(p[1], "still", 5, 0));
  RECEIVE(p[0], 100, 0);
  CALL(shutdown(p[0], SHUT_RD));
  READY(p[0]);
  READY(p[1]);
  CALL(send(p[1], "x", 1, MSG_NOSIGNAL));
  CALL(recv(p[0], bytes, 1, 0));
  close(p[0]);
  READY(p[1]);
  CALL(send(p[1], "x", 1, MSG_NOSIGNAL));
  CALL(recv(p[1], bytes, 1, 0));
  close(p[1]);
  must(socketpair(AF_UNIX, type, 0, p), "socketpair");
  CALL(send(p[0], "unread", 6, 0));
  CALL(send(p[1], "read", 4, 0));
  close(p[1]);
  READY(p[0]);
  RECEIVE(p[0], 2, 0);
  CALL(recv(p[0], bytes, 100, 0));
  CALL(recv(p[0], bytes, 100, 0));
  CALL(recv(p[0], bytes, 100, 0));
  CALL(send(p[0], "x", 1, MSG_NOSIGNAL));
  close(p[0]);
  must(socketpair(AF_UNIX, type, 0, p), "socketpair");
  CALL(send(p[0], "unread", 6, 0));
  close(p[1]);
  OPTION(p[0], SO_ERROR);
  OPTION(p[0], SO_ERROR);
  CALL(send(p[0], "x", 1, MSG_NOSIGNAL));
  close(p[0]);
}

static void packets(void) {
  int p[2];
  must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p), "socketpair");
  heading("records");
  CALL(send(p[0], "first", 5, 0));
  CALL(send(p[0], "second", 6, MSG_EOR));
  CALL(send(p[0], "", 0, 0));
  CALL(send(p[0], "third", 5, 0));
  int n = 0;
  ioctl(p[1], FIONREAD, &n);
  VALUE(n);
  RECEIVE(p[1], 3, 0);
  RECEIVE(p[1], 3, MSG_TRUNC | MSG_PEEK);
  struct iovec io = {bytes, 3};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
  CALL(recvmsg(p[1], &m, 0));
  VALUE(m.msg_flags == MSG_TRUNC);
  RECEIVE(p[1], 100, 0);
  RECEIVE(p[1], 100, MSG_WAITALL);
  RECEIVE(p[1], 100, MSG_DONTWAIT);
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  CALL(send(p[0], "x", 1, MSG_OOB));
  CALL(unix_sendto(p[0], "to", 2, 0, "ignored"));
  RECEIVE(p[1], 100, 0);
  close(p[0]);
  close(p[1]);
}

int main(void) {
  enter();
  making();
  connecting(SOCK_STREAM);
  connecting(SOCK_SEQPACKET);
  backlog();
  accepting();
  streaming();
  filling();
  ending(SOCK_STREAM);
  ending(SOCK_SEQPACKET);
  packets();
  leave();
  return 0;
}
