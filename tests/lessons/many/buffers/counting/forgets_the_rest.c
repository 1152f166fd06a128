/* wrong: behind what send took */
/* Counts for its clients, as far as each wants: ./counting PORT */
#include <errno.h>
#include <fcntl.h>
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
  char line[LINE]; /* requests, or the beginning of one */
  size_t length;
  long next, last; /* numbers to be said: none if next > last */
  char waiting[ROOM];
  size_t ready, sent; /* of it */
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static bool busy(const struct client *c) { return c->sent < c->ready || c->next <= c->last; }

/* Begins the next request that has come whole, if no earlier one is left. */
static void begin(struct client *c) {
  char *end;
  while (!busy(c) && (end = memchr(c->line, '\n', c->length)) != NULL) {
    size_t taken = (size_t)(end - c->line) + 1;
    *end = '\0';
    c->next = 1;
    c->last = strtol(c->line, NULL, 10);
    c->length -= taken;
    memmove(c->line, c->line + taken, c->length);
  }
}

static void fill(struct client *c) {
  c->sent = c->ready = 0;
  while (c->next <= c->last && c->ready + LINE <= sizeof c->waiting)
    c->ready += (size_t)snprintf(c->waiting + c->ready, LINE, "%ld\n", c->next++);
}

/* Takes what has come. False when this client is to go. */
static bool take(int fd, struct client *c) {
  if (c->length == sizeof c->line) return false; /* the line is too long */
  ssize_t n = recv(fd, c->line + c->length, sizeof c->line - c->length, 0);
  if (n == -1) return errno == EAGAIN;
  c->length += (size_t)n;
  return n > 0;
}

/* Sends what can be sent. False when this client is to go. */
static bool say(int fd, struct client *c) {
  while (busy(c)) {
    if (c->sent == c->ready) fill(c);
    ssize_t n = send(fd, c->waiting + c->sent, c->ready - c->sent, MSG_NOSIGNAL);
    if (n == -1 && errno != EAGAIN) return false;
    c->sent = c->ready;
    if (n == -1) return true;
  }
  return true;
}

/* Does what can be done for a client. False when it is to go. */
static bool serve(int fd, struct client *c) {
  if (!busy(c) && !take(fd, c)) return false;
  begin(c);
  if (busy(c) && !say(fd, c)) return false;
  begin(c); /* the next may be here already */
  return true;
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
    for (nfds_t i = 1; i < count; i++)
      watched[i].events = busy(&clients[i]) ? POLLOUT : POLLIN;
    if (poll(watched, count, -1) == -1) die("poll");
    for (nfds_t i = count - 1; i >= 1; i--) {
      if (watched[i].revents == 0 || serve(watched[i].fd, &clients[i])) continue;
      close(watched[i].fd);
      count--;
      watched[i] = watched[count];
      clients[i] = clients[count];
    }
    if (watched[0].revents == 0) continue;
    int fd = accept(watched[0].fd, NULL, NULL);
    if (fd == -1) continue;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
    clients[count] = (struct client){.next = 1};
    watched[count++] = (struct pollfd){.fd = fd};
  }
}
