/* wrong: has not closed the connection */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5
#define LONGEST 65536

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

static void turn_round(char *text, size_t length) {
  for (size_t i = 0; i < length / 2; i++) {
    char first = text[i];
    text[i] = text[length - 1 - i];
    text[length - 1 - i] = first;
  }
}

/* All that the client says up to its end: the length, or -1 if that is too much
 * or the connection was lost. */
static ssize_t hear(int client, char *text, size_t size) {
  size_t length = 0;
  ssize_t n;
  while ((n = recv(client, text + length, size - length, 0)) > 0) {
    length += (size_t)n;
    if (length == size) return -1;
  }
  return n == -1 ? -1 : (ssize_t)length;
}

static void serve(int client) {
  static char text[LONGEST + 1]; /* one more, to see that it is too much */
  ssize_t length = hear(client, text, sizeof text);
  if (length == -1) return;
  turn_round(text, (size_t)length);
  for (ssize_t sent = 0, n; sent < length; sent += n) {
    n = send(client, text + sent, (size_t)(length - sent), MSG_NOSIGNAL);
    if (n == -1) return;
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
      if (errno == EINTR || errno == ECONNABORTED) continue;
      die("accept");
    }
    serve(client);
  }
}
