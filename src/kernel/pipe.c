/* Pipes (POSIX pipe): a ring of bytes with a reading and a writing end. */
#include "kernel.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

struct pipe {
  struct ring ring;
  struct waitq changed;
  bool reader, writer; /* that end is open */
};

static ssize_t pipe_read(struct file *f, struct uio *to, bool nonblock) {
  struct pipe *p = f->object;
  if (!to->left) return 0;
  while (!p->ring.used) {
    if (!p->writer) return 0;
    if (nonblock) return -EAGAIN;
    int error = sleep_on(&p->changed, FOREVER);
    if (error) return error;
  }
  bool full = ring_space(&p->ring) < PIPE_BUF; /* else nobody waits for room */
  ssize_t n = ring_to(&p->ring, to);
  if (full) wake_for(&p->changed, POLLOUT | POLLWRNORM);
  return n;
}

/* Up to PIPE_BUF bytes go in together or wait; more may be split. */
static ssize_t pipe_write(struct file *f, struct uio *from, bool nonblock) {
  struct pipe *p = f->object;
  size_t together = from->left <= PIPE_BUF ? from->left : 1;
  while (from->left) {
    if (!p->reader) {
      if (!from->done) signal_send(current, SIGPIPE);
      return from->done ? (ssize_t)from->done : -EPIPE;
    }
    if (ring_space(&p->ring) >= together) {
      if (ring_from(&p->ring, from) < 0) return from->done ? (ssize_t)from->done : -EFAULT;
      wake_for(&p->changed, POLLIN | POLLRDNORM);
      continue;
    }
    int error = nonblock ? -EAGAIN : sleep_on(&p->changed, FOREVER);
    if (error) return from->done ? (ssize_t)from->done : error;
  }
  return (ssize_t)from->done;
}

static int pipe_poll_reader(struct file *f, struct poller *poller) {
  struct pipe *p = f->object;
  poll_wait(poller, &p->changed);
  return (p->ring.used ? POLLIN | POLLRDNORM : 0) | (p->writer ? 0 : POLLHUP);
}

static int pipe_poll_writer(struct file *f, struct poller *poller) {
  struct pipe *p = f->object;
  poll_wait(poller, &p->changed);
  return (ring_space(&p->ring) >= PIPE_BUF ? POLLOUT | POLLWRNORM : 0) | (p->reader ? 0 : POLLERR);
}

static int pipe_ioctl(struct file *f, unsigned request, uptr argument) {
  struct pipe *p = f->object;
  int n = (int)p->ring.used;
  return request == FIONREAD ? copy_to_user(argument, &n, sizeof n) : -ENOTTY;
}

static int pipe_stat(struct file *f, void *to) {
  (void)f;
  ((struct stat *)to)->st_mode = S_IFIFO | 0600;
  return 0;
}

static void pipe_close_end(struct pipe *p, bool *end) {
  *end = false;
  if (p->reader || p->writer) {
    wake(&p->changed);
    return;
  }
  ring_free(&p->ring);
  free(p);
}

static void pipe_close_reader(struct file *f) {
  pipe_close_end(f->object, &((struct pipe *)f->object)->reader);
}
static void pipe_close_writer(struct file *f) {
  pipe_close_end(f->object, &((struct pipe *)f->object)->writer);
}

static const struct file_ops reader_ops = {.read = pipe_read,
                                           .poll = pipe_poll_reader,
                                           .ioctl = pipe_ioctl,
                                           .stat = pipe_stat,
                                           .close = pipe_close_reader};
static const struct file_ops writer_ops = {.write = pipe_write,
                                           .poll = pipe_poll_writer,
                                           .ioctl = pipe_ioctl,
                                           .stat = pipe_stat,
                                           .close = pipe_close_writer};

int pipe_new(struct file *ends[2], int flags) {
  struct pipe *p = calloc(1, sizeof *p);
  if (!p || ring_init(&p->ring, PIPE_SIZE)) {
    free(p);
    return -ENOMEM;
  }
  ends[0] = file_new(&reader_ops, p, O_RDONLY | flags);
  ends[1] = file_new(&writer_ops, p, O_WRONLY | flags);
  p->reader = p->writer = true;
  if (ends[0] && ends[1]) return 0;
  free(ends[0]);
  free(ends[1]);
  ring_free(&p->ring);
  free(p);
  return -ENOMEM;
}

long sys_pipe2(uptr fds, int flags) {
  struct file *ends[2];
  int fd[2];
  if (flags & ~(O_CLOEXEC | O_NONBLOCK)) return -EINVAL;
  int error = pipe_new(ends, flags & O_NONBLOCK);
  if (error) return error;
  fd[0] = fd_alloc(current, ends[0], 0, flags & O_CLOEXEC);
  fd[1] = fd_alloc(current, ends[1], 0, flags & O_CLOEXEC);
  error = fd[0] < 0 || fd[1] < 0 ? -EMFILE : copy_to_user(fds, fd, sizeof fd);
  for (int i = 0; error && i < 2; i++)
    if (fd[i] >= 0) fd_close(current, fd[i]);
  return error;
}
