/* A program's memory, piece by piece: one struct for all that read and write. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>

int uio_one(struct uio *u, uptr base, size_t n) {
  if (n > SSIZE_MAX) return -EFAULT; /* no memory is that large */
  *u = (struct uio){.one = {base, n}, .count = 1, .left = n};
  u->iov = &u->one;
  return 0;
}

void uio_kernel(struct uio *u, void *base, size_t n) {
  uio_one(u, (uptr)base, n);
  u->kernel = true;
}

int uio_vector(struct uio *u, uptr iov, int count) {
  if (count < 0 || count > IOV_LIMIT) return -EINVAL;
  if (count == 1) {
    struct user_iovec only;
    if (copy_from_user(&only, iov, sizeof only)) return -EFAULT;
    return only.length > SSIZE_MAX ? -EINVAL : uio_one(u, only.base, only.length);
  }
  *u = (struct uio){.count = count};
  if (!count) return 0;
  u->iov = malloc((size_t)count * sizeof *u->iov);
  if (!u->iov) return -ENOMEM;
  int error = copy_from_user(u->iov, iov, (size_t)count * sizeof *u->iov);
  for (int i = 0; !error && i < count; i++) {
    if (u->iov[i].length > SSIZE_MAX - u->left) error = -EINVAL;
    u->left += u->iov[i].length;
  }
  if (!error) return 0;
  free(u->iov);
  return error;
}

void uio_free(struct uio *u) {
  if (u->iov && u->iov != &u->one) free(u->iov);
}

static int uio_copy(const struct uio *u, uint8_t *kernel, size_t n, bool in) {
  for (int i = 0; n && i < u->count; i++) {
    const struct user_iovec *piece = &u->iov[i];
    size_t m = piece->length < n ? piece->length : n;
    if (u->kernel)
      memcpy(in ? kernel : (void *)piece->base, in ? (void *)piece->base : kernel, m);
    else if (in ? copy_from_user(kernel, piece->base, m) : copy_to_user(piece->base, kernel, m))
      return -EFAULT;
    kernel += m;
    n -= m;
  }
  return 0;
}

void uio_skip(struct uio *u, size_t n) {
  u->done += n;
  u->left -= n;
  for (int i = 0; n && i < u->count; i++) {
    struct user_iovec *piece = &u->iov[i];
    size_t m = piece->length < n ? piece->length : n;
    piece->base += m;
    piece->length -= m;
    n -= m;
  }
}

int uio_look(const struct uio *u, void *to, size_t n) { return uio_copy(u, to, n, true); }

int uio_get(struct uio *u, void *to, size_t n) {
  int error = uio_copy(u, to, n, true);
  if (!error) uio_skip(u, n);
  return error;
}

int uio_put(struct uio *u, const void *from, size_t n) {
  int error = uio_copy(u, (uint8_t *)from, n, false);
  if (!error) uio_skip(u, n);
  return error;
}

int user_string(char *to, uptr from, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (copy_from_user(to + i, from + i, 1)) return -EFAULT;
    if (!to[i]) return (int)i;
  }
  return -ENAMETOOLONG;
}

int user_path(char *to, uptr from) {
  int n = user_string(to, from, PATH_LIMIT);
  return n ? n : -ENOENT;
}
