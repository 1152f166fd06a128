/* Sockets of AF_UNIX: their names and connections. unix(7), and Linux where that is silent.
 *
 * A name is a path, which is in the file system, or abstract: any bytes behind a NUL, which belong
 * to one host and one type of socket. All hosts have one tree of files, but a path leads only to
 * sockets of the same host, as a file server's would. */
#include "unix.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#ifndef SIOCOUTQ
#define SIOCOUTQ TIOCOUTQ
#endif
#ifndef SIOCATMARK
#define SIOCATMARK 0x8905
#endif

enum { QUEUE = 10, BACKLOG_LIMIT = 4096 };

struct local *locals;
static struct local *bound;
static const struct sock_ops local_ops;

static struct local *local_of(struct socket *s) { return (struct local *)s; }

static struct local *local_new(int type) {
  struct local *u = calloc(1, sizeof *u);
  if (!u) return NULL;
  socket_init(&u->s, AF_UNIX, type, 0);
  u->s.ops = &local_ops;
  u->references = 1;
  u->last = &u->first;
  u->most = QUEUE;
  u->next = locals;
  u->slot = &locals;
  if (locals) locals->slot = &u->next;
  return locals = u;
}

struct local *local_hold(struct local *u) {
  if (u) u->references++;
  return u;
}

static void name_put(struct local_name *n) {
  if (n && !--n->references) free(n);
}

void local_put(struct local *u) {
  if (!u || --u->references) return;
  wait_remove(&u->relay);
  name_put(u->name);
  *u->slot = u->next;
  if (u->next) u->next->slot = u->slot;
  free(u);
}

bool local_connects(const struct local *u) { return u->s.type != SOCK_DGRAM; }
bool local_full(const struct local *u) { return u->queued > u->most; }
bool local_writable(const struct local *u) {
  return u->state != LOCAL_LISTENING && u->sent <= u->s.send_size / 4;
}

static struct ucred own_credentials(void) { return (struct ucred){current->pid, USER, USER}; }

/* --- names --- */

static int check_address(const struct sockaddr_un *a, int length) {
  return length <= UNNAMED || length > (int)sizeof *a || a->sun_family != AF_UNIX ? -EINVAL : 0;
}

static struct local_name *name_new(const void *address, int length) {
  struct local_name *n = calloc(1, sizeof *n);
  if (!n) return NULL;
  n->references = 1;
  n->length = length;
  memcpy(n->address, address, (size_t)length);
  return n;
}

/* A path may fill the address and have no NUL. */
static const char *name_path(const struct local_name *n) {
  return (const char *)n->address + UNNAMED;
}

static struct local *find_abstract(const struct local *u, const void *address, int length) {
  for (struct local *o = bound; o; o = o->next_bound)
    if (o->s.host == u->s.host && o->s.type == u->s.type && o->name->length == length &&
        !memcmp(o->name->address, address, (size_t)length))
      return o;
  return NULL;
}

static int find_path(const struct local *u, const void *address, int length, struct local **to) {
  struct local_name n = {0};
  struct socket *s;
  memcpy(n.address, address, (size_t)length);
  int error = fs_socket_find(name_path(&n), &s);
  if (error) return error;
  if (s->host != u->s.host) return -ECONNREFUSED;
  *to = local_of(s);
  return s->type == u->s.type ? 0 : -EPROTOTYPE;
}

int local_find(struct local *u, const void *address, int length, struct local **to) {
  const struct sockaddr_un *a = address;
  int error = check_address(a, length);
  if (error) return error;
  if (a->sun_path[0]) return find_path(u, address, length, to);
  return (*to = find_abstract(u, address, length)) ? 0 : -ECONNREFUSED;
}

static void bind_abstract(struct local *u, struct local_name *n) {
  u->name = n;
  u->next_bound = bound;
  u->bound_slot = &bound;
  if (bound) bound->bound_slot = &u->next_bound;
  bound = u;
}

int local_autobind(struct local *u) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  enum { LENGTH = UNNAMED + 6, NAMES = 1 << 20 };
  static uint32_t number;
  if (u->name) return 0;
  if (!number) machine_random(&number, sizeof number);
  for (int i = 0; i < NAMES; i++) {
    snprintf(a.sun_path + 1, 6, "%05x", ++number % NAMES);
    if (find_abstract(u, &a, LENGTH)) continue;
    struct local_name *n = name_new(&a, LENGTH);
    if (n) bind_abstract(u, n);
    return n ? 0 : -ENOMEM;
  }
  return -ENOSPC;
}

/* For a socket that has a name: what is wrong with the path comes first. */
static int bind_again(const char *path) {
  struct place at;
  int error = path_walk(fs_cwd(), path, PARENT, &at);
  if (!error) error = place_free(&at, false);
  return error == -EEXIST ? -EADDRINUSE : error ? error : -EINVAL;
}

/* The length counts the path's NUL, whatever the caller said. */
static int bind_path(struct local *u, struct local_name *n) {
  if (u->name) return bind_again(name_path(n));
  n->length = UNNAMED + (int)strlen(name_path(n)) + 1;
  int error = fs_socket_bind(name_path(n), &u->s, &u->inode);
  if (!error) u->name = n;
  return error;
}

static int local_bind(struct socket *s, const void *address, int length) {
  const struct sockaddr_un *a = address;
  struct local *u = local_of(s);
  if (length == UNNAMED && a->sun_family == AF_UNIX) return local_autobind(u);
  int error = check_address(a, length);
  if (error) return error;
  if (!a->sun_path[0] && u->name) return -EINVAL;
  if (!a->sun_path[0] && find_abstract(u, address, length)) return -EADDRINUSE;
  struct local_name *n = name_new(address, length);
  if (!n) return -ENOMEM;
  if (!a->sun_path[0])
    bind_abstract(u, n);
  else if ((error = bind_path(u, n)))
    name_put(n);
  return error;
}

static void unbind(struct local *u) {
  if (u->bound_slot) {
    *u->bound_slot = u->next_bound;
    if (u->next_bound) u->next_bound->bound_slot = u->bound_slot;
    u->bound_slot = NULL;
  }
  if (u->inode) fs_socket_end(u->inode);
  u->inode = NULL;
}

static int local_name(struct socket *s, bool peer, void *to) {
  const struct local *u = local_of(s);
  if (peer && !(u = u->peer)) return -ENOTCONN;
  if (u->name) {
    memcpy(to, u->name->address, (size_t)u->name->length);
    return u->name->length;
  }
  memcpy(to, &(sa_family_t){AF_UNIX}, sizeof(sa_family_t));
  return UNNAMED;
}

/* --- connections --- */

static void join(struct local *a, struct local *b) {
  a->peer = local_hold(b);
  b->peer = local_hold(a);
  a->state = b->state = LOCAL_CONNECTED;
}

static int local_listen(struct socket *s, int backlog) {
  struct local *u = local_of(s);
  if (!local_connects(u)) return -EOPNOTSUPP;
  if (!u->name || u->state == LOCAL_CONNECTED) return -EINVAL;
  u->most = (unsigned)backlog > BACKLOG_LIMIT ? BACKLOG_LIMIT : backlog;
  u->state = LOCAL_LISTENING;
  s->listening = true;
  u->s.peer_credentials = own_credentials(); /* what those who connect will see */
  wake(&u->drained);
  return 0;
}

static int local_accept(struct socket *s, bool nonblock, struct socket **to) {
  struct local *u = local_of(s), *accepted;
  int64_t deadline = deadline_in(s->receive_timeout);
  if (!local_connects(u)) return -EOPNOTSUPP;
  if (u->state != LOCAL_LISTENING) return -EINVAL;
  while (!(accepted = u->pending)) {
    if (u->closed & CLOSED_RECEIVE) return -EINVAL;
    int error = socket_sleep(s, deadline, nonblock);
    if (error) return error;
  }
  u->pending = accepted->next_pending;
  u->queued--;
  accepted->embryo = false;
  accepted->s.pass_credentials = u->s.pass_credentials;
  wake(&u->drained);
  *to = &accepted->s;
  return 0;
}

/* The listener's side of a new connection. */
static int pend(struct local *u, struct local *listener) {
  struct local *e = local_new(u->s.type), **end = &listener->pending;
  if (!e) return -ENOMEM;
  e->s.host = listener->s.host;
  e->embryo = true;
  e->name = listener->name;
  e->name->references++;
  e->s.peer_credentials = own_credentials();
  u->s.peer_credentials = listener->s.peer_credentials;
  join(u, e);
  while (*end)
    end = &(*end)->next_pending;
  *end = e;
  listener->queued++;
  socket_changed(&listener->s, POLLIN | POLLRDNORM);
  return 0;
}

/* Sleeps until `to`, which is full, has room or is dead: 0, or why not. */
static int wait_drained(struct local *to, int64_t deadline, bool nonblock) {
  local_hold(to);
  int error = socket_sleep_on(&to->drained, deadline, nonblock);
  local_put(to);
  return error;
}

static int stream_connect(struct local *u, const void *address, int length, bool nonblock) {
  int64_t deadline = deadline_in(u->s.send_timeout);
  int error = check_address(address, length);
  if (!error && u->s.pass_credentials) error = local_autobind(u);
  while (!error) {
    struct local *to;
    if ((error = local_find(u, address, length, &to))) return error;
    if (to->state != LOCAL_LISTENING || to->closed & CLOSED_RECEIVE) return -ECONNREFUSED;
    if (!local_full(to)) {
      if (u->state == LOCAL_IDLE) return pend(u, to);
      return u->state == LOCAL_CONNECTED ? -EISCONN : -EINVAL;
    }
    error = wait_drained(to, deadline, nonblock);
  }
  return error;
}

void local_disconnected(struct local *u, struct local *from) {
  if (!u->first) return;
  local_purge(u);
  wake(&u->drained);
  if (!from->dead && from->peer == u) socket_error(&from->s, ECONNRESET);
}

/* AF_UNSPEC: to nobody. */
static int packet_connect(struct local *u, const struct sockaddr_un *a, int length) {
  struct local *to = NULL, *old = u->peer;
  if (length < (int)sizeof a->sun_family) return -EINVAL;
  if (a->sun_family != AF_UNSPEC) {
    int error = check_address(a, length);
    if (!error && u->s.pass_credentials) error = local_autobind(u);
    if (!error) error = local_find(u, a, length, &to);
    if (!error && to->peer && to->peer != u) error = -EPERM;
    if (error) return error;
  }
  u->peer = local_hold(to);
  if (u->relay.slot) socket_changed(&u->s, POLLOUT | POLLWRNORM | POLLWRBAND);
  wait_remove(&u->relay);
  if (old && old != to) local_disconnected(u, old);
  local_put(old);
  return 0;
}

static int local_connect(struct socket *s, const void *address, int length, bool nonblock) {
  struct local *u = local_of(s);
  return local_connects(u) ? stream_connect(u, address, length, nonblock)
                           : packet_connect(u, address, length);
}

static int local_shutdown(struct socket *s, int how) {
  struct local *u = local_of(s), *peer = u->peer;
  int mine = how + 1, theirs = (mine & CLOSED_RECEIVE ? CLOSED_SEND : 0) |
                               (mine & CLOSED_SEND ? CLOSED_RECEIVE : 0);
  u->closed |= mine;
  if (peer && local_connects(u)) {
    peer->closed |= theirs;
    socket_changed(&peer->s, 0);
  }
  socket_changed(s, 0);
  return 0;
}

/* The peer of a connection learns of bytes that were not received by ECONNRESET. */
static void release(struct local *u, bool reset) {
  struct local *peer = u->peer;
  unbind(u);
  u->dead = true;
  u->state = LOCAL_IDLE;
  u->closed = CLOSED_BOTH;
  u->peer = NULL;
  u->s.file = NULL;
  wait_remove(&u->relay);
  wake(&u->drained);
  if (peer && local_connects(u)) {
    peer->closed = CLOSED_BOTH;
    if (local_unread(u) || reset) peer->s.error = ECONNRESET;
    socket_changed(&peer->s, 0);
  }
  for (struct local *e; (e = u->pending);) {
    u->pending = e->next_pending;
    release(e, true);
  }
  local_purge(u);
  local_put(peer);
  local_put(u);
}

static void local_close(struct socket *s) {
  release(local_of(s), false);
  rights_collect();
}

/* --- readiness --- */

static void peer_drained(struct waiter *w, int events) {
  struct local *u = (struct local *)((char *)w - offsetof(struct local, relay));
  wait_remove(w);
  socket_changed(&u->s, events ? events : POLLOUT | POLLWRNORM | POLLWRBAND);
}

void local_watch_peer(struct local *u) {
  if (u->relay.slot) return;
  u->relay.woken = peer_drained;
  wait_add(&u->peer->drained, &u->relay);
}

static int local_poll(struct socket *s) {
  struct local *u = local_of(s);
  bool writable = local_writable(u), stream = s->type == SOCK_STREAM;
  int events = s->error ? POLLERR : 0;
  if (u->closed == CLOSED_BOTH) events |= POLLHUP;
  if (u->closed & CLOSED_RECEIVE) events |= POLLRDHUP | POLLIN | POLLRDNORM;
  if (u->first || u->pending) events |= POLLIN | POLLRDNORM;
  if (u->urgent) events |= POLLPRI;
  if (local_connects(u) && u->state == LOCAL_IDLE) events |= POLLHUP;
  if (writable && !stream && u->peer && u->peer->peer != u && local_full(u->peer)) {
    local_watch_peer(u);
    writable = false;
  }
  return events | (writable ? POLLOUT | POLLWRNORM | POLLWRBAND : 0);
}

static int local_ioctl(struct socket *s, unsigned request, uptr argument) {
  const struct local *u = local_of(s);
  int n;
  switch (request) {
  case FIONREAD: n = u->state == LOCAL_LISTENING ? -1 : (int)local_readable(u); break;
  case SIOCOUTQ: n = u->sent; break;
  case SIOCATMARK: n = local_at_mark(u); break;
  default: return -ENOTTY;
  }
  return n < 0 ? -EINVAL : copy_to_user(argument, &n, sizeof n);
}

/* --- options --- */

static void local_option(struct socket *s, int option) {
  if (option == SO_SNDBUF) socket_changed(s, POLLOUT | POLLWRNORM | POLLWRBAND);
}

/* Of another level than SOL_SOCKET: there are none. */
static int local_set(struct socket *s, int level, int option, const void *value, int length) {
  (void)s, (void)level, (void)option, (void)value, (void)length;
  return -EOPNOTSUPP;
}

static const struct sock_ops local_ops = {.bind = local_bind,
                                          .listen = local_listen,
                                          .accept = local_accept,
                                          .connect = local_connect,
                                          .send = local_send,
                                          .receive = local_receive,
                                          .name = local_name,
                                          .shutdown = local_shutdown,
                                          .set = local_set,
                                          .option = local_option,
                                          .poll = local_poll,
                                          .ioctl = local_ioctl,
                                          .close = local_close};

/* --- making them --- */

/* BSD has SOCK_RAW of this family, and Linux makes it SOCK_DGRAM. */
int unix_socket(int domain, int type, int protocol, struct socket **to) {
  (void)domain;
  if (protocol && protocol != PF_UNIX) return -EPROTONOSUPPORT;
  if (type == SOCK_RAW) type = SOCK_DGRAM;
  if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET) return -ESOCKTNOSUPPORT;
  struct local *u = local_new(type);
  if (!u) return -ENOMEM;
  *to = &u->s;
  return 0;
}

void unix_pair(struct socket *a, struct socket *b) {
  join(local_of(a), local_of(b));
  a->peer_credentials = b->peer_credentials = own_credentials();
}
