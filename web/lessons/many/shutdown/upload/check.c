/* Clients of ./upload PORT SECONDS before SIGTERM, in its midst and after. */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 100, GAP_MS = 200 };

static const char *port;
static struct program *server;

static void begin(const char *seconds) {
  port = free_port();
  server = start("upload", port, seconds, NULL);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void finish(int fd, const char *rest, const char *answer) {
  say(fd, rest);
  end_sending(fd);
  hear(fd, answer);
  hear_end(fd);
}

static void before(void) {
  begin("30");
  int a = dial(port), b = dial(port);
  say(a, "one");
  finish(b, "hello\n", "6 bytes\n");
  finish(a, "two", "6 bytes\n");
  if (!still_runs(server)) fail("the server has ended");
}

static void idle(void) {
  begin("30");
  finish(dial(port), "hello\n", "6 bytes\n");
  pause_ms(GAP_MS);
  signal_program(server, SIGTERM);
  ends(server, 0);
}

static void in_the_middle(void) {
  begin("30");
  int a = dial(port), b = dial(port);
  say(a, "one");
  finish(b, "hello\n", "6 bytes\n"); /* so a has been accepted */
  signal_program(server, SIGTERM);
  hear_nothing(a, GAP_MS);
  say(a, "two");
  pause_ms(GAP_MS);
  finish(a, "three", "11 bytes\n");
  ends(server, 0);
}

/* Does the port take a connection? */
static bool lets_in(void) {
  struct sockaddr_in there = {.sin_family = AF_INET,
                              .sin_port = htons((in_port_t)atoi(port))};
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int result = connect(fd, (struct sockaddr *)&there, sizeof there);
  close(fd);
  return result == 0;
}

static void newcomer(void) {
  begin("30");
  int a = dial(port), b = dial(port);
  say(a, "one");
  finish(b, "hello\n", "6 bytes\n");
  signal_program(server, SIGTERM);
  long until = now_ms() + patience_ms;
  pause_ms(GAP_MS);
  while (!failed() && lets_in()) {
    if (now_ms() > until)
      fail("a client that connects after SIGTERM is still let in");
    pause_ms(STEP_MS);
  }
  finish(a, "two", "6 bytes\n");
  ends(server, 0);
}

/* They connect while the server is stopped: it has accepted none of them when
 * SIGTERM comes. */
static void queue(void) {
  begin("30");
  finish(dial(port), "hello\n", "6 bytes\n");
  signal_program(server, SIGSTOP);
  int a = dial(port), b = dial(port), c = dial(port);
  say(a, "one");
  say(b, "one");
  signal_program(server, SIGTERM);
  pause_ms(GAP_MS);
  signal_program(server, SIGCONT);
  pause_ms(GAP_MS);
  finish(c, "three", "5 bytes\n");
  finish(a, "two", "6 bytes\n");
  finish(b, "four", "7 bytes\n");
  ends(server, 0);
}

static void silent(void) {
  begin("1");
  int a = dial(port), b = dial(port);
  say(a, "one");
  finish(b, "hello\n", "6 bytes\n");
  signal_program(server, SIGTERM);
  hear_nothing(a, 500);
  hear_gone(a);
  ends(server, 0);
}

/* Has the server ended by itself while fd sends a byte now and then? */
static void trickle(void) {
  begin("1");
  int a = dial(port);
  say(a, "one");
  pause_ms(GAP_MS);
  signal_program(server, SIGTERM);
  long until = now_ms() + 1000 + patience_ms;
  while (!failed() && still_runs(server)) {
    send(a, "x", 1, MSG_NOSIGNAL);
    if (now_ms() > until)
      fail("upload still serves a client that sends a byte every %d ms, long "
           "after its second is over",
           STEP_MS);
    pause_ms(STEP_MS);
  }
  ends(server, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("without a signal, two clients", before, NULL);
  check("SIGTERM when nobody is there", idle,
        "SIGTERM interrupts the wait: look at once what it has told, and end "
        "as soon as nobody is left, with status 0.");
  check("SIGTERM in the middle of an upload", in_the_middle,
        "who is in the middle of something may finish it: the handler only "
        "notes that the signal came.");
  check("a client that comes after SIGTERM", newcomer,
        "close the listener, and who connects is refused.");
  check("clients that connect before SIGTERM and are not yet accepted", queue,
        "close resets the connections in its queue: accept them first, until "
        "accept says EAGAIN.");
  check("one that says nothing, with one second", silent,
        "when the time is over, give up those who have not ended, and end.");
  check("one that sends a byte now and then, with one second", trickle,
        "wait for what is left of the time, not for all of it anew after each "
        "byte.");
  return check_end();
}
