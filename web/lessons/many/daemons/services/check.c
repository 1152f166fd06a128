/* Clients of ./super PORT PROGRAM..., whose programs talk, wait, close and
 * fail.
 */
#define _GNU_SOURCE
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 20, CONNECT_MS = 100, VISITS = 3 };

static const char *port;
static struct program *server;

static void begin(const char *script) {
  port = free_port();
  server = start("super", port, "sh", "-c", script, NULL);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void cat(void) {
  port = free_port();
  server = start("super", port, "cat", NULL);
  int a = dial(port);
  say(a, "hello\n");
  hear(a, "hello\n");
  say(a, "again\n");
  hear(a, "again\n");
  end_sending(a);
  hear_end(a);
}

static void arguments(void) {
  port = free_port();
  server = start("super", port, "sh", "-c", "read line; echo \"$1, $line\"",
                 "sh", "two words", NULL);
  int a = dial(port);
  say(a, "hello\n");
  hear(a, "two words, hello\n");
  hear_end(a);
}

static void complains(void) {
  begin("echo oops >&2; echo sorry");
  int a = dial(port);
  hear(a, "oops\nsorry\n");
  hear_end(a);
}

static void three_at_once(void) {
  begin("read line; echo \"you said $line\"");
  int a = dial(port), b = dial(port), c = dial(port);
  say(c, "three\n");
  hear(c, "you said three\n");
  hear_end(c);
  say(b, "two\n");
  hear(b, "you said two\n");
  hear_end(b);
  say(a, "one\n");
  hear(a, "you said one\n");
  hear_end(a);
}

/* The number of the process that serves it, which it says first. */
static pid_t service_of(int fd) {
  const char *line = hear_line(fd);
  return failed() ? -1 : (pid_t)atol(line);
}

static void closes(void) {
  begin("echo $$; exec sleep 30 <&- >&- 2>&-");
  int a = dial(port);
  pid_t pid = service_of(a);
  hear_end(a);
  if (pid > 1) kill(pid, SIGKILL);
}

/* Is who connects to the port refused? */
static bool refuses(void) {
  struct sockaddr_in there = {.sin_family = AF_INET,
                              .sin_port = htons((in_port_t)atoi(port))};
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error = 0;
  socklen_t size = sizeof error;
  if (connect(fd, (struct sockaddr *)&there, sizeof there) == -1) error = errno;
  struct pollfd watched = {.fd = fd, .events = POLLOUT};
  if (error == EINPROGRESS && poll(&watched, 1, CONNECT_MS) == 1)
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  close(fd);
  return error == ECONNREFUSED;
}

/* When the server is killed, nobody listens on its port. */
static void nobody_listens(const char *who) {
  long until = now_ms() + patience_ms;
  signal_program(server, SIGKILL);
  while (!failed() && !refuses()) {
    if (now_ms() > until)
      fail("super has ended, and %s still listens on its port", who);
    pause_ms(STEP_MS);
  }
}

static void outlives(void) {
  begin("while read line; do echo \"you said $line\"; done");
  int a = dial(port);
  say(a, "one\n");
  hear(a, "you said one\n");
  nobody_listens("the service");
  say(a, "two\n");
  hear(a, "you said two\n");
  end_sending(a);
  hear_end(a);
}

static void cannot_run(void) {
  char said[1000];
  port = free_port();
  server = start("super", port, "./no-such-service", NULL);
  for (int i = 0; i < VISITS; i++)
    hear_all(dial(port), said, sizeof said);
  if (!failed() && !still_runs(server)) fail("the server has ended");
  nobody_listens("a child of it");
}

/* A server may also ask for those that have ended when the next client comes.
 */
static void zombies(void) {
  pid_t pids[VISITS];
  begin("echo $$");
  for (int i = 0; i < VISITS; i++) {
    int a = dial(port);
    pids[i] = service_of(a);
    hear_end(a);
  }
  long until = now_ms() + patience_ms;
  while (!failed() && kill(pids[0], 0) == 0) {
    if (now_ms() > until)
      fail("process %ld, the first client's service, has ended and is still "
           "there",
           (long)pids[0]);
    pause_ms(STEP_MS);
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("cat serves a client", cat,
        "with dup2(client, 0) and dup2(client, 1) the service reads and writes "
        "the connection; its end comes when every descriptor of it is closed, "
        "the server's, too.");
  check("a service with arguments", arguments,
        "the service's arguments are argv + 2, up to a NULL.");
  check("a service that complains", complains,
        "descriptor 2 is the connection, too.");
  check("three clients at once, the last first", three_at_once,
        "do not wait for a service before the next accept.");
  check("a service that closes 0, 1 and 2, and goes on", closes,
        "close the descriptor that accept has given: behind dup2 the service "
        "has the connection once more, under a number that it does not know.");
  check("the server is killed, and a service goes on", outlives,
        "the service is not to have the listener: SOCK_CLOEXEC, or close it "
        "in the child.");
  check("a service that is not there", cannot_run,
        "execvp returns only when it has failed: end the child there, with "
        "_exit.");
  check("services that have ended", zombies,
        "nobody asks how they ended: ignore SIGCHLD, or call waitpid.");
  return check_end();
}
