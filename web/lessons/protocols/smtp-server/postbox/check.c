/* Clients of ./postbox PORT: hasty, rude, long-winded. */
#include "check.h"
#include <stdio.h>
#include <string.h>

enum { LARGEST = 4000 };

static const char *port;
static struct program *postbox;
static bool takes_letters; /* without that, all else would only wait */

/* The next reply has this code; it may have several lines. */
static void replies(int fd, const char *code) {
  const char *line;
  do {
    line = hear_line(fd);
    if (!failed() && strncmp(line, code, 3) != 0)
      fail("the reply was to be %s; it was `%s`", code, line);
  } while (!failed() && line[3] == '-');
}

static void ask(int fd, const char *line, const char *code) {
  say(fd, line);
  replies(fd, code);
}

static int greeted(void) {
  int c = dial(port);
  replies(c, "220");
  ask(c, "EHLO lab\r\n", "250");
  return c;
}

static int begin(void) {
  port = free_port();
  postbox = start("postbox", port, NULL);
  return greeted();
}

static void envelope(int c) {
  ask(c, "MAIL FROM:<eve@lab>\r\n", "250");
  ask(c, "RCPT TO:<bob@lab>\r\n", "250");
}

#define PRINTED "from <eve@lab> to <bob@lab>\n"

static void send_letter(int c, const char *text, const char *code) {
  envelope(c);
  ask(c, "DATA\r\n", "354");
  ask(c, text, code);
}

static void one(void) {
  int c = begin();
  ask(c, "MAIL FROM:<eve@lab>\r\n", "250");
  ask(c, "rcpt to:<bob@lab>\r\n", "250");
  ask(c, "RCPT TO:<Alice@portside.lab>\r\n", "250");
  ask(c, "DATA\r\n", "354");
  ask(c, "Subject: tide\r\n\r\nTen.\r\n.\r\n", "250");
  prints(postbox, "from <eve@lab> to <bob@lab> <Alice@portside.lab>\n"
                  "Subject: tide\n\nTen.\n");
  ask(c, "QUIT\r\n", "221");
  hear_end(c);
  takes_letters = !failed();
}

static void refusals(void) {
  int c = begin();
  ask(c, "MAIL FROM:<eve@lab>\r\n", "250");
  ask(c, "RCPT TO:<dave@lab>\r\n", "550");
  ask(c, "RCPT TO:<bobby@lab>\r\n", "550");
  ask(c, "RCPT TO:<bob@lab>\r\n", "250");
  ask(c, "DATA\r\n", "354");
  ask(c, "x\r\n.\r\n", "250");
  prints(postbox, PRINTED "x\n");
}

static void order(void) {
  port = free_port();
  postbox = start("postbox", port, NULL);
  int c = dial(port);
  replies(c, "220");
  ask(c, "MAIL FROM:<eve@lab>\r\n", "503");
  ask(c, "EHLO lab\r\n", "250");
  ask(c, "RCPT TO:<bob@lab>\r\n", "503");
  ask(c, "DATA\r\n", "503");
  ask(c, "MAIL FROM:<eve@lab>\r\n", "250");
  ask(c, "DATA\r\n", "503");
  ask(c, "MAIL FROM:<mallory@lab>\r\n", "503");
  ask(c, "RCPT TO:<dave@lab>\r\n", "550");
  ask(c, "DATA\r\n", "503");
  ask(c, "RCPT TO:<bob@lab>\r\n", "250");
  ask(c, "DATA\r\n", "354");
  ask(c, "x\r\n.\r\n", "250");
  ask(c, "DATA\r\n", "503");
  prints(postbox, PRINTED "x\n");
}

static void forgetting(void) {
  int c = begin();
  ask(c, "MAIL FROM:<alice@lab>\r\n", "250");
  ask(c, "RCPT TO:<carol@lab>\r\n", "250");
  ask(c, "RSET\r\n", "250");
  ask(c, "DATA\r\n", "503");
  send_letter(c, "one\r\n.\r\n", "250");
  ask(c, "MAIL FROM:<alice@lab>\r\n", "250");
  ask(c, "RCPT TO:<carol@lab>\r\n", "250");
  ask(c, "EHLO again\r\n", "250");
  send_letter(c, "two\r\n.\r\n", "250");
  prints(postbox, PRINTED "one\n" PRINTED "two\n");
}

static void dots(void) {
  int c = begin();
  send_letter(c, "..\r\n...x\r\nx.\r\n. \r\n\r\n.\r\n", "250");
  prints(postbox, PRINTED ".\n..x\nx.\n \n\n");
}

static void at_once(void) {
  int c = begin();
  say(c, "MAIL FROM:<eve@lab>\r\nRCPT TO:<bob@lab>\r\nDATA\r\nx\r\n.\r\nMAIL "
         "FROM:<>\r\nRCPT TO:<carol@lab>\r\nDATA\r\n");
  replies(c, "250");
  replies(c, "250");
  replies(c, "354");
  replies(c, "250");
  replies(c, "250");
  replies(c, "250");
  replies(c, "354");
  say_slowly(c, "QUIT\r\n.\r\n");
  replies(c, "250");
  prints(postbox, PRINTED "x\nfrom <> to <carol@lab>\nQUIT\n");
}

/* So many letters x, with something behind them. */
static const char *row(char *to, size_t n, const char *behind) {
  memset(to, 'x', n);
  strcpy(to + n, behind);
  return to;
}

static void long_lines(void) {
  char line[1100];
  int c = begin();
  envelope(c);
  ask(c, "DATA\r\n", "354");
  for (size_t n = 998; n <= 1003; n++)
    say(c, row(line, n, ".\r\n"));
  ask(c, "RSET\r\n.\r\n", "500");
  ask(c, "NOOP\r\n", "250");
  ask(c, row(line, 1050, "QUIT\r\n"), "500");
  send_letter(c, "short\r\n.\r\n", "250");
  prints(postbox, PRINTED "short\n");
}

static void large(void) {
  char text[LARGEST + 200], wanted[LARGEST + 200];
  size_t n = 0, m = (size_t)sprintf(wanted, PRINTED);
  int c = begin();
  while (n / 102 < 40) {
    row(text + n, 99, "x\r\n");
    row(wanted + m, 99, "x\n");
    n += 102;
    m += 101;
  }
  strcpy(text + n, ".\r\n");
  send_letter(c, text, "552"); /* 40 lines of 101 bytes */
  strcpy(text + n - 102, "0123456789012345678901234567890123456789012345678901"
                         "23456789\r\n.\r\n");
  strcpy(wanted + m - 101,
         "012345678901234567890123456789012345678901234567890123456789\n");
  send_letter(c, text, "250"); /* 39 of them, and 61 */
  prints(postbox, wanted);
}

static void half(void) {
  int c = begin();
  envelope(c);
  ask(c, "DATA\r\n", "354");
  say(c, "half a lett");
  hang_up(c);
  c = greeted();
  envelope(c);
  ask(c, "DATA\r\n", "354");
  say(c, "lines, and no dot\r\n");
  hang_up(c);
  send_letter(greeted(), "whole\r\n.\r\n", "250");
  prints(postbox, PRINTED "whole\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a letter", one, NULL);
  if (!takes_letters) return check_end();
  check("people who do not live here", refusals, NULL);
  check("commands in the wrong order", order,
        "a client may say anything in any order: keep in a state how far it "
        "is, and answer 503 to what does not fit.");
  check("RSET, and EHLO again", forgetting,
        "forget sender and recipients at RSET and at EHLO.");
  check("lines that begin with a dot", dots,
        "the client has put a dot before each line that begins with one: take "
        "one dot away.");
  check("everything in one segment", at_once,
        "what stands behind a command belongs to the next, or to the letter; "
        "and in a letter QUIT is text.");
  check("lines that are too long", long_lines,
        "what does not fit into the buffer is still one line: pass over it up "
        "to its end. Its last bytes are no line of their own.");
  check("a letter that is too large", large,
        "4000 bytes are allowed, with a \\n for each line. Count before you "
        "store, and read on to the dot.");
  check("clients that hang up in a letter", half,
        "a letter is none until its dot has come: print nothing of it "
        "before.");
  return check_end();
}
