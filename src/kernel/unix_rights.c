/* Descriptors and credentials that are sent through sockets of AF_UNIX (SCM_RIGHTS,
 * SCM_CREDENTIALS; unix(7)), and the collector of sockets that can no longer be reached: those
 * whose only holders are packets on their way, in queues that nobody will ever read. */
#include "unix.h"
#include <stdlib.h>
#include <string.h>

static int in_flight, sockets_in_flight; /* files in packets, and sockets of AF_UNIX among them */

/* NULL: it is no such socket. */
static struct local *file_local(const struct file *f) {
  struct socket *s = f->ops == &socket_ops ? f->object : NULL;
  return s && s->domain == AF_UNIX ? (struct local *)s : NULL;
}

/* --- sending --- */

static int add_rights(struct cargo *c, const struct control *from) {
  int count = (int)(from->length / sizeof(int)), had = c->rights ? c->rights->count : 0;
  if (!count) return 0;
  if (from->length / sizeof(int) > RIGHTS_LIMIT || had + count > RIGHTS_LIMIT) return -EINVAL;
  if (in_flight > fd_limit(current)) rights_collect();
  if (in_flight > fd_limit(current)) return -ETOOMANYREFS;
  struct rights *r = realloc(c->rights, sizeof *r + (size_t)(had + count) * sizeof *r->files);
  if (!r) return -ENOMEM;
  c->rights = r;
  r->count = had;
  for (int i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, (const char *)from->data + (size_t)i * sizeof fd, sizeof fd);
    struct file *f = file_get(fd);
    if (!f) return -EBADF;
    f->references++;
    in_flight++;
    sockets_in_flight += file_local(f) != NULL;
    r->files[r->count++] = f;
  }
  return 0;
}

/* One may only tell the truth. */
static int add_credentials(struct cargo *c, const struct control *from) {
  struct ucred u;
  if (from->length != sizeof u) return -EINVAL;
  memcpy(&u, from->data, sizeof u);
  if (u.pid != current->pid || u.uid != USER || u.gid != USER) return -EPERM;
  c->credentials = u;
  return 0;
}

int cargo_take(struct cargo *c, const struct msg *m) {
  struct control control;
  size_t at = 0;
  int error = 0;
  while (!error) {
    int more = msg_next(m, &at, &control);
    if (!more) return 0;
    if (more < 0)
      error = more;
    else if (control.level != SOL_SOCKET)
      continue;
    else if (control.type == SCM_RIGHTS)
      error = add_rights(c, &control);
    else
      error = control.type == SCM_CREDENTIALS ? add_credentials(c, &control) : -EINVAL;
  }
  rights_free(c->rights);
  c->rights = NULL;
  return error;
}

/* --- receiving --- */

static void give_rights(const struct rights *r, struct msg *m) {
  int fds[RIGHTS_LIMIT], n = 0;
  size_t room = m->control_to ? m->control_room - m->control_used : 0;
  size_t most = room < CMSG_LEN(0) ? 0 : (room - CMSG_LEN(0)) / sizeof *fds;
  for (; n < r->count && (size_t)n < most; n++) {
    r->files[n]->references++;
    fds[n] = fd_alloc(current, r->files[n], 0, m->flags & MSG_CMSG_CLOEXEC);
    if (fds[n] < 0) break;
  }
  if (n) msg_put(m, SOL_SOCKET, SCM_RIGHTS, fds, (size_t)n * sizeof *fds);
  if (n < r->count) m->flags_out |= MSG_CTRUNC;
}

/* keep: the packet stays in its queue, so the cargo stays too. */
void cargo_give(struct cargo *c, struct msg *m, bool credentials, bool keep) {
  if (credentials) msg_put(m, SOL_SOCKET, SCM_CREDENTIALS, &c->credentials, sizeof c->credentials);
  if (c->rights) give_rights(c->rights, m);
  if (!keep) rights_free(c->rights);
}

/* Closing a socket frees what is in its queue, and so on: one after the other, not one within the
 * other, for the kernel's stack is small. */
void rights_free(struct rights *r) {
  static struct rights *doomed;
  static bool busy;
  if (!r) return;
  r->next = doomed;
  doomed = r;
  if (busy) return;
  busy = true;
  while ((r = doomed)) {
    doomed = r->next;
    for (int i = 0; i < r->count; i++) {
      in_flight--;
      sockets_in_flight -= file_local(r->files[i]) != NULL;
      file_put(r->files[i]);
    }
    free(r);
  }
  busy = false;
}

/* --- the collector --- */

static struct local *work;

static void reach(struct local *u) {
  if (u->reached) return;
  u->reached = true;
  u->work = work;
  work = u;
}

/* Calls `visit` for every socket in the packets that `u` has not received. */
static void each_in_queue(struct local *u, void (*visit)(struct local *)) {
  for (struct packet *p = u->first; p; p = p->next)
    for (int i = 0; p->cargo.rights && i < p->cargo.rights->count; i++) {
      struct local *o = file_local(p->cargo.rights->files[i]);
      if (o) visit(o);
    }
}

static void count_one(struct local *u) { u->in_flight++; }

void rights_collect(void) {
  static bool busy;
  struct rights *garbage = NULL;
  if (busy || !sockets_in_flight) return;
  for (struct local *u = locals; u; u = u->next) {
    u->in_flight = 0;
    u->reached = false;
  }
  for (struct local *u = locals; u; u = u->next)
    each_in_queue(u, count_one);
  for (struct local *u = locals; u; u = u->next) /* an embryo is reached through its listener */
    if (!u->embryo && !(u->in_flight && u->s.file->references == u->in_flight)) reach(u);
  for (struct local *u; (u = work);) {
    work = u->work;
    each_in_queue(u, reach);
    for (struct local *e = u->pending; e; e = e->next_pending)
      reach(e);
  }
  for (struct local *u = locals; u; u = u->next)
    for (struct packet *p = u->reached ? NULL : u->first; p; p = p->next) {
      struct rights *r = p->cargo.rights;
      if (!r) continue;
      p->cargo.rights = NULL;
      r->next = garbage;
      garbage = r;
    }
  busy = true;
  for (struct rights *r; (r = garbage);) {
    garbage = r->next;
    rights_free(r);
  }
  busy = false;
}
