/* Sends back what each client sends, with epoll: ./echo PORT */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, EVENTS = 64 };

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

/* Tell of this socket from now on, until it is closed. */
static bool watch(int set, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void welcome(int set, int listener) {
  int client = accept(listener, NULL, NULL);
  if (client != -1 && !watch(set, client)) close(client);
}

/* Sends back what has come. False when this client is to go. */
static bool serve(int client) {
  char buffer[1024];
  ssize_t n = recv(client, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  return send(client, buffer, (size_t)n, MSG_NOSIGNAL) == n;
}

int main(int argc, char *argv[]) {
  struct epoll_event events[EVENTS];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (set == -1) die("epoll_create1");
  if (!watch(set, listener)) die("epoll_ctl");

  for (;;) {
    int count = epoll_wait(set, events, EVENTS, -1);
    if (count == -1) die("epoll_wait");
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == listener)
        welcome(set, listener);
      else if (!serve(fd))
        close(fd); /* which takes it out of the set, too */
    }
  }
}
