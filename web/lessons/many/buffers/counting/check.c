/* Clients of ./counting PORT, some of which do not read. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAR = 1000000, PIECE = 65536, HANG_UPS = 3 };

static const char *port;

static void begin(void) {
  port = free_port();
  start("counting", port, NULL);
}

/* 1 to FAR, each on a line. */
static size_t far_text(char **text) {
  size_t n = 0;
  *text = malloc((size_t)FAR * 8);
  if (*text == NULL) abort();
  for (int i = 1; i <= FAR; i++)
    n += (size_t)sprintf(*text + n, "%d\n", i);
  return n;
}

/* In pieces, so that patience is for each. */
static void hear_far(int fd, const char *text, size_t n) {
  for (size_t at = 0; at < n && !failed(); at += PIECE)
    hear_bytes(fd, text + at, n - at < PIECE ? n - at : PIECE);
}

static void small(void) {
  begin();
  int fd = dial(port);
  say_slowly(fd, "3\n");
  hear(fd, "1\n2\n3\n");
  say(fd, "11\n");
  hear(fd, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n");
}

static void several(void) {
  begin();
  int fd = dial(port);
  say(fd, "2\n1\n0\n3\n");
  end_sending(fd);
  hear(fd, "1\n2\n1\n1\n2\n3\n");
  hear_end(fd);
}

static void slow(void) {
  begin();
  int slow = dial(port), slower = dial(port);
  say(slow, "9000000\n");
  say(slower, "9000000\n");
  hear(slow, "1\n");
  hear(slower, "1\n");
  pause_ms(100);
  int fd = dial(port);
  say(fd, "2\n");
  hear(fd, "1\n2\n");
}

static void later(void) {
  char *text;
  size_t n = far_text(&text);
  begin();
  int fd = dial(port);
  say(fd, "1000000\n");
  int other = dial(port); /* when it is served, the first one's turn is over */
  say(other, "1\n");
  hear(other, "1\n");
  say(fd, "2\n");
  hear_far(fd, text, n);
  hear(fd, "1\n2\n");
  free(text);
}

static void gone(void) {
  begin();
  int fd = dial(port);
  for (int i = 0; i < HANG_UPS; i++) {
    int other = dial(port);
    say(other, "9000000\n");
    hear(other, "1\n2\n");
    end_sending(other);
    hang_up_rudely(other);
  }
  say(fd, "1\n");
  hear(fd, "1\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one client, and small numbers", small, NULL);
  check("several requests in one segment", several,
        "The next request may have come already: look for it in your buffer "
        "before you wait for more.");
  check("two read nothing, and a third asks", slow,
        "Nobody may wait in send: O_NONBLOCK, and POLLOUT while something is "
        "left.");
  check("a million, read late, and another request meanwhile", later,
        "Go on behind what send took. EAGAIN is no error, it means later. And "
        "answer requests one after the other.");
  check("clients that hang up in the midst of an answer", gone,
        "MSG_NOSIGNAL keeps SIGPIPE from you. When one fails, drop it.");
  return check_end();
}
