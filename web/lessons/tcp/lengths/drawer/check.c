/* Clients of ./drawer PORT: honest ones, slow ones, and liars. */
#include "check.h"
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 4, LONGEST = 100000, GAP_MS = 50 };

static struct program *drawer;
static const char *port;

static int begin(void) {
  port = free_port();
  drawer = start("drawer", port, NULL);
  return dial(port);
}

/* The message with its length before it; the caller frees it. */
static char *frame(const void *bytes, size_t n) {
  uint32_t header = htonl((uint32_t)n);
  char *whole = malloc(HEADER + n);
  if (whole == NULL) abort();
  memcpy(whole, &header, HEADER);
  memcpy(whole + HEADER, bytes, n);
  return whole;
}

static void says(int fd, const void *bytes, size_t n) {
  char *whole = frame(bytes, n);
  say_bytes(fd, whole, HEADER + n);
  free(whole);
}

static void hears(int fd, const void *bytes, size_t n) {
  char *whole = frame(bytes, n);
  hear_bytes(fd, whole, HEADER + n);
  free(whole);
}

static void puts_in(int fd, const void *bytes, size_t n) {
  says(fd, bytes, n);
  hears(fd, "", 0);
}

static void finds(int fd, const void *bytes, size_t n) {
  says(fd, "", 0);
  hears(fd, bytes, n);
}

static void one(void) {
  int fd = begin();
  finds(fd, "", 0);
  puts_in(fd, "a map", 5);
  finds(fd, "a map", 5);
  puts_in(fd, "keys", 4);
  finds(fd, "keys", 4);
}

static void any_bytes(void) {
  int fd = begin();
  puts_in(fd, "\0two\nlines\xff", 11);
  finds(fd, "\0two\nlines\xff", 11);
}

static void slowly(void) {
  int fd = begin();
  say_bytes(fd, "\0\0", 2);
  pause_ms(GAP_MS);
  say_bytes_slowly(fd, "\0\5a map\0\0\0\0", 11);
  hears(fd, "", 0);
  hears(fd, "a map", 5);
}

static void at_once(void) {
  int fd = begin();
  say_bytes(fd, "\0\0\0\1a\0\0\0\0\0\0\0\2bc\0\0", 17);
  hears(fd, "", 0);
  hears(fd, "a", 1);
  hears(fd, "", 0);
  say_bytes(fd, "\0\0", 2);
  hears(fd, "bc", 2);
}

static void large(void) {
  static char text[LONGEST];
  memset(text, 'x', sizeof text);
  int fd = begin();
  puts_in(fd, text, sizeof text);
  finds(fd, text, sizeof text);
}

static void liar(const char header[HEADER]) {
  int fd = begin();
  puts_in(fd, "a map", 5);
  say_bytes(fd, header, HEADER);
  hear_gone(fd);
  finds(dial(port), "a map", 5);
}

static void too_long(void) { liar("\0\1\x86\xa1"); }
static void hostile(void) { liar("\xff\xff\xff\xff"); }

static void cut_short(void) {
  int fd = begin();
  puts_in(fd, "a map", 5);
  say_bytes(fd, "\0\0\0\5ke", 6);
  end_sending(fd);
  hear_gone(fd);
  fd = dial(port);
  finds(fd, "a map", 5);
  say_bytes(fd, "\0\0", 2);
  hang_up_rudely(fd);
  finds(dial(port), "a map", 5);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("put something in, and look", one,
        "The length comes in network order: ntohl.");
  check("a message of any bytes", any_bytes,
        "Count; a byte 0 or a line end is a byte like any other.");
  check("messages that come byte by byte", slowly,
        "A recv may bring a part of the length, or a part of the message: go "
        "on until you have all.");
  check("three messages and a half in one segment", at_once,
        "Ask for what is missing, and no more; and a part of the length is no "
        "length yet.");
  check("a message of 100,000 bytes", large,
        "One recv does not bring so many: go on until you have all.");
  check("a length of 100,001 and nothing behind it", too_long,
        "Look at the length before you receive what it promises, and close if "
        "it is more than 100,000.");
  check("a length of 4,294,967,295", hostile,
        "As an int this is -1, which passes for less than any limit: compare "
        "it as a uint32_t.");
  check(
      "messages that are cut short", cut_short,
      "A message that has not come whole is none: leave the drawer as it was.");
  return check_end();
}
