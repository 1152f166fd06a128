/* Clients that listen to a counting server, and leave it in every way. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 20000, LEAVERS = 6, DESCRIPTORS = 12, FULL_MS = 100 };

static struct program *server;

static const char *begin(void) {
  const char *port = free_port();
  server = start("ticker", port, NULL);
  return port;
}

static void three(int client) { hear(client, "1\n2\n3\n"); }

static void one(void) { three(dial(begin())); }

/* Some end their stream first: then send fails with EPIPE. */
static void closes(void) {
  const char *port = begin();
  for (int i = 0; i < 3; i++) {
    int client = dial(port);
    three(client);
    if (i % 2 == 0) end_sending(client);
    hang_up(client);
  }
  three(dial(port));
}

static void resets(void) {
  const char *port = begin();
  for (int i = 0; i < LEAVERS; i++) {
    int client = dial(port);
    if (i % 2 == 0) three(client);
    hang_up_rudely(client);
  }
  three(dial(port));
}

/* Its receive buffer and the server's send buffer fill: send waits. */
static void does_not_read(void) {
  const char *port = begin();
  int client = dial(port);
  pause_ms(FULL_MS);
  hang_up_rudely(client);
  client = dial(port);
  pause_ms(FULL_MS);
  hang_up(client);
  three(dial(port));
}

static void has_said_all(void) {
  int client = dial(begin());
  end_sending(client);
  pause_ms(FULL_MS);
  char *text = malloc(NUMBERS * 8);
  if (text == NULL) abort();
  size_t length = 0;
  for (int number = 1; number <= NUMBERS; number++)
    length += (size_t)sprintf(text + length, "%d\n", number);
  hear_bytes(client, text, length);
  free(text);
}

static void many(void) {
  const char *port = free_port();
  limit_descriptors(DESCRIPTORS);
  server = start("ticker", port, NULL);
  for (int i = 0; i < 2 * DESCRIPTORS; i++) {
    int client = dial(port);
    three(client);
    hang_up(client);
  }
  if (!still_runs(server)) fail("the server does not run any more");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a client hears 1, 2, 3", one, NULL);
  check("three clients close, and the fourth hears 1, 2, 3", closes,
        "A client that has left makes send fail, or ends your program by "
        "SIGPIPE. It is over for this client; the next begins with 1.");
  check("clients that reset the connection", resets,
        "send fails with ECONNRESET or EPIPE, or another errno: with any of "
        "them, go on to the next client.");
  check("clients that never read, and leave", does_not_read,
        "send waits while the client does not read, and fails when it leaves.");
  check("a client that has said all it has to say, and listens", has_said_all,
        "End of file from the client says that it will send nothing. It may "
        "still listen: only send tells.");
  check("many clients, and few descriptors", many,
        "Close each client's socket, whatever send said.");
  return check_end();
}
