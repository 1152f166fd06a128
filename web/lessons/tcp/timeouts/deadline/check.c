/* Servers that say their line at once, late, by drops, or not at all. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DROPS = 60, DROP_MS = 40, EARLY_MS = 100, SLACK_MS = 800 };

static struct program *program;
static long began;

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The program's connection. */
static int begin(const char *limit) {
  int listener = listen_tcp();
  program = start("deadline", "127.0.0.1", port_of(listener), limit, NULL);
  int peer = caller(listener);
  began = now_ms();
  return peer;
}

/* The peer still holds the connection: the program itself has ended it. */
static void times_out(int peer, int limit) {
  hear_gone(peer);
  long took = now_ms() - began;
  if (failed()) return;
  if (took < limit - EARLY_MS)
    fail("deadline gave up after %ld ms; it had %d", took, limit);
  if (took > limit + SLACK_MS)
    fail("deadline gave up after %ld ms, not after %d", took, limit);
  prints_end(program);
  prints_error(program, "timed out");
  ends_badly(program);
}

static void line(void) {
  int peer = begin("2000");
  say(peer, "in time\n");
  prints(program, "in time\n");
  ends(program, 0);
}

static void late(void) {
  int peer = begin("900");
  say(peer, "better ");
  pause_ms(250);
  say_slowly(peer, "late\n");
  prints(program, "better late\n");
  ends(program, 0);
}

static void silence(void) { times_out(begin("300"), 300); }

static void half(void) {
  int peer = begin("300");
  say(peer, "half a li");
  times_out(peer, 300);
}

/* So many drops would take far longer than the program may. */
static void drops(void) {
  int peer = begin("250");
  for (int i = 0; i < DROPS && now_ms() - began < 250 + SLACK_MS; i++) {
    pause_ms(DROP_MS);
    if (send(peer, ".", 1, MSG_NOSIGNAL) == -1) break;
  }
  times_out(peer, 250);
}

static void leaves(void) {
  int peer = begin("2500");
  say(peer, "half a li");
  hang_up(peer);
  prints_end(program);
  ends_badly(program);
  if (!failed() && now_ms() - began > 2000)
    fail("deadline waited, though the server had left");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a line that comes at once", line, NULL);
  check("a line in pieces, late, but in time", late,
        "Is your limit in the unit that the call wants? tv_usec counts "
        "millionths of a second, poll thousandths.");
  check("a server that says nothing", silence,
        "Wait with a limit, and say \"timed out\" when it is over. alarm() "
        "knows whole seconds only.");
  check("a server that stops in mid-line", half,
        "When time is up, half a line is no line: print nothing.");
  check("a byte every 40 ms, and no end", drops,
        "A limit for each recv counts anew with each byte. Take the time once, "
        "before the loop, and wait only for what is left of it.");
  check("a server that leaves in mid-line", leaves,
        "0 from recv is the end of file: there is nothing to wait for.");
  return check_end();
}
