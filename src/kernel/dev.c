/* Devices: /dev/null and its kin, and the caller's terminal. */
#include "kernel.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static ssize_t null_read(struct file *f, struct uio *to, int64_t offset) {
  (void)f, (void)to, (void)offset;
  return 0;
}

static ssize_t null_write(struct file *f, struct uio *from, int64_t offset) {
  (void)f, (void)offset;
  return (ssize_t)from->left;
}

static ssize_t full_write(struct file *f, struct uio *from, int64_t offset) {
  (void)f, (void)from, (void)offset;
  return -ENOSPC;
}

static ssize_t fill(struct uio *to, bool random) {
  uint8_t bytes[256] = {0};
  while (to->left) {
    size_t n = to->left < sizeof bytes ? to->left : sizeof bytes;
    if (random) machine_random(bytes, n);
    if (uio_put(to, bytes, n)) return to->done ? (ssize_t)to->done : -EFAULT;
  }
  return (ssize_t)to->done;
}

static ssize_t zero_read(struct file *f, struct uio *to, int64_t offset) {
  (void)f, (void)offset;
  return fill(to, false);
}

static ssize_t random_read(struct file *f, struct uio *to, int64_t offset) {
  (void)f, (void)offset;
  return fill(to, true);
}

/* What goes in stirs nothing, but must be there. */
static ssize_t random_write(struct file *f, struct uio *from, int64_t offset) {
  uint8_t bytes[256];
  (void)f, (void)offset;
  while (from->left)
    if (uio_get(from, bytes, from->left < sizeof bytes ? from->left : sizeof bytes))
      return from->done ? (ssize_t)from->done : -EFAULT;
  return (ssize_t)from->done;
}

static int64_t no_place(struct file *f, int64_t offset, int whence) {
  (void)offset, (void)whence;
  return f->offset = 0;
}

#define DEVICE(name, reading, writing)                                                             \
  static const struct file_ops name = {.pread = reading,                                           \
                                       .pwrite = writing,                                          \
                                       .seek = no_place,                                           \
                                       .stat = inode_stat,                                         \
                                       .close = inode_close}
DEVICE(null_ops, null_read, null_write);
DEVICE(zero_ops, zero_read, null_write);
DEVICE(full_ops, zero_read, full_write);
DEVICE(random_ops, random_read, random_write);

/* /dev/tty */
static int tty_open(int flags, struct file **to) { return pts_open(-1, flags, to); }

/* Linux's names and numbers, but for two that are the lab's own: /dev/trace (trace.h), /dev/cc. */
static const struct device {
  const char *path;
  const struct file_ops *ops;
  uint8_t major, minor;
  int (*open)(int flags, struct file **to); /* has an object for each who opens it */
} devices[] = {{"/dev/null", &null_ops, 1, 3, NULL},      {"/dev/zero", &zero_ops, 1, 5, NULL},
               {"/dev/full", &full_ops, 1, 7, NULL},      {"/dev/random", &random_ops, 1, 8, NULL},
               {"/dev/urandom", &random_ops, 1, 9, NULL}, {"/dev/tty", NULL, 5, 0, tty_open},
               {"/dev/ptmx", NULL, 5, 2, ptmx_open},      {"/dev/trace", NULL, 10, 254, trace_open},
               {"/dev/cc", NULL, 10, 255, compiler_open}};
enum { DEVICES = sizeof devices / sizeof *devices };

int device_open(struct inode *i, int flags, struct file **to) {
  if (i->device >= FIRST_PTS) return pts_open(i->device - FIRST_PTS, flags, to);
  const struct device *d = &devices[i->device];
  if (d->open) return d->open(flags, to);
  *to = file_new(d->ops, i, flags);
  if (!*to) return -ENOMEM;
  inode_hold(i);
  return 0;
}

dev_t device_number(const struct inode *i) {
  if (i->device >= FIRST_PTS) return makedev(PTS_MAJOR, (unsigned)(i->device - FIRST_PTS));
  return makedev(devices[i->device].major, devices[i->device].minor);
}

int devices_init(void) {
  int error = 0;
  for (int n = 0; n < DEVICES && !error; n++) {
    struct place at;
    path_walk(fs_root, devices[n].path, PARENT, &at);
    struct inode *i = inode_new(S_IFCHR | 0666);
    error = dir_add(at.dir, at.name, i);
    if (!error) i->device = n;
  }
  return error;
}
