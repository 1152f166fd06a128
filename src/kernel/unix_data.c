/* What is sent between sockets of AF_UNIX: packets in the receiver's queue, charged to the sender.
 * A stream's packets are cut and joined as it is read; those of the other types stay whole. */
#include "unix.h"
#include <stdlib.h>
#include <string.h>

/* What a packet costs its sender, as Linux reckons it, so that as much fits into a socket as there:
 * a header, a head with a trailer in a block whose size is a power of two, and pages. */
enum { HEADER = 256, TRAILER = 320, BLOCK = 512, PAGE = 4096 };
enum { STREAM_HEAD = PAGE - TRAILER, PACKET_HEAD = 4 * PAGE - TRAILER };
enum { CHUNK = STREAM_HEAD + 8 * PAGE }; /* the most of a stream in one packet */

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

static int cost(const struct local *from, size_t n) {
  size_t most = from->s.type == SOCK_STREAM ? STREAM_HEAD : PACKET_HEAD, block = BLOCK;
  size_t pages = n > most ? round_up(n - most, PAGE) : 0;
  if (pages > n) pages = n;
  while (block < round_up(n - pages, 64) + TRAILER)
    block *= 2;
  return (int)(HEADER + block + pages);
}

static struct packet *packet_new(struct local *from, size_t n) {
  struct packet *p = malloc(sizeof *p + n);
  if (!p) return NULL;
  *p = (struct packet){.from = local_hold(from), .length = n};
  from->sent += cost(from, n);
  return p;
}

static void packet_free(struct packet *p) {
  struct local *from = p->from;
  from->sent -= cost(from, p->length);
  if (local_writable(from)) socket_changed(&from->s, POLLOUT | POLLWRNORM | POLLWRBAND);
  rights_free(p->cargo.rights);
  free(p);
  local_put(from);
}

static void packet_queue(struct packet *p, struct local *to) {
  *to->last = p;
  to->last = &p->next;
  to->queued++;
  socket_changed(&to->s, POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND);
}

static void packet_drop(struct local *u) {
  struct packet *p = u->first;
  if (!(u->first = p->next)) u->last = &u->first;
  if (u->urgent == p) u->urgent = NULL;
  u->queued--;
  packet_free(p);
}

static bool spent(const struct packet *p) { return p->taken == p->length; }

void local_purge(struct local *u) {
  while (u->first)
    packet_drop(u);
}

size_t local_readable(const struct local *u) {
  size_t n = 0;
  for (struct packet *p = u->first; p; p = local_connects(u) ? p->next : NULL)
    n += p->length - p->taken;
  return n;
}

bool local_unread(const struct local *u) {
  const struct packet *p = u->first;
  return p && (!spent(p) || p->next);
}

/* --- sending --- */

/* Until the sender may have one more packet on its way: 0, or why not. */
static int wait_room(struct local *u, int64_t deadline, bool nonblock) {
  for (;;) {
    if (u->s.error) return socket_take_error(&u->s);
    if (u->closed & CLOSED_SEND) return -EPIPE;
    if (u->sent < u->s.send_size) return 0;
    int error = socket_sleep(&u->s, deadline, nonblock);
    if (error) return error;
  }
}

/* The credentials go with it if one of the two wants them, or may come to before it is accepted. */
static void tell_credentials(struct packet *p, const struct local *to) {
  if (p->cargo.credentials.pid) return;
  bool told = p->from->s.pass_credentials || to->s.pass_credentials || to->embryo;
  enum { NOBODY = 65534 };
  p->cargo.credentials =
      told ? (struct ucred){current->pid, USER, USER} : (struct ucred){0, NOBODY, NOBODY};
}

/* One piece of a stream, of `most` bytes. */
static int stream_send_some(struct local *u, struct uio *from, size_t most, bool urgent,
                            struct cargo *cargo) {
  size_t n = (size_t)u->s.send_size / 2 - 64;
  if (n > CHUNK) n = CHUNK;
  if (n > most) n = most;
  struct packet *p = packet_new(u, n);
  int error = !p ? -ENOBUFS : uio_look(from, p->bytes, n);
  if (!error && (u->peer->dead || u->peer->closed & CLOSED_RECEIVE)) error = -EPIPE;
  if (error) {
    if (p) packet_free(p);
    return error;
  }
  p->cargo = *cargo;
  cargo->rights = NULL; /* they go with the first piece */
  tell_credentials(p, u->peer);
  uio_skip(from, n);
  if (urgent) u->peer->urgent = p;
  packet_queue(p, u->peer);
  if (urgent) socket_signal(&u->peer->s, SIGURG);
  return 0;
}

static ssize_t stream_send(struct local *u, struct uio *from, struct msg *m, struct cargo *cargo) {
  int64_t deadline = deadline_in(u->s.send_timeout);
  size_t urgent = m->flags & MSG_OOB ? 1 : 0; /* the last byte */
  int error = 0;
  if (urgent && !from->left) return -EOPNOTSUPP;
  if (m->address_length) return u->state == LOCAL_CONNECTED ? -EISCONN : -EOPNOTSUPP;
  if (!u->peer) return -ENOTCONN;
  if (u->closed & CLOSED_SEND) return -EPIPE;
  while (from->left && !error) {
    error = wait_room(u, deadline, m->nonblock);
    if (error) break;
    bool last = urgent && from->left == 1;
    error = stream_send_some(u, from, last ? 1 : from->left - urgent, last, cargo);
  }
  return from->done ? (ssize_t)from->done : error;
}

/* The peer was closed: a datagram socket finds out, and has no peer any more. */
static int peer_is_dead(struct local *u) {
  struct local *peer = u->peer;
  if (local_connects(u)) return -EPIPE;
  u->peer = NULL;
  wait_remove(&u->relay);
  local_disconnected(u, peer);
  local_put(peer);
  return -ECONNREFUSED;
}

/* Puts the packet into the queue of whom it is for, when there is room. */
static int packet_deliver(struct packet *p, struct msg *m, int64_t deadline) {
  struct local *u = p->from, *to;
  for (int error = 0; !error;) {
    if (!m->address_length)
      to = u->peer;
    else if ((error = local_find(u, m->address, m->address_length, &to)))
      return error;
    if (!to) return -ENOTCONN;
    if (to->peer && to->peer != u) return -EPERM;
    if (to->dead) return peer_is_dead(u);
    if (to->closed & CLOSED_RECEIVE) return -EPIPE;
    if (to == u || to->peer == u || !local_full(to)) {
      tell_credentials(p, to);
      packet_queue(p, to);
      return 0;
    }
    if (m->nonblock && u->peer == to) local_watch_peer(u);
    local_hold(to);
    error = socket_sleep_on(&to->drained, deadline, m->nonblock);
    local_put(to);
    if (error) return error;
  }
  return 0;
}

static ssize_t packet_send(struct local *u, struct uio *from, struct msg *m, struct cargo *cargo) {
  int64_t deadline = deadline_in(u->s.send_timeout);
  size_t n = from->left;
  const struct sockaddr_un *a = (const void *)m->address;
  if (m->flags & MSG_OOB) return -EOPNOTSUPP;
  if (m->address_length && (m->address_length <= UNNAMED || m->address_length > (int)sizeof *a ||
                            a->sun_family != AF_UNIX))
    return -EINVAL;
  int error = u->s.pass_credentials ? local_autobind(u) : 0;
  if (!error && n + 32 > (size_t)u->s.send_size) error = -EMSGSIZE;
  if (!error) error = wait_room(u, deadline, m->nonblock);
  if (error) return error;
  struct packet *p = packet_new(u, n);
  if (!p) return -ENOBUFS;
  p->cargo = *cargo;
  error = uio_look(from, p->bytes, n);
  if (!error) error = packet_deliver(p, m, deadline);
  *cargo = (struct cargo){0};
  if (error) packet_free(p);
  return error ? error : (ssize_t)n;
}

ssize_t local_send(struct socket *s, struct uio *from, struct msg *m) {
  struct local *u = (struct local *)s;
  struct cargo cargo = {0};
  if (s->type == SOCK_SEQPACKET) {
    if (s->error) return socket_take_error(s);
    if (u->state != LOCAL_CONNECTED) return -ENOTCONN;
    m->address_length = 0;
  }
  int error = cargo_take(&cargo, m);
  if (error) return error;
  ssize_t n =
      s->type == SOCK_STREAM ? stream_send(u, from, m, &cargo) : packet_send(u, from, m, &cargo);
  rights_free(cargo.rights);
  return n;
}

/* --- receiving --- */

static void copy_name(const struct local *from, struct msg *m) {
  if (!from->name) return;
  m->address_length = from->name->length;
  memcpy(m->address, from->name->address, (size_t)m->address_length);
}

static bool same_credentials(const struct ucred *a, const struct ucred *b) {
  return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

/* What a receiving call has gathered. */
struct gathered {
  struct cargo cargo;
  bool any; /* of a packet */
};

/* Whether the packet's bytes may go into the same call as what was gathered; then they do. */
static int gather(struct local *u, const struct packet *p, struct uio *to, struct msg *m,
                  struct gathered *g) {
  if (g->any && u->s.pass_credentials &&
      !same_credentials(&p->cargo.credentials, &g->cargo.credentials))
    return 0;
  if (!g->any) {
    g->cargo.credentials = p->cargo.credentials;
    copy_name(p->from, m);
  }
  g->any = true;
  size_t n = p->length - p->taken < to->left ? p->length - p->taken : to->left;
  if (uio_put(to, p->bytes + p->taken, n)) return to->done ? 0 : -EFAULT;
  return 1;
}

/* --- urgent data: a byte in a packet of its own. Fetched with MSG_OOB, the empty packet stays as
 * the mark that it was. A call never goes across a mark. --- */

bool local_at_mark(const struct local *u) {
  const struct packet *p = u->first;
  return p && (p == u->urgent || (spent(p) && (!u->urgent || p->next == u->urgent)));
}

/* Where a call that has `done` bytes reads next: `p` or behind it, NULL: no further. An urgent byte
 * that was not fetched is passed over, and lost, unless it is in line (SO_OOBINLINE). */
static struct packet *past_mark(struct local *u, struct packet *p, bool peeks, size_t done) {
  if (spent(p)) {
    if (done && (!u->urgent || p == u->urgent)) return NULL;
    struct packet *next = p->next;
    if (!peeks) packet_drop(u);
    p = next;
  }
  if (!p || p != u->urgent) return p;
  if (done) return NULL;
  if (!peeks) u->urgent = NULL;
  if (u->s.oob_inline) return p;
  struct packet *next = p->next;
  if (!peeks) packet_drop(u);
  return next;
}

/* The mark before the urgent byte has had its use. */
static void drop_mark_before(struct local *u, const struct packet *p) {
  for (struct packet **at = &u->first; *at && *at != p; at = &(*at)->next) {
    struct packet *mark = *at;
    if (mark->next != p || !spent(mark)) continue;
    *at = mark->next;
    u->queued--;
    packet_free(mark);
    return;
  }
}

static ssize_t receive_urgent(struct local *u, struct uio *to, struct msg *m) {
  struct packet *p = u->urgent;
  if (u->s.oob_inline || !p) return -EINVAL;
  if (!(m->flags & MSG_PEEK)) {
    u->urgent = NULL;
    drop_mark_before(u, p);
    p->taken = p->length;
  }
  if (!to->left || uio_put(to, p->bytes, 1)) return -EFAULT;
  m->flags_out |= MSG_OOB;
  return 1;
}

/* --- receiving a stream --- */

/* 1: the call may go on to the next packet, 0: not, or -errno. */
static int take(struct local *u, struct uio *to, struct msg *m, struct gathered *g) {
  struct packet *p = u->first;
  size_t before = to->done;
  int more = gather(u, p, to, m, g);
  if (more <= 0) return more;
  p->taken += to->done - before;
  g->cargo.rights = p->cargo.rights;
  p->cargo.rights = NULL;
  if (!spent(p)) return 0;
  packet_drop(u);
  return !g->cargo.rights;
}

static int peek(struct local *u, struct packet *p, struct uio *to, struct msg *m,
                struct gathered *g) {
  int more = 1;
  while (p && more > 0) {
    more = gather(u, p, to, m, g);
    if (more > 0 && (g->cargo.rights = p->cargo.rights)) break;
    p = to->left ? p->next : NULL;
    if (p) p = past_mark(u, p, true, to->done);
  }
  return more < 0 ? more : 0;
}

static ssize_t stream_receive(struct local *u, struct uio *to, struct msg *m) {
  int64_t deadline = deadline_in(u->s.receive_timeout);
  size_t low = (size_t)u->s.receive_low;
  size_t wanted = m->flags & MSG_WAITALL || low > to->left ? to->left : low;
  bool peeks = m->flags & MSG_PEEK;
  struct gathered g = {0};
  int more = 1, error = 0;
  if (u->state != LOCAL_CONNECTED) return -EINVAL;
  if (m->flags & MSG_OOB) return receive_urgent(u, to, m);
  while (more > 0 && !error) {
    struct packet *p = u->first;
    if (p && !(p = past_mark(u, p, peeks, to->done)) && to->done) break;
    if (p) {
      more = peeks ? peek(u, p, to, m, &g) : take(u, to, m, &g);
      if (!to->left) break;
    } else if (to->done >= (wanted ? wanted : 1)) {
      break;
    } else if (u->s.error) {
      error = socket_take_error(&u->s);
    } else if (u->closed & CLOSED_RECEIVE) {
      break;
    } else {
      error = socket_sleep(&u->s, deadline, m->nonblock);
    }
  }
  cargo_give(&g.cargo, m, u->s.pass_credentials, peeks);
  return to->done ? (ssize_t)to->done : more < 0 ? more : error;
}

/* --- receiving packets --- */

/* Until there is a packet: 1; 0 at the end, or -errno. */
static int wait_packet(struct local *u, int64_t deadline, bool nonblock) {
  for (;;) {
    if (u->s.error) return socket_take_error(&u->s);
    if (u->first) return 1;
    if (u->closed & CLOSED_RECEIVE && (!nonblock || local_connects(u))) return 0;
    int error = socket_sleep(&u->s, deadline, nonblock);
    if (error) return error;
  }
}

static ssize_t packet_receive(struct local *u, struct uio *to, struct msg *m) {
  if (local_connects(u) && u->state != LOCAL_CONNECTED) return -ENOTCONN;
  if (m->flags & MSG_OOB) return -EOPNOTSUPP;
  int error = wait_packet(u, deadline_in(u->s.receive_timeout), m->nonblock);
  if (error <= 0) return error;
  struct packet *p = u->first;
  struct cargo cargo = p->cargo;
  size_t length = p->length, n = length < to->left ? length : to->left;
  bool peeks = m->flags & MSG_PEEK;
  copy_name(p->from, m);
  error = uio_put(to, p->bytes, n);
  if (!peeks) {
    p->cargo.rights = NULL;
    packet_drop(u);
    wake_for(&u->drained, POLLOUT | POLLWRNORM | POLLWRBAND);
  }
  if (n < length) m->flags_out |= MSG_TRUNC;
  if (error && !peeks)
    rights_free(cargo.rights);
  else if (!error)
    cargo_give(&cargo, m, u->s.pass_credentials, peeks);
  return error ? error : (ssize_t)(m->flags & MSG_TRUNC ? length : n);
}

ssize_t local_receive(struct socket *s, struct uio *to, struct msg *m) {
  struct local *u = (struct local *)s;
  return s->type == SOCK_STREAM ? stream_receive(u, to, m) : packet_receive(u, to, m);
}
