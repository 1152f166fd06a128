/* A news server for ./fresh HOST PORT GROUP FROM, with holes and dots in it. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BUFFER = 512, LONG = 3000 };

static struct program *fresh;
static int server;

static void wants(const char *command) {
  const char *line = hear_line(server);
  while (strcasecmp(line, "MODE READER") == 0) {
    say(server, "200 Read, then\r\n");
    line = hear_line(server);
  }
  if (!failed() && strcasecmp(line, command) != 0)
    fail("sent `%s`, where `%s` is wanted", line, command);
}

/* Up to the answer to GROUP. */
static void begin(const char *from, const char *group) {
  int listener = listen_tcp();
  fresh =
      start("fresh", "127.0.0.1", port_of(listener), "lab.quay", from, NULL);
  server = caller(listener);
  say(server, "200 The board\r\n");
  wants("GROUP lab.quay");
  say(server, group);
}

static void finish(const char *printed) {
  wants("QUIT");
  say(server, "205 Bye\r\n");
  hang_up(server);
  prints(fresh, printed);
  prints_end(fresh);
  ends(fresh, 0);
}

static void two(void) {
  begin("7", "211 3 6 8 lab.quay\r\n");
  wants("BODY 7");
  say(server, "222 7 <a@lab>\r\nOranges have come.\r\n\r\nAsk Bob.\r\n.\r\n");
  wants("BODY 8");
  say(server, "222 8 <b@lab>\r\nAll gone.\r\n.\r\n");
  finish("== 7\nOranges have come.\n\nAsk Bob.\n== 8\nAll gone.\n");
}

static void holes(void) {
  begin("1", "211 2 4 7 lab.quay\r\n");
  wants("BODY 4");
  say(server, "423 It has expired\r\n");
  wants("BODY 5");
  say(server, "222 5 <a@lab>\r\none\r\n.\r\n");
  wants("BODY 6");
  say(server, "423 Taken back\r\n");
  wants("BODY 7");
  say(server, "222 7 <b@lab>\r\n423 boxes, 222 crates\r\n.\r\n");
  finish("== 5\none\n== 7\n423 boxes, 222 crates\n");
}

static void dots(void) {
  begin("1", "211 1 1 1 lab.quay\r\n");
  wants("BODY 1");
  say(server, "222 1 <a@lab>\r\n"
              "..\r\n...\r\n..hidden\r\na.b.\r\n.. \r\n\r\n"
              "after the dots\r\n.\r\n");
  finish("== 1\n.\n..\n.hidden\na.b.\n. \n\nafter the dots\n");
}

static void long_lines(void) {
  static char body[2 * LONG + 64], wanted[2 * LONG + 64];
  char dotted[LONG + 1];
  memset(dotted, 'x', LONG);
  dotted[LONG] = '\0';
  /* wherever a buffer ends, there is a dot */
  for (int at = BUFFER / 2; at < LONG; at++)
    if (at % BUFFER > BUFFER - 4 || at % BUFFER < 4) dotted[at] = '.';
  snprintf(body, sizeof body, "222 1 <a@lab>\r\n%s\r\n..%s\r\nend\r\n.\r\n",
           dotted, dotted);
  snprintf(wanted, sizeof wanted, "== 1\n%s\n.%s\nend\n", dotted, dotted);
  begin("1", "211 1 1 1 lab.quay\r\n");
  wants("BODY 1");
  say(server, body);
  finish(wanted);
}

static void pieces(void) {
  begin("1", "211 2 1 2 lab.quay\r\n");
  wants("BODY 1");
  say_slowly(server, "222 1 <a@lab>\r\nab\r\n..\r\n.\r\n");
  wants("BODY 2");
  say_slowly(server, "222 2 <b@lab>\r\n\r\ncd\r\n.\r\n");
  finish("== 1\nab\n.\n== 2\n\ncd\n");
}

static void nothing_new(void) {
  begin("9", "211 3 6 8 lab.quay\r\n");
  finish("");
  begin("0", "211 0 0 0 lab.quay\r\n");
  finish("");
}

static void no_group(void) {
  begin("1", "411 No such corner\r\n");
  prints_error(fresh, "411 No such corner");
  prints_end(fresh);
  ends_badly(fresh);
}

static void other_error(void) {
  begin("1", "211 2 1 2 lab.quay\r\n");
  wants("BODY 1");
  say(server, "480 Log in first\r\n");
  prints_error(fresh, "480 Log in first");
  ends_badly(fresh);
}

static void cut_off(void) {
  begin("1", "211 1 1 1 lab.quay\r\n");
  wants("BODY 1");
  say(server, "222 1 <a@lab>\r\nThe treasure lies below the\r\n");
  hang_up(server);
  ends_badly(fresh);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two articles from a number on", two, NULL);
  check("numbers that are no longer there", holes,
        "Behind 423 there is no body: go on with the next number.");
  check("lines that begin with dots", dots,
        "Only a line that is a single dot ends the body. From another line "
        "that begins with a dot, take that one dot away.");
  check("lines longer than any buffer, with dots in them", long_lines,
        "Print a long line as one; only a dot at its beginning counts.");
  check("articles that come byte by byte", pieces,
        "What belongs together may come in many pieces.");
  check("nothing new, and nothing at all", nothing_new,
        "Begin at FROM, and end at the last number that GROUP told.");
  check("a group that is not there", no_group,
        "Look at the answer to GROUP before you go on.");
  check("a server that refuses to show an article", other_error,
        "Only 423 means that the number is not there. Other answers from 400 "
        "on are errors.");
  check("the connection ends within an article", cut_off,
        "An article whose last dot has not come is not complete.");
  return check_end();
}
