/* wrong: call recv again */
/* Sends back what a client sends, letters turned: ./rot13 PORT */
#include <errno.h>
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

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void turn(char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] >= 'a' && bytes[i] <= 'z')
      bytes[i] = (char)('a' + (bytes[i] - 'a' + 13) % 26);
    else if (bytes[i] >= 'A' && bytes[i] <= 'Z')
      bytes[i] = (char)('A' + (bytes[i] - 'A' + 13) % 26);
  }
}

/* All of it, or -1. */
static int send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n == -1) return -1;
    bytes += n;
    length -= (size_t)n;
  }
  return 0;
}

/* Until the client has no more to say, or is lost. */
static void serve(int client) {
  char piece[1024];
  ssize_t n;
  if ((n = recv(client, piece, sizeof piece, 0)) > 0) {
    turn(piece, (size_t)n);
    if (send_all(client, piece, (size_t)n) == -1) return;
  }
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
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }
    serve(client);
    close(client);
  }
}
