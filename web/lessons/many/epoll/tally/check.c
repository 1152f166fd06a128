/* Clients of ./tally PORT: small, big, silent, many at once. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { BIG = 1000000, AT_ONCE = 100, AFTERWARDS = 40, LIMIT = 24 };

static const char *port;

static void begin(void) {
  port = free_port();
  start("tally", port, NULL);
}

static void total(int fd, const char *answer) {
  end_sending(fd);
  hear(fd, answer);
  hear_end(fd);
  hang_up(fd);
}

static void one(void) {
  begin();
  int fd = dial(port);
  say(fd, "hello");
  total(fd, "5\n");
}

static void together(void) {
  begin();
  int a = dial(port), b = dial(port);
  say(a, "four");
  say(b, "three and more");
  total(b, "14\n");
  total(a, "4\n");
}

static void pauses(void) {
  begin();
  int fd = dial(port);
  say(fd, "abc");
  pause_ms(50);
  say(fd, "defg");
  pause_ms(50);
  total(fd, "7\n");
}

static void silent(void) {
  begin();
  int quiet = dial(port), fd = dial(port);
  say(quiet, "hm");
  pause_ms(50);
  say(fd, "hello");
  total(fd, "5\n");
  total(quiet, "2\n");
}

static int dial_big(void) {
  int fd = dial(port);
  char *bytes = malloc(BIG);
  if (bytes == NULL) abort();
  memset(bytes, 'x', BIG);
  say_bytes(fd, bytes, BIG);
  free(bytes);
  return fd;
}

static void big(void) {
  begin();
  total(dial_big(), "1000000\n");
}

/* They come while it is busy with the big one, several at a time. */
static void at_once(void) {
  int fd[AT_ONCE];
  begin();
  int busy = dial_big();
  for (int i = 0; i < AT_ONCE; i++)
    fd[i] = dial(port);
  for (int i = 0; i < AT_ONCE; i++)
    say(fd[i], "one");
  for (int i = 0; i < AT_ONCE; i++)
    total(fd[i], "3\n");
  total(busy, "1000000\n");
}

static void afterwards(void) {
  limit_descriptors(LIMIT);
  begin();
  for (int i = 0; i < AFTERWARDS && !failed(); i++) {
    int fd = dial(port);
    say(fd, "x");
    total(fd, "1\n");
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one client", one, "Read until the end, answer, and close the socket.");
  check("a client that pauses", pauses,
        "EAGAIN is no end: it says that all has been read for now.");
  check("a client that says little, and another one", silent,
        "recv must not wait for one client: O_NONBLOCK.");
  check("two clients, each with a tally", together,
        "Each client needs a number of its own. And with EPOLLET you are told "
        "once: accept and read until EAGAIN.");
  check("a million bytes at once", big,
        "With EPOLLET you are told once. Read until EAGAIN.");
  check("a hundred clients at once", at_once,
        "With EPOLLET you are told once, and several may be waiting: accept "
        "until EAGAIN.");
  check("many clients, one after the other", afterwards,
        "When a client has its answer, close it.");
  return check_end();
}
