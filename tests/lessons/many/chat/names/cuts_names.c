/* wrong: longer than 16 */
/* A chat for people with names: ./chat PORT */
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

enum { BACKLOG = 16, CLIENTS = 64, LINE = 1024, ROOM = 65536, NAME = 16 + 1 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

struct client {
  char name[NAME]; /* empty: it has none yet */
  bool gone;       /* to be removed at the end of the round */
  char line[LINE]; /* what has come of the next line */
  size_t length;
  char waiting[ROOM]; /* to be sent */
  size_t left;
};

static struct client clients[1 + CLIENTS]; /* the first is not used */
static struct pollfd watched[1 + CLIENTS]; /* the first is the listener */
static nfds_t count = 1;

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

/* --- what clients are told --- */

/* Keeps it for the client until it can be sent. Too much: the client goes. */
static void tell(struct client *c, const char *text) {
  size_t n = strlen(text);
  if (n > sizeof c->waiting - c->left) {
    c->gone = true;
    return;
  }
  memcpy(c->waiting + c->left, text, n);
  c->left += n;
}

static void tell_others(const struct client *who, const char *what) {
  char text[LINE + 32];
  snprintf(text, sizeof text, "%s%s\n", who->name, what);
  for (nfds_t i = 1; i < count; i++)
    if (&clients[i] != who && clients[i].name[0] != '\0') tell(&clients[i], text);
}

static void flush(int fd, struct client *c) {
  ssize_t n = send(fd, c->waiting, c->left, MSG_NOSIGNAL);
  if (n == -1) {
    if (errno != EAGAIN) c->gone = true;
    return;
  }
  c->left -= (size_t)n;
  memmove(c->waiting, c->waiting + n, c->left);
}

/* --- what clients say --- */

static struct client *find(const char *name) {
  for (nfds_t i = 1; i < count; i++)
    if (strcmp(clients[i].name, name) == 0) return &clients[i];
  return NULL;
}

static bool good(const char *name) {
  size_t n = strlen(name);
  return n > 0 && strspn(name, letters) == n && find(name) == NULL;
}

static void introduce(struct client *c, const char *name) {
  if (!good(name)) {
    tell(c, "name?\n");
    return;
  }
  snprintf(c->name, sizeof c->name, "%.16s", name);
  tell_others(c, " comes");
}

static void list(struct client *c) {
  for (nfds_t i = 1; i < count; i++) {
    if (clients[i].name[0] == '\0') continue;
    tell(c, clients[i].name);
    tell(c, "\n");
  }
}

static void said(struct client *c, const char *line) {
  char text[LINE + 2];
  snprintf(text, sizeof text, ": %s", line);
  if (c->name[0] == '\0')
    introduce(c, line);
  else if (strcmp(line, "/who") == 0)
    list(c);
  else
    tell_others(c, text);
}

static void take(int fd, struct client *c) {
  char *end;
  ssize_t n = recv(fd, c->line + c->length, sizeof c->line - c->length, 0);
  if (n == -1 && errno == EAGAIN) return;
  if (n <= 0) {
    c->gone = true;
    return;
  }
  c->length += (size_t)n;
  while ((end = memchr(c->line, '\n', c->length)) != NULL) {
    size_t taken = (size_t)(end - c->line) + 1;
    *end = '\0';
    said(c, c->line);
    c->length -= taken;
    memmove(c->line, c->line + taken, c->length);
  }
  if (c->length == sizeof c->line) c->gone = true; /* no line is so long */
}

/* --- coming and going --- */

static void welcome(int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd == -1) return;
  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
  struct client *c = &clients[count];
  *c = (struct client){0};
  watched[count++] = (struct pollfd){.fd = fd};
  tell(c, "name?\n");
}

/* Removes one that is gone, and tells the others; false if there is none. */
static bool remove_one(void) {
  nfds_t i = 1;
  while (i < count && !clients[i].gone)
    i++;
  if (i == count) return false;
  if (clients[i].name[0] != '\0') tell_others(&clients[i], " leaves");
  close(watched[i].fd);
  count--;
  watched[i] = watched[count];
  clients[i] = clients[count];
  return true;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  watched[0] = (struct pollfd){.fd = listen_on((in_port_t)atoi(argv[1]))};
  for (;;) {
    watched[0].events = count <= CLIENTS ? POLLIN : 0;
    for (nfds_t i = 1; i < count; i++)
      watched[i].events = clients[i].left > 0 ? POLLIN | POLLOUT : POLLIN;
    if (poll(watched, count, -1) == -1) die("poll");
    for (nfds_t i = 1; i < count; i++) {
      if (watched[i].revents & POLLOUT) flush(watched[i].fd, &clients[i]);
      if (watched[i].revents & ~POLLOUT) take(watched[i].fd, &clients[i]);
    }
    if (watched[0].revents != 0) welcome(watched[0].fd);
    while (remove_one())
      continue;
  }
}
