/* Does the jobs it is sent, until it is told to stop: ./worker PORT */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, ROOM = 16, JOB_MS = 500 };

struct client {
  int fd;
  char jobs[ROOM]; /* received, one on a line, and not done yet */
  size_t length;
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static short wait_for(int fd, short events, int ms) {
  struct pollfd p = {.fd = fd, .events = events};
  if (poll(&p, 1, ms) == -1) die("poll");
  return p.revents;
}

/* Takes what has come, up to the mark. False when this client is to go. */
static bool receive(struct client *c) {
  if (c->length == sizeof c->jobs) return false; /* the line is too long */
  ssize_t n = recv(c->fd, c->jobs + c->length, sizeof c->jobs - c->length, 0);
  if (n > 0) c->length += (size_t)n;
  return n > 0;
}

/* Throws away what was sent before the urgent byte, and takes that byte. */
static bool skip_to_mark(struct client *c) {
  char rest[64], urgent;
  size_t unread = 0;
  while (sockatmark(c->fd) == 0) {
    ssize_t n = recv(c->fd, rest, sizeof rest, 0);
    if (n <= 0) return false;
    unread += (size_t)n;
  }
  if (recv(c->fd, &urgent, 1, MSG_OOB) != 1) return false;
  printf("stop! thrown away: %zu bytes in the program, %zu in the socket\n",
         c->length, unread);
  fflush(stdout);
  c->length = 0;
  return true;
}

/* The first job is done, and ends with this line end. */
static bool report(struct client *c, const char *end) {
  char text[ROOM + sizeof " is done\n"];
  size_t taken = (size_t)(end - c->jobs) + 1;
  int n =
      snprintf(text, sizeof text, "%.*s is done\n", (int)taken - 1, c->jobs);
  printf("%s", text);
  fflush(stdout);
  c->length -= taken;
  memmove(c->jobs, c->jobs + taken, c->length);
  return send(c->fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* One step: a job, a stop, or new jobs. False when this client is to go. */
static bool serve(struct client *c) {
  char *end = memchr(c->jobs, '\n', c->length);
  /* all there is to do for a job is to let some time pass */
  short seen = end != NULL ? wait_for(c->fd, POLLPRI, JOB_MS)
                           : wait_for(c->fd, POLLPRI | POLLIN, -1);
  if (seen & POLLPRI) return skip_to_mark(c);
  return end != NULL ? report(c, end) : receive(c);
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    struct client c = {.fd = accept(listener, NULL, NULL)};
    if (c.fd == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      die("accept");
    }
    while (serve(&c))
      continue;
    close(c.fd);
  }
}
