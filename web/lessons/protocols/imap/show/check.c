/* An IMAP server for ./show PORT USER PASSWORD NUMBER, full of news. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct program *show;
static int peer;
static char tag[32];
static bool shows; /* without that, all else would only wait */

/* The program's next command, which must be this, in any case of letters. */
static void told(const char *wanted) {
  char command[128] = "";
  const char *line = hear_line(peer);
  sscanf(line, "%31s %127[^\n]", tag, command);
  if (!failed() && strcasecmp(command, wanted) != 0)
    fail("the command was to be a tag and `%s`; it was `%s`", wanted, line);
}

static void done(const char *text) {
  char line[128];
  snprintf(line, sizeof line, "%s %s\r\n", tag, text);
  say(peer, line);
}

static void log_in(void) {
  int listener = listen_tcp();
  show = start("show", port_of(listener), "alice", "two words", "3", NULL);
  peer = caller(listener);
  say(peer, "* OK imap\r\n");
  told("LOGIN \"alice\" \"two words\"");
}

static void ask(void) {
  log_in();
  done("OK welcome");
  told("EXAMINE INBOX");
  say(peer, "* 4 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n");
  done("OK [READ-ONLY] open");
  told("FETCH 3 BODY.PEEK[]");
}

static void log_out(void) {
  told("LOGOUT");
  say(peer, "* BYE bye\r\n");
  done("OK bye");
  hang_up(peer);
}

static void one(void) {
  ask();
  say(peer, "* 3 FETCH (BODY[] {25}\r\nSubject: tide\r\n\r\nTen.\r\n\r\n)\r\n");
  done("OK that is all");
  log_out();
  prints(show, "Subject: tide\r\n\r\nTen.\r\n\r\n");
  prints_end(show);
  ends(show, 0);
  shows = !failed();
}

#define TRAP                                                                   \
  ")\r\na3 OK not yet\r\n* BYE {9}\r\n * 3 FETCH (BODY[] \"x\")\r\n.\r\nend"

static void trap(void) {
  char size[64];
  ask();
  snprintf(size, sizeof size, "* 3 FETCH (BODY[] {%zu}\r\n", strlen(TRAP));
  say(peer, size);
  say(peer, TRAP ")\r\n");
  done("OK that is all");
  log_out();
  prints(show, TRAP);
  prints_end(show);
  ends(show, 0);
}

static void slow(void) {
  ask();
  say_slowly(peer, "* 3 FETCH (BODY[] {6}\r\nA\r\n)\r\n)\r\n");
  done("OK that is all");
  log_out();
  prints(show, "A\r\n)\r\n");
  prints_end(show);
  ends(show, 0);
}

static void news(void) {
  ask();
  say(peer, "* 5 EXISTS\r\n* 3 FETCH (FLAGS (\\Seen))\r\n"
            "* 3 FETCH (FLAGS (\\Seen) BODY[] {4}\r\nTen. UID 17)\r\n"
            "* 3 FETCH (FLAGS ())\r\n* OK take your time\r\n");
  done("OK that is all");
  log_out();
  prints(show, "Ten.");
  prints_end(show);
  ends(show, 0);
}

static void other(void) {
  ask();
  say(peer, "* 33 FETCH (BODY[] {4}\r\nno1\n)\r\n"
            "* 3 FETCH (UID 17 BODY[] {4}\r\nTen.)\r\n"
            "* 2 FETCH (BODY[] \"no2\")\r\n");
  done("OK that is all");
  log_out();
  prints(show, "Ten.");
  prints_end(show);
  ends(show, 0);
}

static void quoted(void) {
  ask();
  say(peer,
      "* 3 FETCH (BODY[] \"say \\\"ten\\\", {4} or \\\\ (x)\" UID 17)\r\n");
  done("OK that is all");
  log_out();
  prints(show, "say \"ten\", {4} or \\ (x)");
  prints_end(show);
  ends(show, 0);
}

static void late(void) {
  ask();
  say(peer, "* 3 FETCH (BODY[] {4}\r\nTen.)\r\n");
  say(peer, "a0 OK an old one\r\n");
  hear_nothing(peer, 50);
  done("OK that is all");
  log_out();
  prints(show, "Ten.");
  ends(show, 0);
}

/* The program may still say LOGOUT, and then it ends with an error. */
static void leaves(void) {
  char line[128] = "", command[16] = "";
  size_t n = hear_some(peer, line, sizeof line - 1);
  if (n > 0 && sscanf(line, "%31s %15s", tag, command) == 2) {
    if (strcasecmp(command, "LOGOUT") != 0)
      fail("the program goes on with `%s`", command);
    say(peer, "* BYE bye\r\n");
    done("OK bye");
  }
  hang_up(peer);
  prints_end(show);
  ends_badly(show);
}

static void refused(void) {
  log_in();
  done("NO who is that?");
  leaves();
  ask();
  say(peer, "* 3 FETCH (FLAGS ())\r\n");
  done("NO it is locked");
  leaves();
}

static void missing(void) {
  ask();
  say(peer, "* 3 FETCH (FLAGS (\\Deleted))\r\n");
  done("OK nothing there");
  log_out();
  prints_end(show);
  ends_badly(show);
}

static void cut(void) {
  ask();
  say(peer, "* 3 FETCH (BODY[] {400}\r\nTen.\r\n");
  hang_up(peer);
  ends_badly(show);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a letter", one, NULL);
  if (!shows) return check_end();
  check("a letter that looks like IMAP", trap,
        "nothing in a literal is a command's end: count the bytes, and read "
        "the rest of the response behind them.");
  check("a byte at a time", slow, NULL);
  check("news before and behind the letter", news,
        "a FETCH without a letter in it is news about flags: read on up to the "
        "line with your tag.");
  check("news about other letters", other,
        "a response about another letter is not the one you want: look at its "
        "number, all of it.");
  check("a short letter in quotes", quoted,
        "a string may come as a quoted string in place of a literal; then \\\\ "
        "stands before each \\\" and \\\\ that belongs to it.");
  check("an answer to another command", late,
        "only the tag of the command that you sent last ends it.");
  check("the server says NO", refused,
        "the line with its tag says whether a command has worked.");
  check("OK, but no letter", missing,
        "OK without a letter is a letter that is not there: end with a status "
        "other than 0.");
  check("the server goes in the middle", cut, "half a letter is none.");
  return check_end();
}
