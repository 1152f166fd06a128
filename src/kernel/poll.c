/* poll and select: asking many files what is ready, and sleeping until one of them changes. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

struct poll_entry {
  struct waiter waiter;
};

static void poller_add(struct poller *p, struct waitq *q) {
  if (p->count == p->capacity) { /* sized by poll_all for one queue a file; some have two */
    p->failed = true;
    return;
  }
  struct poll_entry *e = &p->entries[p->count++];
  e->waiter = (struct waiter){.thread = caller};
  wait_add(q, &e->waiter);
}

void poll_wait(struct poller *p, struct waitq *q) {
  if (p) p->add(p, q);
}

static int file_poll(struct file *f, struct poller *poller) {
  return f->ops->poll ? f->ops->poll(f, poller) : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

/* One look at every file; the number that have something to say. */
static int poll_once(struct pollfd *fds, unsigned n, struct poller *poller) {
  int ready = 0;
  for (unsigned i = 0; i < n; i++) {
    struct file *f = fds[i].fd < 0 ? NULL : file_get(fds[i].fd);
    int wanted = fds[i].events | POLLERR | POLLHUP;
    fds[i].revents = 0;
    if (fds[i].fd < 0) continue;
    fds[i].revents = (short)(f ? file_poll(f, poller) & wanted : POLLNVAL);
    ready += fds[i].revents != 0;
  }
  return ready;
}

/* The files may be closed by another thread while this one sleeps, so they are held. */
static void hold(struct pollfd *fds, unsigned n, struct file **held) {
  for (unsigned i = 0; i < n; i++)
    if ((held[i] = fds[i].fd < 0 ? NULL : file_get(fds[i].fd))) held[i]->references++;
}

static int poll_all(struct pollfd *fds, unsigned n, int64_t timeout_ns) {
  int64_t deadline = deadline_in(timeout_ns);
  net_run();
  int ready = poll_once(fds, n, NULL);
  if (!ready && signal_due(caller)) return -EINTR;
  if (ready || !timeout_ns) return ready;
  struct file **held = malloc((n + 1) * sizeof *held);
  struct poller poller = {.capacity = (int)(2 * n), .add = poller_add};
  poller.entries = malloc((2 * n + 1) * sizeof *poller.entries);
  if (!held || !poller.entries) {
    free(held);
    free(poller.entries);
    return -ENOMEM;
  }
  hold(fds, n, held);
  int seen = caller->event, error = 0;
  ready = poll_once(fds, n, &poller);
  while (!ready && !error) {
    net_run();
    if (caller->event == seen) error = sleep_until(deadline);
    seen = caller->event;
    ready = poll_once(fds, n, NULL);
  }
  for (int i = 0; i < poller.count; i++)
    wait_remove(&poller.entries[i].waiter);
  for (unsigned i = 0; i < n; i++)
    if (held[i]) file_put(held[i]);
  free(held);
  free(poller.entries);
  return ready ? ready : error == -ETIMEDOUT ? 0 : -EINTR;
}

long sys_poll(uptr fds, unsigned n, int64_t timeout_ns) {
  if (n > (unsigned)fd_limit(current)) return -EINVAL;
  struct pollfd *list = malloc((n + 1) * sizeof *list);
  if (!list) return -ENOMEM;
  long result = copy_from_user(list, fds, n * sizeof *list);
  if (!result) result = poll_all(list, n, timeout_ns);
  if (result >= 0 && copy_to_user(fds, list, n * sizeof *list)) result = -EFAULT;
  free(list);
  return result;
}

/* The calls that wait under another signal mask. The handlers of what interrupted them run under
 * it. */
int mask_begin(struct masked *m, uptr set, size_t size) {
  m->set = set;
  m->before = caller->blocked;
  if (set && size != sizeof m->before) return -EINVAL;
  return set && sys_rt_sigprocmask(SIG_SETMASK, set, 0) ? -EFAULT : 0;
}

long mask_end(const struct masked *m, long result) {
  if (m->set && result == -EINTR) signals_deliver();
  if (m->set) caller->blocked = m->before;
  return result;
}

long sys_ppoll(uptr fds, unsigned n, uptr timespec, uptr mask, size_t mask_size) {
  struct masked m;
  int64_t ns;
  int error = timespec_in(timespec, &ns);
  if (!error) error = mask_begin(&m, mask, mask_size);
  return error ? error : mask_end(&m, sys_poll(fds, n, ns));
}

enum {
  READ_READY = POLLIN | POLLRDNORM | POLLHUP | POLLERR,
  WRITE_READY = POLLOUT | POLLWRNORM | POLLERR,
  EXCEPTION = POLLPRI
};
struct sets {
  fd_set read, write, except;
};

/* The sets as a list for poll. Returns its length, or -EBADF. */
static int sets_to_list(int n, const struct sets *in, struct pollfd *list) {
  int count = 0;
  for (int fd = 0; fd < n; fd++) {
    int events = (FD_ISSET(fd, &in->read) ? POLLIN | POLLRDNORM : 0) |
                 (FD_ISSET(fd, &in->write) ? POLLOUT | POLLWRNORM : 0) |
                 (FD_ISSET(fd, &in->except) ? POLLPRI : 0);
    if (!events) continue;
    if (!file_get(fd)) return -EBADF;
    list[count++] = (struct pollfd){.fd = fd, .events = (short)events};
  }
  return count;
}

static int list_to_sets(const struct pollfd *list, int count, const struct sets *in,
                        struct sets *out) {
  int bits = 0;
  memset(out, 0, sizeof *out);
  for (int i = 0; i < count; i++) {
    int fd = list[i].fd, r = list[i].revents;
    if (r & READ_READY && FD_ISSET(fd, &in->read)) FD_SET(fd, &out->read), bits++;
    if (r & WRITE_READY && FD_ISSET(fd, &in->write)) FD_SET(fd, &out->write), bits++;
    if (r & EXCEPTION && FD_ISSET(fd, &in->except)) FD_SET(fd, &out->except), bits++;
  }
  return bits;
}

long sys_select(int n, uptr read, uptr write, uptr except, int64_t timeout_ns) {
  if (n < 0) return -EINVAL;
  if (n > FD_SETSIZE) n = FD_SETSIZE;
  struct sets in = {0}, out;
  size_t size = ((size_t)n + 8 * sizeof(long) - 1) / (8 * sizeof(long)) * sizeof(long);
  if ((read && copy_from_user(&in.read, read, size)) ||
      (write && copy_from_user(&in.write, write, size)) ||
      (except && copy_from_user(&in.except, except, size)))
    return -EFAULT;
  struct pollfd *list = malloc(((size_t)n + 1) * sizeof *list);
  if (!list) return -ENOMEM;
  int count = sets_to_list(n, &in, list);
  int result = count < 0 ? count : poll_all(list, (unsigned)count, timeout_ns);
  if (result >= 0) result = list_to_sets(list, count, &in, &out);
  free(list);
  if (result < 0) return result;
  if ((read && copy_to_user(read, &out.read, size)) ||
      (write && copy_to_user(write, &out.write, size)) ||
      (except && copy_to_user(except, &out.except, size)))
    return -EFAULT;
  return result;
}

/* Linux select writes back the time that was not slept. */
long sys_newselect(int n, uptr read, uptr write, uptr except, uptr timeval) {
  struct timeval t = {0};
  int64_t ns = FOREVER, started = now_ns();
  if (timeval) {
    if (copy_from_user(&t, timeval, sizeof t)) return -EFAULT;
    if (t.tv_sec < 0 || t.tv_usec < 0) return -EINVAL;
    ns = time_ns(t.tv_sec, t.tv_usec, 1000);
  }
  long result = sys_select(n, read, write, except, ns);
  int64_t left = ns - (now_ns() - started);
  if (left < 0) left = 0;
  t = (struct timeval){.tv_sec = left / 1000000000,
                       .tv_usec = (suseconds_t)(left % 1000000000 / 1000)};
  if (timeval) copy_to_user(timeval, &t, sizeof t);
  return result;
}

/* mask: the address of { address of a set, its size }. */
long sys_pselect6(int n, uptr read, uptr write, uptr except, uptr timespec, uptr mask) {
  struct {
    uptr set;
    size_t size;
  } pair = {0};
  struct masked m;
  int64_t ns;
  if (mask && copy_from_user(&pair, mask, sizeof pair)) return -EFAULT;
  int error = timespec_in(timespec, &ns);
  if (!error) error = mask_begin(&m, pair.set, pair.size);
  return error ? error : mask_end(&m, sys_select(n, read, write, except, ns));
}
