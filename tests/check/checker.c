/* Checks of tests/check/learner.c: the first pass, each of the others fails. */
#include "check.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char large[3000000];
static char path[64];

static struct program *client(const char *kind, int *peer) {
  int listener = listen_tcp();
  struct program *p = start("learner", kind, port_of(listener), NULL);
  *peer = caller(listener);
  return p;
}

static struct program *server(const char *kind, int *peer) {
  const char *port = free_port();
  struct program *p = start("learner", kind, port, NULL);
  *peer = dial(port);
  return p;
}

/* --- these pass --- */

static void conversation(void) {
  int peer;
  struct program *p = client("client", &peer);
  say_slowly(peer, "hello\n");
  say_bytes(peer, "a\0b\n", 4);
  prints(p, "hello\n");
  if (!still_runs(p)) fail("it should run");
  hang_up(peer);
  if (memcmp(printed_line(p), "a", 2)) fail("not the line");
  prints_end(p);
  ends(p, 0);
}

static void echo(void) {
  int peer;
  char all[16];
  struct program *p = server("echo", &peer);
  say(peer, "one\r\ntwo\nthree");
  if (strcmp(hear_line(peer), "one")) fail("CRLF");
  if (strcmp(hear_line(peer), "two")) fail("LF");
  hear(peer, "thr");
  if (hear_some(peer, all, 1) != 1 || all[0] != 'e') fail("hear_some");
  hear(peer, "e");
  hear_nothing(peer, 20);
  say(peer, "last");
  end_sending(peer);
  if (hear_all(peer, all, sizeof all) != 4 || memcmp(all, "last", 4)) fail("hear_all");
  ends(p, 0);
}

static void large_echo(void) {
  int peer;
  server("echo", &peer);
  for (int i = 0; i < 100 && !failed(); i++) {
    say_bytes(peer, large, 1000);
    hear_bytes(peer, large, 1000);
  }
  end_sending(peer);
  hear_end(peer);
}

static void six(void) {
  int listener = listen_tcp6();
  struct program *p = start("learner", "client", port_of(listener), "6", NULL);
  int peer = caller(listener);
  say(peer, "six");
  hang_up(peer);
  prints(p, "six");
  const char *port = free_port();
  start("learner", "echo", port, "6", NULL);
  peer = dial6(port);
  say(peer, "six");
  hear(peer, "six");
}

static void local(void) {
  int listener = listen_unix(path);
  struct program *p = start("learner", "client", path, NULL);
  int peer = caller(listener);
  say(peer, "local");
  hang_up(peer);
  prints(p, "local");
  ends(p, 0);
  hang_up(listener);
  unlink(path);
  start("learner", "echo", path, NULL);
  peer = dial_unix(path);
  say(peer, "local");
  hear(peer, "local");
  unlink(path);
}

static void typed(void) {
  struct program *p = start("learner", "cat", NULL);
  type(p, "one\ntwo\n");
  prints(p, "one\n");
  if (strcmp(printed_line(p), "two")) fail("not the line");
  type_end(p);
  prints_end(p);
  ends(p, 0);
}

static void datagrams_both(void) {
  char got[16];
  int fd = datagrams();
  struct program *p = start("learner", "ask", port_of(fd), NULL);
  if (hear_datagram(fd, got, sizeof got) != 4 || memcmp(got, "ping", 4)) fail("not ping");
  answer(fd, "hi", 2);
  prints(p, "2\n");
  const char *port = free_port();
  p = start("learner", "datagrams", port, NULL);
  prints(p, "bound\n");
  say_datagram(fd, port, "yes", 3);
  if (hear_datagram(fd, got, sizeof got) != 3 || memcmp(got, "yes", 3)) fail("not yes");
  hear_no_datagram(fd, 20);
}

static void limited(void) {
  limit_descriptors(10);
  prints(start("learner", "descriptors", NULL), "10\n");
}

static void early_wanted(void) {
  struct program *p = start("learner", "early", NULL);
  prints_error(p, "two");
  ends_badly(p);
}

static void terminated(void) {
  struct program *p = start("learner", "silent", NULL);
  signal_program(p, SIGTERM);
  prints_end(p);
}

static void reset_heard(void) {
  int peer;
  struct program *p = client("client", &peer);
  hang_up_rudely(peer);
  ends(p, 0);
}

/* --- these fail --- */

static void silent_connect(void) {
  int listener = listen_tcp();
  start("learner", "silent", NULL);
  say(caller(listener), "not said");
}

static void loop_connect(void) {
  int listener = listen_tcp();
  start("learner", "loop", NULL);
  caller(listener);
}

static void early_connect(void) {
  int listener = listen_tcp();
  start("learner", "early", NULL);
  caller(listener);
}

static void early_listen(void) {
  start("learner", "early", NULL);
  dial("1");
}

static void silent_listen(void) {
  start("learner", "silent", NULL);
  dial("1");
}

static void flood(void) { ends(start("learner", "flood", NULL), 0); }
static void drip(void) { ends(start("learner", "drip", NULL), 0); }
static void crash(void) { ends(start("learner", "crash", NULL), 0); }
static void crash_badly(void) { ends_badly(start("learner", "crash", NULL)); }
static void wrong_status(void) { ends(start("learner", "early", NULL), 0); }
static void good_status(void) { ends_badly(start("learner", "nothing", NULL)); }
static void many_lines(void) { ends(start("learner", "many", NULL), 1); }

static void crashing_client(void) {
  int peer;
  client("crashing client", &peer);
  hear(peer, "hello");
}

static void something_else(void) {
  int peer;
  client("listening hello", &peer);
  say(peer, "1");
  say(peer, "22");
  hear(peer, "hello\nWorld\n");
}

static void half(void) {
  int peer;
  client("half", &peer);
  hear(peer, "hello");
}

static void half_line(void) {
  int peer;
  client("half", &peer);
  hear_line(peer);
}

static void ended_line(void) {
  int peer;
  client("hello", &peer);
  for (int i = 0; i < 3; i++)
    hear_line(peer);
}

static void no_end(void) {
  int peer;
  client("half", &peer);
  hear(peer, "hel");
  hear_end(peer);
}

static void too_much(void) {
  int peer;
  client("hello", &peer);
  hear(peer, "hello");
  hear_end(peer);
}

static void too_early(void) {
  int peer;
  client("half", &peer);
  hear_nothing(peer, 1000);
}

static void end_too_early(void) {
  int peer;
  server("hanging up", &peer);
  hear_nothing(peer, 1000);
}

static void resets(void) {
  int peer;
  client("peek", &peer);
  say(peer, "hello");
  hear_end(peer);
}

static void deaf(void) {
  int peer;
  client("deaf", &peer);
  for (int i = 0; i < 10; i++)
    say_bytes(peer, large, sizeof large);
}

static void hung_up(void) {
  int peer;
  server("hanging up", &peer);
  hear_end(peer);
  while (!failed())
    say(peer, "x");
}

static void prints_else(void) {
  struct program *p = start("learner", "cat", NULL);
  type(p, "hello\n");
  prints(p, "hallo\n");
}

static void prints_less(void) {
  struct program *p = start("learner", "cat", NULL);
  type(p, "hello");
  type_end(p);
  prints(p, "hello\n");
}

static void prints_late(void) { prints(start("learner", "silent", NULL), "hello\n"); }

static void prints_more(void) {
  struct program *p = start("learner", "cat", NULL);
  type(p, "hello\n");
  prints(p, "hell");
  prints_end(p);
}

static void no_line(void) {
  struct program *p = start("learner", "cat", NULL);
  type(p, "hello");
  printed_line(p);
}

static void no_error(void) { prints_error(start("learner", "early", NULL), "three"); }

static void not_reading(void) {
  struct program *p = start("learner", "silent", NULL);
  large[sizeof large - 1] = 0;
  type(p, large);
}

static void no_datagram(void) {
  char got[16];
  start("learner", "silent", NULL);
  hear_datagram(datagrams(), got, sizeof got);
}

static void early_datagram(void) {
  char got[16];
  start("learner", "early", NULL);
  hear_datagram(datagrams(), got, sizeof got);
}

static void one_datagram_too_many(void) {
  int fd = datagrams();
  start("learner", "ask", port_of(fd), NULL);
  hear_no_datagram(fd, 1000);
}

static void no_such_program(void) { start("other", NULL); }
static void own_words(void) { fail("in words of its %s", "own"); }

static void after_failure(void) {
  char got[4];
  fail("first");
  fail("second");
  int fd = listen_tcp();
  struct program *p = start("learner", "silent", NULL);
  say(caller(fd), "x");
  if (fd != -1 || p != NULL || dial("1") != -1 || hear_some(fd, got, 4) != 0 ||
      strcmp(hear_line(fd), "") || strcmp(printed_line(p), "") || still_runs(p))
    printf("# after a failure something still works\n");
}

int main(int argc, char *argv[]) {
  memset(large, 'x', sizeof large);
  snprintf(path, sizeof path, "/tmp/check-%d", (int)getpid());
  check_begin(argc, argv);
  check("conversation", conversation, NULL);
  check("echo", echo, NULL);
  check("large echo", large_echo, NULL);
  check("six", six, NULL);
  check("local", local, NULL);
  check("typed", typed, NULL);
  check("datagrams", datagrams_both, NULL);
  check("limited", limited, NULL);
  check("early wanted", early_wanted, NULL);
  check("terminated", terminated, NULL);
  check("reset heard", reset_heard, NULL);

  check("silent connect", silent_connect, "The advice.");
  check("loop connect", loop_connect, NULL);
  check("early connect", early_connect, NULL);
  check("early listen", early_listen, NULL);
  check("silent listen", silent_listen, NULL);
  check("flood", flood, NULL);
  check("drip", drip, NULL);
  check("crash", crash, NULL);
  check("crash badly", crash_badly, NULL);
  check("wrong status", wrong_status, NULL);
  check("good status", good_status, NULL);
  check("many lines", many_lines, NULL);
  check("crashing client", crashing_client, NULL);
  check("something else", something_else, "The advice.");
  check("half", half, NULL);
  check("half line", half_line, NULL);
  check("ended line", ended_line, NULL);
  check("no end", no_end, NULL);
  check("too much", too_much, NULL);
  check("too early", too_early, NULL);
  check("end too early", end_too_early, NULL);
  check("resets", resets, NULL);
  check("deaf", deaf, NULL);
  check("hung up", hung_up, NULL);
  check("prints else", prints_else, NULL);
  check("prints less", prints_less, NULL);
  check("prints late", prints_late, NULL);
  check("prints more", prints_more, NULL);
  check("no line", no_line, NULL);
  check("no error", no_error, NULL);
  check("not reading", not_reading, NULL);
  check("no datagram", no_datagram, NULL);
  check("early datagram", early_datagram, NULL);
  check("one datagram too many", one_datagram_too_many, NULL);
  check("no such program", no_such_program, NULL);
  check("own words", own_words, NULL);
  check("after failure", after_failure, NULL);
  return check_end();
}
