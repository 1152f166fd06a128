/* Listens at a port, or at another if that one is taken: ./prefer PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket that listens at this port, which is in network order. */
static int listen_at(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = port};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int port = atoi(argv[1]);
  int listener = listen_at(htons((in_port_t)port));

  printf("listening on %d\n", port);
  fflush(stdout);

  while (getchar() != EOF) {
  }
  close(listener);
  return 0;
}
