/* Asks ./prefer for ports that are free, taken, named, and none at all. */
#include "check.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HIGHEST = 65535, TEXT = 16 };

/* The port in `listening on PORT`; "0" in doubt. */
static const char *told(struct program *p) {
  static char text[4][TEXT];
  static int turn;
  int port;
  char rest;
  char *to = text[turn++ % 4];
  strcpy(to, "0");
  const char *line = printed_line(p);
  if (failed()) return to;
  if (sscanf(line, "listening on %d%c", &port, &rest) != 1)
    fail("wanted a line such as `listening on 9999`, got `%s`", line);
  else if (port <= 0 || port > HIGHEST)
    fail("it printed `%s`, and there is no port %d", line, port);
  else
    snprintf(to, TEXT, "%d", port);
  return to;
}

/* It tells of this port, which is free, and listens there. */
static void takes(struct program *p, const char *wanted) {
  const char *got = told(p);
  int number = atoi(wanted), printed = atoi(got);
  if (failed()) return;
  if (printed != number && printed == ntohs((in_port_t)number))
    fail("port %s is wanted and it printed %s: the same two bytes in the "
         "other order",
         wanted, got);
  else if (printed != number)
    fail("port %s was free, and it took %s", wanted, got);
  dial(wanted);
}

/* It listens at the port that it tells of, and this is not `other`. */
static const char *takes_another(struct program *p, const char *other) {
  const char *got = told(p);
  if (!failed() && strcmp(got, other) == 0)
    fail("it says that it has port %s, but another program has that", got);
  dial(got);
  return got;
}

static void free_one(void) {
  const char *port = free_port();
  struct program *p = start("prefer", port, NULL);
  takes(p, port);
  if (!still_runs(p)) fail("it ended at once, and its port is gone");
  type_end(p);
  ends(p, 0);
}

static void taken(void) {
  const char *port = port_of(listen_tcp());
  takes_another(start("prefer", port, NULL), port);
}

static void three(void) {
  const char *port = free_port();
  takes(start("prefer", port, NULL), port);
  const char *second = takes_another(start("prefer", port, NULL), port);
  const char *third = takes_another(start("prefer", port, NULL), port);
  if (!failed() && strcmp(second, third) == 0)
    fail("two programs at once say that they have port %s", third);
}

static void again(void) {
  const char *port = free_port();
  struct program *first = start("prefer", port, NULL);
  takes(first, port);
  type_end(first);
  ends(first, 0);
  takes(start("prefer", port, NULL), port);
}

static void zero(void) {
  const char *first = takes_another(start("prefer", "0", NULL), "0");
  takes_another(start("prefer", "0", NULL), first);
}

/* Can a socket of this host have it now? */
static bool is_free(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = port};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  bool yes = bind(fd, (struct sockaddr *)&here, sizeof here) == 0;
  close(fd);
  return yes;
}

static void names(void) {
  static const char *const services[] = {"socks", "http-alt", "mysql"};
  for (int i = 0; i < 3; i++) {
    const struct servent *s = getservbyname(services[i], "tcp");
    if (s == NULL || !is_free((in_port_t)s->s_port)) continue;
    char wanted[TEXT];
    snprintf(wanted, sizeof wanted, "%d", ntohs((in_port_t)s->s_port));
    takes(start("prefer", services[i], NULL), wanted);
    return;
  }
}

static void refused(const char *text) {
  struct program *p = start("prefer", text, NULL);
  type_end(p);
  ends_badly(p);
  prints_error(p, "");
  prints_end(p);
}

static void number_65536(void) { refused("65536"); }
static void number_99999(void) { refused("99999"); }
static void number_80x(void) { refused("80x"); }
static void number_below(void) { refused("-1"); }
static void unknown(void) { refused("nosuchservice"); }
static void empty(void) { refused(""); }

static const char *const high =
    "A port has 16 bits: compare with 65535 before the number becomes one.";
static const char *const digits =
    "A port is digits only, or a name that /etc/services has.";

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a port that is free", free_one,
        "Print the port that getsockname gives, turned by ntohs, and go on "
        "listening.");
  check("a port that another program has", taken,
        "EADDRINUSE is no reason to give up: bind a new socket to port 0.");
  check("three that want the same", three, NULL);
  check("the port is free again when the program has ended", again, NULL);
  check("port 0: whatever is free", zero,
        "getsockname tells which port the socket has got.");
  check("a name from /etc/services", names,
        "getservbyname looks a name up; s_port is in network order already.");
  check("65536 is no port", number_65536, high);
  check("99999 is no port", number_99999, high);
  check("80x is no port", number_80x, digits);
  check("-1 is no port", number_below, digits);
  check("nosuchservice is no port", unknown, digits);
  check("an empty word is no port", empty, digits);
  return check_end();
}
