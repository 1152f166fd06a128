/* wrong: before the next accept */
/* Runs a program for each client: ./super PORT PROGRAM [ARGUMENT]... */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 16, CANNOT_RUN = 127 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* In the child, whose place the service takes. */
static void become(int client, char *service[]) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (dup2(client, fd) == -1) _exit(CANNOT_RUN);
  close(client);
  signal(SIGCHLD, SIG_DFL);
  execvp(service[0], service);
  perror(service[0]);
  _exit(CANNOT_RUN);
}

/* Has the service serve this client. */
static void run(int client, char *service[]) {
  pid_t child = fork();
  if (child == -1) perror("fork");
  if (child == 0) become(client, service);
  waitpid(child, NULL, 0);
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT PROGRAM [ARGUMENT]...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    run(client, argv + 2);
    close(client);
  }
}
