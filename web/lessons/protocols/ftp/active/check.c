/* An FTP server for ./active HOST PORT PATH that calls its client. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LARGE = 200 * 1024, A_WHILE = 60 };

static struct program *active;
static int control;
static char told[8]; /* the port that the client has told */

static const char path[] = "/stories/one.txt";

static void take_offer(const char *line, bool six) {
  const char *wanted = six ? "|2|::1|" : "|1|127.0.0.1|";
  unsigned port, a, b;
  if (!six && sscanf(line, "PORT 127,0,0,1,%u,%u", &a, &b) == 2)
    port = a << 8 | b;
  else if (strncmp(line + 5, wanted, strlen(wanted)) != 0 ||
           sscanf(line + 5 + strlen(wanted), "%u|", &port) != 1) {
    fail("sent `%s`, but it can be reached at %s, a port, and |", line, wanted);
    return;
  }
  snprintf(told, sizeof told, "%u", port);
  say(control, "200 There I will call\r\n");
}

/* Up to RETR. */
static void begin(bool six) {
  int listener = six ? listen_tcp6() : listen_tcp();
  active =
      start("active", six ? "::1" : "127.0.0.1", port_of(listener), path, NULL);
  control = caller(listener);
  told[0] = '\0';
  say(control, "220 Ready\r\n");
  while (!failed()) {
    const char *line = hear_line(control);
    if (failed()) return;
    if (strncasecmp(line, "RETR ", 5) == 0) break;
    if (strncasecmp(line, "USER ", 5) == 0)
      say(control, "230 Come in\r\n");
    else if (strncasecmp(line, "EPRT ", 5) == 0 ||
             strncasecmp(line, "PORT ", 5) == 0)
      take_offer(line, six);
    else if (strcasecmp(line, "EPSV") == 0 || strcasecmp(line, "PASV") == 0)
      say(control, "502 Nobody can call me\r\n");
    else
      say(control, "200 Fine\r\n");
  }
  if (told[0] == '\0') fail("sent RETR without EPRT before it");
}

/* The rest of a text, and the whole of what is to be printed. */
static void finish(int data, const char *rest, const char *text) {
  say(data, rest);
  hang_up(data);
  say(control, "226 That was all\r\n");
  hear(control, "QUIT\r\n");
  say(control, "221 Bye\r\n");
  prints(active, text);
  prints_end(active);
  ends(active, 0);
}

static void send_all(int data, const char *text) { finish(data, text, text); }

static void fetches(void) {
  begin(false);
  say(control, "150 Here it comes\r\n");
  send_all(dial(told), "It was a dark\nand stormy night.\n");
}

static void six(void) {
  begin(true);
  say(control, "150 Here it comes\r\n");
  send_all(dial6(told), "It was a dark night.\n");
}

static void early(void) {
  begin(false);
  int data = dial(told);
  say(data, "Once ");
  pause_ms(A_WHILE);
  say(control, "150 Here it comes\r\n");
  finish(data, "upon a time\n", "Once upon a time\n");
}

static void late(void) {
  begin(false);
  say(control, "150 Here it comes\r\n");
  pause_ms(A_WHILE);
  send_all(dial(told), "Late, but here.\n");
}

static void refused(const char *reply) {
  begin(false);
  say(control, reply);
  prints_error(active, reply);
  prints_end(active);
  ends_badly(active);
}

static void not_there(void) {
  refused("550 No such story"
          "\r\n");
}

static void no_way(void) { refused("425 You cannot be reached\r\n"); }

static void lost(void) {
  begin(false);
  say(control, "150 Here it comes\r\n");
  int data = dial(told);
  say(data, "It was a d");
  hang_up(data);
  say(control, "426 The line broke\r\n");
  ends_badly(active);
}

static void large(void) {
  static char text[LARGE + 1];
  for (int i = 0; i < LARGE; i++)
    text[i] = (char)(i % 61 == 60 ? '\n' : 'a' + i % 23);
  begin(false);
  say(control, "150 Here it comes\r\n");
  send_all(dial(told), text);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it tells its address and port, and takes the call", fetches,
        "Tell the address that your control connection comes from, and the "
        "port that the listening socket has got.");
  check("a server that has been reached by IPv6", six,
        "Listen with the family of the control connection; 2 stands for IPv6.");
  check("a server that calls before it says 150", early,
        "Listen before you send RETR: the system then takes the call.");
  check("a server that calls late", late, "accept waits until somebody calls.");
  check("a file that is not there", not_there,
        "Read the reply to RETR first; if it says no, nobody will call.");
  check("a server that cannot call", no_way,
        "425 is a no: nobody will call, so do not wait.");
  check("a file that is cut off", lost,
        "Read the reply after the data: it says whether that was all.");
  check("200 kilobytes", large, NULL);
  return check_end();
}
