/* sendfile(2): a file's bytes to another, without the program's memory between them. */
#include "kernel.h"
#include <stdlib.h>

enum { PIECE = 32768 };
#define MOST ((size_t)0x7ffff000) /* bytes in one call, as on Linux */

/* Up to PIECE bytes at `at`, by way of `buffer`; how many, or -errno. */
static ssize_t send_piece(struct file *to, struct file *from, int64_t at, size_t n, void *buffer) {
  struct uio u;
  uio_kernel(&u, buffer, n < PIECE ? n : PIECE);
  ssize_t got = from->ops->pread(from, &u, at);
  if (got <= 0) return got;
  uio_kernel(&u, buffer, (size_t)got);
  return file_give(to, &u);
}

static ssize_t send_all(struct file *to, struct file *from, int64_t *at, size_t count) {
  void *buffer = malloc(PIECE);
  size_t done = 0;
  ssize_t n = buffer ? 1 : -ENOMEM;
  for (; n > 0 && done < count; done += n > 0 ? (size_t)n : 0)
    if ((n = send_piece(to, from, *at, count - done, buffer)) > 0) *at += n;
  free(buffer);
  return done ? (ssize_t)done : n > 0 ? 0 : n;
}

/* Without an offset it moves that of the file it reads. */
long sys_sendfile(int out, int in, uptr offset, size_t count) {
  struct file *to = file_get(out), *from = file_get(in);
  int64_t at;
  if (offset && copy_from_user(&at, offset, sizeof at)) return -EFAULT;
  if (!from || (from->flags & O_ACCMODE) == O_WRONLY || from->flags & O_PATH) return -EBADF;
  if (!to || (to->flags & O_ACCMODE) == O_RDONLY || to->flags & O_PATH) return -EBADF;
  if (!from->ops->pread || !(to->ops->write || to->ops->pwrite)) return -EINVAL;
  if (offset && at < 0) return -EINVAL;
  if (to->flags & O_APPEND) return -EINVAL;
  if (!offset) at = from->offset;
  to->references++;
  from->references++;
  ssize_t n = send_all(to, from, &at, count < MOST ? count : MOST);
  if (!offset && n > 0) from->offset = at;
  file_put(to);
  file_put(from);
  return offset && n > 0 && copy_to_user(offset, &at, sizeof at) ? -EFAULT : n;
}
