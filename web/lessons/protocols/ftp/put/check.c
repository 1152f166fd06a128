/* An FTP server for ./put HOST PORT PATH, that talks more than it must. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LARGE = 300 * 1024, A_PIECE = 20000 };

static struct program *put;
static int control, passive;
static bool binary;

static const char path[] = "/incoming/crate.bin";

static void begin(const char *greeting) {
  int listener = listen_tcp();
  binary = false;
  passive = -1;
  put = start("put", "127.0.0.1", port_of(listener), path, NULL);
  control = caller(listener);
  say(control, greeting);
}

static void offer_port(bool extended) {
  char text[80];
  unsigned port = 0;
  passive = listen_tcp();
  sscanf(port_of(passive), "%u", &port);
  if (extended)
    snprintf(text, sizeof text, "229 Entering extended mode (|||%u|)\r\n",
             port);
  else
    snprintf(text, sizeof text, "227 Passive (127,0,0,1,%u,%u)\r\n", port >> 8,
             port & 255);
  say(control, text);
}

/* Serves until STOR, with these replies to USER and PASS. */
static void until_stor(const char *user, const char *pass) {
  const char *line = "";
  while (!failed()) {
    line = hear_line(control);
    if (strncasecmp(line, "STOR ", 5) == 0) break;
    if (strncasecmp(line, "USER ", 5) == 0)
      say(control, user);
    else if (strncasecmp(line, "PASS", 4) == 0)
      say(control, pass);
    else if (strncasecmp(line, "TYPE ", 5) == 0)
      binary = strcasecmp(line + 5, "I") == 0, say(control, "200 Fine\r\n");
    else if (strncasecmp(line, "EPSV", 4) == 0 ||
             strncasecmp(line, "PASV", 4) == 0)
      offer_port(strncasecmp(line, "EPSV", 4) == 0);
    else if (!failed())
      fail("sent `%s` where the server waits for STOR", line);
  }
  if (failed()) return;
  if (strcmp(line + 5, path) != 0)
    fail("asked to store `%s`, not `%s`", line + 5, path);
  else if (!binary)
    fail("sent STOR without TYPE I before it: the server may change bytes");
  else if (passive == -1)
    fail("sent STOR without EPSV before it: there is no data connection");
}

static void short_talk(void) {
  until_stor("331 And the password?\r\n", "230 Welcome\r\n");
}

/* As many servers do, says 150 only when the data connection is there. */
static int take_data(void) {
  int data = caller(passive);
  say(control, "150 Go ahead\r\n");
  return data;
}

static void farewell(void) {
  char rest[64];
  hear(control, "QUIT\r\n");
  say(control, "221 Bye\r\n");
  hear_all(control, rest, sizeof rest);
  ends(put, 0);
}

static void stores(void) {
  begin("220 Ready\r\n");
  type(put, "oranges\nlemons\n");
  type_end(put);
  short_talk();
  int data = take_data();
  hear(data, "oranges\nlemons\n");
  hear_end(data);
  say(control, "226 It is here\r\n");
  farewell();
}

static void talkative(void) {
  begin("220-The harbour office greets you.\r\n"
        "150 berths, 230 cranes, 331 clerks,\r\n"
        "\r\n"
        "220-and so on.\r\n"
        " 220 seagulls.\r\n"
        "220 Ready\r\n");
  type(put, "oranges\n");
  type_end(put);
  until_stor("331 And the password?\r\n", "230-Rules of the house:\r\n"
                                          "  no shouting\r\n"
                                          "550 is what shouting gets you\r\n"
                                          "230 Welcome\r\n");
  int data = take_data();
  hear(data, "oranges\n");
  hear_end(data);
  say_slowly(control, "226-All\r\n of it\r\n226 is here\r\n");
  farewell();
}

static void no_password(void) {
  begin("220 Ready\r\n");
  type_end(put);
  until_stor("230 Come in\r\n", "503 You are in\r\n");
  hear_end(take_data());
  say(control, "226 An empty file\r\n");
  farewell();
}

static void late(void) {
  begin("220 Ready\r\n");
  type(put, "oranges\n");
  type_end(put);
  short_talk();
  int data = take_data();
  hear(data, "oranges\n");
  hear_end(data);
  pause_ms(100);
  hear_nothing(control, 50);
  if (!failed() && !still_runs(put))
    fail("ended before the server had said 226: was it stored?");
  say(control, "226 Now it is here\r\n");
  farewell();
}

static void full(void) {
  begin("220 Ready\r\n");
  type(put, "oranges\n");
  type_end(put);
  short_talk();
  int data = take_data();
  hear(data, "oranges\n");
  hear_end(data);
  say(control, "552 The quay is full, nothing is kept\r\n");
  prints_error(put, "552 The quay is full");
  ends_badly(put);
}

static void refused(void) {
  begin("220 Ready\r\n");
  type(put, "oranges\n");
  type_end(put);
  short_talk();
  say(control, "553 No such berth\r\n");
  prints_error(put, "553 No such berth");
  ends_badly(put);
}

static void large(void) {
  static char bytes[LARGE], text[LARGE];
  size_t n = 0;
  for (int i = 0; i < LARGE; i++)
    text[i] = (char)('a' + i % 23);
  text[LARGE - 1] = '\0';
  begin("220 Ready\r\n");
  short_talk();
  int data = take_data();
  for (int at = 0; at < LARGE - 1; at += A_PIECE) {
    char piece[A_PIECE + 1] = {0};
    memcpy(piece, text + at,
           at + A_PIECE < LARGE ? A_PIECE : (size_t)(LARGE - at));
    type(put, piece);
    n += hear_some(data, bytes + n, LARGE - n);
  }
  type_end(put);
  n += hear_all(data, bytes + n, LARGE - n);
  if (!failed() && (n != LARGE - 1 || memcmp(bytes, text, n) != 0))
    fail("of %d bytes %zu came, or others", LARGE - 1, n);
  say(control, "226 It is here\r\n");
  farewell();
}

static void cut_off(void) {
  char much[A_PIECE + 1] = {0};
  memset(much, 'o', A_PIECE);
  begin("220 Ready\r\n");
  type(put, "oranges\n");
  short_talk();
  int data = take_data();
  hear(data, "oranges\n");
  hang_up_rudely(data);
  say(control, "426 The line broke\r\n");
  pause_ms(20);
  type(put, much);
  type_end(put);
  prints_error(put, "426 The line broke");
  ends_badly(put);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it stores two lines", stores,
        "USER, PASS, TYPE I, EPSV and connect, STOR; then the bytes, close, "
        "and the last reply.");
  check("replies of several lines", talkative,
        "A reply ends with the line that has the same code and a space behind "
        "it.");
  check("a server that asks for no password, and an empty file", no_password,
        "230 to USER means that you are in; PASS is for 331.");
  check("a confirmation that comes late", late,
        "The data connection's end is not the confirmation. Read the reply.");
  check("the server has got all, and could not keep it", full,
        "What counts is the reply after the data.");
  check("the server refuses the path", refused,
        "When STOR is refused, send no data, and end.");
  check("300 kilobytes", large, "Send all that you have read, until its end.");
  check("the data connection breaks", cut_off,
        "Send with MSG_NOSIGNAL, then read what the server says about it.");
  return check_end();
}
