/* Visitors of ./visitors PORT: silent, slow, in a hurry, and many. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static const char *port;
static struct program *server;

static void begin(void) {
  port = free_port();
  server = start("visitors", port, NULL);
}

/* Says its name, and hears that it is that visitor. */
static void greet(int fd, const char *name, int visitor) {
  char text[100], answer[100];
  snprintf(text, sizeof text, "%s\n", name);
  snprintf(answer, sizeof answer, "hello %s, visitor %d\n", name, visitor);
  say(fd, text);
  hear(fd, answer);
}

static void alone(void) {
  begin();
  int a = dial(port);
  greet(a, "ada", 1);
}

static void end(void) {
  begin();
  int a = dial(port);
  greet(a, "ada", 1);
  hear_end(a);
}

static void silent(void) {
  begin();
  dial(port);
  int b = dial(port);
  say(b, "ben\n");
  hear(b, "hello ben, visitor ");
}

static void order(void) {
  begin();
  int a = dial(port), b = dial(port), c = dial(port);
  greet(b, "ben", 2);
  greet(c, "cleo", 3);
  greet(a, "ada", 1);
}

static void slow(void) {
  begin();
  int a = dial(port);
  say_slowly(a, "ada\n");
  hear(a, "hello ada, visitor 1\n");
}

static void many(void) {
  limit_descriptors(20);
  begin();
  for (int i = 1; i <= 40 && !failed(); i++) {
    int a = dial(port);
    greet(a, "ada", i);
    hear_end(a);
    hang_up(a);
  }
}

static void dropped(void) {
  begin();
  int a = dial(port), b = dial(port);
  say(a, "a name of more than forty characters, which is too many");
  hear_gone(a);
  say(b, "be");
  end_sending(b);
  hear_end(b);
  greet(dial(port), "cleo", 3);
}

int main(int argc, char *argv[]) {
  static const char counting[] =
      "what a child counts, only the child knows: count before fork. And a "
      "child ends when its "
      "client has gone, or it goes on to take its parent's clients.";
  check_begin(argc, argv);
  check("one visitor", alone, NULL);
  check("it hangs up afterwards", end,
        "the parent has the connection, too: it has to close it.");
  check("a client that says nothing, and one that does", silent,
        "a client that says nothing must not make the others wait.");
  check("a name that comes a byte at a time", slow,
        "recv gives what has come so far: go on.");
  check("numbers in the order of accept", order, counting);
  check("names that do not come, or do not end", dropped,
        "drop who sends no line.");
  check("forty visitors, with room for twenty descriptors", many, counting);
  return check_end();
}
