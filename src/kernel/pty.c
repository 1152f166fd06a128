/* Pseudo-terminals (pty(7)): a terminal's two ends. The slave is what programs have as descriptors
 * 0, 1 and 2; the master is the screen and keyboard, held by the kernel Worker or by a program that
 * has opened /dev/ptmx. */
#include "tty.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct tty *ttys;

/* Where its name is: /dev/pts/NUMBER. */
static bool place(const struct tty *t, struct place *at) {
  char path[32];
  snprintf(path, sizeof path, "/dev/pts/%d", t->number);
  return !path_walk(fs_root, path, PARENT, at);
}

static void forget(struct tty *t) {
  struct tty **slot = &ttys;
  if (t->master || t->slaves) return;
  while (*slot != t)
    slot = &(*slot)->next;
  *slot = t->next;
  ring_free(&t->output);
  ring_free(&t->held);
  free(t);
}

/* --- the slave --- */

static ssize_t slave_read(struct file *f, struct uio *to, bool nonblock) {
  return tty_read(f->object, to, nonblock);
}

static ssize_t slave_write(struct file *f, struct uio *from, bool nonblock) {
  return tty_write(f->object, from, nonblock);
}

static int slave_poll(struct file *f, struct poller *poller) {
  struct tty *t = f->object;
  poll_wait(poller, &t->changed);
  if (!t->master) return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP;
  return (tty_readable(t) ? POLLIN | POLLRDNORM : 0) | (tty_writable(t) ? POLLOUT | POLLWRNORM : 0);
}

static int slave_ioctl(struct file *f, unsigned request, uptr argument) {
  struct tty *t = f->object;
  if (!t->master) return request == TIOCSPGRP ? -ENOTTY : -EIO;
  int result = tty_ioctl(t, request, argument);
  return result == -ENOTTY ? session_ioctl(t, request, argument) : result;
}

static int slave_stat(struct file *f, void *to) {
  const struct tty *t = f->object;
  struct stat *s = to;
  struct place at;
  s->st_mode = S_IFCHR | 0620;
  s->st_rdev = makedev(PTS_MAJOR, (unsigned)t->number);
  if (place(t, &at) && at.inode) s->st_ino = at.inode->number, s->st_dev = 1;
  return 0;
}

static void slave_close(struct file *f) {
  struct tty *t = f->object;
  if (!--t->slaves) wake(&t->changed);
  forget(t);
}

static const struct file_ops slave_ops = {.read = slave_read,
                                          .write = slave_write,
                                          .poll = slave_poll,
                                          .ioctl = slave_ioctl,
                                          .stat = slave_stat,
                                          .close = slave_close};

static int slave_open(struct tty *t, int flags, struct file **to) {
  if (!t->master || t->locked) return -EIO;
  if (!(*to = file_new(&slave_ops, t, flags & ~O_NOCTTY))) return -ENOMEM;
  t->slaves++;
  t->opened = true;
  wake(&t->changed);
  if (!(flags & O_NOCTTY)) session_adopt(t);
  return 0;
}

/* --- the master --- */

/* At its end (the kernel Worker) or -EIO once no slave is open; a program's waits for the first. */
static ssize_t master_read(struct file *f, struct uio *to, bool nonblock) {
  struct tty *t = f->object;
  while (!t->output.used) {
    if (!t->slaves && t->opened) return current == &kernel_proc ? 0 : -EIO;
    int error = nonblock ? -EAGAIN : sleep_on(&t->changed, FOREVER);
    if (error) return error;
  }
  ssize_t n = ring_to(&t->output, to);
  wake(&t->changed);
  return n;
}

static ssize_t master_write(struct file *f, struct uio *from, bool nonblock) {
  struct tty *t = f->object;
  while (from->left) {
    while (!tty_takes(t)) {
      int error = nonblock ? -EAGAIN : sleep_on(&t->changed, FOREVER);
      if (error) return from->done ? (ssize_t)from->done : error;
    }
    uint8_t c;
    if (uio_get(from, &c, 1)) return from->done ? (ssize_t)from->done : -EFAULT;
    tty_type(t, c);
    wake(&t->changed);
  }
  return (ssize_t)from->done;
}

static int master_poll(struct file *f, struct poller *poller) {
  struct tty *t = f->object;
  poll_wait(poller, &t->changed);
  return (t->output.used ? POLLIN | POLLRDNORM : 0) | (tty_takes(t) ? POLLOUT | POLLWRNORM : 0) |
         (t->slaves || !t->opened ? 0 : POLLHUP);
}

static int master_ioctl(struct file *f, unsigned request, uptr argument) {
  struct tty *t = f->object;
  int number = (int)t->output.used;
  switch (request) {
  case TIOCGPTN: return copy_to_user(argument, &t->number, sizeof t->number);
  case TIOCSPTLCK:
    if (copy_from_user(&number, argument, sizeof number)) return -EFAULT;
    t->locked = number != 0;
    return 0;
  case FIONREAD: return copy_to_user(argument, &number, sizeof number);
  case TIOCGPGRP: return copy_to_user(argument, &t->foreground, sizeof t->foreground);
  case TIOCSCTTY:
  case TIOCSPGRP: return -ENOTTY;
  }
  return tty_ioctl(t, request, argument);
}

static int master_stat(struct file *f, void *to) {
  struct stat *s = to;
  (void)f;
  s->st_mode = S_IFCHR | 0666;
  s->st_rdev = makedev(5, 2);
  return 0;
}

static void master_close(struct file *f) {
  struct tty *t = f->object;
  struct place at;
  t->master = false;
  if (place(t, &at) && at.inode) dir_remove(at.dir, at.name);
  t->slaves++; /* for whoever has the last of them may end by this */
  session_hangup(t);
  wake(&t->changed);
  t->slaves--;
  forget(t);
}

static const struct file_ops master_ops = {.read = master_read,
                                           .write = master_write,
                                           .poll = master_poll,
                                           .ioctl = master_ioctl,
                                           .stat = master_stat,
                                           .close = master_close};

/* --- making and finding one --- */

static bool is_taken(int number) {
  for (const struct tty *t = ttys; t; t = t->next)
    if (t->number == number) return true;
  return false;
}

static int free_number(void) {
  int number = 0;
  while (is_taken(number))
    number++;
  return number;
}

/* NULL: no memory. */
static struct file *master_new(int flags) {
  struct tty *t = calloc(1, sizeof *t);
  struct file *master = t ? file_new(&master_ops, t, flags) : NULL;
  struct inode *name = master ? inode_new(S_IFCHR | 0620) : NULL;
  struct place at;
  if (!name || ring_init(&t->output, OUTPUT_SIZE) || ring_init(&t->held, ECHO_SIZE)) {
    if (t) ring_free(&t->output);
    free(t);
    free(master);
    return NULL;
  }
  t->number = free_number();
  name->user = USER;
  name->device = FIRST_PTS + t->number;
  if (place(t, &at)) dir_add(at.dir, at.name, name);
  tty_reset(t);
  t->master = true;
  t->next = ttys;
  ttys = t;
  return master;
}

struct file *tty_new(int columns, int rows, struct file **slave) {
  struct file *master = master_new(O_RDWR);
  if (!master) return NULL;
  ((struct tty *)master->object)->mode.c_iflag |= IUTF8;
  tty_resize(master, columns, rows);
  if (!slave_open(master->object, O_RDWR | O_NOCTTY, slave)) return master;
  file_put(master);
  return NULL;
}

/* /dev/ptmx. */
int ptmx_open(int flags, struct file **to) {
  *to = master_new(flags & ~O_NOCTTY);
  if (!*to) return -ENOMEM;
  ((struct tty *)(*to)->object)->locked = true;
  return 0;
}

/* /dev/pts/NUMBER; -1: /dev/tty, the caller's own. */
int pts_open(int number, int flags, struct file **to) {
  struct tty *t = number < 0 ? session_tty() : ttys;
  while (number >= 0 && t && t->number != number)
    t = t->next;
  return t ? slave_open(t, flags | (number < 0 ? O_NOCTTY : 0), to) : -ENXIO;
}

void tty_resize(struct file *master, int columns, int rows) {
  struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  if (master->ops == &master_ops) tty_set_size(master->object, &size);
}

int tty_foreground(struct file *master) {
  return master->ops == &master_ops ? ((struct tty *)master->object)->foreground : 0;
}

bool file_is_tty(const struct file *f) { return f->ops == &slave_ops; }

void tty_adopt(struct file *f) {
  if (f && file_is_tty(f)) session_adopt(f->object);
}
