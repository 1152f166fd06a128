/* Browsers, of a kind, for ./note PORT. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 1000, NONE = -1 };

static const char *port;
static bool allows_put, is_last; /* in the answer heard last */

static int begin(void) {
  port = free_port();
  start("note", port, NULL);
  return dial(port);
}

/* Hears the head of an answer, which must have this status. Its Content-Length,
 * or NONE. */
static int hear_head(int fd, int wanted) {
  int length = NONE, status = 0;
  allows_put = is_last = false;
  const char *line = hear_line(fd);
  if (!failed() && sscanf(line, "HTTP/1.1 %d", &status) != 1)
    fail("an answer was to begin here, with HTTP/1.1 %d; it was `%s`", wanted,
         line);
  if (!failed() && status != wanted)
    fail("the status was %d, and not %d", status, wanted);
  while (!failed() && *(line = hear_line(fd)) != '\0') {
    if (strncasecmp(line, "Content-Length:", 15) == 0) length = atoi(line + 15);
    if (strncasecmp(line, "Allow:", 6) == 0)
      allows_put = strstr(line, "PUT") != NULL;
    if (strncasecmp(line, "Connection:", 11) == 0)
      is_last = strstr(line, "close") != NULL;
  }
  return length;
}

static void hear_note_bytes(int fd, const void *note, size_t size) {
  int length = hear_head(fd, 200);
  if (!failed() && length != (int)size)
    fail("Content-Length was to be %zu; it was %d", size, length);
  hear_bytes(fd, note, size);
}

static void hear_note(int fd, const char *note) {
  hear_note_bytes(fd, note, strlen(note));
}

/* An answer whose content does not matter. */
static void hear_status(int fd, int status) {
  char content[4096];
  int length = hear_head(fd, status);
  if (!failed() && (length < 0 || length > (int)sizeof content))
    fail("the answer %d has no Content-Length, or a very large one", status);
  for (size_t left = failed() ? 0 : (size_t)length; left > 0 && !failed();)
    left -= hear_some(fd, content, left);
}

static void hear_stored(int fd) {
  int length = hear_head(fd, 204);
  if (!failed() && length > 0) fail("204 says that there is no content");
}

#define GET "GET /note HTTP/1.1\r\nHost: lab\r\n\r\n"
#define HEAD "HEAD /note HTTP/1.1\r\nHost: lab\r\n\r\n"
#define PUT "PUT /note HTTP/1.1\r\nHost: lab\r\nContent-Length: "

static void get_and_put(void) {
  int c = begin();
  say(c, GET);
  hear_note(c, "nothing\n");
  say(c, PUT "6\r\n\r\ntide 3");
  hear_stored(c);
  say(c, GET);
  hear_note(c, "tide 3");
  say(c, PUT "0\r\n\r\n");
  hear_stored(c);
  say(c, GET);
  hear_note(c, "");
}

static void pieces(void) {
  int c = begin();
  say_slowly(c, "PUT /note HTTP/1.1\r\nhost:lab\r\ncontent-length:7\r\n\r\n"
                "a\r\n\r\nb\n");
  hear_stored(c);
  say(c, GET PUT "3\r\n\r\nnew" GET GET);
  hear_note(c, "a\r\n\r\nb\n");
  hear_stored(c);
  hear_note(c, "new");
  hear_note(c, "new");
}

static void head(void) {
  int c = begin();
  say(c, HEAD);
  int length = hear_head(c, 200);
  if (!failed() && length != 8)
    fail("Content-Length was to be 8, as for GET; it was %d", length);
  hear_nothing(c, 50);
  say(c, GET);
  hear_note(c, "nothing\n");
}

static void bytes(void) {
  static const char note[] = "a\0b\377\0";
  char largest[LONGEST];
  memset(largest, 'x', sizeof largest);
  int c = begin();
  say(c, PUT "6\r\n\r\n");
  say_bytes(c, note, sizeof note);
  hear_stored(c);
  say(c, GET);
  hear_note_bytes(c, note, sizeof note);
  say(c, PUT "1000\r\n\r\n");
  say_bytes(c, largest, sizeof largest);
  hear_stored(c);
  say(c, GET);
  hear_note_bytes(c, largest, sizeof largest);
}

static void not_wanted(void) {
  int c = begin();
  say(c, "PUT /other HTTP/1.1\r\nHost: lab\r\nContent-Length: 35\r\n\r\n"
         "PUT /note HTTP/1.1\r\nHost: lab\r\n\r\nx\n" GET);
  hear_status(c, 404);
  hear_note(c, "nothing\n");
  say(c,
      "POST /note HTTP/1.1\r\nHost: lab\r\nContent-Length: 4\r\n\r\nGET " GET);
  hear_status(c, 405);
  if (!failed() && !allows_put) fail("405 has no field Allow with PUT in it");
  hear_note(c, "nothing\n");
}

static void last(void) {
  int c = begin();
  say(c, "GET /note HTTP/1.1\r\nHost: lab\r\nconnection: Close\r\n\r\n");
  hear_note(c, "nothing\n");
  hear_end(c);
  if (!failed() && !is_last)
    fail("the last answer does not say `Connection: close`");
  c = dial(port);
  say(c, "GET /note HTTP/1.0\r\n\r\n");
  hear_note(c, "nothing\n");
  hear_end(c);
}

static void half(void) {
  int c = begin();
  say(c, PUT "100\r\n\r\nhalf of");
  hang_up(c);
  c = dial(port);
  say(c, GET);
  hear_note(c, "nothing\n");
}

static void refused(const char *request, int status) {
  int c = dial(port);
  say(c, request);
  hear_status(c, status);
  hear_end(c);
}

static void lengths(void) {
  hang_up(begin());
  refused(PUT "1001\r\n\r\n", 413);
  refused(PUT "4294967298\r\n\r\n", 413);
  refused(PUT "-1\r\n\r\n", 400);
  refused(PUT "12 knots\r\n\r\n", 400);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a note is read and written", get_and_put,
        "behind the head of a PUT there are Content-Length bytes: the note.");
  check("a byte at a time, and requests in one segment", pieces,
        "the content ends after Content-Length bytes, whatever they are; the "
        "next request follows.");
  check("HEAD", head,
        "the answer to HEAD is that to GET, with its Content-Length, but "
        "without the content.");
  check("a note of any bytes", bytes,
        "a note is a number of bytes, and no string.");
  check("content that is not wanted", not_wanted,
        "read the content of each request, even if you do not want it: it must "
        "not be taken for the next request.");
  check("the last request", last,
        "after `Connection: close`, and after a request of HTTP/1.0, the "
        "server closes the connection.");
  check("a client that hangs up in a note", half,
        "what had not come as a whole is no note.");
  check("lengths that cannot be", lengths,
        "compare a length with the room before you use it, and see that it is "
        "a number; then answer and close the connection.");
  return check_end();
}
