/* SOCK_DGRAM of AF_INET: datagrams one by one, connected or not, and the errors that come back. */
#include "check.h"
#include <sys/ioctl.h>

static const int yes = 1, no = 0;
static char buffer[70000];

static int datagram(void) { return must(socket(AF_INET, SOCK_DGRAM, 0), "socket"); }

/* A socket bound to a port of the system's choosing at `host`, put into *a. */
static int bound(in_addr_t host, struct sockaddr_in *a) {
  socklen_t length = sizeof *a;
  int s = datagram();
  *a = loopback(0);
  a->sin_addr.s_addr = htonl(host);
  must(bind(s, (struct sockaddr *)a, sizeof *a), "bind");
  must(getsockname(s, (struct sockaddr *)a, &length), "getsockname");
  return s;
}

static ssize_t send_to(int s, const char *text, const struct sockaddr_in *to) {
  return sendto(s, text, strlen(text), 0, (const struct sockaddr *)to, sizeof *to);
}

static int connect_to(int s, const struct sockaddr_in *to) {
  return connect(s, (const struct sockaddr *)to, sizeof *to);
}

/* A port that nobody has. */
static struct sockaddr_in nobody(void) {
  struct sockaddr_in a;
  close(bound(INADDR_LOOPBACK, &a));
  return a;
}

static void one_by_one(void) {
  heading("one by one");
  struct sockaddr_in to, from;
  socklen_t length = sizeof from;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram();
  READY(a);
  READY(b);
  CALL(send_to(b, "first", &to));
  CALL(send_to(b, "second one", &to));
  CALL(send_to(b, "", &to));
  READY(a);
  int n = -1;
  CALL(ioctl(a, FIONREAD, &n));
  VALUE(n);
  CALL(recvfrom(a, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length));
  BYTES(buffer, 5);
  ADDRESS(from, length);
  struct sockaddr_in own;
  length = sizeof own;
  CALL(getsockname(b, (struct sockaddr *)&own, &length));
  VALUE(own.sin_addr.s_addr == INADDR_ANY);
  VALUE(own.sin_port == from.sin_port);
  CALL(read(a, buffer, 6));
  BYTES(buffer, 6);
  CALL(ioctl(a, FIONREAD, &n));
  VALUE(n);
  CALL(recv(a, buffer, sizeof buffer, 0));
  READY(a);
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(ioctl(a, FIONREAD, &n));
  VALUE(n);
  CALL(write(b, "x", 1));
  CALL(send_to(b, "again", &to));
  CALL(recv(a, buffer, 0, 0));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  close(a);
  close(b);
}

static void flags(void) {
  heading("MSG_PEEK, MSG_TRUNC, msg_flags");
  struct sockaddr_in to, from;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram();
  send_to(b, "0123456789", &to);
  send_to(b, "ab", &to);
  CALL(recv(a, buffer, 4, MSG_PEEK));
  CALL(recv(a, buffer, 4, MSG_PEEK | MSG_TRUNC));
  BYTES(buffer, 4);
  struct iovec pieces[2] = {{buffer, 3}, {buffer + 100, 3}};
  struct msghdr m = {
      .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = pieces, .msg_iovlen = 2};
  CALL(recvmsg(a, &m, MSG_PEEK));
  VALUE(m.msg_flags == MSG_TRUNC);
  BYTES(buffer + 100, 3);
  VALUE(m.msg_namelen);
  CALL(recvmsg(a, &m, MSG_TRUNC));
  VALUE(m.msg_flags == MSG_TRUNC);
  CALL(recvmsg(a, &m, 0));
  VALUE(m.msg_flags);
  CALL(recv(a, buffer, sizeof buffer, MSG_WAITALL | MSG_DONTWAIT));
  CALL(recv(a, buffer, sizeof buffer, MSG_OOB | MSG_DONTWAIT));
  CALL(recv(a, buffer, sizeof buffer, MSG_ERRQUEUE));
  CALL(sendto(b, "x", 1, MSG_OOB, (struct sockaddr *)&to, sizeof to));
  m.msg_iovlen = 2;
  m.msg_name = &to;
  m.msg_namelen = sizeof to;
  CALL(sendmsg(b, &m, 0));
  CALL(recv(a, buffer, sizeof buffer, 0));
  CALL(sendto(b, "mo", 2, MSG_MORE, (struct sockaddr *)&to, sizeof to));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(b, "re", 2, 0, (struct sockaddr *)&to, sizeof to));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  BYTES(buffer, 4);
  close(a);
  close(b);
}

static void sizes(void) {
  heading("sizes");
  struct sockaddr_in to;
  struct sockaddr *t = (struct sockaddr *)&to;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram();
  memset(buffer, 'x', sizeof buffer);
  buffer[65506] = 'z';
  CALL(sendto(b, buffer, 65507, 0, t, sizeof to));
  CALL(sendto(b, buffer, 65508, 0, t, sizeof to));
  CALL(sendto(b, buffer, 65535, 0, t, sizeof to));
  CALL(sendto(b, buffer, 65536, 0, t, sizeof to));
  memset(buffer, 0, sizeof buffer);
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  VALUE(buffer[65506] == 'z');
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(b, BAD, 10, 0, t, sizeof to));
  CALL(send_to(b, "1", &to));
  CALL(recv(a, BAD, 10, 0));
  CALL(recv(a, buffer, 10, MSG_DONTWAIT));
  close(a);
  close(b);
}

static void destinations(void) {
  heading("destinations");
  struct sockaddr_in to, bad;
  int a = bound(INADDR_ANY, &to), b = datagram();
  CALL(send(b, "x", 1, 0));
  CALL(sendto(b, "x", 1, 0, NULL, 0));
  to.sin_addr.s_addr = htonl(INADDR_ANY);
  CALL(send_to(b, "to 0.0.0.0", &to));
  socklen_t length = sizeof bad;
  CALL(recvfrom(a, buffer, sizeof buffer, 0, (struct sockaddr *)&bad, &length));
  ADDRESS(bad, length);
  to.sin_addr.s_addr = htonl(0x7f000009);
  CALL(send_to(b, "to 127.0.0.9", &to));
  CALL(recvfrom(a, buffer, sizeof buffer, 0, (struct sockaddr *)&bad, &length));
  ADDRESS(bad, length);
  bad = to;
  bad.sin_port = 0;
  CALL(send_to(b, "x", &bad));
  bad = to;
  bad.sin_family = AF_INET6;
  CALL(send_to(b, "x", &bad));
  bad.sin_family = AF_UNSPEC;
  CALL(send_to(b, "unspecified", &bad));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)&to, sizeof to - 1));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)&to, 200));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)&to, -1));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)BAD, sizeof to));
  close(b);
  b = datagram();
  CALL(bind(b, (struct sockaddr *)&to, sizeof to)); /* another address of the port: 127.0.0.9 */
  close(a);
  CALL(bind(b, (struct sockaddr *)&to, sizeof to));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CALL(send_to(b, "x", &to));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(listen(b, 1));
  CALL(accept(b, NULL, NULL));
  close(b);
}

static void connected(void) {
  heading("connected");
  struct sockaddr_in to, from, other;
  socklen_t length = sizeof from;
  int a = bound(INADDR_LOOPBACK, &to), c = bound(INADDR_LOOPBACK, &other), b = datagram();
  CALL(getpeername(b, (struct sockaddr *)&from, &length));
  CALL(connect_to(b, &to));
  CALL(getpeername(b, (struct sockaddr *)&from, &length));
  VALUE(from.sin_port == to.sin_port);
  length = sizeof from;
  CALL(getsockname(b, (struct sockaddr *)&from, &length));
  VALUE(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  CALL(send(b, "to a", 4, 0));
  CALL(recv(a, buffer, sizeof buffer, 0));
  CALL(send_to(b, "to c", &other));
  CALL(recv(c, buffer, sizeof buffer, 0));
  CALL(send_to(c, "from c", &from));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(send_to(a, "from a", &from));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(connect_to(b, &other));
  CALL(send_to(c, "from c", &from));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  CALL(connect(b, &none, sizeof none));
  CALL(getpeername(b, (struct sockaddr *)&from, &length));
  CALL(send(b, "x", 1, 0));
  length = sizeof from;
  CALL(getsockname(b, (struct sockaddr *)&from, &length));
  ADDRESS(from, length);
  CALL(connect(b, (struct sockaddr *)&to, sizeof to - 1));
  CALL(connect(b, &none, 1));
  to.sin_family = AF_INET6;
  CALL(connect_to(b, &to));
  to.sin_family = AF_INET;
  CALL(connect(a, &none, sizeof none));
  length = sizeof from;
  CALL(getsockname(a, (struct sockaddr *)&from, &length));
  VALUE(from.sin_port == to.sin_port);
  VALUE(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  close(a);
  close(b);
  close(c);
}

static int pending_error(int s) {
  int error = -1;
  socklen_t length = sizeof error;
  getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

static void refused(void) {
  heading("nobody there");
  struct sockaddr_in to = nobody();
  int b = datagram();
  CALL(send_to(b, "x", &to));
  CALL(send_to(b, "x", &to));
  VALUE(pending_error(b));
  READY(b);
  CALL(connect_to(b, &to));
  CALL(send(b, "x", 1, 0));
  READY(b);
  CALL(send(b, "x", 1, 0));
  READY(b);
  CALL(send(b, "x", 1, 0));
  CALL(recv(b, buffer, sizeof buffer, 0));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(write(b, "x", 1));
  VALUE(pending_error(b) == ECONNREFUSED);
  VALUE(pending_error(b));
  CALL(send(b, "x", 1, 0));
  CALL(connect_to(b, &to));
  VALUE(pending_error(b) == ECONNREFUSED);
  struct timeval t = {0, 50000};
  setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  SPEND(50, recv(b, buffer, sizeof buffer, 0));
  close(b);
}

static void broadcasts(void) {
  heading("broadcast");
  struct sockaddr_in to;
  int a = bound(INADDR_ANY, &to), b = datagram();
  to.sin_addr.s_addr = htonl(0x7fffffff);
  CALL(send_to(b, "x", &to));
  CALL(connect_to(b, &to));
  CALL(setsockopt(b, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes));
  CALL(send_to(b, "to all", &to));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(connect_to(b, &to));
  CALL(send(b, "to all", 6, 0));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(setsockopt(b, SOL_SOCKET, SO_BROADCAST, &no, sizeof no));
  CALL(send(b, "to all", 6, 0));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  to = nobody();
  to.sin_addr.s_addr = htonl(0x7fffffff);
  setsockopt(b, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  CALL(connect_to(b, &to));
  CALL(send(b, "x", 1, 0));
  VALUE(pending_error(b));
  close(a);
  close(b);
}

static void shutting(void) {
  heading("shutdown");
  struct sockaddr_in to;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram();
  CALL(shutdown(b, 7));
  CALL(shutdown(b, SHUT_RD));
  READY(b);
  CALL(recv(b, buffer, sizeof buffer, 0));
  CALL(recv(b, buffer, sizeof buffer, MSG_DONTWAIT));
  close(b);
  b = datagram();
  CALL(connect_to(b, &to));
  CALL(shutdown(b, SHUT_WR));
  READY(b);
  CALL(send(b, "x", 1, 0));
  CALL(send_to(b, "x", &to));
  CALL(shutdown(b, SHUT_RD));
  READY(b);
  CALL(recv(b, buffer, sizeof buffer, 0));
  send_to(a, "x", &to);
  CALL(shutdown(a, SHUT_RD));
  CALL(recv(a, buffer, sizeof buffer, 0));
  CALL(recv(a, buffer, sizeof buffer, 0));
  close(a);
  close(b);
}

static void buffers(void) {
  heading("SO_RCVBUF");
  struct sockaddr_in to;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram(), size = 8192, n = 0;
  setsockopt(a, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  for (int i = 0; i < 100; i++)
    if (sendto(b, buffer, 1000, 0, (struct sockaddr *)&to, sizeof to) == 1000) n++;
  VALUE(n);
  for (n = 0; recv(a, buffer, sizeof buffer, MSG_DONTWAIT) == 1000;)
    n++;
  VALUE(n > 3 && n < 20);
  CALL(send_to(b, "room again", &to));
  CALL(recv(a, buffer, sizeof buffer, MSG_DONTWAIT));
  close(a);
  close(b);
}

/* A datagram comes while another process sleeps in recv. */
static void sleeping(void) {
  heading("sleeping");
  struct sockaddr_in to;
  int a = bound(INADDR_LOOPBACK, &to), b = datagram();
  struct timeval t = {0, 50000};
  setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  SPEND(50, recv(a, buffer, sizeof buffer, 0));
  t.tv_usec = 0;
  setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
  pid_t pid = start("answer", a);
  CALL(connect_to(b, &to));
  CALL(send(b, "question", 8, 0));
  CALL(recv(b, buffer, sizeof buffer, 0));
  BYTES(buffer, 6);
  VALUE(ended(pid));
  catch(SIGALRM, 0);
  alarm_every(20);
  CALL(recv(b, buffer, sizeof buffer, 0));
  alarm_every(0);
  VALUE(caught > 0);
  close(a);
  close(b);
}

static int answer(int s) {
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  ssize_t n = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
  return n == 8 && send_to(s, "answer", &from) == 6 ? 0 : 1;
}

int main(int argc, char **argv) {
  check_argv = argv;
  if (argc > 2) return answer(atoi(argv[2]));
  one_by_one();
  flags();
  sizes();
  destinations();
  connected();
  refused();
  broadcasts();
  shutting();
  buffers();
  sleeping();
}
