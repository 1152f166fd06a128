/* wrong: several may be waiting */
/* Tells each client how many bytes it has sent: ./tally PORT */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct timespec log_entry = {.tv_nsec = 5000000};

enum { BACKLOG = 128, EVENTS = 64 };

struct client {
  int fd;
  size_t bytes; /* so far */
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

static bool watch(int set, int fd, struct client *client) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = client};
  return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void leave(struct client *client) {
  close(client->fd);
  free(client);
}

static void add(int set, int fd) {
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL) die("calloc");
  client->fd = fd;
  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 || !watch(set, fd, client)) leave(client);
}

static void welcome(int set, int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd != -1) add(set, fd);
  nanosleep(&log_entry, NULL); /* several may come while it is written */
}

static void tell(const struct client *client) {
  char text[32];
  int length = snprintf(text, sizeof text, "%zu\n", client->bytes);
  if (send(client->fd, text, (size_t)length, MSG_NOSIGNAL) == -1) perror("send");
}

/* Takes all that has come. */
static void serve(struct client *client) {
  char buffer[1024];
  ssize_t n;
  while ((n = recv(client->fd, buffer, sizeof buffer, 0)) > 0)
    client->bytes += (size_t)n;
  if (n == -1 && errno == EAGAIN) return;
  if (n == 0) tell(client);
  leave(client);
}

int main(int argc, char *argv[]) {
  struct epoll_event events[1];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  int set = epoll_create1(EPOLL_CLOEXEC);
  if (set == -1) die("epoll_create1");
  if (!watch(set, listener, NULL)) die("epoll_ctl");

  for (;;) {
    int count = epoll_wait(set, events, 1, -1);
    if (count == -1) die("epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL)
        welcome(set, listener);
      else
        serve(events[i].data.ptr);
    }
  }
}
