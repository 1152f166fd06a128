/* A POP3 server for ./fetch PORT USER PASSWORD. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST = 4, LONG = 9000 };

/* What this check's mailbox has, and what has become of it. */
static struct {
  const char *letters[MOST]; /* as they are sent, without the dot at the end */
  int count;
  int missing; /* the number of one that is not there */
  int broken;  /* ... or where the server hangs up in the middle */
  bool slow;
  const char *at_quit;
  bool given[MOST], deleted[MOST], over;
} box;

static struct program *fetch;
static int peer;
static bool fetches; /* without that, all else would only wait */

static void tell(const char *text) {
  if (box.slow)
    say_slowly(peer, text);
  else
    say(peer, text);
}

static void give(int i) {
  if (i + 1 == box.missing) {
    tell("-ERR it is gone\r\n");
    return;
  }
  tell("+OK\r\n");
  if (i + 1 == box.broken) {
    say(peer, "half of a");
    hang_up(peer);
    box.over = true;
    return;
  }
  tell(box.letters[i]);
  tell(".\r\n");
  box.given[i] = true;
}

static void delete(int i) {
  if (!box.given[i])
    fail("letter %d was deleted before it has come", i + 1);
  else
    tell("+OK\r\n");
  box.deleted[i] = true;
}

static void list(const char *which) {
  char line[32];
  tell("+OK\r\n");
  if (which[0] != '\0') return;
  for (int i = 0; i < box.count; i++) {
    snprintf(line, sizeof line, "%d 100\r\n", i + 1);
    tell(line);
  }
  tell(".\r\n");
}

static void obey(const char *line) {
  char name[8] = "", status[32];
  int number = 0;
  sscanf(line, "%7s %d", name, &number);
  bool exists = number >= 1 && number <= box.count;
  if (strcasecmp(name, "STAT") == 0) {
    snprintf(status, sizeof status, "+OK %d 400\r\n", box.count);
    tell(status);
  } else if (strcasecmp(name, "LIST") == 0) {
    list(number == 0 ? "" : "one");
  } else if (strcasecmp(name, "RETR") == 0 && exists) {
    give(number - 1);
  } else if (strcasecmp(name, "DELE") == 0 && exists) {
    delete(number - 1);
  } else if (strcasecmp(name, "NOOP") == 0) {
    tell("+OK\r\n");
  } else if (strcasecmp(name, "QUIT") == 0) {
    tell(box.at_quit != NULL ? box.at_quit : "+OK bye\r\n");
    hang_up(peer);
    box.over = true;
  } else {
    tell("-ERR what?\r\n");
  }
}

/* Logs the program in, and obeys it until QUIT, or until the server is gone. */
static void serve(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "alice", "harbour", NULL);
  peer = caller(listener);
  tell("+OK pop3\r\n");
  hear(peer, "USER alice\r\n");
  tell("+OK\r\n");
  hear(peer, "PASS harbour\r\n");
  tell("+OK\r\n");
  while (!failed() && !box.over)
    obey(hear_line(peer));
}

static void deletes(bool wanted, int i) {
  if (!failed() && box.deleted[i] != wanted)
    fail(wanted ? "letter %d was not deleted" : "letter %d was deleted", i + 1);
}

static void mailbox(int count) {
  memset(&box, 0, sizeof box);
  box.count = count;
}

static void one(void) {
  mailbox(1);
  box.letters[0] = "Subject: tide\r\n\r\nTen.\r\n";
  serve();
  deletes(true, 0);
  prints(fetch, "--- 1\nSubject: tide\n\nTen.\n");
  prints_end(fetch);
  ends(fetch, 0);
  fetches = !failed();
}

static void dots(void) {
  mailbox(2);
  box.letters[0] = "..\r\n...\r\n..x\r\nx.\r\n. \r\n\r\n";
  box.letters[1] = "+OK\r\n-ERR\r\n";
  serve();
  prints(fetch, "--- 1\n.\n..\n.x\nx.\n \n\n--- 2\n+OK\n-ERR\n");
  ends(fetch, 0);
}

static void slow(void) {
  mailbox(2);
  box.letters[0] = "a\r\n..b\r\n";
  box.letters[1] = "c\r\n";
  box.slow = true;
  serve();
  prints(fetch, "--- 1\na\n.b\n--- 2\nc\n");
  ends(fetch, 0);
}

static void long_line(void) {
  static char line[LONG];
  mailbox(1);
  memset(line, '.', sizeof line);
  line[0] = 'x';
  strcpy(line + sizeof line - 3, "\r\n");
  box.letters[0] = line;
  serve();
  prints(fetch, "--- 1\n");
  prints_bytes(fetch, line, sizeof line - 3);
  prints(fetch, "\n");
  prints_end(fetch);
  ends(fetch, 0);
}

static void empty(void) {
  mailbox(0);
  serve();
  prints_end(fetch);
  ends(fetch, 0);
}

static void missing(void) {
  mailbox(3);
  box.letters[0] = "one\r\n";
  box.letters[2] = "three\r\n";
  box.missing = 2;
  serve();
  deletes(true, 0);
  deletes(false, 1);
  deletes(true, 2);
  prints(fetch, "--- 1\none\n--- 3\nthree\n");
  prints_end(fetch);
  ends_badly(fetch);
}

static void broken(void) {
  mailbox(2);
  box.letters[0] = "one\r\n";
  box.broken = 2;
  serve();
  ends_badly(fetch);
}

static void no_entry(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "alice", "wrong", NULL);
  peer = caller(listener);
  say(peer, "+OK pop3\r\n");
  hear(peer, "USER alice\r\n");
  say(peer, "+OK\r\n");
  hear(peer, "PASS wrong\r\n");
  say(peer, "-ERR no\r\n");
  end_sending(peer);
  prints_end(fetch);
  ends_badly(fetch);
}

static void not_deleted(void) {
  mailbox(1);
  box.letters[0] = "one\r\n";
  box.at_quit = "-ERR some are not deleted\r\n";
  serve();
  ends_badly(fetch);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a letter", one,
        "get it with RETR, delete it with DELE when it has come, and end with "
        "QUIT: without QUIT nothing is deleted.");
  if (!fetches) return check_end();
  check("lines that begin with a dot", dots,
        "only a dot alone is the end; from every other line that begins with "
        "one take one dot away.");
  check("a byte at a time", slow, NULL);
  check("a long line", long_line,
        "a line is a line however long it is: what comes with the next read "
        "does not begin one.");
  check("an empty mailbox", empty, NULL);
  check("a letter that is not there", missing,
        "a response -ERR has no lines and no dot behind it: tell it, go on "
        "with the next letter, and end with a status other than 0.");
  check("the server goes in the middle of a letter", broken,
        "half a letter is none: end with a status other than 0.");
  check("the password is wrong", no_entry, NULL);
  check("QUIT fails", not_deleted,
        "letters are deleted at QUIT, and its response says whether that has "
        "worked.");
  return check_end();
}
