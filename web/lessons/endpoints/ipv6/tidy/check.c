/* Endpoints for ./tidy, written in many ways. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static struct program *tidy;

static void ask(const char *line, const char *answer) {
  char with_end[96];
  if (failed()) return;
  snprintf(with_end, sizeof with_end, "%s\n", line);
  type(tidy, with_end);
  const char *got = printed_line(tidy);
  if (!failed() && strcmp(got, answer) != 0)
    fail("asked `%s`: wanted `%s`, got `%s`", line, answer, got);
}

static void ask_all(const char *const lines[], const char *answer) {
  tidy = start("tidy", NULL);
  for (int i = 0; lines[i] != NULL; i++)
    ask(lines[i], answer);
}

static void four(void) {
  tidy = start("tidy", NULL);
  ask("10.0.0.2:80", "IPv4 10.0.0.2 port 80");
  ask("255.255.255.255:65535", "IPv4 255.255.255.255 port 65535");
}

static void six(void) {
  tidy = start("tidy", NULL);
  ask("[fd00:6c61:62::2]:80", "IPv6 fd00:6c61:62::2 port 80");
  ask("[::1]:9999", "IPv6 ::1 port 9999");
  ask("[::]:0", "IPv6 :: port 0");
}

static void the_same(void) {
  static const char *const lines[] = {
      "[2001:db8::a:1]:25",        "[2001:DB8::A:1]:25",
      "[2001:0db8::000a:0001]:25", "[2001:db8:0:0:0:0:a:1]:25",
      "[2001:db8::0:0:0:a:1]:25",  "[2001:0DB8:0000:0000::A:1]:25",
      "[2001:db8::0.10.0.1]:25",   NULL};
  ask_all(lines, "IPv6 2001:db8::a:1 port 25");
}

static void longest(void) {
  static const char *const lines[] = {
      "[2001:db8:1111:2222:3333:4444:5555:6666]:65535", NULL};
  ask_all(lines, "IPv6 2001:db8:1111:2222:3333:4444:5555:6666 port 65535");
}

static void mapped(void) {
  static const char *const lines[] = {
      "[::ffff:10.0.0.2]:80", "[::FFFF:10.0.0.2]:80",
      "[::ffff:a00:2]:80",    "[0:0:0:0:0:ffff:0a00:0002]:80",
      "10.0.0.2:80",          NULL};
  ask_all(lines, "IPv4 10.0.0.2 port 80");
}

static void brackets(void) {
  static const char *const lines[] = {
      "::1:80",        "fd00::2:80", "[::1:80",    "::1]:80",
      "[10.0.0.2]:80", "[]:80",      "[[::1]]:80", NULL};
  ask_all(lines, "error");
}

static void ports(void) {
  static const char *const lines[] = {"[::1]",     "[::1]:",   "[::1]80",
                                      "[::1]::80", "10.0.0.2", "[::1]:65536",
                                      "[::1] :80", NULL};
  ask_all(lines, "error");
}

static void addresses(void) {
  static const char *const lines[] = {"[1::2::3]:80",
                                      "[12345::]:80",
                                      "[::g]:80",
                                      "[1:2:3:4:5:6:7]:80",
                                      "bob:80",
                                      "",
                                      "[",
                                      NULL};
  ask_all(lines, "error");
  ask("[::1]:80", "IPv6 ::1 port 80");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("IPv4", four, NULL);
  check("IPv6", six,
        "The address stands between the brackets; the port is behind them.");
  check("one address, written in seven ways", the_same,
        "Let inet_pton read the text and inet_ntop write it again.");
  check("the longest address", longest,
        "INET6_ADDRSTRLEN is the size for its text.");
  check("mapped addresses", mapped,
        "IN6_IS_ADDR_V4MAPPED knows them in whatever way they are written.");
  check("brackets where they belong", brackets,
        "An IPv6 address has them, on both sides, and an IPv4 address does "
        "not.");
  check("no port, or a bad one", ports,
        "Behind the bracket comes a colon, then a port.");
  check("what is no address", addresses,
        "inet_pton gives 1 for an address, and 0 for other text.");
  return check_end();
}
