/* People who meet at ./chat PORT. */
#include "check.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 100, LINES = 64, LETTERS = 900 };

static const char *port;

static void begin(void) {
  port = free_port();
  start("chat", port, NULL);
}

/* The server has taken the name when it answers the question behind it. */
static int come(const char *name) {
  int fd = dial(port);
  hear(fd, "name?\n");
  say(fd, name);
  say(fd, "\n");
  return fd;
}

static void talk(void) {
  begin();
  int ada = come("ada"), bo = come("bo");
  hear(ada, "bo comes\n");
  say_slowly(ada, "hello\n");
  hear(bo, "ada: hello\n");
  say(bo, "good morning\nhow are you?\n");
  hear(ada, "bo: good morning\nbo: how are you?\n");
  say(bo, "/who\n");
  const char *one = hear_line(bo), *other = hear_line(bo);
  bool both = strcmp(one, "ada") == 0 && strcmp(other, "bo") == 0;
  if (!failed() && !both && (strcmp(one, "bo") || strcmp(other, "ada")))
    fail("/who answers with the lines `%s` and `%s`", one, other);
  end_sending(bo);
  hear_end(bo);
  hear(ada, "bo leaves\n");
}

static void at_once(void) {
  begin();
  int ada = come("ada"), bo = dial(port);
  say(bo, "bo\nhere I am\n");
  hear(bo, "name?\n");
  hear(ada, "bo comes\nbo: here I am\n");
}

static void nameless(void) {
  begin();
  int ada = come("ada"), nobody = dial(port);
  hear(nobody, "name?\n");
  int bo = come("bo");
  hear(ada, "bo comes\n");
  say(ada, "hello\n");
  hear(bo, "ada: hello\n");
  say(nobody, "cy\n");
  hear(ada, "cy comes\n");
  say(bo, "hello, cy\n");
  hear(nobody, "bo: hello, cy\n");
}

static void never(void) {
  begin();
  int ada = come("ada"), nobody = dial(port);
  hear(nobody, "name?\n");
  end_sending(nobody);
  hear_end(nobody);
  int bo = come("bo");
  hear(ada, "bo comes\n");
  say(bo, "hello\n");
  hear(ada, "bo: hello\n");
}

static void taken(void) {
  begin();
  int ada = come("ada"), other = come("ada");
  hear(other, "name?\n");
  say(other, "bo\n");
  hear(ada, "bo comes\n");
  end_sending(ada);
  hear(other, "ada leaves\n");
  come("ada");
  hear(other, "ada comes\n");
}

static void bad(void) {
  begin();
  int ada = come("ada"), fd = come("");
  hear(fd, "name?\n");
  say(fd, "two words\n");
  hear(fd, "name?\n");
  say(fd, "abcdefghijklmnopq\n");
  hear(fd, "name?\n");
  say(fd, "abcdefghijklmnop\n");
  hear(ada, "abcdefghijklmnop comes\n");
}

/* Hears until so many x have come; lines about the slow one have none. What
 * comes is acknowledged at once, for the server may wait for that with more. */
static void hear_x(int fd, size_t wanted) {
  char text[LETTERS * LINES];
  int yes = 1;
  for (size_t x = 0; x < wanted && !failed();) {
    size_t n = hear_some(fd, text, sizeof text);
    if (n == 0) fail("chat closed the connection of one who reads");
    for (size_t i = 0; i < n; i++)
      x += text[i] == 'x';
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
  }
}

static void slow(void) {
  static char lines[LINES * (LETTERS + 1)];
  memset(lines, 'x', sizeof lines);
  for (int i = 1; i <= LINES; i++)
    lines[i * (LETTERS + 1) - 1] = '\n';
  begin();
  int ada = come("ada");
  come("slow");
  hear(ada, "slow comes\n");
  int bo = come("bo");
  hear(ada, "bo comes\n");
  for (int i = 0; i < ROUNDS && !failed(); i++) {
    say_bytes(ada, lines, sizeof lines);
    hear_x(bo, (size_t)LINES * LETTERS);
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two people talk", talk,
        "The first line is the name; the others hear NAME: and the line.");
  check("a name and a line in one segment", at_once,
        "Each line is one thing: first the name, then what is said.");
  check("one who has not said a name", nameless,
        "Without a name one hears nothing yet.");
  check("one who leaves without a name", never,
        "Who never had a name does not leave.");
  check("a name that is taken", taken,
        "Before you take a name, compare it with the others. It is free again "
        "when its owner has left.");
  check("names that are none", bad,
        "A name has small letters only, at least one, and is not longer than "
        "16.");
  check("one who does not read", slow,
        "Everybody waits for the slow one. Put what is to be sent into its "
        "buffer, and drop it when that is full.");
  return check_end();
}
