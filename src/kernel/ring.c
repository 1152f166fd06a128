/* A queue of bytes in a fixed buffer. */
#include "kernel.h"
#include <stdlib.h>

int ring_init(struct ring *r, size_t size) {
  *r = (struct ring){.data = malloc(size), .size = size};
  return r->data ? 0 : -ENOMEM;
}

void ring_free(struct ring *r) { free(r->data); }
size_t ring_space(const struct ring *r) { return r->size - r->used; }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

ssize_t ring_from(struct ring *r, struct uio *from) {
  size_t total = smaller(from->left, ring_space(r));
  for (size_t done = 0; done < total;) {
    size_t tail = (r->head + r->used) % r->size, n = smaller(total - done, r->size - tail);
    if (uio_get(from, r->data + tail, n)) return -EFAULT;
    r->used += n;
    done += n;
  }
  return (ssize_t)total;
}

ssize_t ring_to(struct ring *r, struct uio *to) {
  size_t total = smaller(to->left, r->used);
  for (size_t done = 0; done < total;) {
    size_t n = smaller(total - done, r->size - r->head);
    if (uio_put(to, r->data + r->head, n)) return -EFAULT;
    r->head = (r->head + n) % r->size;
    r->used -= n;
    done += n;
  }
  return (ssize_t)total;
}
