/* wrong: Whoever closes first */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
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
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static int accept_one(int listener) {
  int client = accept(listener, NULL, NULL);
  while (client == -1 && (errno == EINTR || errno == ECONNABORTED))
    client = accept(listener, NULL, NULL);
  if (client == -1) die("accept");
  return client;
}

int main(int argc, char *argv[]) {
  static const char greeting[] = "good day\n";
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT MS\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  int client = accept_one(listener);
  if (send(client, greeting, sizeof greeting - 1, MSG_NOSIGNAL) == -1) perror("send");
  close(client);
  close(listener);
  return 0;
}
