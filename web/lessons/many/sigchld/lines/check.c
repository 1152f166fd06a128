/* Clients of ./lines PORT that go one after the other, together, and not at
 * all. */
#include "check.h"
#include <signal.h>

static const char *port;
static struct program *server;

static void begin(void) {
  port = free_port();
  server = start("lines", port, NULL);
}

static void one(void) {
  begin();
  int a = dial(port);
  say(a, "1\n2\n3\n");
  hang_up(a);
  prints(server, "a client has gone: 3 lines\n");
}

static void another(void) {
  begin();
  for (int i = 0; i < 5 && !failed(); i++) {
    int a = dial(port);
    say(a, "a line\n");
    hang_up(a);
    prints(server, "a client has gone: 1 lines\n");
  }
  if (!still_runs(server)) fail("the server has ended");
}

static void silent(void) {
  begin();
  dial(port);
  int b = dial(port);
  say(b, "1\n2\n");
  hang_up(b);
  prints(server, "a client has gone: 2 lines\n");
  int c = dial(port);
  hang_up(c);
  prints(server, "a client has gone: 0 lines\n");
}

/* They end while the server is stopped, so that it hears of them with one
 * signal. */
static void together(void) {
  enum { CLIENTS = 8 };
  int clients[CLIENTS];
  begin();
  for (int i = 0; i < CLIENTS; i++)
    clients[i] = dial(port);
  for (int i = 0; i < CLIENTS; i++)
    say(clients[i], "a line\n");
  hang_up(dial(port)); /* the last to be accepted: all have a process */
  prints(server, "a client has gone: 0 lines\n");
  signal_program(server, SIGSTOP);
  pause_ms(100);
  for (int i = 0; i < CLIENTS; i++)
    hang_up(clients[i]);
  pause_ms(300);
  signal_program(server, SIGCONT);
  for (int i = 0; i < CLIENTS; i++)
    prints(server, "a client has gone: 1 lines\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a client with three lines", one,
        "ask for children that have ended when SIGCHLD comes; "
        "WEXITSTATUS(status) is what they "
        "ended with.");
  check("one after the other", another,
        "a signal interrupts a call that waits: it returns -1 with EINTR, and "
        "is to be made again.");
  check("one goes, another stays and says nothing", silent,
        "with WNOHANG, waitpid does not wait for a child that is still there.");
  check("eight go at once", together,
        "one signal may stand for many children: ask until nobody is left.");
  return check_end();
}
