/* Clients of a server that sends each datagram back in reverse order. */
#include "check.h"
#include <string.h>

enum { LARGE = 9000 };

static void ask(int fd, const char *port, const char *text,
                const char *wanted) {
  say_datagram(fd, port, text, strlen(text));
  hear_this_datagram(fd, wanted, strlen(wanted));
}

static void one(void) {
  const char *port = free_port();
  start("server", port, NULL);
  ask(datagrams(), port, "stressed", "desserts");
}

static void take_turns(void) {
  const char *port = free_port();
  int a = datagrams(), b = datagrams();
  start("server", port, NULL);
  for (int i = 0; i < 3; i++) {
    ask(a, port, "ab", "ba");
    ask(b, port, "12", "21");
  }
}

static void one_at_once(void) {
  const char *port = free_port();
  int a = datagrams(), b = datagrams();
  start("server", port, NULL);
  ask(a, port, "1", "1");
  say_datagram(a, port, "ab", 2);
  say_datagram(b, port, "cd", 2);
  say_datagram(a, port, "ef", 2);
  hear_this_datagram(a, "ba", 2);
  hear_this_datagram(a, "fe", 2);
  hear_this_datagram(b, "dc", 2);
}

static void empty(void) {
  const char *port = free_port();
  int client = datagrams();
  start("server", port, NULL);
  ask(client, port, "", "");
  ask(client, port, "on", "no");
}

static void no_text(void) {
  const char *port = free_port();
  int client = datagrams();
  start("server", port, NULL);
  say_datagram(client, port, "a\0b\0c\0", 6);
  hear_this_datagram(client, "\0c\0b\0a", 6);
}

static void shorter(void) {
  const char *port = free_port();
  int client = datagrams();
  start("server", port, NULL);
  ask(client, port, "abcdefghijklm", "mlkjihgfedcba");
  ask(client, port, "xyz", "zyx");
}

static void large(void) {
  static char sent[LARGE], wanted[LARGE];
  const char *port = free_port();
  int client = datagrams();
  for (size_t i = 0; i < LARGE; i++)
    sent[i] = wanted[LARGE - 1 - i] = (char)('a' + i % 26);
  start("server", port, NULL);
  say_datagram(client, port, sent, LARGE);
  hear_this_datagram(client, wanted, LARGE);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it answers one datagram", one,
        "sendto takes the address that recvfrom has told.");
  check(
      "two clients take turns", take_turns,
      "Answer to the address that recvfrom has told with this very datagram.");
  check("three datagrams from two clients at once", one_at_once,
        "Each recvfrom gives one datagram and its sender; answer it before the "
        "next.");
  check("an empty datagram, then another", empty,
        "An empty datagram is no end: recvfrom returns 0, and sendto can send "
        "0 bytes.");
  check("bytes that are no text", no_text,
        "recvfrom returns how many bytes came; a zero byte among them ends "
        "nothing.");
  check("a long datagram, then a short one", shorter,
        "Of the buffer, only what recvfrom has returned is this datagram's.");
  check("a datagram of 9000 bytes", large,
        "A buffer that is too small cuts the datagram, and the rest is lost.");
  return check_end();
}
