/* Clients of ./sums PORT: alone, together, in pieces, gone. */
#include "check.h"
#include <string.h>

static const char *port;
static struct program *server;

static void begin(void) {
  port = free_port();
  server = start("sums", port, NULL);
}

static void ask(int fd, const char *number, const char *sum) {
  say(fd, number);
  hear(fd, sum);
}

static void alone(void) {
  begin();
  int a = dial(port);
  ask(a, "3\n", "3\n");
  ask(a, "4\n", "7\n");
  ask(a, "-10\n", "-3\n");
}

static void together(void) {
  begin();
  int a = dial(port), b = dial(port), c = dial(port);
  ask(a, "1\n", "1\n");
  ask(b, "10\n", "10\n");
  ask(c, "100\n", "100\n");
  ask(a, "1\n", "2\n");
  ask(c, "100\n", "200\n");
  ask(b, "10\n", "20\n");
}

static void pieces(void) {
  begin();
  int a = dial(port);
  say_slowly(a, "12\n30\n");
  hear(a, "12\n42\n");
}

static void half(void) {
  begin();
  int a = dial(port), b = dial(port);
  say(a, "1");
  pause_ms(50);
  ask(b, "5\n", "5\n");
  ask(a, "2\n", "12\n");
}

static void segment(void) {
  begin();
  int a = dial(port);
  ask(a, "1\n2\n3\n4", "1\n3\n6\n");
  ask(a, "0\n", "46\n");
}

static void leaving(void) {
  begin();
  int a = dial(port), b = dial(port), c = dial(port);
  ask(a, "1\n", "1\n");
  ask(b, "20\n", "20\n");
  ask(c, "300\n", "300\n");
  end_sending(a);
  hear_end(a);
  ask(c, "300\n", "600\n");
  ask(b, "20\n", "40\n");
}

static void next(void) {
  begin();
  int a = dial(port);
  ask(a, "5\n", "5\n");
  say(a, "7");
  end_sending(a);
  hear_end(a);
  ask(dial(port), "1\n", "1\n");
}

static void rude(void) {
  begin();
  int a = dial(port);
  ask(a, "1\n", "1\n");
  for (int i = 0; i < 3; i++) {
    int b = dial(port);
    say(b, "1\n2\n");
    hang_up_rudely(b);
  }
  ask(a, "1\n", "2\n");
  if (!still_runs(server)) fail("the server does not run any more");
}

static void long_line(void) {
  char line[200];
  memset(line, '9', sizeof line);
  begin();
  int a = dial(port), b = dial(port);
  say_bytes(b, line, sizeof line);
  hear_gone(b);
  ask(a, "1\n", "1\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one client's sum", alone, NULL);
  check("three clients, each with its own", together,
        "each client needs a sum of its own.");
  check("numbers that come a byte at a time", pieces,
        "keep what has come of a line until the rest is there.");
  check("half a number, and somebody else's meanwhile", half,
        "who waits for the end of one client's line makes the others wait with "
        "it.");
  check("several numbers at once", segment,
        "several lines may come in one segment.");
  check("one leaves, the others keep their sums", leaving,
        "when the last takes an empty place, move its entry in both arrays.");
  check("a new client begins at 0", next,
        "a new client begins at 0, and with an empty line.");
  check("clients that hang up", rude,
        "when one client fails, drop it and go on.");
  check("a line that is too long", long_line,
        "drop who sends more than a line may have.");
  return check_end();
}
