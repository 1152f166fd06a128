/* AF_UNIX, SOCK_DGRAM; and the names of AF_UNIX. */
#include "check.h"
#include "unix.h"
#include <fcntl.h>
#include <sys/ioctl.h>

static char bytes[300000];

static int dgram(int flags) { return must(socket(AF_UNIX, SOCK_DGRAM | flags, 0), "socket"); }

static void names(void) {
  struct sockaddr_un a;
  struct stat st;
  int s = dgram(0), t = dgram(0);
  socklen_t length;
  heading("names");
  SOCKNAME(s);
  CALL(bind(s, (struct sockaddr *)&a, 1));
  CALL(bind(s, (struct sockaddr *)&a, 0));
  CALL(bind(s, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET}, 16));
  CALL(bind(s, (struct sockaddr *)&a, sizeof a + 1));
  CALL(bind(s, (struct sockaddr *)BAD, sizeof a));
  CALL(bind(s, (struct sockaddr *)&a, 200));
  CALL(unix_bind(s, "missing/s"));
  must(close(open("plain", O_CREAT | O_WRONLY, 0644)), "open");
  CALL(unix_bind(s, "plain"));
  CALL(unix_bind(s, "plain/s"));
  CALL(unix_bind(s, "."));
  CALL(mkdir("dir", 0700));
  CALL(unix_bind(s, "dir/s"));
  CALL(unix_bind(s, "dir/t"));
  CALL(unix_bind(s, "missing/t"));
  CALL(unix_bind(s, "@abstract"));
  SOCKNAME(s);
  CALL(stat("dir/s", &st));
  VALUE(S_ISSOCK(st.st_mode));
  CALL(open("dir/s", O_RDWR));
  CALL(unix_connect(t, "plain"));
  CALL(unix_connect(t, "dir"));
  CALL(unix_connect(t, "dir/../dir/s"));
  PEERNAME(t);
  CALL(symlink("dir/s", "link"));
  CALL(unix_connect(t, "link"));
  CALL(unix_bind(t, "link"));
  CALL(rename("dir/s", "r"));
  CALL(unix_sendto(t, "x", 1, 0, "r"));
  RECEIVE(s, 10, 0);
  int stream = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  CALL(unix_connect(stream, "r"));
  CALL(unix_sendto(t, "x", 1, 0, "plain"));
  CALL(unix_sendto(t, "x", 1, 0, "nowhere"));
  CALL(chmod("r", 0));
  close(s);
  CALL(chmod("r", 0777));
  CALL(unix_sendto(t, "x", 1, 0, "r"));
  CALL(unix_connect(stream, "r"));
  unlink("r"), unlink("link"), unlink("plain"), rmdir("dir");

  heading("abstract names and autobind");
  s = dgram(0);
  CALL(unix_bind(s, "@portside"));
  SOCKNAME(s);
  CALL(unix_bind(t, "@portside"));
  CALL(unix_bind(stream, "@portside"));
  CALL(unix_connect(t, "@portsid"));
  CALL(unix_connect(t, "@portside"));
  length = unix_name(&a, "@portside");
  CALL(connect(t, (struct sockaddr *)&a, length + 1));
  CALL(bind(t, (struct sockaddr *)&a, length + 1));
  SOCKNAME(t);
  CALL(bind(t, (struct sockaddr *)&a, PATH_AT));
  SOCKNAME(t);
  close(t);
  t = dgram(0);
  CALL(bind(t, (struct sockaddr *)&a, PATH_AT));
  length = sizeof a;
  CALL(getsockname(t, (struct sockaddr *)&a, &length));
  VALUE(length);
  VALUE(a.sun_path[0]);
  VALUE(strspn(a.sun_path + 1, "0123456789abcdef"));
  int u = dgram(0);
  CALL(connect(u, (struct sockaddr *)&a, length));
  CALL(send(u, "auto", 4, 0));
  RECEIVE(t, 10, 0);
  close(s);
  CALL(unix_bind(u, "@portside"));
  close(t), close(u), close(stream);

  heading("long paths");
  memset(&a, 0, sizeof a);
  a.sun_family = AF_UNIX;
  memset(a.sun_path, 'p', sizeof a.sun_path);
  s = dgram(0);
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  SOCKNAME(s);
  char path[sizeof a.sun_path + 1] = {0};
  memcpy(path, a.sun_path, sizeof a.sun_path);
  CALL(access(path, F_OK));
  CALL(unlink(path));
  close(s);
  s = dgram(0);
  a.sun_path[3] = 0;
  CALL(bind(s, (struct sockaddr *)&a, PATH_AT + 50));
  SOCKNAME(s);
  unlink("ppp");
  close(s);
  s = dgram(0);
  CALL(bind(s, (struct sockaddr *)&a, PATH_AT + 2));
  SOCKNAME(s);
  length = 4;
  memset(&a, 'x', sizeof a);
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  VALUE(length);
  BYTES(a.sun_path, 4);
  CALL(getsockname(s, NULL, &length));
  CALL(getsockname(s, (struct sockaddr *)&a, NULL));
  CALL(getsockname(s, (struct sockaddr *)&a, &(socklen_t){(socklen_t)-1}));
  unlink("pp");
  close(s);
}

static void sending(void) {
  int a = dgram(0), b = dgram(0), c = dgram(0);
  heading("datagrams");
  must(unix_bind(a, "a"), "bind");
  must(unix_bind(b, "b"), "bind");
  READY(a);
  CALL(send(c, "x", 1, 0));
  CALL(recv(a, bytes, 1, MSG_DONTWAIT));
  CALL(unix_sendto(c, "nameless", 8, 0, "a"));
  CALL(unix_sendto(b, "from b", 6, 0, "a"));
  CALL(unix_sendto(a, "", 0, 0, "a"));
  READY(a);
  int n = 0;
  ioctl(a, FIONREAD, &n);
  VALUE(n);
  RECEIVE(a, 100, MSG_PEEK);
  RECEIVE(a, 4, MSG_PEEK | MSG_TRUNC);
  RECEIVE(a, 100, 0);
  RECEIVE(a, 2, 0);
  RECEIVE(a, 100, 0);
  RECEIVE(a, 100, MSG_DONTWAIT);
  CALL(recv(a, bytes, 1, MSG_OOB));
  CALL(unix_sendto(b, "x", 1, MSG_OOB, "a"));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET}, 16));
  CALL(sendto(b, "x", 1, 0, (struct sockaddr *)&(struct sockaddr){.sa_family = AF_UNIX}, PATH_AT));
  CALL(unix_sendto(b, BAD, 1, 0, "a"));
  CALL(unix_sendto(b, bytes, 212992 - 32, 0, "a"));
  CALL(recv(a, bytes, sizeof bytes, 0));
  CALL(unix_sendto(b, bytes, 212992 - 31, 0, "a"));
  CALL(unix_sendto(b, "lost", 4, 0, "a"));
  CALL(recv(a, BAD, 4, 0));
  CALL(recv(a, bytes, 4, MSG_DONTWAIT));
  CALL(listen(a, 1));
  CALL(accept(a, NULL, NULL));

  heading("connected datagrams");
  CALL(unix_connect(c, "a"));
  CALL(send(c, "one", 3, 0));
  CALL(unix_connect(a, "b"));
  CALL(send(c, "two", 3, 0));
  CALL(unix_connect(dgram(0), "a"));
  CALL(unix_sendto(c, "two", 3, 0, "a"));
  CALL(unix_sendto(b, "three", 5, 0, "a"));
  RECEIVE(a, 100, 0);
  RECEIVE(a, 100, 0);
  CALL(unix_connect(b, "a"));
  READY(b);
  CALL(send(a, "kept", 4, 0));
  CALL(connect(a, (struct sockaddr *)&(struct sockaddr){.sa_family = AF_UNSPEC}, 2));
  PEERNAME(a);
  CALL(send(a, "x", 1, 0));
  CALL(send(b, "x", 1, 0));
  CALL(recv(a, bytes, 10, MSG_DONTWAIT));
  CALL(unix_connect(a, "b"));
  CALL(send(b, "gone", 4, 0));
  CALL(connect(a, (struct sockaddr *)&(struct sockaddr){.sa_family = AF_UNSPEC}, 16));
  READY(b);
  OPTION(b, SO_ERROR);
  CALL(recv(a, bytes, 10, MSG_DONTWAIT));
  CALL(connect(a, (struct sockaddr *)&(struct sockaddr){.sa_family = AF_UNSPEC}, 1));
  close(a);
  READY(b);
  PEERNAME(b);
  CALL(send(b, "x", 1, MSG_NOSIGNAL));
  PEERNAME(b);
  CALL(send(b, "x", 1, MSG_NOSIGNAL));
  CALL(unix_sendto(c, "x", 1, 0, "a"));
  close(b), close(c);
  unlink("a"), unlink("b");
}

static void queues(void) {
  int to = dgram(0), from = dgram(SOCK_NONBLOCK), other = dgram(0), n = 0;
  heading("a full queue");
  must(unix_bind(to, "to"), "bind");
  must(unix_connect(from, "to"), "connect");
  while (send(from, "x", 1, 0) == 1)
    n++;
  check_call("send, at last", -1);
  VALUE(n);
  READY(from);
  READY(other);
  CALL(unix_sendto(other, "x", 1, MSG_DONTWAIT, "to"));
  setsockopt(other, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  SPEND(50, unix_sendto(other, "x", 1, 0, "to"));
  setsockopt(other, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){0}, sizeof(struct timeval));
  catch(SIGALRM, 0);
  alarm_every(30);
  CALL(unix_sendto(other, "x", 1, 0, "to"));
  alarm_every(0);
  CALL(recv(to, bytes, 1, 0));
  READY(from);
  CALL(send(from, "x", 1, 0));
  CALL(send(from, "x", 1, 0));
  close(to);
  READY(from);
  CALL(send(from, "x", 1, 0));
  unlink("to");
  close(from), close(other);
  heading("the sender's limit");
  int p[2];
  must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p), "socketpair");
  for (n = 0; send(p[0], bytes, 1000, 0) == 1000; n++)
    ;
  check_call("send, at last", -1);
  VALUE(n);
  READY(p[0]);
  while (recv(p[1], bytes, 1000, 0) == 1000)
    ;
  READY(p[0]);
  close(p[0]);
  READY(p[1]);
  CALL(recv(p[1], bytes, 1, 0));
  CALL(send(p[1], "x", 1, MSG_NOSIGNAL));
  CALL(send(p[1], "x", 1, MSG_NOSIGNAL));
  close(p[1]);
}

static void ending(void) {
  int p[2];
  heading("shutdown of datagrams");
  must(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), "socketpair");
  CALL(send(p[0], "kept", 4, 0));
  catch(SIGPIPE, 0);
  CALL(shutdown(p[0], SHUT_WR));
  CALL(send(p[0], "x", 1, 0));
  VALUE(caught);
  READY(p[0]);
  READY(p[1]);
  CALL(shutdown(p[1], SHUT_RD));
  READY(p[1]);
  RECEIVE(p[1], 10, 0);
  RECEIVE(p[1], 10, 0);
  RECEIVE(p[1], 10, MSG_DONTWAIT);
  CALL(shutdown(p[1], SHUT_RDWR));
  READY(p[1]);
  close(p[0]), close(p[1]);
  must(socketpair(AF_UNIX, SOCK_DGRAM, 0, p), "socketpair");
  CALL(shutdown(p[1], SHUT_RD));
  CALL(send(p[0], "x", 1, 0));
  VALUE(caught);
  setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){.tv_usec = 50000},
             sizeof(struct timeval));
  SPEND(50, recv(p[0], bytes, 1, 0));
  close(p[0]), close(p[1]);
}

int main(void) {
  enter();
  names();
  sending();
  queues();
  ending();
  leave();
  return 0;
}
