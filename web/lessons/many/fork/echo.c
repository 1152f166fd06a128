/* Sends back what each client sends, a process for each: ./echo PORT */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
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

/* All that one client needs, until it hangs up. It may wait as long as it
 * likes. */
static void serve(int client) {
  char buffer[1024];
  ssize_t n;
  while ((n = recv(client, buffer, sizeof buffer, 0)) > 0)
    if (send(client, buffer, (size_t)n, MSG_NOSIGNAL) != n) return;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  signal(SIGCHLD, SIG_IGN); /* nobody asks how the children ended */
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[1]);

  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    pid_t child = fork();
    if (child == -1) perror("fork");
    if (child == 0) {
      close(listener); /* the parent's */
      serve(client);
      printf("a client has gone\n");
      return EXIT_SUCCESS;
    }
    close(client); /* the child has it */
  }
}
