/* Clients of a server that asks the silent ones if they are there. */
#include "check.h"

enum { MS = 200, SLOW_MS = 70, STEPS = 8 };

static struct program *server;

static const char *begin(const char *ms) {
  const char *port = free_port();
  server = start("signs", port, ms, NULL);
  return port;
}

static void lines(void) {
  int client = dial(begin("200"));
  say(client, "one\ntw");
  prints(server, "one\n");
  say(client, "o\n");
  prints(server, "two\n");
}

static void answers(void) {
  int client = dial(begin("200"));
  hear_nothing(client, MS / 4);
  hear(client, "PING\n");
  say(client, "PO");
  say(client, "NG\n");
  hear_nothing(client, MS / 4);
  hear(client, "PING\n");
  say(client, "PONG\nstill here\n");
  prints(server, "still here\n");
}

static void says_something_else(void) {
  int client = dial(begin("200"));
  hear(client, "PING\n");
  say(client, "h");
  hear(client, "PING\n");
  say(client, "m\n");
  prints(server, "hm\n");
}

static void hangs(void) {
  const char *port = begin("200");
  int client = dial(port), next = dial(port);
  hear(client, "PING\n");
  hear_nothing(client, MS / 4);
  hear_end(client);
  say(next, "at last\n");
  prints(server, "at last\n");
}

/* Each byte comes long before the time is up, and all of them long after. */
static void speaks_slowly(void) {
  int client = dial(begin("500"));
  for (int i = 0; i < STEPS; i++) {
    say(client, i < STEPS - 1 ? "z" : "\n");
    hear_nothing(client, SLOW_MS);
  }
  prints(server, "zzzzzzz\n");
}

static void leaves(void) {
  const char *port = begin("200");
  int client = dial(port);
  hang_up_rudely(client);
  client = dial(port);
  say(client, "next\n");
  prints(server, "next\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a client that talks", lines, NULL);
  check("a client that hangs, and one that waits behind it", hangs,
        "A client that does not answer the PING in time is given up. "
        "SO_KEEPALIVE is no help: it asks the host, not the program.");
  check("a client that answers each PING", answers,
        "PONG is an answer to you, and not for printing. After it the time "
        "begins anew, with another PING.");
  check("a client that answers with something else", says_something_else,
        "Everything that comes is a sign of life, not only PONG.");
  check("a client that speaks slowly, but speaks", speaks_slowly,
        "Count the time since the last byte, not since the last PING.");
  check("a client that resets the connection", leaves,
        "When recv returns 0 or -1, go on to the next client.");
  return check_end();
}
