/* eventfd(2): a number that a write adds to, and a read takes away. */
#include "kernel.h"
#include <stdlib.h>
#include <sys/eventfd.h>

struct counter {
  uint64_t value;
  bool semaphore; /* a read takes one */
  struct waitq changed;
};

static ssize_t counter_read(struct file *f, struct uio *to, bool nonblock) {
  struct counter *c = f->object;
  if (to->left < sizeof c->value) return -EINVAL;
  while (!c->value) {
    int error = nonblock ? -EAGAIN : sleep_on(&c->changed, FOREVER);
    if (error) return error;
  }
  uint64_t taken = c->semaphore ? 1 : c->value;
  c->value -= taken;
  wake_for(&c->changed, POLLOUT);
  return uio_put(to, &taken, sizeof taken) ? -EFAULT : (ssize_t)sizeof taken;
}

static ssize_t counter_write(struct file *f, struct uio *from, bool nonblock) {
  struct counter *c = f->object;
  uint64_t more;
  if (from->left != sizeof more) return -EINVAL;
  if (uio_get(from, &more, sizeof more)) return -EFAULT;
  if (more == UINT64_MAX) return -EINVAL;
  while (c->value + more < more || c->value + more == UINT64_MAX) {
    int error = nonblock ? -EAGAIN : sleep_on(&c->changed, FOREVER);
    if (error) return error;
  }
  c->value += more;
  wake_for(&c->changed, POLLIN);
  return sizeof more;
}

static int counter_poll(struct file *f, struct poller *poller) {
  struct counter *c = f->object;
  poll_wait(poller, &c->changed);
  return (c->value ? POLLIN : 0) | (c->value < UINT64_MAX - 1 ? POLLOUT : 0);
}

static void counter_close(struct file *f) { free(f->object); }

static const struct file_ops counter_ops = {
    .read = counter_read, .write = counter_write, .poll = counter_poll, .close = counter_close};

long sys_eventfd2(unsigned value, int flags) {
  if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) return -EINVAL;
  struct counter *c = calloc(1, sizeof *c);
  struct file *f = c ? file_new(&counter_ops, c, O_RDWR | (flags & EFD_NONBLOCK)) : NULL;
  if (!f) {
    free(c);
    return -ENOMEM;
  }
  c->value = value;
  c->semaphore = flags & EFD_SEMAPHORE;
  return fd_alloc(current, f, 0, flags & EFD_CLOEXEC);
}
