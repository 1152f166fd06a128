/* A client of ./ledger PORT, which writes its messages by hand, byte for byte.
 */
#include "check.h"
#include <string.h>

enum { HEAD = 1 + 4 + 8 + 2, LONGEST_NAME = 64 };

static const char *port;
static int client;

static void begin(void) {
  port = free_port();
  client = datagrams();
  start("ledger", port, NULL);
}

#define ASK(text) say_datagram(client, port, text, sizeof text - 1)
#define WANT(text) hear_this_datagram(client, text, sizeof text - 1)

static void small(void) {
  begin();
  ASK("\1\0\0\0\7\0\0\0\0\0\0\0\50\0\4rope");
  WANT("\1\0\0\0\7\0\0\0\0\0\0\0\50\0\4rope");
  ASK("\1\0\0\0\10\0\0\0\0\0\0\0\2\0\3tar");
  WANT("\1\0\0\0\10\0\0\0\0\0\0\0\52\0\3tar");
}

static void high_bytes(void) {
  begin();
  ASK("\1\1\2\3\4\0\0\0\0\0\0\1\200\0\4salt");
  WANT("\1\1\2\3\4\0\0\0\0\0\0\1\200\0\4salt");
  ASK("\1\377\376\375\374\0\0\0\0\0\0\0\377\0\4salt");
  WANT("\1\377\376\375\374\0\0\0\0\0\0\2\177\0\4salt");
}

static void large(void) {
  begin();
  ASK("\1\0\0\0\1\0\0\1\2\3\4\5\6\0\4coal");
  WANT("\1\0\0\0\1\0\0\1\2\3\4\5\6\0\4coal");
}

static void negative(void) {
  begin();
  ASK("\1\0\0\0\1\377\377\377\377\377\377\377\373\0\2ice");
  WANT("\1\0\0\0\1\377\377\377\377\377\377\377\373\0\2ic");
  ASK("\1\0\0\0\2\0\0\0\0\0\0\0\6\0\0");
  WANT("\1\0\0\0\2\0\0\0\0\0\0\0\1\0\0");
}

static void nothing_but_sum(const char *text) {
  char wanted[HEAD] = "\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0";
  if (failed()) return;
  ASK("\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0");
  unsigned char got[1024];
  size_t n = hear_datagram(client, got, sizeof got);
  if (!failed() && (n != HEAD || memcmp(got, wanted, HEAD) != 0))
    fail("%s; then a message that adds 0 was to be answered with the sum 0, "
         "%s. It was %s.",
         text, shown(wanted, HEAD), shown(got, n));
}

static void cut(void) {
  static const char whole[] = "\1\0\0\0\7\0\0\0\0\0\0\0\50\0\4rope";
  begin();
  for (size_t n = 1; n < sizeof whole - 1; n++)
    say_datagram(client, port, whole, n);
  nothing_but_sum("a message came that was cut, at each place");
}

static void lying(void) {
  begin();
  ASK("\1\0\0\0\7\0\0\0\0\0\0\0\50\0\50rope");
  nothing_but_sum("a message came whose name has 4 bytes and claims 40");
  ASK("\1\0\0\0\7\0\0\0\0\0\0\0\50\377\377rope");
  nothing_but_sum("a message came whose name has 4 bytes and claims 65535");
}

static void names(void) {
  char message[HEAD + LONGEST_NAME + 1] = "\1\0\0\0\7\0\0\0\0\0\0\0\0\0\100";
  memset(message + HEAD, 'n', LONGEST_NAME + 1);
  begin();
  say_datagram(client, port, message, HEAD + LONGEST_NAME);
  hear_this_datagram(client, message, HEAD + LONGEST_NAME);
  message[HEAD - 1] = LONGEST_NAME + 1;
  say_datagram(client, port, message, sizeof message);
  nothing_but_sum("a message came with a name of 65 bytes");
}

static void versions(void) {
  begin();
  ASK("\2\0\0\0\7\0\0\0\0\0\0\0\0\0\4rope\0\3new");
  WANT("\1\0\0\0\7\0\0\0\0\0\0\0\0\0\4rope");
  ASK("\0\0\0\0\7\0\0\0\0\0\0\0\50\0\4rope");
  nothing_but_sum("a message came whose version is 0");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two small messages", small,
        "send each field by itself, the highest byte first, with nothing "
        "between them: a struct in memory has gaps and this machine's order.");
  check("numbers with bytes above 127", high_bytes,
        "a byte above 127 is negative in a signed char: use uint8_t.");
  check("more than 32 bits", large,
        "htonl takes 32 bits and no more: shift the eight bytes out yourself.");
  check("less than nothing", negative,
        "a negative number is its two's complement, in all 8 bytes.");
  check("a message that is cut", cut,
        "before you take a field see that it is there; a bad message has no "
        "answer and counts for nothing.");
  check("a length that is not true", lying,
        "the name is longer than what has come: believe no length before you "
        "have compared it with what is left.");
  check("a long name", names,
        "64 bytes are allowed, and 65 are a bad message.");
  check("other versions", versions,
        "a later version has further fields behind the name: ignore them; "
        "version 0 does not exist.");
  return check_end();
}
