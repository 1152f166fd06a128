/* A browser, and some that are less content, for ./serve. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TIDE = 1000000, STUCK = 8, MANY = 30, LINES = 40, GONE = 20 };

static const char home[] =
    "<!doctype html>\n<link rel=stylesheet href=style.css>\n"
    "<h1>Harbour office</h1>\n<p><a href=tide.txt>The tides</a>\n";
static const char style[] = "h1 { color: navy; }\n";

static const char *port;
static char tide[TIDE];

static void begin(void) {
  for (size_t i = 0; i < sizeof tide; i++)
    tide[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
  port = free_port();
  start("serve", port, NULL);
}

/* Reads an answer's status line and fields: what it says of its length. */
static long hear_head(int fd, int status) {
  const char *line = hear_line(fd);
  long length = -1;
  char wanted[16];
  snprintf(wanted, sizeof wanted, "HTTP/1.1 %d", status);
  if (!failed() && strncmp(line, wanted, strlen(wanted)) != 0)
    fail("the status line is `%s`; wanted is `%s`", line, wanted);
  for (int i = 0; !failed() && *(line = hear_line(fd)) != '\0'; i++) {
    if (strncasecmp(line, "Content-Length:", 15) == 0)
      length = strtol(line + 15, NULL, 10);
    if (i == LINES) fail("the fields have no end: no empty line comes");
  }
  if (!failed() && length == -1) fail("the answer has no Content-Length");
  return length;
}

static void hear_page(int fd, const char *body, size_t size) {
  long length = hear_head(fd, 200);
  if (!failed() && (size_t)length != size)
    fail("Content-Length is %ld; the page has %zu bytes", length, size);
  hear_bytes(fd, body, size);
}

static void hear_text(int fd, const char *text) {
  hear_page(fd, text, strlen(text));
}

/* An answer that tells of an error, with its text. */
static void hear_problem(int fd, int status) {
  char text[4096];
  long left = hear_head(fd, status);
  while (!failed() && left > 0)
    left -= (long)hear_some(fd, text, left < 4096 ? (size_t)left : sizeof text);
}

#define HOST " HTTP/1.1\r\nHost: alice\r\n"

static void one_page(void) {
  begin();
  int fd = dial(port);
  say(fd, "GET /" HOST "Connection: close\r\n\r\n");
  hear_text(fd, home);
  hear_end(fd);
  fd = dial(port);
  say(fd, "GET /style.css" HOST "connection:close\r\n\r\n");
  hear_text(fd, style);
  hear_end(fd);
}

static void in_pieces(void) {
  begin();
  int fd = dial(port);
  say_slowly(fd, "GET /style.css" HOST "Connection: close\r\n\r\n");
  hear_text(fd, style);
  hear_end(fd);
}

static void missing(void) {
  begin();
  int fd = dial(port);
  say(fd, "GET /nothing" HOST "\r\n");
  hear_problem(fd, 404);
  say(fd, "GET /style" HOST "\r\n");
  hear_problem(fd, 404);
  say(fd, "GET /style.css?v=2" HOST "\r\n");
  hear_text(fd, style);
}

static void head(void) {
  begin();
  int fd = dial(port);
  say(fd, "HEAD /tide.txt" HOST "\r\n");
  long length = hear_head(fd, 200);
  if (!failed() && length != TIDE)
    fail("Content-Length is %ld; a GET would bring %d bytes", length, TIDE);
  say(fd, "GET /style.css" HOST "Connection: close\r\n\r\n");
  hear_text(fd, style);
  hear_end(fd);
}

static void stays(void) {
  begin();
  int fd = dial(port);
  for (int i = 0; i < 3; i++) {
    say(fd, "GET /" HOST "Accept: */*\r\n\r\n");
    hear_text(fd, home);
    say(fd, "GET /style.css" HOST "X: Connection: close\r\n\r\n");
    hear_text(fd, style);
  }
  say(fd, "GET /" HOST "Connection: close\r\n\r\n");
  hear_text(fd, home);
  hear_end(fd);
}

static void old(void) {
  begin();
  int fd = dial(port);
  say(fd, "GET /style.css HTTP/1.0\r\n\r\n");
  hear_text(fd, style);
  hear_end(fd);
}

static void at_once(void) {
  begin();
  int fd = dial(port);
  say(fd, "GET /style.css" HOST "\r\nGET /tide.txt" HOST "\r\nGET /" HOST
          "\r\nGET /nothing" HOST "\r\nGET /sty");
  hear_text(fd, style);
  hear_page(fd, tide, sizeof tide);
  hear_text(fd, home);
  hear_problem(fd, 404);
  say(fd, "le.css" HOST "Connection: close\r\n\r\n");
  hear_text(fd, style);
  hear_end(fd);
}

static void bad(void) {
  static const char *const lines[] = {"hello", "GET /", "GET / FTP/1.1", ""};
  char request[64];
  begin();
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    int fd = dial(port);
    snprintf(request, sizeof request, "%s\r\nHost: a\r\n\r\n", lines[i]);
    say(fd, request);
    hear_problem(fd, 400);
    hear_gone(fd);
  }
  int fd = dial(port);
  say(fd, "DELETE /style.css" HOST "\r\n");
  hear_problem(fd, 501);
}

static void too_large(void) {
  static char flood[8192];
  begin();
  int fd = dial(port);
  memset(flood, 'x', sizeof flood);
  memcpy(flood, "GET / HTTP/1.1\r\nX: ", 19);
  say_bytes(fd, flood, sizeof flood);
  hear_problem(fd, 431);
  hear_gone(fd);
  fd = dial(port);
  say(fd, "GET /" HOST "\r\n");
  hear_text(fd, home);
}

/* They ask for the tides and read nothing; one says half a request. */
static void stuck(void) {
  int slow[STUCK];
  begin();
  for (int i = 0; i < STUCK; i++) {
    slow[i] = dial(port);
    for (int n = 0; n < 12; n++)
      say(slow[i], "GET /tide.txt" HOST "\r\n");
  }
  say(dial(port), "GET /sty");
  for (int i = 0; i < MANY; i++) {
    int fd = dial(port);
    say(fd, "GET /style.css" HOST "\r\n");
    hear_text(fd, style);
    hang_up(fd);
  }
  hear_page(slow[0], tide, sizeof tide);
  hear_page(slow[0], tide, sizeof tide);
}

static void leave(void) {
  begin();
  for (int i = 0; i < GONE; i++) {
    int fd = dial(port);
    say(fd, "GET /tide.txt" HOST "\r\nGET /tide.txt" HOST "\r\n");
    if (i % 2 == 0) {
      end_sending(fd);
      hear_head(fd, 200);
    }
    hang_up_rudely(fd);
  }
  int fd = dial(port);
  say(fd, "GET /" HOST "\r\n");
  hear_text(fd, home);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a page, and another", one_page, NULL);
  check(
      "step 1: a request that comes byte by byte", in_pieces,
      "A request is whole when the empty line has come: look for \\r\\n\\r\\n "
      "in all that came.");
  check("step 1: a request without end", too_large,
        "After 8,192 bytes without an empty line say 431, and close.");
  check("step 1: what is no request, and a method you do not know", bad,
        "400 for what has not three words or another protocol; 501 for the "
        "method.");
  check("step 2: pages that are not there, and a question mark", missing,
        "404 is an answer like others: with its length, and the connection "
        "stays. What follows `?` is not part of the path.");
  check("step 2: HEAD", head,
        "HEAD is answered as GET is, with the same Content-Length, and no "
        "byte behind the empty line.");
  check("step 3: seven requests on one connection", stays,
        "In HTTP/1.1 the connection stays open unless a field Connection "
        "says close.");
  check("step 3: HTTP/1.0", old,
        "Who speaks 1.0 waits for the end of the connection.");
  check("step 3: five requests at once, the last not whole", at_once,
        "What came behind the first request is the next one: keep it, and "
        "answer one after the other.");
  check("step 4: eight who ask much and read nothing", stuck,
        "A send that waits stops everyone. Make the sockets non-blocking, and "
        "go on with POLLOUT.");
  check("step 4: twenty who hang up in the middle", leave,
        "An error of one client ends this one. MSG_NOSIGNAL, and close.");
  return check_end();
}
