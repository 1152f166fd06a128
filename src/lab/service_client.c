/* The clients of the lab's servers, one at a time: see service.h. */
#define _GNU_SOURCE
#include "service.h"
#include "service_loop.h"
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  BYTES = 4096,       /* received at a time */
  HIGH = 64 * 1024,   /* of output: answer no more until it is less */
  LIMIT = 1024 * 1024 /* of output: whoever reads so slowly is cut off */
};
enum { LINGER = 2000, DRAIN = 30000 }; /* ms */

struct client *clients;
int client_count;
bool stirred;

int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * (int64_t)1000 + t.tv_nsec / 1000000;
}

static bool is_for_later(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void cut(struct client *c, int error) {
  if (c->state != DEAD) c->error = error;
  c->state = DEAD;
  stirred = true;
}

/* ---- output ---- */

size_t client_pending(const struct client *c) { return c->out_size - c->out_sent; }

/* Room for `size` bytes at the end of the output, or NULL. */
static char *reserve(struct client *c, size_t size) {
  size_t pending = client_pending(c);
  if (c->state != OPEN) return NULL;
  if (pending + size > LIMIT) {
    client_log(c, "reads too slowly");
    cut(c, ENOBUFS);
    return NULL;
  }
  if (c->out_sent && c->out_size + size > c->out_room) {
    memmove(c->out, c->out + c->out_sent, pending);
    c->out_sent = 0;
    c->out_size = pending;
  }
  if (pending + size > c->out_room) {
    size_t room = 2 * (pending + size);
    char *out = realloc(c->out, room);
    if (!out) {
      cut(c, ENOMEM);
      return NULL;
    }
    c->out = out;
    c->out_room = room;
  }
  return c->out + c->out_size;
}

void client_write(struct client *c, const void *data, size_t size) {
  char *to = reserve(c, size);
  if (!to) return;
  if (size) memcpy(to, data, size);
  c->out_size += size;
}

void client_puts(struct client *c, const char *text) { client_write(c, text, strlen(text)); }

void client_printf(struct client *c, const char *format, ...) {
  va_list list;
  va_start(list, format);
  int n = vsnprintf(NULL, 0, format, list);
  va_end(list);
  char *to = n < 0 ? NULL : reserve(c, (size_t)n + 1);
  if (!to) return;
  va_start(list, format);
  vsnprintf(to, (size_t)n + 1, format, list);
  va_end(list);
  c->out_size += (size_t)n;
}

/* Closing at once while the client still sends would make the system answer with a reset, which can
 * overtake the last words. So only our direction ends, and what comes is thrown away for a while.
 */
static void linger(struct client *c) {
  shutdown(c->fd, SHUT_WR);
  c->state = LINGERING;
  c->active = now();
  if (c->in_ended) cut(c, 0);
}

static void flush(struct client *c) {
  if (c->state != OPEN && c->state != DRAINING) return;
  while (client_pending(c)) {
    ssize_t n = send(c->fd, c->out + c->out_sent, client_pending(c), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && is_for_later(errno)) return;
    if (n < 0) {
      cut(c, errno);
      return;
    }
    c->out_sent += (size_t)n;
    c->active = now();
  }
  free(c->out);
  c->out = NULL;
  c->out_sent = c->out_size = c->out_room = 0;
  if (c->state == DRAINING) linger(c);
}

/* ---- input ---- */

/* The length of the first line, its end included, once that was passed on; 0: it is not all there.
 */
static size_t take_line(struct client *c, char *text, size_t size) {
  char *end = memchr(text, '\n', size);
  size_t length = end ? (size_t)(end - text) : size, limit = c->service->line_limit;
  if (length && text[length - 1] == '\r') length--;
  if (length > limit || c->skipping) {
    if (!c->skipping && c->service->too_long) c->service->too_long(c);
    c->skipping = !end;
    return end ? (size_t)(end - text) + 1 : size;
  }
  if (!end) return 0;
  text[length] = 0;
  c->service->line(c, text, length);
  return (size_t)(end - text) + 1;
}

static bool may_deliver(const struct client *c) {
  return c->state == OPEN && !c->held && client_pending(c) < HIGH;
}

static void deliver(struct client *c) {
  size_t at = 0, n = 1;
  while (n && at < c->in_used && may_deliver(c)) {
    char *from = c->in + at;
    size_t size = c->in_used - at;
    n = c->raw ? c->service->bytes(c, from, size) : take_line(c, from, size);
    at += n;
  }
  c->in_used -= at;
  memmove(c->in, c->in + at, c->in_used);
  if (!c->in_ended || c->end_told || !may_deliver(c)) return;
  c->end_told = true;
  c->service->ended ? c->service->ended(c) : client_close(c);
}

static bool wants_input(const struct client *c) {
  if (c->in_ended || c->state == CONNECTING || c->state == DEAD) return false;
  return c->state != OPEN || (may_deliver(c) && c->in_used < c->in_limit);
}

static void receive(struct client *c) {
  char waste[BYTES];
  bool open = c->state == OPEN;
  ssize_t n = open ? recv(c->fd, c->in + c->in_used, c->in_limit - c->in_used, MSG_DONTWAIT)
                   : recv(c->fd, waste, sizeof waste, MSG_DONTWAIT);
  if (n < 0 && is_for_later(errno)) return;
  if (n < 0) {
    cut(c, errno);
    return;
  }
  if (!n) c->in_ended = true;
  if (!n && c->state == LINGERING) cut(c, 0);
  if (!open) return;
  c->in_used += (size_t)n;
  c->active = now();
}

/* ---- clients ---- */

void client_raw(struct client *c, bool on) { c->raw = on; }

void client_hold(struct client *c, bool on) {
  c->held = on;
  stirred = true;
}

void client_produce(struct client *c, bool on) { c->producing = on; }

void client_alarm(struct client *c, int ms) { c->alarm = ms ? now() + ms : 0; }

void client_close(struct client *c) {
  if (c->state == CONNECTING) cut(c, 0);
  if (c->state == OPEN) c->state = DRAINING;
  stirred = true;
}

void client_abort(struct client *c) { cut(c, 0); }

struct client *client_next(struct client *c) { return c ? c->next : clients; }

void client_log(struct client *c, const char *format, ...) {
  char text[200];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  for (char *p = text; *p; p++)
    if (!isprint((unsigned char)*p)) *p = '?';
  printf("%s %s\n", c->name, text);
  fflush(stdout);
}

static void name_client(struct client *c) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  const struct sockaddr *address = (const struct sockaddr *)&c->address;
  if (getnameinfo(address, sizeof c->address, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV))
    strcpy(host, "?"), strcpy(port, "?");
  const char *four = strncmp(host, "::ffff:", 7) ? NULL : host + 7; /* IPv4 on an IPv6 socket */
  bool six = !four && strchr(host, ':');
  snprintf(c->name, sizeof c->name, six ? "[%.50s]:%.6s" : "%.50s:%.6s", four ? four : host, port);
}

struct client *add_client(int fd, const struct sockaddr *address, socklen_t length,
                          const struct service *service, void *context) {
  struct client *c = calloc(1, sizeof *c);
  size_t in_limit = service->line_limit + 2 > BYTES ? service->line_limit + 2 : BYTES;
  char *in = malloc(in_limit), *session = calloc(1, service->session + 1);
  if (!c || !in || !session) {
    free(c), free(in), free(session), close(fd);
    errno = ENOMEM;
    return NULL;
  }
  *c = (struct client){.fd = fd, .service = service, .session = session, .context = context};
  c->in = in;
  c->in_limit = in_limit;
  c->raw = service->raw;
  c->active = now();
  c->polled = -1;
  c->next = clients;
  memcpy(&c->address, address, length);
  name_client(c);
  clients = c;
  client_count++;
  return c;
}

void open_client(struct client *c) {
  c->state = OPEN;
  c->active = now();
  printf("connected %s\n", c->name);
  fflush(stdout);
  stirred = true;
  if (c->service->connected) c->service->connected(c);
}

/* A socket that is connected, or about to be; -1 and errno. */
static int begin_connecting(int from, const struct sockaddr *to, socklen_t length) {
  int yes = 1, s = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((in_port_t)from)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((in_port_t)from)};
  bool is_six = to->sa_family == AF_INET6;
  if (s < 0) return -1;
  if (from) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if ((!from || !bind(s, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four,
                      is_six ? sizeof six : sizeof four)) &&
      (!connect(s, to, length) || errno == EINPROGRESS))
    return s;
  int error = errno;
  close(s);
  errno = error;
  return -1;
}

struct client *client_connect(int from, const struct sockaddr *to, socklen_t length,
                              const struct service *service, void *context) {
  int s = begin_connecting(from, to, length);
  if (s < 0 && from) s = begin_connecting(0, to, length);
  if (s < 0) return NULL;
  return add_client(s, to, length, service, context); /* CONNECTING, until it is writable */
}

static void finish_connecting(struct client *c) {
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
  error ? cut(c, error) : open_client(c);
}

void free_client(struct client *c) {
  if (c->service->gone) c->service->gone(c);
  printf(c->error ? "closed %s: %s\n" : "closed %s\n", c->name, strerror(c->error));
  fflush(stdout);
  close(c->fd);
  free(c->in), free(c->out), free(c->session), free(c);
  client_count--;
}

int64_t deadline(const struct client *c) {
  int patience = c->service->patience * 1000;
  if (c->state == LINGERING) patience = LINGER;
  if (c->state == DRAINING && (!patience || patience > DRAIN)) patience = DRAIN;
  return patience ? c->active + patience : INT64_MAX;
}

static void expire(struct client *c) {
  if (c->state != OPEN) {
    cut(c, c->state == LINGERING ? 0 : ETIMEDOUT);
    return;
  }
  if (c->service->idle) c->service->idle(c);
  client_close(c);
  c->active = now();
}

void serve_client(struct client *c, int events) {
  if (c->state == CONNECTING && events) finish_connecting(c);
  flush(c);
  if (events & (POLLIN | POLLHUP | POLLERR)) {
    if (wants_input(c))
      receive(c);
    else if (events & (POLLHUP | POLLERR))
      cut(c, ECONNRESET);
  }
  if (c->state == OPEN && c->alarm && c->alarm <= now()) {
    c->alarm = 0;
    c->service->alarm(c);
  }
  deliver(c);
  bool halted = !may_deliver(c);
  if (c->state == OPEN && c->producing && client_pending(c) < HIGH / 2) c->service->room(c);
  flush(c);
  if (halted && may_deliver(c)) stirred = true;
  if (deadline(c) <= now()) expire(c);
}

int events_wanted(const struct client *c) {
  bool open = c->state == OPEN, sends = open || c->state == DRAINING;
  bool out = c->state == CONNECTING || (sends && client_pending(c)) || (open && c->producing);
  return (wants_input(c) ? POLLIN : 0) | (out ? POLLOUT : 0);
}
