/* Control messages of AF_UNIX: descriptors (SCM_RIGHTS), credentials, and what becomes of them. */
#include "check.h"
#include "unix.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#pragma GCC diagnostic ignored "-Wsign-compare" /* Emscripten's CMSG_NXTHDR */

static char bytes[4096];
static long limit_files(int n) {
  struct rlimit r;
  getrlimit(RLIMIT_NOFILE, &r);
  r.rlim_cur = (rlim_t)n;
  return setrlimit(RLIMIT_NOFILE, &r);
}

/* Sends `n` bytes with descriptors. */
static ssize_t send_fds(int s, const char *data, size_t n, const int *fds, int count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(300 * sizeof(int))] = {0};
  struct iovec io = {(char *)data, n};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control};
  struct cmsghdr *c = (struct cmsghdr *)control;
  size_t size = (size_t)count * sizeof(int);
  *c = (struct cmsghdr){
      .cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(c), fds, size);
  m.msg_controllen = CMSG_SPACE(size);
  return sendmsg(s, &m, MSG_NOSIGNAL);
}

/* What recvmsg gave: descriptors go to got[], and credentials to `who`. */
static int got[300], got_count;
static struct ucred who;

#define RECVMSG(s, n, room, flags)                                                                 \
  receive_message("recvmsg(" #s ", " #n ", " #room ", " #flags ")", s, n, room, flags)
static void receive_message(const char *what, int s, size_t n, size_t room, int flags) {
  _Alignas(struct cmsghdr) char control[4096];
  struct iovec io = {bytes, n};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = room ? control : NULL};
  m.msg_controllen = room;
  got_count = 0;
  ssize_t result = check_call(what, recvmsg(s, &m, flags));
  if (result < 0) return;
  check_bytes("  bytes", bytes, (size_t)result < n ? (size_t)result : n);
  printf("  flags =%s%s%s%s\n", m.msg_flags & MSG_TRUNC ? " TRUNC" : "",
         m.msg_flags & MSG_CTRUNC ? " CTRUNC" : "",
         m.msg_flags & MSG_CMSG_CLOEXEC ? " CMSG_CLOEXEC" : "", m.msg_flags ? "" : " none");
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    int count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (c->cmsg_type == SCM_RIGHTS) {
      printf("  control = %d descriptors\n", count);
      memcpy(got + got_count, CMSG_DATA(c), (size_t)count * sizeof(int));
      got_count += count;
    } else if (c->cmsg_type == SCM_CREDENTIALS) {
      memcpy(&who, CMSG_DATA(c), sizeof who);
      printf("  control = credentials: %s pid, %s uid, %s gid\n",
             who.pid == getpid() ? "my"
             : who.pid           ? "another"
                                 : "no",
             who.uid == getuid() ? "my" : "another", who.gid == getgid() ? "my" : "another");
    } else
      printf("  control = level %d, type %d\n", c->cmsg_level, c->cmsg_type);
  }
}

static int open_count(void) {
  int n = 0;
  for (int fd = 0; fd < 1024; fd++)
    n += fcntl(fd, F_GETFD) >= 0;
  return n;
}

static void pair(int type, int p[2]) { must(socketpair(AF_UNIX, type, 0, p), "socketpair"); }

static void passing(int type) {
  int p[2], pipe_ends[2], before = open_count();
  heading(type == SOCK_STREAM ? "descriptors by stream" : "descriptors by datagram");
  pair(type, p);
  must(pipe(pipe_ends), "pipe");
  CALL(send_fds(p[0], "fd", 2, pipe_ends, 2));
  CALL(close(pipe_ends[0]));
  CALL(close(pipe_ends[1]));
  READY(p[1]);
  RECVMSG(p[1], 100, sizeof(char[100]), MSG_PEEK);
  VALUE(got_count);
  VALUE(fcntl(got[0], F_GETFD));
  close(got[0]), close(got[1]);
  RECVMSG(p[1], 100, sizeof(char[100]), MSG_CMSG_CLOEXEC);
  VALUE(fcntl(got[0], F_GETFD));
  CALL(write(got[1], "through", 7));
  CALL(read(got[0], bytes, 100));
  BYTES(bytes, 7);
  close(got[0]), close(got[1]);

  CALL(send_fds(p[0], "four", 4, (int[]){0, 1, 2, p[0]}, 4));
  RECVMSG(p[1], 100, CMSG_LEN(2 * sizeof(int)), 0);
  close(got[0]), close(got[1]);
  CALL(send_fds(p[0], "four", 4, (int[]){0, 1, 2, p[0]}, 4));
  RECVMSG(p[1], 100, 0, 0);
  CALL(send_fds(p[0], "four", 4, (int[]){0, 1, 2, p[0]}, 4));
  RECVMSG(p[1], 100, CMSG_LEN(0), 0);
  CALL(send_fds(p[0], "four", 4, (int[]){0, 1, 2, p[0]}, 4));
  RECEIVE(p[1], 100, 0);
  CALL(send_fds(p[0], "four", 4, (int[]){0, 1, 2, p[0]}, 4));
  CALL(read(p[1], bytes, 2));
  RECVMSG(p[1], 100, sizeof(char[100]), MSG_DONTWAIT);
  CALL(send_fds(p[0], "none", 4, (int[]){0}, 0));
  RECVMSG(p[1], 100, sizeof(char[100]), 0);
  CALL(send_fds(p[0], "bad", 3, (int[]){0, 1000}, 2));
  CALL(send_fds(p[0], "bad", 3, (int[]){-1}, 1));
  int many[254] = {0};
  CALL(send_fds(p[0], "many", 4, many, 254));
  CALL(send_fds(p[0], "many", 4, many, 253));
  RECVMSG(p[1], 100, sizeof(char[2000]), 0);
  VALUE(got_count);
  for (int i = 0; i < got_count; i++)
    close(got[i]);
  CALL(recv(p[1], bytes, 10, MSG_DONTWAIT));
  CALL(send_fds(p[0], "", 0, (int[]){0}, 1));
  RECVMSG(p[1], 10, sizeof(char[100]), MSG_DONTWAIT);
  for (int i = 0; i < got_count; i++)
    close(got[i]);
  close(p[0]), close(p[1]);
  VALUE(open_count() - before);
}

/* Bytes with descriptors end a call, and those before them are not kept back. */
static void boundaries(void) {
  int p[2];
  heading("where a stream's call ends");
  pair(SOCK_STREAM, p);
  CALL(send(p[0], "before", 6, 0));
  CALL(send_fds(p[0], "with", 4, (int[]){0}, 1));
  CALL(send(p[0], "behind", 6, 0));
  CALL(send_fds(p[0], "two", 3, (int[]){0, 1}, 2));
  CALL(send_fds(p[0], "one", 3, (int[]){0}, 1));
  RECVMSG(p[1], 100, sizeof(char[100]), MSG_PEEK);
  close(got[0]);
  RECVMSG(p[1], 100, sizeof(char[100]), 0);
  close(got[0]);
  RECVMSG(p[1], 8, sizeof(char[100]), 0);
  close(got[0]), close(got[1]);
  RECVMSG(p[1], 100, sizeof(char[100]), MSG_WAITALL);
  VALUE(got_count);
  close(got[0]);
  close(p[0]), close(p[1]);
}

/* One message with several control messages; and wrong ones. */
static void forms(void) {
  _Alignas(struct cmsghdr) char control[200] = {0};
  int p[2], zero = 0;
  heading("the form of control messages");
  pair(SOCK_STREAM, p);
  struct iovec io = {bytes, 1};
  struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control};
  struct cmsghdr *c = (struct cmsghdr *)control;
  m.msg_controllen = sizeof control;
  for (int i = 0; i < 2; i++, c = (struct cmsghdr *)((char *)c + CMSG_SPACE(sizeof zero))) {
    *c = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof zero), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(c), &zero, sizeof zero);
  }
  m.msg_controllen = 2 * CMSG_SPACE(sizeof zero);
  CALL(sendmsg(p[0], &m, 0));
  RECVMSG(p[1], 10, sizeof(char[100]), 0);
  VALUE(got_count);
  close(got[0]), close(got[1]);
  c = (struct cmsghdr *)control;
  m.msg_controllen = CMSG_LEN(sizeof zero);
  c->cmsg_len = 3;
  CALL(sendmsg(p[0], &m, 0));
  c->cmsg_len = CMSG_LEN(sizeof zero) + 1;
  CALL(sendmsg(p[0], &m, 0));
  c->cmsg_len = CMSG_LEN(sizeof zero) - 1;
  CALL(sendmsg(p[0], &m, 0));
  c->cmsg_len = CMSG_LEN(sizeof zero);
  c->cmsg_type = 77;
  CALL(sendmsg(p[0], &m, 0));
  c->cmsg_level = IPPROTO_IP;
  CALL(sendmsg(p[0], &m, 0));
  m.msg_controllen = CMSG_LEN(0) - 1;
  CALL(sendmsg(p[0], &m, 0));
  m.msg_control = BAD;
  m.msg_controllen = 50;
  CALL(sendmsg(p[0], &m, 0));
  m.msg_control = NULL;
  m.msg_controllen = 0;
  m.msg_iovlen = 1025;
  CALL(sendmsg(p[0], &m, 0));
  m.msg_iovlen = 1;
  m.msg_iov = (struct iovec *)BAD;
  CALL(sendmsg(p[0], &m, 0));
  CALL(sendmsg(p[0], (struct msghdr *)BAD, 0));
  CALL(recvmsg(p[1], (struct msghdr *)BAD, 0));
  RECVMSG(p[1], 10, sizeof(char[100]), 0);
  close(p[0]), close(p[1]);
}

static void credentials(void) {
  int p[2];
  struct ucred u;
  socklen_t length = sizeof u;
  heading("credentials");
  pair(SOCK_STREAM, p);
  CALL(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &u, &length));
  VALUE(length == sizeof u);
  VALUE(u.pid == getpid());
  VALUE(u.uid == getuid());
  VALUE(u.gid == getgid());
  length = 4;
  CALL(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &u, &length));
  VALUE(length);
  OPTION(p[1], SO_PASSCRED);
  CALL(send(p[0], "before", 6, 0));
  CALL(setsockopt(p[1], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)));
  OPTION(p[1], SO_PASSCRED);
  CALL(send(p[0], "behind", 6, 0));
  RECVMSG(p[1], 100, sizeof(char[100]), 0);
  VALUE(who.uid);
  RECVMSG(p[1], 100, sizeof(char[100]), 0);
  CALL(send_fds(p[0], "both", 4, (int[]){0}, 1));
  RECVMSG(p[1], 100, CMSG_SPACE(sizeof u), MSG_PEEK);
  RECVMSG(p[1], 100, sizeof(char[100]), 0);
  close(got[0]);
  CALL(send(p[0], "short", 5, 0));
  RECVMSG(p[1], 100, CMSG_LEN(4), 0);
  CALL(send(p[0], "none", 4, 0));
  RECVMSG(p[1], 100, 0, 0);
  close(p[0]), close(p[1]);

  int s = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  length = sizeof u;
  CALL(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &u, &length));
  VALUE(u.pid);
  VALUE((int)u.uid);
  must(unix_bind(s, "s"), "bind");
  must(listen(s, 1), "listen");
  int c = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  CALL(setsockopt(c, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)));
  CALL(unix_connect(c, "s"));
  struct sockaddr_un a;
  length = sizeof a;
  getsockname(c, (struct sockaddr *)&a, &length);
  VALUE(length);
  int e = must(accept(s, NULL, NULL), "accept");
  length = sizeof u;
  CALL(getsockopt(e, SOL_SOCKET, SO_PEERCRED, &u, &length));
  VALUE(u.pid == getpid());
  CALL(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &u, &length));
  VALUE(u.pid == getpid());
  OPTION(e, SO_PASSCRED);
  close(s), close(c), close(e);
  unlink("s");
}

/* Descriptors that nobody receives are closed: the pipe's reader sees its end. */
static int end_seen(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  return poll(&p, 1, 1000) == 1 && p.revents == POLLHUP && read(fd, bytes, 1) == 0;
}

static void lost(void) {
  int p[2], q[2], ends[2];
  heading("descriptors that are not received");
  pair(SOCK_STREAM, p);
  must(pipe(ends), "pipe");
  CALL(send_fds(p[0], "x", 1, &ends[1], 1));
  close(ends[1]);
  VALUE(ready(ends[0]));
  close(p[1]);
  VALUE(end_seen(ends[0]));
  close(p[0]), close(ends[0]);

  pair(SOCK_DGRAM, p);
  must(pipe(ends), "pipe");
  CALL(send_fds(p[0], "x", 1, &ends[1], 1));
  close(ends[1]);
  CALL(read(p[1], bytes, 1));
  VALUE(end_seen(ends[0]));
  close(p[0]), close(p[1]), close(ends[0]);

  pair(SOCK_STREAM, p);
  must(pipe(ends), "pipe");
  CALL(send_fds(p[0], "x", 1, (int[]){ends[1], p[1]}, 2));
  close(ends[1]);
  close(p[1]);
  VALUE(ready(ends[0]));
  close(p[0]);
  pair(SOCK_STREAM, q); /* so that a socket is closed: Linux looks for garbage then */
  close(q[0]), close(q[1]);
  VALUE(end_seen(ends[0]));
  close(ends[0]);

  pair(SOCK_STREAM, p);
  pair(SOCK_STREAM, q);
  must(pipe(ends), "pipe");
  CALL(send_fds(p[0], "x", 1, (int[]){q[0], q[1], ends[1]}, 3));
  CALL(send_fds(q[0], "x", 1, (int[]){p[0], p[1]}, 2));
  close(p[0]), close(p[1]), close(q[0]), close(ends[1]);
  RECVMSG(q[1], 10, sizeof(char[100]), 0);
  VALUE(ready(ends[0]));
  int back[2] = {got[0], got[1]};
  RECVMSG(back[1], 10, sizeof(char[100]), 0);
  CALL(write(got[2], "alive", 5));
  CALL(read(ends[0], bytes, 10));
  for (int i = 0; i < 3; i++)
    close(got[i]);
  close(back[0]), close(back[1]), close(q[1]), close(ends[0]);
}

/* No descriptor is free: what does not fit is lost, and a connection waits. */
static void no_room(void) {
  int p[2], last = 0;
  heading("no room for descriptors");
  pair(SOCK_STREAM, p);
  int s = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket"), c[2];
  must(unix_bind(s, "@portside-room"), "bind");
  must(listen(s, 4), "listen");
  for (int i = 0; i < 2; i++) {
    c[i] = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(unix_connect(c[i], "@portside-room"), "connect");
    last = c[i];
  }
  CALL(send_fds(p[0], "x", 1, (int[]){0, 1, 2}, 3));
  CALL(limit_files(last + 2));
  RECVMSG(p[1], 10, sizeof(char[100]), 0);
  VALUE(got_count);
  CALL(accept(s, NULL, NULL));
  CALL(accept(c[0], NULL, NULL));
  CALL(accept4(s, NULL, NULL, 1));
  CALL(accept4(900, NULL, NULL, 1));
  CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0}));
  CALL(dup(s));
  CALL(dup2(s, last + 2));
  CALL(fcntl(s, F_DUPFD, last + 2));
  CALL(fcntl(s, F_DUPFD, last + 1));
  close(got[0]);
  close(OPEN(accept(s, NULL, NULL)));
  CALL(limit_files(1024));
  close(OPEN(accept(s, NULL, NULL)));
  for (int i = 0; i < 2; i++)
    close(c[i]), close(p[i]);
  close(s);
}

/* A listener that waits in a socket's queue, with an unaccepted connection of its own. */
static void lost_listener(void) {
  int p[2], ends[2], s = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  heading("a listener on its way");
  pair(SOCK_STREAM, p);
  must(pipe(ends), "pipe");
  must(unix_bind(s, "@portside-lost"), "bind");
  must(listen(s, 4), "listen");
  int c = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  must(unix_connect(c, "@portside-lost"), "connect");
  CALL(send_fds(c, "x", 1, (int[]){s, ends[1]}, 2));
  close(ends[1]);
  close(s);
  VALUE(ready(ends[0]));
  close(p[0]), close(p[1]);
  VALUE(end_seen(ends[0]));
  READY(c);
  CALL(recv(c, bytes, 1, 0));
  close(c), close(ends[0]);
}

/* Another process sends one of its own. */
static void sender(int fd) {
  int ends[2];
  must(pipe(ends), "pipe");
  must(write(ends[1], "of the child", 12), "write");
  must((int)send_fds(fd, "here", 4, ends, 1), "sendmsg");
  exit(7);
}

static void between_processes(void) {
  int p[2];
  heading("between processes");
  pair(SOCK_STREAM, p);
  CALL(setsockopt(p[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)));
  fcntl(p[0], F_SETFD, FD_CLOEXEC);
  pid_t pid = start("sender", p[1]);
  close(p[1]);
  RECVMSG(p[0], 100, sizeof(char[100]), 0);
  VALUE(who.pid == pid);
  VALUE(ended(pid));
  CALL(read(got[0], bytes, 100));
  BYTES(bytes, 12);
  CALL(read(got[0], bytes, 100));
  CALL(recv(p[0], bytes, 1, 0));
  close(got[0]), close(p[0]);
}

int main(int argc, char **argv) {
  check_argv = argv;
  if (argc > 2) sender(atoi(argv[2]));
  enter();
  passing(SOCK_STREAM);
  passing(SOCK_DGRAM);
  boundaries();
  forms();
  credentials();
  lost();
  no_room();
  lost_listener();
  leave();
  chdir("/");
  between_processes();
  return 0;
}
