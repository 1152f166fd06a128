/* Answers each client three times, and then hangs: ./stuck PORT */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5
#define ANSWERS 3

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void serve(int client) {
  static const char answer[] = "pong\n";
  char piece[64];
  for (int i = 0; i < ANSWERS; i++) {
    ssize_t n = recv(client, piece, sizeof piece, 0);
    if (n <= 0) return;
    if (send(client, answer, sizeof answer - 1, MSG_NOSIGNAL) == -1) return;
  }
  pause(); /* as a program does that waits for a disk, or in a deadlock */
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      die("accept");
    }
    serve(client);
    close(client);
  }
}
