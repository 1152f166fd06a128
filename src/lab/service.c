/* The loop of the lab's servers, and their listeners: see service.h. */
#define _GNU_SOURCE
#include "service.h"
#include "service_loop.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENTS = 200, BACKLOG = 64, PAUSE = 1000 /* ms */ };

struct listener {
  struct listener *next;
  int fd, polled; /* fd < 0: to be freed */
  const struct service *service;
  void *context;
  void (*datagram)(int socket);
};

static struct listener *listeners;
static int64_t accept_at; /* not before: the system had no room for another connection */
static const char *program;

/* ---- listeners ---- */

/* A socket for every address that this host has, of both families if there are two; -1 and errno.
 */
static int open_socket(int type, int port) {
  int yes = 1, no = 0;
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
  int s = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool both = s >= 0;
  if (both) setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  if (!both) s = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s < 0) return -1;
  if (type == SOCK_STREAM) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr *here = both ? (struct sockaddr *)&six : (struct sockaddr *)&four;
  if (!bind(s, here, both ? sizeof six : sizeof four) &&
      (type != SOCK_STREAM || !listen(s, BACKLOG)))
    return s;
  int error = errno;
  close(s);
  errno = error;
  return -1;
}

static int port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                              : ((const struct sockaddr_in *)address)->sin_port);
}

static struct listener *add_listener(int fd, const struct service *service, void *context,
                                     void (*datagram)(int)) {
  struct listener *l = fd < 0 ? NULL : malloc(sizeof *l);
  if (!l && fd >= 0) close(fd);
  if (l) *l = (struct listener){listeners, fd, -1, service, context, datagram};
  if (l) listeners = l;
  return l;
}

struct listener *listener_open(int port, const struct service *service, void *context) {
  return add_listener(open_socket(SOCK_STREAM, port), service, context, NULL);
}

int listener_port(const struct listener *l) {
  struct sockaddr_storage here = {0};
  socklen_t length = sizeof here;
  getsockname(l->fd, (struct sockaddr *)&here, &length);
  return port_of(&here);
}

void listener_close(struct listener *l) {
  close(l->fd);
  l->fd = -1;
}

static void accept_client(struct listener *l) {
  struct sockaddr_storage from = {0};
  socklen_t length = sizeof from;
  int fd = accept4(l->fd, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      accept_at = now() + PAUSE;
    return;
  }
  struct client *c = add_client(fd, (struct sockaddr *)&from, length, l->service, l->context);
  if (c) open_client(c);
}

/* ---- datagrams ---- */

ssize_t datagram_receive(int s, void *to, size_t size, struct sockaddr_storage *from) {
  socklen_t length = sizeof *from;
  ssize_t n = recvfrom(s, to, size, MSG_DONTWAIT, (struct sockaddr *)from, &length);
  return n < 0 || port_of(from) < IPPORT_RESERVED ? -1 : n;
}

void datagram_answer(int s, const void *data, size_t size, const struct sockaddr_storage *to) {
  socklen_t length =
      to->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  sendto(s, data, size, MSG_DONTWAIT, (const struct sockaddr *)to, length);
}

/* ---- the loop ---- */

static struct pollfd *polled;
static int polled_count, polled_room;

static int add_polled(int fd, int events) {
  if (polled_count == polled_room) {
    int room = polled_room ? 2 * polled_room : 64;
    struct pollfd *more = realloc(polled, (size_t)room * sizeof *more);
    if (!more) return -1; /* next time, perhaps */
    polled = more;
    polled_room = room;
  }
  polled[polled_count] = (struct pollfd){.fd = fd, .events = (short)events};
  return polled_count++;
}

static int events_of(int at) { return at < 0 ? 0 : polled[at].revents; }

/* Fills `polled`. Until when poll may wait. */
static int64_t prepare(void) {
  int64_t until = INT64_MAX;
  bool full = client_count >= CLIENTS || accept_at > now();
  if (accept_at > now()) until = accept_at;
  polled_count = 0;
  for (struct listener *l = listeners; l; l = l->next)
    l->polled = l->datagram || !full ? add_polled(l->fd, POLLIN) : -1;
  for (struct client *c = clients; c; c = c->next) {
    c->polled = add_polled(c->fd, events_wanted(c));
    if (deadline(c) < until) until = deadline(c);
    if (c->state == OPEN && c->alarm && c->alarm < until) until = c->alarm;
  }
  return until;
}

static void sweep(void) {
  for (struct listener **at = &listeners, *l; (l = *at);) {
    if (l->fd >= 0)
      at = &l->next;
    else
      *at = l->next, free(l);
  }
  for (struct client **at = &clients, *c; (c = *at);) {
    if (c->state != DEAD) {
      at = &c->next;
      continue;
    }
    *at = c->next;
    free_client(c);
    accept_at = 0;
    at = &clients; /* `gone` may have changed the list */
  }
}

void service_run(void) {
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int64_t until = prepare(), left = stirred ? 0 : until - now();
    stirred = false;
    int timeout = until == INT64_MAX && left ? -1 : left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
    if (poll(polled, (nfds_t)polled_count, timeout) < 0) continue;
    for (struct client *c = clients; c; c = c->next)
      serve_client(c, events_of(c->polled));
    for (struct listener *l = listeners; l; l = l->next) {
      if (l->fd < 0 || !(events_of(l->polled) & POLLIN)) continue;
      l->datagram ? l->datagram(l->fd) : accept_client(l);
    }
    sweep();
  }
}

/* ---- set-up ---- */

int service_port(int argc, char **argv, int most, int standard, const char *usage) {
  char *end = NULL;
  long port = argc > 1 ? strtol(argv[1], &end, 10) : standard;
  const char *slash = strrchr(argv[0], '/');
  program = slash ? slash + 1 : argv[0];
  if (argc - 1 <= most && !(end && (*end || end == argv[1])) && port >= 0 && port <= 65535)
    return (int)port;
  fprintf(stderr, "usage: %s\n", usage);
  exit(2);
}

struct listener *service_open(int port, const struct service *service, void (*datagram)(int)) {
  for (int attempt = 0;; attempt++) { /* a TCP port that is free may not be free for UDP */
    struct listener *l = listener_open(port, service, NULL);
    int found = l ? listener_port(l) : 0;
    if (l && (!datagram || add_listener(open_socket(SOCK_DGRAM, found), NULL, NULL, datagram))) {
      printf("%s: waiting on port %d\n", program, found);
      fflush(stdout);
      return l;
    }
    if (l && !port && errno == EADDRINUSE && attempt < 100) {
      listener_close(l);
      continue;
    }
    fprintf(stderr, "%s: port %d: %s\n", program, port, strerror(errno));
    exit(EXIT_FAILURE);
  }
}
