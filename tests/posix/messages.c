/* sendmmsg and recvmmsg, scattered and gathered bytes, and what dup and close do to sockets. */
#include "check.h"
#include "unix.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

enum { MANY = 8, ROOM = 16 };
static char texts[MANY][ROOM];
static struct iovec pieces[MANY];
static struct mmsghdr list[MANY];

static void fresh(void) {
  for (int i = 0; i < MANY; i++) {
    pieces[i] = (struct iovec){texts[i], ROOM};
    list[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}, .msg_len = 77};
  }
}

static void put(int i, const char *text) {
  strcpy(texts[i], text);
  pieces[i].iov_len = strlen(text);
}

static void show(int n) {
  for (int i = 0; i < n; i++) {
    printf("  message %d, flags %s, ", i, list[i].msg_hdr.msg_flags & MSG_TRUNC ? "TRUNC" : "none");
    check_bytes("bytes", texts[i], list[i].msg_len);
  }
}

static void pair(int type, int p[2]) { must(socketpair(AF_UNIX, type, 0, p), "socketpair"); }

static void sending(void) {
  int p[2];
  heading("sendmmsg");
  pair(SOCK_DGRAM, p);
  fresh();
  put(0, "one"), put(1, "two"), put(2, "");
  CALL(sendmmsg(p[0], list, 3, 0));
  VALUE(list[0].msg_len);
  VALUE(list[1].msg_len);
  VALUE(list[2].msg_len);
  CALL(sendmmsg(p[0], list, 0, 0));
  CALL(sendmmsg(900, list, 1, 0));
  fresh();
  CALL(recvmmsg(p[1], list, MANY, MSG_DONTWAIT, NULL));
  show(3);
  VALUE(list[3].msg_len);
  fresh();
  put(0, "good"), put(1, "bad"), put(2, "never");
  list[1].msg_hdr.msg_iov = (struct iovec *)BAD;
  CALL(sendmmsg(p[0], list, 3, 0));
  VALUE(list[0].msg_len);
  VALUE(list[1].msg_len);
  list[0].msg_hdr.msg_iov = (struct iovec *)BAD;
  CALL(sendmmsg(p[0], list, 3, 0));
  CALL(sendmmsg(p[0], (struct mmsghdr *)BAD, 3, 0));
  fcntl(p[0], F_SETFL, O_NONBLOCK);
  setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
  fresh();
  CALL(sendmmsg(p[0], list, MANY, 0));
  CALL(sendmmsg(p[0], list, 1, 0));
  close(p[1]);
  CALL(sendmmsg(p[0], list, 1, 0));
  close(p[0]);
}

static void receiving(void) {
  int p[2];
  struct timespec limit = {.tv_nsec = 60000000};
  heading("recvmmsg");
  pair(SOCK_DGRAM, p);
  fresh();
  CALL(recvmmsg(p[1], list, 2, MSG_DONTWAIT, NULL));
  CALL(send(p[0], "first", 5, 0));
  CALL(send(p[0], "a second that is too long", 25, 0));
  CALL(recvmmsg(p[1], list, MANY, MSG_WAITFORONE, NULL));
  show(2);
  fresh();
  CALL(send(p[0], "first", 5, 0));
  CALL(send(p[0], "second", 6, 0));
  CALL(recvmmsg(p[1], list, 2, 0, NULL));
  show(2);
  fresh();
  CALL(send(p[0], "peek", 4, 0));
  CALL(recvmmsg(p[1], list, 2, MSG_PEEK, NULL));
  show(2);
  fresh();
  CALL(recvmmsg(p[1], list, 1, 0, &limit));
  VALUE(limit.tv_sec == 0 && limit.tv_nsec > 0 && limit.tv_nsec <= 60000000);
  limit.tv_nsec = 1000000000;
  CALL(recvmmsg(p[1], list, 1, 0, &limit));
  limit.tv_nsec = -1;
  CALL(recvmmsg(p[1], list, 1, 0, &limit));
  CALL(recvmmsg(900, list, 1, 0, NULL));
  limit.tv_nsec = 0;
  CALL(send(p[0], "first", 5, 0));
  CALL(send(p[0], "second", 6, 0));
  CALL(recvmmsg(p[1], list, 2, 0, &limit));
  CALL(recv(p[1], texts[0], ROOM, MSG_DONTWAIT));
  CALL(send(p[0], "lost", 4, 0));
  pieces[0].iov_base = BAD;
  CALL(recvmmsg(p[1], list, 2, MSG_DONTWAIT, NULL));
  setsockopt(p[1], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  fresh();
  CALL(send(p[0], "only", 4, 0));
  SPEND(50, recvmmsg(p[1], list, 2, 0, NULL));
  show(1);
  SPEND(50, recvmmsg(p[1], list, 2, 0, NULL));
  close(p[0]), close(p[1]);
  pair(SOCK_SEQPACKET, p);
  CALL(send(p[0], "last", 4, 0));
  CALL(send(p[1], "unread", 6, 0));
  close(p[0]);
  fresh();
  CALL(recvmmsg(p[1], list, 2, 0, NULL));
  CALL(recvmmsg(p[1], list, 2, 0, NULL));
  show(2);
  close(p[1]);
}

static void pieces_of_one(void) {
  int p[2];
  char a[4], b[8], c[3];
  struct iovec to[3] = {{a, sizeof a}, {b, 0}, {c, sizeof c}}, none = {NULL, 0};
  heading("readv, writev");
  pair(SOCK_STREAM, p);
  char text[] = "scattered";
  struct iovec from[3] = {{text, 4}, {text, 0}, {text + 4, 5}};
  CALL(writev(p[0], from, 3));
  CALL(readv(p[1], to, 3));
  BYTES(a, 4);
  BYTES(c, 3);
  to[1].iov_len = sizeof b;
  CALL(readv(p[1], to, 3));
  BYTES(a, 2);
  CALL(writev(p[0], from, 0));
  CALL(writev(p[0], &none, 1));
  volatile int negative = -1, too_many = 1025;
  CALL(writev(p[0], from, too_many));
  CALL(writev(p[0], from, negative));
  CALL(writev(p[0], (struct iovec *)BAD, 1));
  CALL(readv(p[1], &none, 1));
  from[1] = (struct iovec){BAD, 4};
  CALL(writev(p[0], from, 3) > 0);
  from[0].iov_len = (size_t)-1;
  CALL(writev(p[0], from, 1));
  CALL(preadv(p[1], to, 1, 0));
  CALL(pwritev(p[1], to, 1, 0));
  CALL(pread(p[1], a, 1, 0));
  CALL(lseek(p[1], 0, SEEK_CUR));
  close(p[0]), close(p[1]);
}

static void duplicates(void) {
  int p[2], n = 0;
  heading("dup, close, fcntl, ioctl");
  pair(SOCK_STREAM, p);
  int copy = OPEN(dup(p[0]));
  CALL(fcntl(copy, F_SETFL, O_NONBLOCK));
  VALUE(fcntl(p[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
  CALL(fcntl(copy, F_SETFD, FD_CLOEXEC));
  VALUE(fcntl(p[0], F_GETFD));
  close(p[0]);
  READY(p[1]);
  CALL(send(copy, "still here", 10, 0));
  CALL(dup2(copy, copy) == copy);
  CALL(dup3(copy, copy, 0));
  CALL(dup3(copy, p[0], O_APPEND));
  CALL(dup3(copy, p[0], O_CLOEXEC) == p[0]);
  VALUE(fcntl(p[0], F_GETFD));
  CALL(dup2(900, p[0]));
  CALL(dup2(p[0], -1));
  CALL(dup2(p[0], 1 << 30));
  CALL(fcntl(p[0], F_DUPFD, 1 << 30));
  CALL(fcntl(p[0], F_DUPFD, 100));
  CALL(fcntl(p[0], F_DUPFD_CLOEXEC, 100));
  VALUE(fcntl(101, F_GETFD));
  CALL(ioctl(100, FIONBIO, &(int){0}));
  VALUE(fcntl(p[0], F_GETFL) & O_NONBLOCK ? 1 : 0);
  CALL(ioctl(p[1], FIONREAD, &n));
  VALUE(n);
  CALL(ioctl(p[1], FIONREAD, BAD));
  CALL(ioctl(p[1], 0x12345, &n));
  CALL(ioctl(900, FIONREAD, &n));
  CALL(ioctl(100, FIOCLEX));
  VALUE(fcntl(100, F_GETFD));
  CALL(dup2(p[1], 100));
  close(p[0]), close(copy);
  READY(p[1]);
  close(101);
  READY(p[1]);
  CALL(close(100));
  CALL(close(100));
  CALL(close(-1));
  close(p[1]);
}

static void ordinary_files(void) {
  struct sockaddr_un a;
  int p[2];
  socklen_t length = sizeof a;
  heading("calls on what is no socket");
  must(pipe(p), "pipe");
  CALL(bind(p[0], (struct sockaddr *)&a, sizeof a));
  CALL(connect(p[0], (struct sockaddr *)&a, 200));
  CALL(connect(p[0], (struct sockaddr *)&a, sizeof a));
  CALL(listen(p[0], 1));
  CALL(accept(p[0], NULL, NULL));
  CALL(accept4(p[0], NULL, NULL, 1));
  CALL(accept4(900, NULL, NULL, 1));
  CALL(getsockname(p[0], (struct sockaddr *)&a, &length));
  CALL(getpeername(p[0], (struct sockaddr *)&a, &length));
  CALL(send(p[1], "x", 1, 0));
  CALL(recv(p[0], texts, 1, 0));
  CALL(sendmsg(p[1], &list[0].msg_hdr, 0));
  CALL(recvmsg(p[0], &list[0].msg_hdr, 0));
  CALL(sendmmsg(p[1], list, 1, 0));
  CALL(recvmmsg(p[0], list, 1, 0, NULL));
  CALL(shutdown(p[0], SHUT_RD));
  CALL(getsockopt(p[0], SOL_SOCKET, SO_TYPE, &a, &length));
  CALL(setsockopt(p[0], SOL_SOCKET, SO_REUSEADDR, &length, sizeof length));
  close(p[0]), close(p[1]);
}

int main(void) {
  sending();
  receiving();
  pieces_of_one();
  duplicates();
  ordinary_files();
  return 0;
}
