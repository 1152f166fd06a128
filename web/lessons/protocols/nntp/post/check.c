/* A news server for ./post HOST PORT. */
#include "check.h"
#include <stdio.h>
#include <string.h>

enum { LONG = 3000, BUFFER = 512, WIDTH = 50, LARGE = 800 * WIDTH };

static struct program *post;
static int server;

/* The article is there before the server answers. */
static void begin(const char *reply, const char *article) {
  int listener = listen_tcp();
  post = start("post", "127.0.0.1", port_of(listener), NULL);
  type(post, article);
  type_end(post);
  server = caller(listener);
  say(server, "200 The board\r\n");
  hear(server, "POST\r\n");
  say_slowly(server, reply);
}

static void posts(const char *article, const char *block) {
  begin("340 Go ahead\r\n", article);
  hear(server, block);
  say(server, "240 It hangs\r\n");
  hear(server, "QUIT\r\n");
  say(server, "205 Bye\r\n");
  ends(post, 0);
}

static void plain(void) {
  posts("From: bob@lab\nSubject: ahoy\n\nLost: one gull.\n",
        "From: bob@lab\r\nSubject: ahoy\r\n\r\nLost: one gull.\r\n.\r\n");
}

static void dots(void) {
  posts("Subject: dots\n\n.\n..\n.hidden\na.\n\n.\n",
        "Subject: dots\r\n\r\n..\r\n...\r\n..hidden\r\na.\r\n\r\n..\r\n.\r\n");
  posts(".\n", "..\r\n.\r\n");
}

static void ends_of_lines(void) {
  posts("Subject: a\r\n\r\n.b\r\nc\n", "Subject: a\r\n\r\n..b\r\nc\r\n.\r\n");
}

static void no_end(void) {
  posts("Subject: a\n\nno end", "Subject: a\r\n\r\nno end\r\n.\r\n");
  posts("Subject: a\n\n.", "Subject: a\r\n\r\n..\r\n.\r\n");
}

static void long_line(void) {
  char line[LONG + 1], article[LONG + 8], block[LONG + 16];
  memset(line, 'x', LONG);
  line[LONG] = '\0';
  for (int at = BUFFER / 2; at < LONG; at++) /* wherever a buffer may end */
    if (at % BUFFER > BUFFER - 4 || at % BUFFER < 4) line[at] = '.';
  snprintf(article, sizeof article, "%s\n", line);
  snprintf(block, sizeof block, "%s\r\n.\r\n", line);
  posts(article, block);
}

static void large(void) {
  static char article[LARGE + 1], block[2 * LARGE];
  size_t n = 0;
  for (int i = 0; i < LARGE; i++) {
    article[i] = i % WIDTH == WIDTH - 1 ? '\n' : i % WIDTH == 0 ? '.' : 'o';
    if (article[i] == '.') block[n++] = '.';
    if (article[i] == '\n') block[n++] = '\r';
    block[n++] = article[i];
  }
  strcpy(block + n, ".\r\n");
  posts(article, block);
}

static void may_not(void) {
  begin("440 Nobody may post here\r\n", "Subject: a\n\nb\n");
  prints_error(post, "440 Nobody may post here");
  ends_badly(post);
}

static void refused(void) {
  begin("340 Go ahead\r\n", "Subject: a\n\nb\n");
  hear(server, "Subject: a\r\n\r\nb\r\n.\r\n");
  say(server, "441 Say who you are\r\n");
  prints_error(post, "441 Say who you are");
  ends_badly(post);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("an article", plain, NULL);
  check("lines that begin with dots", dots,
        "Put one dot more before each line that begins with one.");
  check("lines that end with \\r\\n already", ends_of_lines,
        "Each line ends with one \\r\\n, however it ended before.");
  check("a last line without an end", no_end,
        "End the last line before you send the dot.");
  check("a line longer than any buffer", long_line,
        "A long line stays one line, and a dot within it stays as it is.");
  check("40 kilobytes", large, "Send all of it.");
  check("a server where nobody may post", may_not,
        "Send the article only when the reply is 340.");
  check("a server that refuses the article", refused,
        "The reply after the dot says whether it was taken.");
  return check_end();
}
