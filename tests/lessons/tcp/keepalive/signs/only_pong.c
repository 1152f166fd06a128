/* wrong: Everything that comes is a sign of life */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

static const char ping[] = "PING\n", pong[] = "PONG\n";

struct text {
  char bytes[256];
  size_t length;
};

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

/* Prints the lines that are whole, but no PONG, and keeps the rest.
 * -1: a line is too long. */
static int print_lines(struct text *t) {
  char *end;
  while ((end = memchr(t->bytes, '\n', t->length)) != NULL) {
    size_t length = (size_t)(end - t->bytes) + 1;
    if (length != sizeof pong - 1 || memcmp(t->bytes, pong, length) != 0)
      fwrite(t->bytes, 1, length, stdout);
    t->length -= length;
    memmove(t->bytes, end + 1, t->length);
  }
  fflush(stdout);
  return t->length == sizeof t->bytes ? -1 : 0;
}

/* Ends when the client leaves, or does not answer a PING within ms. */
static void serve(int client, int ms) {
  struct text t = {.length = 0};
  bool asked = false;
  for (;;) {
    struct pollfd watched = {.fd = client, .events = POLLIN};
    int ready = poll(&watched, 1, ms);
    if (ready == -1 || (ready == 0 && asked)) return;
    if (ready == 0) {
      if (send(client, ping, sizeof ping - 1, MSG_NOSIGNAL) == -1) return;
      asked = true;
      continue;
    }
    ssize_t n = recv(client, t.bytes + t.length, sizeof t.bytes - t.length, 0);
    if (n <= 0) return;
    if (n == (ssize_t)sizeof pong - 1 && memcmp(t.bytes + t.length, pong, sizeof pong - 1) == 0)
      asked = false;
    t.length += (size_t)n;
    if (print_lines(&t) == -1) return;
  }
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT MS\n", argv[0]);
    return EXIT_FAILURE;
  }
  int ms = atoi(argv[2]);
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      die("accept");
    }
    serve(client, ms);
    close(client);
  }
}
