/* Connections that leave the lab. The program's socket and a descriptor of the kernel Worker are
 * the two ends of a pair of rings; the Worker carries the bytes to and from websockify
 * (web/runtime/gateway.js), and says what became of the connection. */
#include "kernel.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { RING = 262144 };
enum gateway_state { GATEWAY_CONNECTING, GATEWAY_CONNECTED, GATEWAY_ENDED };
/* How the Worker comes to know of bytes from the program: it reads until there are none, it looks
 * for them, or it is to be told. */
enum attention { READS, LOOKS, IS_TOLD };

struct gateway {
  enum gateway_state state;
  struct ring out, in;        /* from the program, to the program */
  struct waitq worker;        /* woken when the Worker has something to do */
  struct socket *s;           /* NULL: the program closed it */
  bool write_shut, peer_shut; /* no more bytes from the program, to the program */
  bool reset;                 /* the program left bytes unread */
  enum attention attention;   /* the Worker that looks reads it without the lock */
  bool worker_closed;
  bool asked, soon; /* the program waits for an answer; the last came soon */
  bool made, told;  /* the connection came about; connect has said so */
  uint32_t address;
  uint16_t port;
};

static void gateway_free(struct gateway *g) {
  if (g->s || !g->worker_closed) return;
  ring_free(&g->out);
  ring_free(&g->in);
  free(g);
}

/* Whether one end made room that is worth telling the other of, which is woken once for it. */
static bool has_room(size_t before, const struct ring *r) {
  return before < RING / 3 && ring_space(r) >= RING / 3;
}

static void attend(struct gateway *g, enum attention a) {
  __atomic_store_n(&g->attention, a, __ATOMIC_RELEASE);
}

/* There is something to read for the Worker, which reads on until there is nothing. */
static void tell(struct gateway *g) {
  if (g->attention == IS_TOLD) wake(&g->worker);
  attend(g, READS);
}

/* The program sends no more, so that nothing is missed by who is not told. */
static void shut(struct gateway *g) {
  g->write_shut = true;
  attend(g, READS);
}

/* The program has closed its end. */
static void leave(struct gateway *g) {
  g->s = NULL;
  shut(g);
  wake(&g->worker);
  gateway_free(g);
}

/* --- the program's end --- */

static ssize_t gateway_send(struct socket *s, struct uio *from, struct msg *m) {
  struct gateway *g = s->outside;
  int64_t deadline = deadline_in(s->send_timeout);
  int error = 0;
  while (from->left && !error) {
    if (s->error)
      error = socket_take_error(s);
    else if (g->write_shut || g->state == GATEWAY_ENDED)
      error = -EPIPE;
    else if (g->state == GATEWAY_CONNECTING || !ring_space(&g->out))
      error = socket_sleep(s, deadline, m->nonblock);
    else if (ring_from(&g->out, from) < 0)
      error = -EFAULT;
    else {
      g->asked = true;
      tell(g);
    }
  }
  return from->done ? (ssize_t)from->done : error;
}

/* Where answers come within two milliseconds, a program that looks for the next one so long has it
 * sooner than one that must be woken: also because what leads there and back stays on the other
 * processor. */
static int wait_for_answer(struct socket *s, int64_t deadline, bool nonblock) {
  enum { SOON = 2000000 };
  struct gateway *g = s->outside;
  int64_t began = now_ns();
  caller->patience = g->soon ? SOON : 0;
  int error = socket_sleep(s, deadline, nonblock);
  caller->patience = 0;
  if (!nonblock) g->soon = now_ns() - began < SOON;
  return error;
}

static ssize_t gateway_receive(struct socket *s, struct uio *to, struct msg *m) {
  struct gateway *g = s->outside;
  int64_t deadline = deadline_in(s->receive_timeout);
  while (!g->in.used) {
    if (g->peer_shut) return 0; /* also when a reset came after it: that is for send() */
    if (s->error) return socket_take_error(s);
    if (g->state == GATEWAY_ENDED || !to->left) return 0;
    int error = (g->asked ? wait_for_answer : socket_sleep)(s, deadline, m->nonblock);
    if (error) return error;
  }
  struct ring kept = g->in;
  ssize_t n = ring_to(&g->in, to);
  g->asked = false;
  if (m->flags & MSG_PEEK)
    g->in = kept;
  else if (has_room(ring_space(&kept), &g->in))
    wake(&g->worker);
  return n;
}

static int gateway_poll(struct socket *s) {
  struct gateway *g = s->outside;
  bool ended = g->state == GATEWAY_ENDED, no_more = g->peer_shut || ended;
  int events = s->error ? POLLERR : 0;
  if (g->in.used || no_more || s->error) events |= POLLIN | POLLRDNORM;
  if (no_more) events |= POLLRDHUP;
  if (ended || (g->peer_shut && g->write_shut)) events |= POLLHUP;
  if (ended || (g->state == GATEWAY_CONNECTED && ring_space(&g->out) >= RING / 3))
    events |= POLLOUT | POLLWRNORM;
  return events;
}

/* Every address outside is one of IPv4; mapped for a socket of AF_INET6. */
static int gateway_name(struct socket *s, bool peer, void *to) {
  struct gateway *g = s->outside;
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(g->port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(g->port)};
  a.sin_addr.s_addr = htonl(g->address);
  six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 0xff;
  memcpy(&six.sin6_addr.s6_addr[12], &a.sin_addr, sizeof a.sin_addr);
  if (!peer) return tcp_name(s, false, to);
  if (g->state != GATEWAY_CONNECTED) return -ENOTCONN;
  if (s->domain == AF_INET6)
    memcpy(to, &six, sizeof six);
  else
    memcpy(to, &a, sizeof a);
  return s->domain == AF_INET6 ? sizeof six : sizeof a;
}

static int gateway_shutdown(struct socket *s, int how) {
  struct gateway *g = s->outside;
  if (g->state != GATEWAY_CONNECTED) return -ENOTCONN;
  if (how != SHUT_RD) shut(g);
  wake(&g->worker);
  wake(&s->changed);
  return 0;
}

static int gateway_ioctl(struct socket *s, unsigned request, uptr argument) {
  int n = (int)s->outside->in.used;
  return request == FIONREAD ? copy_to_user(argument, &n, sizeof n) : -ENOTTY;
}

static void gateway_close(struct socket *s) {
  struct gateway *g = s->outside;
  g->reset = g->in.used;
  leave(g);
  tcp_close_socket(s);
}

static int connect_end(struct socket *s, bool nonblock, int pending);

static int gateway_connect_again(struct socket *s, const void *address, int length, bool nonblock) {
  (void)address, (void)length;
  return s->outside->told ? -EISCONN : connect_end(s, nonblock, -EALREADY);
}

static const struct sock_ops *inside_ops; /* what the socket was before it went outside */
static const struct sock_ops gateway_ops = {.connect = gateway_connect_again,
                                            .send = gateway_send,
                                            .receive = gateway_receive,
                                            .name = gateway_name,
                                            .shutdown = gateway_shutdown,
                                            .get = tcp_get,
                                            .set = tcp_set,
                                            .poll = gateway_poll,
                                            .ioctl = gateway_ioctl,
                                            .close = gateway_close};

/* --- the Worker's end --- */

static ssize_t worker_read(struct file *f, struct uio *to, bool nonblock) {
  struct gateway *g = f->object;
  (void)nonblock;
  size_t space = ring_space(&g->out);
  attend(g, g->out.used ? READS : IS_TOLD);
  if (!g->out.used) return g->write_shut ? 0 : -EAGAIN;
  ssize_t n = ring_to(&g->out, to);
  if (g->s && has_room(space, &g->out)) wake(&g->s->changed);
  return n;
}

/* What comes for a socket that is gone is dropped: it has nobody to read it. */
static ssize_t worker_write(struct file *f, struct uio *from, bool nonblock) {
  struct gateway *g = f->object;
  (void)nonblock;
  if (!g->s) return -EPIPE;
  ssize_t n = ring_from(&g->in, from);
  wake(&g->s->changed);
  return n ? n : -EAGAIN;
}

static int worker_poll(struct file *f, struct poller *poller) {
  struct gateway *g = f->object;
  poll_wait(poller, &g->worker);
  return (g->out.used || g->write_shut ? POLLIN : 0) | (ring_space(&g->in) ? POLLOUT : 0) |
         (g->s ? 0 : POLLHUP) | (g->reset ? POLLERR : 0);
}

static void worker_close(struct file *f) {
  struct gateway *g = f->object;
  g->worker_closed = true;
  g->state = GATEWAY_ENDED;
  if (g->s) wake(&g->s->changed);
  gateway_free(g);
}

static const struct file_ops worker_ops = {
    .read = worker_read, .write = worker_write, .poll = worker_poll, .close = worker_close};

static struct gateway *gateway_get(int fd) {
  struct file *f = kernel_proc.files[fd];
  return f && f->ops == &worker_ops ? f->object : NULL;
}

/* Only the Worker frees what it looks at. */
static void look(const struct gateway *g, int64_t ns) {
  enum { AT_ONCE = 64 }; /* looks between those at the clock */
  unlock();
  int64_t end = now_ns() + ns;
  for (unsigned i = 1; __atomic_load_n(&g->attention, __ATOMIC_ACQUIRE) == LOOKS; i++)
    if (i % AT_ONCE == 0 && now_ns() >= end) break;
  lock();
}

ssize_t gateway_exchange(int fd, void *bytes, size_t n, size_t room, int64_t ns) {
  struct gateway *g = gateway_get(fd);
  struct uio from, to;
  if (!g || !g->s || g->write_shut || g->out.used || ring_space(&g->in) < n) return -ENOBUFS;
  uio_kernel(&from, bytes, n);
  ring_from(&g->in, &from);
  wake(&g->s->changed);
  attend(g, LOOKS);
  look(g, ns);
  uio_kernel(&to, bytes, room);
  ssize_t got = ring_to(&g->out, &to);
  attend(g, g->out.used ? READS : IS_TOLD);
  if (g->out.used) wake(&g->worker);
  return got;
}

void gateway_connected(int fd) {
  struct gateway *g = gateway_get(fd);
  if (!g || g->state != GATEWAY_CONNECTING) return;
  g->state = GATEWAY_CONNECTED;
  g->made = true;
  if (g->s) wake(&g->s->changed);
}

void gateway_end(int fd) {
  struct gateway *g = gateway_get(fd);
  if (!g) return;
  g->peer_shut = true;
  if (g->s) wake(&g->s->changed);
}

/* The errors that a connection can end with, by the names the bridge gives them. */
void gateway_failed(int fd, const char *error) {
  static const struct {
    const char *name;
    int number;
  } known[] = {{"ECONNREFUSED", ECONNREFUSED},
               {"ETIMEDOUT", ETIMEDOUT},
               {"EHOSTUNREACH", EHOSTUNREACH},
               {"ENETUNREACH", ENETUNREACH},
               {"EACCES", EACCES},
               {"ECONNRESET", ECONNRESET},
               {"EPIPE", EPIPE}};
  struct gateway *g = gateway_get(fd);
  int number = ECONNABORTED;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(known[i].name, error)) number = known[i].number;
  if (!g) return;
  g->state = GATEWAY_ENDED;
  if (g->s) socket_error(g->s, number);
}

/* --- connect --- */

static struct gateway *gateway_new(struct socket *s) {
  struct gateway *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  struct file *f = file_new(&worker_ops, g, O_RDWR);
  if (f && !ring_init(&g->out, RING) && !ring_init(&g->in, RING)) {
    int fd = fd_alloc(&kernel_proc, f, 3, true);
    if (fd < 0) return NULL; /* closing the file freed it */
    g->s = s;
    g->attention = IS_TOLD;
    worker_watch(fd);
    return g;
  }
  ring_free(&g->out);
  free(f);
  free(g);
  return NULL;
}

static int descriptor_of(const struct gateway *g) {
  for (int fd = 3; fd < FD_LIMIT; fd++)
    if (kernel_proc.files[fd] && kernel_proc.files[fd]->object == g) return fd;
  return -1;
}

/* Waits for the end of a connect; what it answers, `pending` when it is not to wait so long. A
 * failed connection leaves the socket as it was, to be tried again. */
static int connect_end(struct socket *s, bool nonblock, int pending) {
  struct gateway *g = s->outside;
  int64_t deadline = deadline_in(s->send_timeout);
  while (g->state == GATEWAY_CONNECTING) {
    int error = socket_sleep(s, deadline, nonblock);
    if (error) return error == -EAGAIN ? pending : error;
  }
  g->told = true;
  if (g->made) return 0;
  int error = socket_take_error(s);
  s->outside = NULL;
  s->ops = inside_ops;
  leave(g);
  return error ? error : -ECONNABORTED;
}

int gateway_connect(struct socket *s, uint32_t address, uint16_t port, bool nonblock) {
  char target[32];
  struct gateway *g = gateway_new(s);
  if (!g) return -ENOBUFS;
  g->address = address;
  g->port = port;
  inside_ops = s->ops;
  s->ops = &gateway_ops;
  s->outside = g;
  int n = snprintf(target, sizeof target, "%u.%u.%u.%u:%u", address >> 24, address >> 16 & 255,
                   address >> 8 & 255, address & 255, port);
  event_post(EVENT_CONNECT, descriptor_of(g), current->pid, 0, target, (size_t)n);
  return connect_end(s, nonblock, -EINPROGRESS);
}
