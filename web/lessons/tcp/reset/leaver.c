/* Hears one message of each client, and leaves: ./leaver PORT [reset] */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

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

int main(int argc, char *argv[]) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s PORT [reset]\n", argv[0]);
    return EXIT_FAILURE;
  }
  bool reset = argc > 2 && strcmp(argv[2], "reset") == 0;
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      die("accept");
    }
    char message[64];
    ssize_t n = recv(client, message, sizeof message, 0);
    if (n == -1) perror("recv");

    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset && setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once,
                            sizeof at_once) == -1)
      die("setsockopt");
    close(client);
  }
}
