/* Endpoints for ./compact, in both directions, and what is none. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static struct program *compact;

static void ask(const char *line, const char *answer) {
  char with_end[96];
  if (failed()) return;
  snprintf(with_end, sizeof with_end, "%s\n", line);
  type(compact, with_end);
  const char *got = printed_line(compact);
  if (!failed() && strcmp(got, answer) != 0)
    fail("asked `%s`: wanted `%s`, got `%s`", line, answer, got);
}

static void both_ways(const char *text, const char *digits) {
  ask(text, digits);
  ask(digits, text);
}

static void ask_all(const char *const lines[], const char *answer) {
  for (int i = 0; lines[i] != NULL; i++)
    ask(lines[i], answer);
}

static void packs(void) {
  compact = start("compact", NULL);
  ask("10.0.0.2:9999", "0a000002270f");
  ask("127.0.0.1:80", "7f0000010050");
}

static void unpacks(void) {
  compact = start("compact", NULL);
  ask("0a000002270f", "10.0.0.2:9999");
  ask("7f0000010050", "127.0.0.1:80");
}

static void extremes(void) {
  compact = start("compact", NULL);
  both_ways("255.255.255.255:65535", "ffffffffffff");
  both_ways("0.0.0.0:0", "000000000000");
  both_ways("192.168.200.129:256", "c0a8c8810100");
  both_ways("1.2.3.4:1", "010203040001");
}

static void addresses(void) {
  static const char *const none[] = {
      "256.0.0.1:80", "10.0.0:80", "10.0.0.2.3:80", "ten:80",
      "10.0.0.-2:80", ":80",       " 10.0.0.2:80",  NULL};
  compact = start("compact", NULL);
  ask_all(none, "error");
  both_ways("10.0.0.2:80", "0a0000020050");
}

static void too_high(void) {
  static const char *const none[] = {"10.0.0.2:65536", "10.0.0.2:99999",
                                     "10.0.0.2:4294967376",
                                     "10.0.0.2:99999999999999999999", NULL};
  compact = start("compact", NULL);
  ask_all(none, "error");
}

static void no_numbers(void) {
  static const char *const none[] = {
      "10.0.0.2:",   "10.0.0.2:http", "10.0.0.2:80x",
      "10.0.0.2:-1", "10.0.0.2: 80",  "10.0.0.2:80:80",
      NULL};
  compact = start("compact", NULL);
  ask_all(none, "error");
}

static void no_digits(void) {
  static const char *const none[] = {"0a00000227", "0a000002270f00",
                                     "0a00000227xx", "", NULL};
  compact = start("compact", NULL);
  ask_all(none, "error");
  ask("0a000002270f", "10.0.0.2:9999");
}

static void at_the_end(void) {
  compact = start("compact", NULL);
  ask("10.0.0.2:9999", "0a000002270f");
  type_end(compact);
  prints_end(compact);
  ends(compact, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("text into bytes", packs,
        "The high byte of a port goes first: htons. inet_pton has its four in "
        "order.");
  check("bytes into text", unpacks,
        "ntohs puts the port's bytes in the order that this host counts in.");
  check("the lowest and the highest", extremes, NULL);
  check("what is no address", addresses,
        "inet_pton gives 1 for an address, and 0, not -1, for other text.");
  check("ports above 65535", too_high,
        "Look at the number before it becomes a port of 16 bits.");
  check("what is no port", no_numbers,
        "A port is digits, at least one, and nothing else.");
  check("what are no six bytes", no_digits, NULL);
  check("the end of the input", at_the_end, NULL);
  return check_end();
}
