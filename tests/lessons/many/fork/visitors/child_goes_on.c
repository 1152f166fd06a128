/* wrong: a child ends when its client has gone */
/* Greets visitors by name and number: ./visitors PORT */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 41 };

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

/* The line that comes next, without its end. Returns 0 when none comes. */
static int receive_line(int client, char line[LINE]) {
  size_t length = 0;
  while (length < LINE) {
    ssize_t n = recv(client, line + length, LINE - length, 0);
    if (n <= 0) return 0;
    length += (size_t)n;
    char *end = memchr(line, '\n', length);
    if (end == NULL) continue;
    *end = '\0';
    return 1;
  }
  return 0; /* it is too long */
}

static void serve(int client, int visitor) {
  char name[LINE], answer[2 * LINE];
  if (!receive_line(client, name)) return;
  int n = snprintf(answer, sizeof answer, "hello %s, visitor %d\n", name, visitor);
  send(client, answer, (size_t)n, MSG_NOSIGNAL);
}

int main(int argc, char *argv[]) {
  int visitor = 0;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  signal(SIGCHLD, SIG_IGN);

  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    visitor++;
    if (fork() == 0) serve(client, visitor);
    close(client);
  }
}
