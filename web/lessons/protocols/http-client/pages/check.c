/* A server for ./pages PORT PATH..., which answers in every way it may. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int listener;
static bool knows_length; /* without that, all else would only wait */

/* The program's next request, which must be for this path. */
static void asked(int peer, const char *path) {
  char wanted[64];
  bool has_host = false;
  snprintf(wanted, sizeof wanted, "GET %s HTTP/1.1", path);
  const char *line = hear_line(peer);
  if (!failed() && strcmp(line, wanted) != 0)
    fail("the request began with `%s`, and not with `%s`", line, wanted);
  while (!failed() && *(line = hear_line(peer)) != '\0')
    if (strncasecmp(line, "Host:", 5) == 0) has_host = true;
  if (!failed() && !has_host) fail("the request has no field Host");
}

static void one(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/", NULL);
  int peer = caller(listener);
  asked(peer, "/");
  say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nharbour\n");
  ends(p, 0);
  prints(p, "harbour\n");
  prints_end(p);
  knows_length = !failed();
}

static void three(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/a", "/b", "/c", NULL);
  int peer = caller(listener);
  asked(peer, "/a");
  say_slowly(peer, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none\n");
  asked(peer, "/b");
  say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  asked(peer, "/c");
  say(peer, "HTTP/1.1 200 \r\nContent-Length: 6\r\n\r\nth");
  say(peer, "ree\n");
  ends(p, 0);
  prints(p, "one\nthree\n");
  prints_end(p);
}

static void names(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/a", "/b", NULL);
  int peer = caller(listener);
  asked(peer, "/a");
  say(peer, "HTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\none\n");
  asked(peer, "/b");
  say(peer, "HTTP/1.1 200 OK\r\nX-Content-Length: 1\r\nCONTENT-LENGTH:   4\r\n"
            "\r\ntwo\n");
  ends(p, 0);
  prints(p, "one\ntwo\n");
}

static void any_bytes(void) {
  static const char content[] = "\0\1\r\n\r\n\377\0 end";
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/", NULL);
  int peer = caller(listener);
  asked(peer, "/");
  say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
  say_bytes(peer, content, sizeof content - 1);
  ends(p, 0);
  prints_bytes(p, content, sizeof content - 1);
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void chunks(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/a", "/b", NULL);
  int peer = caller(listener);
  asked(peer, "/a");
  say(peer, CHUNKED "6\r\nhar");
  say(peer, "bou\r\n2\r\nr\n\r\n0\r\n\r\n");
  asked(peer, "/b");
  say_slowly(peer, CHUNKED "A\r\n0\r\n\r\n1\r\n4\n\r\n10;x=\"y\"\r\n"
                           "0123456789abcde\n\r\n00\r\n\r\n");
  ends(p, 0);
  prints(p, "harbour\n0\r\n\r\n1\r\n4\n0123456789abcde\n");
  prints_end(p);
}

static void trailer(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/a", "/b", NULL);
  int peer = caller(listener);
  asked(peer, "/a");
  say(peer, CHUNKED "4\r\none\n\r\n0\r\nSum: 7\r\nBy: alice\r\n\r\n");
  asked(peer, "/b");
  say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntwo\n");
  ends(p, 0);
  prints(p, "one\ntwo\n");
}

static void missing(void) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/a", "/b", "/c", NULL);
  int peer = caller(listener);
  asked(peer, "/a");
  say(peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 8\r\n\r\nnothing\n");
  asked(peer, "/b");
  say(peer, "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n"
            "4\r\nbad\n\r\n0\r\n\r\n");
  asked(peer, "/c");
  say(peer, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthree\n");
  ends_badly(p);
  prints(p, "three\n");
  prints_end(p);
  prints_error(p, "404");
}

static void cut_at(const char *answer) {
  listener = listen_tcp();
  struct program *p = start("pages", port_of(listener), "/", NULL);
  int peer = caller(listener);
  asked(peer, "/");
  say(peer, answer);
  hang_up(peer);
  ends_badly(p);
}

static void cut(void) {
  cut_at("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nharbour\n");
  cut_at(CHUNKED "40\r\nharbour\n");
  cut_at(CHUNKED "8\r\nharbour\n\r\n");
  cut_at("HTTP/1.1 200 OK\r\nContent-Le");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a page, and the server does not hang up", one,
        "the connection stays open: Content-Length says where the content "
        "ends.");
  if (!knows_length) return check_end();
  check("three pages over one connection", three, NULL);
  check("the names of fields", names,
        "names of fields are written in any case, and spaces before the value "
        "are optional.");
  check("a page of any bytes", any_bytes,
        "content may have zero bytes in it: it is not a string.");
  check("pages in chunks", chunks,
        "a chunk begins with its size in hexadecimal, and there may be "
        "something behind it after a `;`. Then come exactly so many bytes, and "
        "\\r\\n.");
  check("a page in chunks with a trailer", trailer,
        "fields may follow the last chunk: read up to the empty line.");
  check("pages that are not there", missing,
        "skip the content of an answer that is not 200, and go on with the "
        "next path.");
  check("an answer that is cut short", cut,
        "it ended too early: say so, and end with a status other than 0.");
  return check_end();
}
