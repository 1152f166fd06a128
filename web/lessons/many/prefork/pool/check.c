/* Clients of ./pool PORT WORKERS that stay, and a stranger who ends workers. */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 3, STEP_MS = 20, GAP_MS = 300, DEATHS = 4 };

static const char *port;
static struct program *server;

static void begin(const char *workers) {
  port = free_port();
  server = start("pool", port, workers, NULL);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Hears who serves it. */
static pid_t worker_of(int fd) {
  long pid;
  const char *line = hear_line(fd);
  if (failed()) return -1;
  if (sscanf(line, "worker %ld", &pid) != 1 || pid < 2) {
    fail("a client was told `%s`, not `worker` and a number", line);
    return -1;
  }
  return (pid_t)pid;
}

static void end_worker(pid_t pid) {
  if (!failed() && kill(pid, SIGKILL) == -1)
    fail("there is no process %ld, which called itself a worker", (long)pid);
}

static bool one_of(pid_t pid, const pid_t *pids, int n) {
  for (int i = 0; i < n; i++)
    if (pids[i] == pid) return true;
  return false;
}

/* As many clients at once, each with a worker of its own. */
static void fill(int *clients, pid_t *pids, int n) {
  for (int i = 0; i < n && !failed(); i++) {
    clients[i] = dial(port);
    pids[i] = worker_of(clients[i]);
    if (!failed() && one_of(pids[i], pids, i))
      fail("worker %ld has two clients at once", (long)pids[i]);
    if (!failed() && pids[i] == pid_of(server))
      fail("the parent itself serves a client");
  }
}

static void one(void) {
  begin("1");
  int a = dial(port);
  if (worker_of(a) == pid_of(server)) fail("the parent itself serves a client");
  say(a, "hello\n");
  hear(a, "hello\n");
  end_sending(a);
  hear_end(a);
}

static void at_once(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("3");
  fill(clients, pids, MOST);
  for (int i = MOST - 1; i >= 0; i--) {
    say(clients[i], "hello\n");
    hear(clients[i], "hello\n");
  }
}

static void one_too_many(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("3");
  fill(clients, pids, MOST);
  int last = dial(port);
  hear_nothing(last, GAP_MS);
}

static void after_another(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("2");
  fill(clients, pids, 2);
  for (int i = 0; i < 3 && !failed(); i++) {
    hang_up(clients[0]);
    clients[0] = dial(port);
    pid_t pid = worker_of(clients[0]);
    if (!failed() && pid != pids[0])
      fail("worker %ld has become free, but %ld serves the next client",
           (long)pids[0], (long)pid);
  }
}

static void one_dies(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("2");
  fill(clients, pids, 2);
  for (int i = 0; i < DEATHS && !failed(); i++) {
    end_worker(pids[0]);
    hear_gone(clients[0]);
    clients[0] = dial(port);
    pids[0] = worker_of(clients[0]);
  }
  say(clients[1], "hello\n");
  hear(clients[1], "hello\n");
}

/* They die while the parent is stopped, so that it hears of them with one
 * signal. */
static void all_die(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("3");
  fill(clients, pids, MOST);
  signal_program(server, SIGSTOP);
  pause_ms(GAP_MS);
  for (int i = 0; i < MOST; i++)
    end_worker(pids[i]);
  for (int i = 0; i < MOST; i++)
    hear_gone(clients[i]);
  pause_ms(GAP_MS);
  signal_program(server, SIGCONT);
  fill(clients, pids, MOST);
}

static void zombie(void) {
  begin("1");
  pid_t pid = worker_of(dial(port));
  end_worker(pid);
  worker_of(dial(port));
  long until = now_ms() + patience_ms;
  while (!failed() && kill(pid, 0) == 0) {
    if (now_ms() > until)
      fail("worker %ld is dead, and still there", (long)pid);
    pause_ms(STEP_MS);
  }
}

static void still_there(const pid_t *pids, int n) {
  for (int i = 0; i < n && !failed(); i++)
    if (kill(pids[i], 0) == 0)
      fail("pool has ended, and its worker %ld is still there", (long)pids[i]);
}

static void stop(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("3");
  fill(clients, pids, 2); /* the third waits in accept */
  pause_ms(GAP_MS);
  signal_program(server, SIGTERM);
  ends(server, 0);
  still_there(pids, 2);
  hear_gone(clients[0]);
  hear_gone(clients[1]);
}

/* A worker that is stopped ends when it goes on. */
static void stop_slowly(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("2");
  fill(clients, pids, 2);
  if (failed()) return;
  kill(pids[0], SIGSTOP);
  pause_ms(GAP_MS); /* it has stopped */
  signal_program(server, SIGTERM);
  hear_gone(clients[1]);
  pause_ms(GAP_MS);
  if (!failed() && !still_runs(server)) still_there(pids, 1);
  kill(pids[0], SIGCONT);
  ends(server, 0);
  still_there(pids, 2);
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

static void stop_replaced(void) {
  int clients[MOST];
  pid_t pids[MOST];
  begin("2");
  fill(clients, pids, 2);
  end_worker(pids[0]);
  hear_gone(clients[0]);
  clients[0] = dial(port);
  pids[0] = worker_of(clients[0]);
  pause_ms(GAP_MS);
  signal_program(server, SIGTERM);
  ends(server, 0);
  still_there(pids, 2);
  if (!failed() && lets_in())
    fail("pool has ended, and somebody still listens on its port");
}

int main(int argc, char *argv[]) {
  static const char stopping[] =
      "on SIGTERM send SIGTERM to each worker, begin no other in its place, "
      "and wait for them to end. A worker that does not end: a child inherits "
      "what its parent blocks and catches.";
  check_begin(argc, argv);
  check("one worker, one client", one,
        "a worker is a child: the parent only looks after them.");
  check("three workers, three clients at once", at_once,
        "all workers call accept on the one listener.");
  check("three workers, a fourth client", one_too_many,
        "there are as many workers as it was told, and no more: a worker does "
        "not fork.");
  check("a worker whose client has hung up", after_another,
        "a worker serves one client after the other: it goes back to accept.");
  check("one is killed, four times over", one_dies,
        "when a worker ends, have another begin in its place.");
  check("three are killed at once", all_die,
        "one SIGCHLD may stand for many: ask until waitpid has nobody left.");
  check("what is left of one that was killed", zombie,
        "ask for those that have ended, with waitpid.");
  check("SIGTERM, with two at work and one that waits", stop, stopping);
  check("SIGTERM, with one that takes its time to end", stop_slowly, stopping);
  check("SIGTERM, after one was replaced", stop_replaced, stopping);
  return check_end();
}
