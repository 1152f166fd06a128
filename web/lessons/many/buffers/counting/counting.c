/* Counts for its clients, as far as each wants: ./counting PORT */
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, CLIENTS = 64, LINE = 32, ROOM = 16384 };

struct client {
  char line[LINE]; /* what has come of it */
  size_t length;
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Says all numbers. False when this client is to go. */
static bool count_to(int fd, long last) {
  char text[ROOM];
  for (long next = 1; next <= last;) {
    size_t n = 0;
    while (next <= last && n + LINE <= sizeof text)
      n += (size_t)snprintf(text + n, LINE, "%ld\n", next++);
    if (send(fd, text, n, MSG_NOSIGNAL) != (ssize_t)n) return false;
  }
  return true;
}

/* Takes what has come, and answers it. False when this client is to go. */
static bool serve(int fd, struct client *c) {
  char *end;
  ssize_t n = recv(fd, c->line + c->length, sizeof c->line - c->length, 0);
  if (n <= 0) return false;
  c->length += (size_t)n;
  while ((end = memchr(c->line, '\n', c->length)) != NULL) {
    size_t taken = (size_t)(end - c->line) + 1;
    *end = '\0';
    if (!count_to(fd, strtol(c->line, NULL, 10))) return false;
    c->length -= taken;
    memmove(c->line, c->line + taken, c->length);
  }
  return c->length < sizeof c->line; /* no room: the line is too long */
}

int main(int argc, char *argv[]) {
  static struct client clients[1 + CLIENTS]; /* the first is not used */
  struct pollfd watched[1 + CLIENTS];
  nfds_t count = 1;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  watched[0] = (struct pollfd){.fd = listen_on((in_port_t)atoi(argv[1]))};
  for (;;) {
    watched[0].events = count <= CLIENTS ? POLLIN : 0;
    if (poll(watched, count, -1) == -1) die("poll");
    for (nfds_t i = count - 1; i >= 1; i--) {
      if (watched[i].revents == 0 || serve(watched[i].fd, &clients[i]))
        continue;
      close(watched[i].fd);
      count--;
      watched[i] = watched[count];
      clients[i] = clients[count];
    }
    if (watched[0].revents == 0) continue;
    int fd = accept(watched[0].fd, NULL, NULL);
    if (fd == -1) continue;
    clients[count] = (struct client){0};
    watched[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}
