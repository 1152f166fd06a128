/* Serves one visitor after the other: ./clerk PORT BACKLOG */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A listening socket at this port. */
static int listen_on(in_port_t port, int backlog) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, backlog) == -1) die("listen");
  return listener;
}

/* Until the visitor leaves. */
static void serve(int visitor) {
  const char greeting[] = "your turn\n";
  char said[512];
  ssize_t n = send(visitor, greeting, sizeof greeting - 1, MSG_NOSIGNAL);
  while (n > 0)
    n = recv(visitor, said, sizeof said, 0);
  if (n == -1) perror("a visitor");
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT BACKLOG\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]), atoi(argv[2]));
  setvbuf(stdout, NULL, _IOLBF, 0);

  for (int number = 1;; number++) {
    printf("next, please\n");
    int visitor = accept(listener, NULL, NULL);
    if (visitor == -1) die("accept");
    printf("visitor %d\n", number);
    serve(visitor);
    close(visitor);
  }
}
