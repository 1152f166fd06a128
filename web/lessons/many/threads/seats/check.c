/* Clients of ./seats PORT: silent, slow, rude, and many at once. */
#include "check.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
  SEATS = 200,
  CROWD = 16,
  BUYERS = 8,
  VISITS = 140,
  HALVES = 8,
  GAP_MS = 100
};

static const char *port;
static struct program *server;

static void begin(void) {
  port = free_port();
  server = start("seats", port, NULL);
}

static void alone(void) {
  begin();
  int a = dial(port);
  say(a, "2\n");
  hear(a, "seats 1 to 2\n");
  say(a, "1\n3\n");
  hear(a, "seats 3 to 3\nseats 4 to 6\n");
  say(a, "195\n");
  hear(a, "no\n");
  say(a, "194\n");
  hear(a, "seats 7 to 200\n");
  end_sending(a);
  hear_end(a);
}

static void silent(void) {
  begin();
  dial(port);
  int b = dial(port), c = dial(port);
  say(b, "4");
  say(c, "2\n");
  hear(c, "seats 1 to 2\n");
}

static void bought_before(void) {
  begin();
  int a = dial(port), b = dial(port);
  say(a, "1\n");
  hear(a, "seats 1 to 1\n");
  say(b, "1\n");
  hear(b, "seats 2 to 2\n");
}

/* A thread that has answered waits for its next line. */
static void halves(void) {
  begin();
  int a = dial(port), b = dial(port);
  say(a, "1\n");
  hear(a, "seats 1 to 1\n");
  for (int seat = 2; seat <= 2 + 2 * HALVES; seat += HALVES) {
    char answer[40];
    say(a, "3");
    pause_ms(GAP_MS);
    say(b, "5\n");
    snprintf(answer, sizeof answer, "seats %d to %d\n", seat, seat + 4);
    hear(b, answer);
    say(a, "\n");
    snprintf(answer, sizeof answer, "seats %d to %d\n", seat + 5, seat + 7);
    hear(a, answer);
  }
}

/* They connect while the server is stopped, so that it accepts all at once. */
static void together(void) {
  int clients[CROWD];
  begin();
  dial(port); /* it listens */
  signal_program(server, SIGSTOP);
  for (int i = 0; i < CROWD; i++)
    clients[i] = dial(port);
  signal_program(server, SIGCONT);
  for (int i = 0; i < CROWD; i++)
    say(clients[i], "0\n");
  for (int i = 0; i < CROWD; i++)
    hear(clients[i], "no\n");
}

static void no_seat_twice(void) {
  int clients[BUYERS], first, last;
  bool sold[SEATS + 1] = {false};
  begin();
  for (int i = 0; i < BUYERS; i++)
    clients[i] = dial(port);
  for (int i = 0; i < BUYERS; i++)
    say(clients[i], "1\n2\n1\n");
  for (int i = 0; i < 3 * BUYERS && !failed(); i++) {
    const char *line = hear_line(clients[i / 3]);
    if (failed()) return;
    if (sscanf(line, "seats %d to %d", &first, &last) != 2 || first < 1 ||
        last > SEATS)
      fail("a client asked for a seat and was told `%s`", line);
    for (int seat = first; seat <= last && !failed(); seat++) {
      if (sold[seat]) fail("seat %d was sold to two clients", seat);
      sold[seat] = true;
    }
  }
  say(clients[0], "169\n"); /* 200 less 8 times 4, and one more */
  hear(clients[0], "no\n");
  say(clients[0], "168\n");
  hear(clients[0], "seats 33 to 200\n");
}

static void one_goes(void) {
  begin();
  int a = dial(port), b = dial(port), c = dial(port);
  say(a, "2\n");
  hear(a, "seats 1 to 2\n");
  hang_up(b);
  say(c, "1\n");
  hang_up_rudely(c);
  pause_ms(200);
  say(a, "100\n");
  hear_line(a);
  if (!still_runs(server)) fail("the server has ended");
}

static void many(void) {
  limit_descriptors(20);
  begin();
  for (int i = 1; i <= VISITS && !failed(); i++) {
    char answer[40];
    int a = dial(port);
    snprintf(answer, sizeof answer, "seats %d to %d\n", i, i);
    say(a, "1\n");
    hear(a, answer);
    end_sending(a);
    hear_end(a);
    hang_up(a);
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one client that buys until nothing is left", alone,
        "close the client when it has hung up.");
  check("one that says nothing, one with half a line, one that buys", silent,
        "a client that says nothing must not make the others wait: do not join "
        "its thread, and do not wait for a line with the lock in hand.");
  check("two, one after the other", bought_before,
        "all clients buy from one hall: threads share it, processes do not.");
  check("a line that comes in between the halves of another", halves,
        "each thread needs a buffer of its own for its line: a static one is "
        "shared by all.");
  check("sixteen connect at the same time", together,
        "each thread has to get its client in a place of its own: who passes "
        "the address of a variable changes it at the next accept.");
  check("eight buy at the same time, and no seat is sold twice", no_seat_twice,
        "reading and changing what all share belongs together, between lock "
        "and unlock.");
  check("one goes, one resets its connection, one stays", one_goes,
        "exit, or a signal, in one thread ends the whole server: let the "
        "thread return, and send with MSG_NOSIGNAL.");
  check("a hundred and forty, with room for twenty descriptors", many,
        "close the client when it has hung up, and detach its thread.");
  return check_end();
}
