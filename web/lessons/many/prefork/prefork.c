/* Sends back what clients send; a fixed number of processes: ./prefork PORT */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 16, WORKERS = 3 };
static pid_t workers[WORKERS];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void serve(int client) {
  static const char fatal[] = "crash\n";
  char buffer[1024];
  ssize_t n;
  while ((n = recv(client, buffer, sizeof buffer, 0)) > 0) {
    if (n == sizeof fatal - 1 && memcmp(buffer, fatal, sizeof fatal - 1) == 0)
      abort(); /* a mistake in the program, on demand */
    if (send(client, buffer, (size_t)n, MSG_NOSIGNAL) != n) return;
  }
}

/* Begins a worker, which serves one client after the other. */
static pid_t begin_worker(int listener, const sigset_t *mask) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  sigprocmask(SIG_SETMASK, mask, NULL); /* SIGTERM ends it, as it should */
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    serve(client);
    close(client);
  }
}

/* Asks for all that have ended, and has others begin in their places. */
static void replace(int listener, const sigset_t *mask) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    for (int i = 0; i < WORKERS; i++)
      if (workers[i] == pid) {
        printf("worker %s: another begins\n",
               WIFSIGNALED(status) ? "died of a signal" : "ended");
        workers[i] = begin_worker(listener, mask);
      }
}

int main(int argc, char *argv[]) {
  sigset_t awaited, before;
  int sig;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  setvbuf(stdout, NULL, _IOLBF, 0);
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &awaited, &before) == -1) die("sigprocmask");
  for (int i = 0; i < WORKERS; i++)
    if ((workers[i] = begin_worker(listener, &before)) == -1) die("fork");
  printf("%d workers wait on port %s\n", WORKERS, argv[1]);
  while (sigwait(&awaited, &sig) == 0 && sig == SIGCHLD)
    replace(listener, &before);
  for (int i = 0; i < WORKERS; i++)
    if (workers[i] > 0) kill(workers[i], SIGTERM);
  while (wait(NULL) > 0)
    ;
  printf("all have ended\n");
  return EXIT_SUCCESS;
}
