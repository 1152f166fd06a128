/* Urgent data (MSG_OOB) of AF_UNIX streams, as Linux has had it since 5.15. */
#include "check.h"
#include "unix.h"
#include <fcntl.h>
#include <sys/ioctl.h>

static char bytes[64];
static int p[2];

static void fresh(const char *what) {
  heading(what);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
}

static void finish(void) { close(p[0]), close(p[1]); }

static int at_mark(int s) {
  int n = -1;
  must(ioctl(s, SIOCATMARK, &n), "SIOCATMARK");
  return n;
}

static int waiting(int s) {
  int n = -1;
  must(ioctl(s, FIONREAD, &n), "FIONREAD");
  return n;
}

#define MARK() (VALUE(at_mark(p[1])), READY(p[1]))
#define STATE()                                                                                    \
  (MARK(), VALUE(waiting(p[1]))) /* FIONREAD differs between Linuxes behind a lost byte */

static void fetching(void) {
  fresh("fetched out of turn");
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  STATE();
  CALL(send(p[0], "abc!", 4, MSG_OOB));
  CALL(send(p[0], "def", 3, 0));
  STATE();
  RECEIVE(p[1], 1, MSG_OOB | MSG_PEEK);
  RECEIVE(p[1], 5, MSG_OOB);
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  STATE();
  RECEIVE(p[1], 10, MSG_PEEK);
  RECEIVE(p[1], 10, 0);
  STATE();
  RECEIVE(p[1], 10, 0);
  STATE();
  finish();
}

static void missing(void) {
  fresh("not fetched");
  CALL(send(p[0], "abc!", 4, MSG_OOB));
  CALL(send(p[0], "def", 3, 0));
  RECEIVE(p[1], 10, MSG_PEEK);
  RECEIVE(p[1], 10, 0);
  MARK();
  RECEIVE(p[1], 10, MSG_PEEK);
  MARK();
  RECEIVE(p[1], 10, 0);
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  MARK();
  CALL(send(p[0], "?", 1, MSG_OOB));
  MARK();
  CALL(recv(p[1], bytes, 1, MSG_DONTWAIT));
  MARK();
  CALL(send(p[0], "", 0, MSG_OOB));
  finish();
  fresh("the second takes the place of the first");
  CALL(send(p[0], "a1", 2, MSG_OOB));
  CALL(send(p[0], "b2", 2, MSG_OOB));
  CALL(send(p[0], "c", 1, 0));
  MARK();
  RECEIVE(p[1], 1, MSG_OOB);
  RECEIVE(p[1], 10, 0);
  RECEIVE(p[1], 10, 0);
  finish();
  fresh("fetched, then another");
  CALL(send(p[0], "a1", 2, MSG_OOB));
  RECEIVE(p[1], 1, MSG_OOB);
  CALL(send(p[0], "2", 1, MSG_OOB));
  RECEIVE(p[1], 10, 0);
  MARK();
  RECEIVE(p[1], 1, MSG_OOB);
  MARK();
  CALL(send(p[0], "b", 1, 0));
  RECEIVE(p[1], 10, 0);
  finish();
}

static void in_line(void) {
  fresh("in line");
  CALL(setsockopt(p[1], SOL_SOCKET, SO_OOBINLINE, &(int){1}, sizeof(int)));
  CALL(send(p[0], "abc!", 4, MSG_OOB));
  CALL(send(p[0], "def", 3, 0));
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  RECEIVE(p[1], 10, 0);
  STATE();
  RECEIVE(p[1], 10, MSG_PEEK);
  RECEIVE(p[1], 10, 0);
  STATE();
  finish();
}

static void ending(void) {
  fresh("the end, and what is left");
  catch(SIGURG, 0);
  fcntl(p[1], F_SETOWN, getpid());
  CALL(send(p[0], "!", 1, MSG_OOB));
  VALUE(caught);
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  close(p[1]);
  READY(p[0]);
  CALL(recv(p[0], bytes, 1, 0));
  close(p[0]);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
  CALL(send(p[0], "!", 1, MSG_OOB));
  close(p[1]);
  CALL(recv(p[0], bytes, 1, 0));
  CALL(send(p[0], "!", 1, MSG_OOB | MSG_NOSIGNAL));
  close(p[0]);
  must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair");
  CALL(send(p[0], "x!", 2, MSG_OOB));
  CALL(recv(p[1], bytes, 1, MSG_OOB));
  close(p[0]);
  RECEIVE(p[1], 10, 0);
  RECEIVE(p[1], 10, 0);
  close(p[1]);
}

int main(void) {
  fetching();
  missing();
  in_line();
  ending();
  return 0;
}
