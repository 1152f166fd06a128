/* wrong: is still connected */
/* Passes on what each client says to all the others: ./relay PORT */
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

enum { BACKLOG = 128, MOST = 1024, PIECE = 16384 };
enum { SEND_BUFFER = 65536 }; /* bytes for each client */

struct client {
  char *queue; /* what the kernel has not taken yet */
  size_t length;
  bool gone; /* to be closed at the end of this round */
};

static struct pollfd watched[MOST]; /* the first is the listener */
static struct client clients[MOST];
static nfds_t count = 1;
static bool full; /* there was no descriptor for the next client */

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

static void welcome(void) {
  int room = SEND_BUFFER, fd = accept(watched[0].fd, NULL, NULL);
  if (fd == -1) {
    if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return;
    if (errno != EMFILE && errno != ENFILE) die("accept");
    full = true;
    return;
  }
  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == -1) die("setsockopt");
  clients[count] = (struct client){.queue = NULL};
  watched[count++] = (struct pollfd){.fd = fd};
}

static void enqueue(struct client *c, const char *bytes, size_t n) {
  char *longer = realloc(c->queue, c->length + n);
  if (longer == NULL) die("realloc");
  memcpy(longer + c->length, bytes, n);
  c->queue = longer;
  c->length += n;
}

/* Takes what a client says, for all the others. */
static void hear(nfds_t from) {
  static char bytes[PIECE];
  ssize_t n = recv(watched[from].fd, bytes, sizeof bytes, 0);
  if (n == 0 || (n == -1 && errno != EAGAIN)) clients[from].gone = true;
  for (nfds_t i = 1; i < count && n > 0; i++)
    if (i != from) enqueue(&clients[i], bytes, (size_t)n);
}

static void flush(nfds_t i) {
  struct client *c = &clients[i];
  ssize_t n = send(watched[i].fd, c->queue, c->length, MSG_NOSIGNAL);
  if (n == -1) {
    if (errno != EAGAIN) c->gone = true;
    return;
  }
  c->length -= (size_t)n;
  memmove(c->queue, c->queue + n, c->length);
}

static void drop(nfds_t i) {
  close(watched[i].fd);
  free(clients[i].queue);
  count--;
  watched[i] = watched[count];
  clients[i] = clients[count];
  full = false;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  watched[0].fd = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    watched[0].events = full || count == MOST ? 0 : POLLIN;
    for (nfds_t i = 1; i < count; i++)
      watched[i].events = clients[i].length > 0 ? POLLIN | POLLOUT : POLLIN;
    if (poll(watched, count, -1) == -1) die("poll");
    for (nfds_t i = 1; i < count; i++) {
      if (watched[i].revents & POLLOUT) flush(i);
      if (watched[i].revents & ~POLLOUT) hear(i);
    }
    for (nfds_t i = count - 1; i >= 1; i--)
      if (clients[i].gone) drop(i);
    if (watched[0].revents != 0) welcome();
  }
}
