/* Callers of ./mirror, over IPv4 and IPv6. */
#include "check.h"
#include <stdio.h>
#include <string.h>

enum { MANY = 20, DESCRIPTORS = 12 };

/* The caller sees itself: this address, and its own port. */
static void sees(int caller, const char *address) {
  char wanted[64];
  if (failed()) return;
  snprintf(wanted, sizeof wanted, "%s %s", address, port_of(caller));
  const char *got = hear_line(caller);
  if (!failed() && strcmp(got, wanted) != 0)
    fail("a caller from %s, port %s, hears `%s`", address, port_of(caller),
         got);
  hear_end(caller);
}

static void four(void) {
  const char *port = free_port();
  start("mirror", port, NULL);
  sees(dial(port), "127.0.0.1");
}

static void six(void) {
  const char *port = free_port();
  start("mirror", port, NULL);
  sees(dial6(port), "::1");
}

static void in_turn(void) {
  const char *port = free_port();
  start("mirror", port, NULL);
  sees(dial(port), "127.0.0.1");
  sees(dial6(port), "::1");
  sees(dial(port), "127.0.0.1");
}

static void at_once(void) {
  const char *port = free_port();
  start("mirror", port, NULL);
  int first = dial6(port);
  int second = dial(port);
  int third = dial6(port);
  sees(third, "::1");
  sees(second, "127.0.0.1");
  sees(first, "::1");
}

static void many(void) {
  char port[8];
  snprintf(port, sizeof port, "%s", free_port());
  limit_descriptors(DESCRIPTORS);
  start("mirror", port, NULL);
  for (int i = 0; i < MANY && !failed(); i++) {
    bool ipv4 = i % 2 == 0;
    int c = ipv4 ? dial(port) : dial6(port);
    sees(c, ipv4 ? "127.0.0.1" : "::1");
    hang_up(c);
  }
}

static void rude(void) {
  const char *port = free_port();
  struct program *mirror = start("mirror", port, NULL);
  hang_up_rudely(dial6(port));
  hang_up_rudely(dial(port));
  sees(dial6(port), "::1");
  if (!still_runs(mirror)) fail("the server does not run any more");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a caller over IPv4", four,
        "In an IPv6 address that is mapped, the last four bytes are the IPv4 "
        "address.");
  check("a caller over IPv6", six,
        "Listen with AF_INET6, and give accept room for a sockaddr_in6.");
  check("one after the other", in_turn,
        "One IPv6 socket serves both, if IPV6_V6ONLY is off.");
  check("three at once", at_once, NULL);
  check("twenty, and few descriptors", many,
        "Close each connection, or the server runs out of descriptors.");
  check("callers that hang up at once", rude,
        "When one caller fails, go on with the next.");
  return check_end();
}
