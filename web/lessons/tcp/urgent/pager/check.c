/* A server that sends a text, and takes back what was not read yet. */
#include "check.h"
#include <stdio.h>

enum { LINES = 1000, ARRIVE_MS = 100 };

static struct program *pager;
static int server;

static void begin(void) {
  int listener = listen_tcp();
  pager = start("pager", "127.0.0.1", port_of(listener), NULL);
  server = caller(listener);
}

/* All before this is void; it has come when the next thing is done. */
static void void_all(const char *behind) {
  if (failed()) return;
  if (send(server, "!", 1, MSG_OOB | MSG_NOSIGNAL) == -1)
    fail("the urgent byte cannot be sent");
  if (*behind != '\0') say(server, behind);
  pause_ms(ARRIVE_MS);
}

static void enter(const char *wanted) {
  type(pager, "\n");
  prints(pager, wanted);
}

static void enter_at_end(void) {
  hang_up(server);
  type(pager, "\n");
  prints_end(pager);
  ends(pager, 0);
}

static void say_old_lines(void) {
  static char text[LINES * 16];
  size_t n = 0;
  for (int i = 1; i <= LINES; i++)
    n += (size_t)sprintf(text + n, "old %d\n", i);
  say_bytes(server, text, n);
}

static void plain(void) {
  begin();
  say(server, "one\ntwo\n");
  enter("one\n");
  say_slowly(server, "three\n");
  enter("two\n");
  enter("three\n");
  enter_at_end();
}

static void few(void) {
  begin();
  say(server, "old 1\nold 2\nold 3\n");
  enter("old 1\n");
  void_all("new 1\nnew 2\n");
  enter("new 1\n");
  enter("new 2\n");
  enter_at_end();
}

static void many(void) {
  begin();
  say_old_lines();
  enter("old 1\n");
  enter("old 2\n");
  void_all("new 1\nnew 2\n");
  enter("new 1\n");
  enter("new 2\n");
  enter_at_end();
}

static void nothing_read(void) {
  begin();
  say_old_lines();
  void_all("new 1\n");
  enter("new 1\n");
  enter_at_end();
}

/* It waits for a line, and has a half of one. */
static void waiting(void) {
  begin();
  type(pager, "\n");
  say(server, "half of a li");
  pause_ms(ARRIVE_MS);
  void_all("a whole line\n");
  prints(pager, "a whole line\n");
  enter_at_end();
}

static void nothing_behind(void) {
  begin();
  say(server, "old 1\nold 2\n");
  enter("old 1\n");
  void_all("");
  type(pager, "\n");
  pause_ms(ARRIVE_MS);
  say(server, "new 1\n");
  prints(pager, "new 1\n");
  enter_at_end();
}

static void several(void) {
  begin();
  say(server, "old 1\nold 2\n");
  enter("old 1\n");
  void_all("newer 1\nnewer 2\n");
  void_all("newest 1\nnewest 2\n");
  enter("newest 1\n");
  void_all("last\n");
  enter("last\n");
  enter_at_end();
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("no urgent data", plain, "Without urgent data every line is shown.");
  check(
      "urgent data behind three lines", few,
      "What was sent before the mark is also in your own buffer: the lines "
      "that you have received and not shown. Empty it. The urgent byte itself "
      "is no part of the text.");
  check("urgent data behind a thousand lines", many,
        "Most of what was sent before the mark is still in the socket: read it "
        "and throw it away. sockatmark says when you are there. Stop at the "
        "mark: what is behind it is the new text.");
  check("nothing was read before the urgent data came", nothing_read,
        "Look for POLLPRI before you receive: a recv that begins at the mark "
        "goes past it.");
  check("urgent data comes while it waits for a line", waiting,
        "Urgent data can also come while it waits for the rest of a line: poll "
        "for POLLPRI there, too.");
  check("urgent data, and nothing behind it yet", nothing_behind,
        "At the mark there may be nothing more to read: wait for the next line "
        "then, with poll.");
  check("urgent data twice, and once more", several,
        "There is one mark: new urgent data moves it. All before it is void.");
  return check_end();
}
