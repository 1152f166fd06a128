/* Sends back what each client sends, and waits for nobody: ./echo PORT */
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

enum { BACKLOG = 16, CLIENTS = 64, ROOM = 16384 };

struct client {
  char waiting[ROOM]; /* to be sent */
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

/* Sends what it can, and keeps the rest. False when this client is to go. */
static bool flush(int fd, struct client *c) {
  ssize_t n = send(fd, c->waiting, c->length, MSG_NOSIGNAL);
  if (n == -1) return errno == EAGAIN;
  c->length -= (size_t)n;
  memmove(c->waiting, c->waiting + n, c->length);
  return true;
}

/* Does what can be done for a client. False when it is to go. */
static bool serve(int fd, struct client *c) {
  if (c->length == 0) {
    ssize_t n = recv(fd, c->waiting, sizeof c->waiting, 0);
    if (n == -1) return errno == EAGAIN;
    if (n == 0) return false;
    c->length = (size_t)n;
  }
  return flush(fd, c);
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
      watched[i].events = clients[i].length > 0 ? POLLOUT : POLLIN;
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
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
    clients[count].length = 0;
    watched[count++] = (struct pollfd){.fd = fd};
  }
}
