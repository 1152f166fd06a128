/* Ports for ./scan HOST PORT...: open, closed, and such as do not answer. */
#include "check.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SILENT = 8 };

static struct program *scan;

/* Listens, but its queue is full: whoever calls hears nothing. */
static const char *silent_port(void) {
  int listener = listen_tcp();
  if (listen(listener, 0) == -1) fail("listen: %s", strerror(errno));
  const char *port = port_of(listener);
  dial(port);
  return port;
}

static void says(const char *port, const char *what) {
  char line[80];
  snprintf(line, sizeof line, "%s %s\n", port, what);
  prints(scan, line);
}

static void satisfied(void) {
  prints_end(scan);
  ends(scan, 0);
}

static void one_open(void) {
  int listener = listen_tcp();
  scan = start("scan", "127.0.0.1", port_of(listener), NULL);
  hear_end(caller(listener));
  says(port_of(listener), "open");
  satisfied();
}

static void one_closed(void) {
  const char *port = free_port();
  scan = start("scan", "127.0.0.1", port, NULL);
  says(port, "closed");
  satisfied();
}

static void mixed(void) {
  int first = listen_tcp(), last = listen_tcp();
  const char *none = free_port(), *one = port_of(first), *two = port_of(last);
  scan = start("scan", "127.0.0.1", none, one, none, two, none, NULL);
  says(none, "closed");
  says(one, "open");
  says(none, "closed");
  says(two, "open");
  says(none, "closed");
  satisfied();
}

static void one_silent(void) {
  int listener = listen_tcp();
  const char *silent = silent_port(), *none = free_port();
  const char *open = port_of(listener);
  scan = start("scan", "127.0.0.1", silent, open, none, NULL);
  says(silent, "silent");
  says(open, "open");
  says(none, "closed");
  satisfied();
}

static void many_silent(void) {
  char port[SILENT][8];
  for (int i = 0; i < SILENT; i++)
    snprintf(port[i], sizeof port[i], "%s", silent_port());
  scan = start("scan", "127.0.0.1", port[0], port[1], port[2], port[3], port[4],
               port[5], port[6], port[7], NULL);
  for (int i = 0; i < SILENT; i++)
    says(port[i], "silent");
  satisfied();
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("an open port", one_open,
        "EINPROGRESS is no failure: connect has begun, and goes on.");
  check("a port where nobody listens", one_closed,
        "POLLOUT says that the attempt is over. How it ended, SO_ERROR tells.");
  check("five ports, two of them open", mixed,
        "Print a line for each port, in the order of the arguments.");
  check("one that does not answer, before two that do", one_silent,
        "A connect that may wait waits for minutes: make the socket "
        "non-blocking before it.");
  check("eight that do not answer", many_silent,
        "The half second is for all: begin all attempts, and then wait until "
        "one common end.");
  return check_end();
}
