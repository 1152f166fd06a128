/* Clients of ./box PORT: politely, in pieces, all at once, at length. */
#include "check.h"
#include <string.h>

static const char *port;

static int begin(void) {
  port = free_port();
  start("box", port, NULL);
  return dial(port);
}

static void ask(int fd, const char *line, const char *answer) {
  say(fd, line);
  hear(fd, answer);
}

static void politely(void) {
  int c = begin();
  ask(c, "get\n", "empty\n");
  ask(c, "set harbour\n", "ok\n");
  ask(c, "get\n", "is harbour\n");
  ask(c, "what\n", "error\n");
  ask(c, "quit\n", "bye\n");
  hear_end(c);
}

static void both_ends(void) {
  int c = begin();
  ask(c, "set harbour\r\n", "ok\n");
  ask(c, "get\n", "is harbour\n");
  ask(c, "get\r\n", "is harbour\n");
}

static void pieces(void) {
  int c = begin();
  say_slowly(c, "set a\r\nget\n");
  hear(c, "ok\nis a\n");
}

static void at_once(void) {
  int c = begin();
  ask(c, "set a\nget\nset b\nge", "ok\nis a\nok\n");
  ask(c, "t\nquit\n", "is b\nbye\n");
  hear_end(c);
}

static void nothing_more(void) {
  int c = begin();
  ask(c, "set a\n", "ok\n");
  hear_nothing(c, 100);
}

static void long_line(void) {
  char line[301];
  memset(line, 'x', 300);
  line[300] = '\0';
  int c = begin();
  say(c, line);
  hear_nothing(c, 100);
  ask(c, "\n", "error\n");
  ask(c, "get\n", "empty\n");
}

static void fits(void) {
  char line[65] = "set ";
  memset(line + 4, 'y', 59);
  strcpy(line + 63, "\n");
  int c = begin();
  ask(c, line, "ok\n");
}

static void half(void) {
  int c = begin();
  say(c, "set half");
  end_sending(c);
  hear_end(c);
  ask(dial(port), "get\n", "empty\n");
}

static void kept(void) {
  int c = begin();
  ask(c, "set kept\n", "ok\n");
  hang_up(c);
  ask(dial(port), "get\n", "is kept\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one line after another", politely, NULL);
  check("lines that end with \\r\\n", both_ends,
        "a line may end with \\r\\n: take both away.");
  check("a byte at a time", pieces, "one recv is not one line.");
  check("several lines at once, and half of one", at_once,
        "what has come behind a line belongs to the next.");
  check("an answer, and no more", nothing_more,
        "send an answer with as many bytes as it has.");
  check(
      "a line that is too long", long_line,
      "the server answers it with error, and goes on: one error for one line.");
  check("a line that is as long as it may be", fits,
        "63 bytes are not too long.");
  check("half a line at the end", half, "a line that has no end is none.");
  check("the box is the same for the next client", kept, NULL);
  return check_end();
}
