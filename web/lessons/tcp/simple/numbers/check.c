/* Clients of a server that greets each with its number. */
#include "check.h"
#include <stdio.h>

enum { CLIENTS = 30, DESCRIPTORS = 16 };

static const char *greeting(int number) {
  static char text[16];
  snprintf(text, sizeof text, "%d\r\n", number);
  return text;
}

static void one(void) {
  const char *port = free_port();
  start("server", port, NULL);
  int client = dial(port);
  hear(client, greeting(1));
  hear_end(client);
}

static void one_after_the_other(void) {
  const char *port = free_port();
  start("server", port, NULL);
  for (int number = 1; number <= 3; number++) {
    int client = dial(port);
    hear(client, greeting(number));
    hear_end(client);
    hang_up(client);
  }
}

static void at_the_same_time(void) {
  int client[3];
  const char *port = free_port();
  start("server", port, NULL);
  for (int i = 0; i < 3; i++)
    client[i] = dial(port);
  for (int i = 2; i >= 0; i--) {
    hear(client[i], greeting(i + 1));
    hear_end(client[i]);
  }
}

static void many(void) {
  const char *port = free_port();
  limit_descriptors(DESCRIPTORS);
  start("server", port, NULL);
  for (int number = 1; number <= CLIENTS; number++) {
    int client = dial(port);
    hear(client, greeting(number));
    hear_end(client);
    hang_up(client);
  }
}

static void rude(void) {
  const char *port = free_port();
  struct program *server = start("server", port, NULL);
  for (int i = 0; i < 3; i++)
    hang_up_rudely(dial(port));
  int client = dial(port);
  hear_line(client);
  hear_end(client);
  if (!still_runs(server)) fail("the server does not run any more");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("the first client hears 1", one,
        "The line ends with \\r\\n, and close ends the conversation.");
  check("the next ones hear 2 and 3", one_after_the_other,
        "Call accept again for each client; the listening socket stays open.");
  check("three clients at the same time", at_the_same_time,
        "Those who call while you serve another one wait in the backlog.");
  check("thirty clients, and few descriptors", many,
        "Close each connection, or the server runs out of descriptors.");
  check("three that hang up at once do no harm", rude,
        "When one client fails, go on with the next.");
  return check_end();
}
