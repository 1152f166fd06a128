/* wrong: has become free, but */
/* Says who serves, and sends back what comes: ./pool PORT WORKERS */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 16, WORKERS = 32 };
static pid_t workers[WORKERS];
static int count;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void serve(int client) {
  char buffer[1024];
  ssize_t n = snprintf(buffer, sizeof buffer, "worker %ld\n", (long)getpid());
  do
    if (send(client, buffer, (size_t)n, MSG_NOSIGNAL) != n) return;
  while ((n = recv(client, buffer, sizeof buffer, 0)) > 0);
}

/* Serves one client after the other, for ever. */
static void work(int listener) {
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    if (fork() == 0) {
      serve(client);
      _exit(EXIT_SUCCESS);
    }
    close(client);
  }
}

static pid_t begin_worker(int listener, const sigset_t *mask) {
  pid_t pid = fork();
  if (pid == -1) perror("fork");
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, mask, NULL);
    work(listener);
  }
  return pid;
}

/* One SIGCHLD may stand for many. */
static void replace(int listener, const sigset_t *mask) {
  pid_t pid;
  while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
    for (int i = 0; i < count; i++)
      if (workers[i] == pid) workers[i] = begin_worker(listener, mask);
}

static void end_workers(void) {
  for (int i = 0; i < count; i++)
    if (workers[i] > 0) kill(workers[i], SIGTERM);
  while (wait(NULL) > 0)
    ;
}

int main(int argc, char *argv[]) {
  sigset_t awaited, before;
  int sig;
  count = argc == 3 ? atoi(argv[2]) : 0;
  if (count < 1 || count > WORKERS) {
    fprintf(stderr, "usage: %s PORT WORKERS\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &awaited, &before) == -1) die("sigprocmask");
  for (int i = 0; i < count; i++)
    workers[i] = begin_worker(listener, &before);
  while (sigwait(&awaited, &sig) == 0 && sig == SIGCHLD)
    replace(listener, &before);
  end_workers();
  return EXIT_SUCCESS;
}
