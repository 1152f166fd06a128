/* A server, and strangers, for a client that asks for the time. */
#include "check.h"

enum { LONGEST = 32 };

static struct program *asked(int server) {
  struct program *client = start("client", port_of(server), NULL);
  hear_this_datagram(server, "time?", 5);
  return client;
}

static void answered(void) {
  int server = datagrams();
  struct program *client = asked(server);
  answer(server, "half past ten", 13);
  prints(client, "half past ten\n");
  prints_end(client);
  ends(client, 0);
}

static void stranger(void) {
  int server = datagrams(), other = datagrams();
  struct program *client = asked(server);
  answer(other, "midnight", 8);
  answer(other, "midnight, I say", 15);
  answer(server, "noon", 4);
  prints(client, "noon\n");
  prints_end(client);
  ends(client, 0);
}

static void nobody(void) { ends_badly(start("client", free_port(), NULL)); }

static void longest(void) {
  int server = datagrams();
  struct program *client = asked(server);
  answer(server, "a quarter to nine in the evening", LONGEST);
  prints(client, "a quarter to nine in the evening\n");
  ends(client, 0);
}

static void too_long(void) {
  int server = datagrams();
  struct program *client = asked(server);
  answer(server, "a quarter to nine in the evening.", LONGEST + 1);
  prints_end(client);
  ends_badly(client);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it prints the answer", answered, NULL);
  check("a stranger answers first, twice", stranger,
        "That was a stranger. Go on waiting for the one you asked: connect(2) "
        "lets you hear only "
        "that one.");
  check("nobody has bound the port", nobody,
        "Only a connected socket is told that nobody is there: recv fails with "
        "ECONNREFUSED.");
  check("an answer of 32 bytes", longest, "32 bytes are allowed.");
  check("an answer of 33 bytes", too_long,
        "recv says how long the datagram was only with MSG_TRUNC; without, it "
        "is cut silently.");
  return check_end();
}
