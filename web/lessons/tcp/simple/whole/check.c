/* Servers that ./printer HOST PORT prints: in pieces, large, not text, gone. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 200000 };

static struct program *printer;

/* The program's connection. */
static int begin(void) {
  int listener = listen_tcp();
  printer = start("printer", "127.0.0.1", port_of(listener), NULL);
  return caller(listener);
}

static void line(void) {
  int client = begin();
  say(client, "thank you\r\n");
  hang_up(client);
  prints(printer, "thank you\r\n");
  prints_end(printer);
  ends(printer, 0);
}

static void lines(void) {
  int client = begin();
  say(client, "one\n");
  pause_ms(100);
  say(client, "two\n");
  hang_up(client);
  prints(printer, "one\ntwo\n");
  prints_end(printer);
  ends(printer, 0);
}

static void slowly(void) {
  int client = begin();
  say_slowly(client, "thank you");
  hang_up(client);
  prints(printer, "thank you");
  ends(printer, 0);
}

static void bytes(void) {
  int client = begin();
  say_bytes(client, "a\0b\0\0c", 6);
  hang_up(client);
  prints_bytes(printer, "a\0b\0\0c", 6);
  ends(printer, 0);
}

static void large(void) {
  static char text[LARGE + 1];
  for (int i = 0; i < LARGE; i++)
    text[i] = (char)('a' + i / 7 % 26);
  int client = begin();
  say(client, text);
  hang_up(client);
  prints(printer, text);
  prints_end(printer);
  ends(printer, 0);
}

static void nothing(void) {
  hang_up(begin());
  prints_end(printer);
  ends(printer, 0);
}

static void lost(void) {
  int client = begin();
  say(client, "so fa");
  pause_ms(100);
  hang_up_rudely(client);
  ends_badly(printer);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a line, and the end", line, NULL);
  check("two lines, the second one later", lines,
        "the end is where recv returns 0, and not where a line ends or where "
        "nothing has come "
        "yet.");
  check("a byte at a time", slowly, "one recv is one piece, not all of it.");
  check("bytes that are no text", bytes,
        "print as many bytes as recv says, whatever they are.");
  check("200,000 bytes", large,
        "however much it is: print a piece, then receive the next.");
  check("nothing at all", nothing, NULL);
  check("a connection that is lost", lost, "-1 is an error, and not the end.");
  return check_end();
}
