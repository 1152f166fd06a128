/* Sends echo requests, good and bad, to ./pong. */
#include "check.h"
#include <stdint.h>
#include <string.h>

enum { HEADER = 8, LARGEST = 65507, REQUEST = 8, QUIET_MS = 100 };

static uint8_t message[LARGEST], wanted[LARGEST];
static const char *port;
static int peer;

/* Not as the lesson does it: carries are added as they come. */
static unsigned checksum(const uint8_t *bytes, size_t size) {
  unsigned sum = 0;
  for (size_t i = 0; i < size; i++) {
    sum += i % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

static void seal(uint8_t *m, size_t size) {
  m[2] = m[3] = 0;
  unsigned sum = checksum(m, size);
  m[2] = (uint8_t)(sum >> 8);
  m[3] = (uint8_t)sum;
}

static void begin(void) {
  port = free_port();
  start("pong", port, NULL);
  peer = datagrams();
}

/* A request with these data, whose number is seq. */
static void make(const void *data, size_t size, unsigned seq) {
  memset(message, 0, HEADER);
  message[0] = REQUEST;
  message[4] = 0x9e;
  message[5] = 0xdb;
  message[6] = (uint8_t)(seq >> 8);
  message[7] = (uint8_t)seq;
  memcpy(message + HEADER, data, size);
  seal(message, HEADER + size);
}

/* Sends it; the reply is as it should be. */
static void ask(const void *data, size_t size, unsigned seq) {
  size_t n = HEADER + size;
  make(data, size, seq);
  memcpy(wanted, message, n);
  wanted[0] = 0;
  seal(wanted, n);
  say_datagram(peer, port, message, n);
  hear_this_datagram(peer, wanted, n);
}

static void plain(void) {
  begin();
  ask("harbour light", 12, 1);
  ask("harbour light", 12, 2);
  ask("", 0, 0x0102);
}

static void odd(void) {
  begin();
  ask("tides", 5, 1);
  ask("x", 1, 2);
  ask("\xff", 1, 3);
}

/* Sums that have a carry, and some whose folding has one again: in the reply,
   then in the request. */
static void carries(void) {
  begin();
  ask("\xff\xff\xff\xff\xff\xff\xff\xff", 8, 0xffff);
  for (unsigned seq = 0; seq < 4; seq++)
    ask("\xff\xff\x61\x25\xff\xff", 6, seq);
  for (unsigned seq = 0xf7fd; seq < 0xf803; seq++)
    ask("\xff\xff\x61\x25\xff\xff", 6, seq);
}

static void large(void) {
  static uint8_t data[LARGEST - HEADER];
  begin();
  memset(data, 0xfe, sizeof data);
  ask(data, 4000, 1);
  ask(data, sizeof data, 2);
}

/* What should not be answered, and then something that should. */
static void unanswered(size_t n) {
  say_datagram(peer, port, message, n);
  hear_no_datagram(peer, QUIET_MS);
}

static void wrong_sums(void) {
  begin();
  make("harbour light", 12, 1);
  message[HEADER] ^= 1;
  unanswered(HEADER + 12);
  make("tides", 5, 2);
  message[HEADER + 4] ^= 0x40;
  unanswered(HEADER + 5);
  make("harbour light", 12, 3);
  message[2] = message[3] = 0;
  unanswered(HEADER + 12);
  ask("harbour light", 12, 4);
}

static void other_types(void) {
  static const uint8_t types[][2] = {{0, 0}, {3, 1}, {13, 0}, {8, 1}};
  begin();
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    make("harbour light", 12, 1);
    message[0] = types[i][0];
    message[1] = types[i][1];
    seal(message, HEADER + 12);
    unanswered(HEADER + 12);
  }
  ask("harbour light", 12, 2);
}

static void too_short(void) {
  static const uint8_t sealed[] = {8, 0, 0xf7, 0xff};
  begin();
  memcpy(message, sealed, sizeof sealed);
  unanswered(sizeof sealed);
  unanswered(1);
  unanswered(0);
  ask("harbour light", 12, 1);
}

/* Their answers come in their order, each to the one who asked. */
static void several(void) {
  begin();
  int first = peer, second = datagrams();
  make("one", 3, 1);
  say_datagram(first, port, message, HEADER + 3);
  make("eleven", 6, 2);
  say_datagram(first, port, message, HEADER + 6);
  peer = second;
  ask("two", 3, 1);
  make("one", 3, 1);
  message[0] = 0;
  seal(message, HEADER + 3);
  hear_this_datagram(first, message, HEADER + 3);
  make("eleven", 6, 2);
  message[0] = 0;
  seal(message, HEADER + 6);
  hear_this_datagram(first, message, HEADER + 6);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("requests with an even number of bytes", plain,
        "The reply has type 0; identifier, sequence number and data stay. Its "
        "checksum is reckoned with 0 in the checksum's place, high byte "
        "first.");
  check("an odd number of bytes", odd,
        "The last byte counts too: as the high byte of a word whose low byte "
        "is 0.");
  check("sums with carries", carries,
        "What does not fit in 16 bits is added to the rest, until nothing is "
        "left above them.");
  check("4,008 bytes, and as many as a datagram can have", large,
        "All of a message has to fit in the buffer, and all of it is echoed.");
  check("wrong checksums", wrong_sums,
        "A message whose checksum is wrong was damaged on the way. Nobody "
        "knows what it was, so there is no answer.");
  check("other types, and another code", other_types,
        "Only an echo request, type 8 and code 0, is answered. Two hosts that "
        "answer replies would never stop.");
  check("shorter than a header", too_short,
        "Before you look at a byte, be sure that it came.");
  check("two who ask", several,
        "The answer goes to where its request came "
        "from, with its own data.");
  return check_end();
}
