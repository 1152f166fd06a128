/* Clients of a server that counts; signals that interrupt it. */
#include "check.h"
#include <signal.h>
#include <stdio.h>

enum { ASLEEP_MS = 100, DESCRIPTORS = 10 };

static struct program *server;

static const char *begin(void) {
  const char *port = free_port();
  server = start("tally", port, NULL);
  return port;
}

static void twelve(const char *port) {
  int client = dial(port);
  say(client, "twelve bytes");
  end_sending(client);
  hear(client, "12 bytes\n");
  hear_end(client);
}

/* Once it waits again in a call. */
static void ask(const char *wanted) {
  pause_ms(ASLEEP_MS);
  signal_program(server, SIGUSR1);
  prints(server, wanted);
}

static void two(void) {
  const char *port = begin();
  twelve(port);
  twelve(port);
}

static void between_clients(void) {
  const char *port = begin();
  twelve(port);
  ask("1 clients, 12 bytes\n");
  ask("1 clients, 12 bytes\n");
  twelve(port);
  ask("2 clients, 24 bytes\n");
}

static void within_a_client(void) {
  const char *port = begin();
  twelve(port);
  int client = dial(port);
  say(client, "six");
  ask("1 clients, 12 bytes\n");
  say(client, "teen and no mo");
  ask("1 clients, 12 bytes\n");
  say(client, "re");
  end_sending(client);
  hear(client, "19 bytes\n");
  hear_end(client);
  ask("2 clients, 31 bytes\n");
}

static void loses_connections(void) {
  const char *port = begin();
  for (int i = 0; i < 3; i++) {
    int client = dial(port);
    say(client, "this does not count");
    if (i > 0) pause_ms(ASLEEP_MS);
    hang_up_rudely(client);
  }
  twelve(port);
}

static void does_not_count(void) {
  const char *port = begin();
  int client = dial(port);
  say(client, "this does not count");
  pause_ms(ASLEEP_MS);
  hang_up_rudely(client);
  twelve(port);
  ask("1 clients, 12 bytes\n");
}

static void many(void) {
  const char *port = free_port();
  limit_descriptors(DESCRIPTORS);
  server = start("tally", port, NULL);
  for (int i = 0; i < DESCRIPTORS; i++) {
    int client = dial(port);
    say(client, "this does not count");
    hang_up_rudely(client);
  }
  twelve(port);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two clients, one after the other", two, NULL);
  check("a signal while it waits for a client", between_clients,
        "The signal wakes accept, which fails with EINTR: report, then call "
        "accept again. If you let accept be restarted (SA_RESTART), accept "
        "waits again and the report comes too late.");
  check("a signal while a client is being served", within_a_client,
        "recv failed with EINTR: that is no fault of the connection. Report, "
        "and go on with this client, whose bytes so far still count.");
  check("clients that reset the connection", loses_connections,
        "An error of recv or send concerns one client. Close that one; nobody "
        "else should pay for it.");
  check("a client whose connection is lost does not count", does_not_count,
        "-1 from recv is not the end of file, which is 0.");
  check("many lost connections, and few descriptors", many,
        "Close the client's socket on every way out, also after an error.");
  return check_end();
}
