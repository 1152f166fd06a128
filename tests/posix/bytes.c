/* send and recv, with all their flags; readv, writev, sendmsg and recvmsg. */
#include "check.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static char buffer[256];
static volatile int minus = -1, many = 1025; /* known to us alone, so that compilers say nothing */

static void put(int s, const char *text) {
  must(send(s, text, strlen(text), 0) == (ssize_t)strlen(text) ? 0 : -1, "send");
}

/* Until that many bytes can be read. */
static void wait_bytes(int s, int n) {
  int64_t start = check_now();
  for (int have = 0; have < n && check_now() - start < SAFETY_MS;)
    must(ioctl(s, FIONREAD, &have), "FIONREAD");
}

static void plain(void) {
  heading("a stream has no messages");
  int pair[2], n;
  tcp_pair(pair);
  CALL(send(pair[0], "one", 3, 0));
  CALL(send(pair[0], "two", 3, 0));
  CALL(write(pair[0], "three", 5));
  wait_bytes(pair[1], 11);
  CALL(ioctl(pair[1], FIONREAD, &n));
  VALUE(n);
  CALL(recv(pair[1], buffer, 4, 0));
  BYTES(buffer, 4);
  CALL(read(pair[1], buffer, sizeof buffer));
  BYTES(buffer, 7);
  CALL(ioctl(pair[1], FIONREAD, &n));
  VALUE(n);
  CALL(recv(pair[1], buffer, 1, MSG_DONTWAIT));
  fcntl(pair[1], F_SETFL, O_NONBLOCK);
  CALL(recv(pair[1], buffer, 1, 0));
  CALL(read(pair[1], buffer, 1));
  CALL(recv(pair[1], buffer, 0, 0));
  CALL(recv(pair[1], buffer, 1, MSG_WAITALL));
  CALL(recv(pair[1], buffer, 1, MSG_ERRQUEUE));
  close(pair[0]);
  close(pair[1]);
}

static void peeking(void) {
  heading("MSG_PEEK");
  int pair[2];
  tcp_pair(pair);
  CALL(recv(pair[1], buffer, 4, MSG_PEEK | MSG_DONTWAIT));
  put(pair[0], "abc");
  put(pair[0], "def");
  wait_bytes(pair[1], 6);
  CALL(recv(pair[1], buffer, sizeof buffer, MSG_PEEK));
  BYTES(buffer, 6);
  CALL(recv(pair[1], buffer, 2, MSG_PEEK));
  BYTES(buffer, 2);
  CALL(recv(pair[1], buffer, 4, 0));
  BYTES(buffer, 4);
  CALL(recv(pair[1], buffer, sizeof buffer, MSG_PEEK | MSG_TRUNC));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 2);
  close(pair[0]);
  CALL(recv(pair[1], buffer, 4, MSG_PEEK));
  CALL(recv(pair[1], buffer, 4, 0));
  close(pair[1]);
}

static void truncating(void) {
  heading("MSG_TRUNC: thrown away");
  int pair[2];
  tcp_pair(pair);
  put(pair[0], "abcdef");
  wait_bytes(pair[1], 6);
  memcpy(buffer, "....", 4);
  CALL(recv(pair[1], buffer, 4, MSG_TRUNC));
  BYTES(buffer, 4);
  CALL(recv(pair[1], NULL, 1, MSG_TRUNC));
  CALL(recv(pair[1], buffer, 4, 0));
  BYTES(buffer, 1);
  close(pair[0]);
  close(pair[1]);
}

static int from;
static void send_more(int sig) {
  (void)sig;
  caught++;
  put(from, "def");
}

/* The second half comes while the call waits for it. */
static void waiting(void) {
  heading("MSG_WAITALL");
  int pair[2];
  struct sigaction action = {.sa_handler = send_more, .sa_flags = SA_RESTART | SA_RESETHAND};
  tcp_pair(pair);
  from = pair[0];
  put(pair[0], "abc");
  wait_bytes(pair[1], 3);
  caught = 0;
  must(sigaction(SIGALRM, &action, NULL), "sigaction");
  struct itimerval soon = {.it_value.tv_usec = 50000};
  must(setitimer(ITIMER_REAL, &soon, NULL), "setitimer");
  ssize_t n = CALL(recv(pair[1], buffer, 6, MSG_WAITALL));
  VALUE(caught);
  if (n == 3) CALL(recv(pair[1], buffer + 3, 3, MSG_WAITALL));
  BYTES(buffer, 6);
  put(pair[0], "ghi");
  wait_bytes(pair[1], 3);
  CALL(recv(pair[1], buffer, 6, MSG_WAITALL | MSG_DONTWAIT));
  put(pair[0], "jkl");
  close(pair[0]);
  CALL(recv(pair[1], buffer, 6, MSG_WAITALL));
  BYTES(buffer, 3);
  CALL(recv(pair[1], buffer, 6, MSG_WAITALL));
  close(pair[1]);
}

static void time_limit(void) {
  heading("SO_RCVTIMEO");
  int pair[2];
  struct timeval limit = {.tv_usec = 60000};
  tcp_pair(pair);
  CALL(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  SPEND(60, recv(pair[1], buffer, 4, 0));
  SPEND(60, read(pair[1], buffer, 4));
  put(pair[0], "ab");
  SPEND(60, recv(pair[1], buffer, 4, MSG_WAITALL));
  SPEND(0, recv(pair[1], buffer, 4, MSG_DONTWAIT));
  close(pair[0]);
  close(pair[1]);
}

static void flags_of_send(void) {
  heading("send's flags");
  int pair[2];
  tcp_pair(pair);
  struct sockaddr_in a = loopback(htons(9)), b = {.sin_family = 99};
  CALL(send(pair[0], "a", 1, MSG_DONTWAIT));
  CALL(send(pair[0], "b", 1, MSG_NOSIGNAL));
  CALL(send(pair[0], "c", 1, MSG_DONTROUTE));
  CALL(send(pair[0], "d", 1, MSG_EOR));
  CALL(send(pair[0], "e", 1, MSG_MORE));
  CALL(send(pair[0], "f", 1, MSG_CONFIRM));
  CALL(sendto(pair[0], "g", 1, 0, (struct sockaddr *)&a, sizeof a));
  CALL(sendto(pair[0], "h", 1, 0, (struct sockaddr *)&b, 3));
  CALL(send(pair[0], "i", 1, MSG_PEEK | MSG_WAITALL | MSG_TRUNC));
  CALL(recv(pair[1], buffer, 9, MSG_WAITALL));
  BYTES(buffer, 9);
  socklen_t length = sizeof a;
  put(pair[0], "j");
  CALL(recvfrom(pair[1], buffer, 1, 0, (struct sockaddr *)&b, &length));
  VALUE(length);
  VALUE(b.sin_family);
  close(pair[0]);
  close(pair[1]);
}

static struct iovec piece(const char *text) {
  return (struct iovec){.iov_base = (char *)text, .iov_len = strlen(text)};
}

static void vectors(void) {
  heading("readv, writev");
  int pair[2];
  char a[3], b[4], c[5];
  struct iovec out[] = {piece("ab"), piece(""), {NULL, 0}, piece("cdefghij")};
  struct iovec in[] = {{a, 3}, {b, 4}, {c, 5}}, bad[] = {{a, 3}, {BAD, 4}};
  struct iovec too_long[] = {{a, SIZE_MAX}, {b, 1}};
  tcp_pair(pair);
  CALL(writev(pair[0], out, 4));
  wait_bytes(pair[1], 10);
  CALL(readv(pair[1], in, 3));
  BYTES(a, 3);
  BYTES(b, 4);
  BYTES(c, 3);
  CALL(writev(pair[0], out, 0));
  CALL(writev(pair[0], out, minus));
  CALL(readv(pair[1], in, many));
  CALL(writev(pair[0], too_long, 1));
  CALL(writev(pair[0], too_long, 2));
  CALL(readv(pair[1], (struct iovec *)BAD, 1));
  CALL(writev(99, out, 1));
  CALL(writev(pair[0], bad + 1, 1));
  close(pair[0]);
  close(pair[1]);
}

static void messages(void) {
  heading("sendmsg, recvmsg");
  int pair[2];
  char a[3], b[6], control[64];
  struct sockaddr_in name = {0};
  struct iovec out[] = {piece("abc"), piece("defg")}, in[] = {{a, 3}, {b, 6}};
  struct msghdr m = {.msg_iov = out, .msg_iovlen = 2};
  tcp_pair(pair);
  CALL(sendmsg(pair[0], &m, 0));
  wait_bytes(pair[1], 7);
  m = (struct msghdr){.msg_name = &name,
                      .msg_namelen = sizeof name,
                      .msg_iov = in,
                      .msg_iovlen = 2,
                      .msg_control = control,
                      .msg_controllen = sizeof control,
                      .msg_flags = 77};
  CALL(recvmsg(pair[1], &m, MSG_PEEK));
  CALL(recvmsg(pair[1], &m, 0));
  VALUE(m.msg_namelen);
  VALUE(m.msg_controllen);
  VALUE(m.msg_flags);
  BYTES(a, 3);
  BYTES(b, 4);
  m = (struct msghdr){.msg_iov = in, .msg_iovlen = 2};
  CALL(recvmsg(pair[1], &m, MSG_DONTWAIT));
  m.msg_iovlen = 1025;
  CALL(sendmsg(pair[0], &m, 0));
  CALL(recvmsg(pair[1], &m, 0));
  m.msg_iovlen = 0;
  CALL(sendmsg(pair[0], &m, 0));
  CALL(recvmsg(pair[1], &m, MSG_DONTWAIT));
  m = (struct msghdr){.msg_iov = (struct iovec *)BAD, .msg_iovlen = 1};
  CALL(sendmsg(pair[0], &m, 0));
  CALL(recvmsg(pair[1], &m, 0));
  close(pair[0]);
  CALL(recvmsg(pair[1], &(struct msghdr){.msg_iov = in, .msg_iovlen = 1}, 0));
  close(pair[1]);
}

static void unconnected(void) {
  heading("not connected");
  struct sockaddr_in a;
  int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), t = listener(&a, 1);
  catch(SIGPIPE, 0);
  CALL(send(s, "x", 1, 0));
  VALUE(caught);
  CALL(send(s, "x", 1, MSG_NOSIGNAL));
  VALUE(caught);
  CALL(send(s, "", 0, MSG_NOSIGNAL));
  CALL(sendto(s, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&a, sizeof a));
  CALL(write(s, "x", 1));
  VALUE(caught);
  CALL(recv(s, buffer, 1, 0));
  CALL(recv(s, buffer, 0, 0));
  CALL(read(s, buffer, 1));
  CALL(recv(s, buffer, 1, MSG_PEEK));
  CALL(recv(s, buffer, 1, MSG_OOB));
  CALL(shutdown(s, SHUT_RD));
  CALL(shutdown(s, SHUT_RDWR));
  close(t);
  close(s);
}

int main(void) {
  plain();
  peeking();
  truncating();
  waiting();
  time_limit();
  flags_of_send();
  vectors();
  messages();
  unconnected();
}
