/* Says of each client that has gone how many lines it has sent: ./lines PORT */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 16 };

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

/* The child: reads until the end, and ends with the number of lines. */
static void count(int client) {
  char buffer[1024];
  ssize_t n;
  int lines = 0;
  while ((n = recv(client, buffer, sizeof buffer, 0)) > 0)
    for (ssize_t i = 0; i < n; i++)
      lines += buffer[i] == '\n';
  _exit(lines);
}

static void serve_next(int listener) {
  int client = accept(listener, NULL, NULL);
  if (client == -1) return;
  pid_t child = fork();
  if (child == -1) perror("fork");
  if (child == 0) {
    close(listener);
    count(client);
  }
  close(client);
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;)
    serve_next(listener);
}
