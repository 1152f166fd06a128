/* Servers that take what ./deliver HOST PORT brings, and such as do not. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { LARGE = 300000, GAP_MS = 100 };

static struct program *program;

/* The program's connection. */
static int begin(void) {
  int listener = listen_tcp();
  program = start("deliver", "127.0.0.1", port_of(listener), NULL);
  return caller(listener);
}

static void type_all(const char *text) {
  type(program, text);
  type_end(program);
}

static void delivered(void) {
  prints(program, "delivered\n");
  ends(program, 0);
}

static void not_delivered(void) {
  prints_end(program);
  ends_badly(program);
}

static void receipt(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hear_end(peer);
  say(peer, "OK\n");
  hang_up(peer);
  delivered();
}

static void slowly(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hear_end(peer);
  pause_ms(GAP_MS);
  say_slowly(peer, "OK\n");
  hang_up(peer);
  delivered();
}

static void large(void) {
  static char text[LARGE + 1];
  for (int i = 0; i < LARGE; i++)
    text[i] = (char)('a' + i / 7 % 26);
  int peer = begin();
  type_all(text);
  hear(peer, text);
  hear_end(peer);
  say(peer, "OK\n");
  hang_up(peer);
  delivered();
}

static void crash(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hang_up_rudely(peer);
  not_delivered();
}

static void no_receipt(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hear_end(peer);
  hang_up(peer);
  not_delivered();
}

static void half_a_receipt(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hear_end(peer);
  say(peer, "O");
  hang_up(peer);
  not_delivered();
}

static void refused(void) {
  int peer = begin();
  type_all("a letter\n");
  hear(peer, "a letter\n");
  hear_end(peer);
  say(peer, "FULL\n");
  hang_up(peer);
  not_delivered();
}

static void left(void) {
  int peer = begin();
  hang_up(peer);
  type(program, "one\n");
  pause_ms(GAP_MS);
  type(program, "two\n");
  pause_ms(GAP_MS);
  type_end(program);
  not_delivered();
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a letter, and its receipt", receipt,
        "Send all of the standard input, then end your stream with shutdown, "
        "and wait for the server's OK and its end.");
  check("the receipt comes late, and byte by byte", slowly,
        "recv gives what has come so far: collect until the end of file.");
  check("300,000 bytes", large, NULL);
  check("the server takes everything, and crashes", crash,
        "That send took the bytes says only that they wait in your host. "
        "Wait for the receipt; a reset in its place means: not delivered.");
  check("the server takes everything, and closes without a word", no_receipt,
        "End of file is no receipt: delivered is what was answered with OK.");
  check("half a receipt", half_a_receipt,
        "Compare the whole answer, OK and the line end.");
  check("the server says FULL", refused,
        "An answer is no receipt: only OK is one.");
  check("the server leaves before the letter comes", left,
        "Once its host has answered with a reset, send fails, and without "
        "MSG_NOSIGNAL it ends your program before that can tell anybody.");
  return check_end();
}
