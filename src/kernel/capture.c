/* The kernel's own capture of every frame, as pcapng. A frame is captured where it is sent, with
 * what the link makes of it. The kernel Worker reads it as a file. */
#include "pcapng.h"
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64 << 20 }; /* bytes that wait to be read; past it frames are dropped and counted */

struct block {
  struct block *next;
  size_t size, read;
  uint8_t bytes[];
};

static struct {
  bool on;
  struct block *first, **last;
  size_t waiting;
  uint64_t dropped;
  struct waitq changed;
} capture;

/* A block with that much room; NULL: no more is kept. */
static struct block *block_new(size_t room) {
  return capture.waiting + room > LIMIT ? NULL : malloc(sizeof(struct block) + room);
}

static void block_add(struct block *b, size_t size) {
  b->next = NULL;
  b->size = size;
  b->read = 0;
  *capture.last = b;
  capture.last = &b->next;
  capture.waiting += size;
  wake(&capture.changed);
}

static void put(const uint8_t *bytes, size_t size) {
  struct block *b = block_new(size);
  if (!b) return;
  memcpy(b->bytes, bytes, size);
  block_add(b, size);
}

void capture_frame(const struct netif *n, const struct pbuf *p, const char *comment) {
  record_frame(n, p, comment);
  if (!capture.on) return;
  struct block *b = block_new(PCAPNG_FRAME + p->tot_len);
  if (b)
    block_add(b, pcapng_frame(b->bytes, n, realtime_ns(), p, p->tot_len, comment));
  else
    capture.dropped++;
}

/* --- as a file --- */

static ssize_t capture_read(struct file *f, struct uio *to, bool nonblock) {
  (void)f, (void)nonblock;
  if (!capture.first) return -EAGAIN;
  while (to->left && capture.first) {
    struct block *b = capture.first;
    size_t n = b->size - b->read < to->left ? b->size - b->read : to->left;
    if (uio_put(to, b->bytes + b->read, n)) return -EFAULT;
    b->read += n;
    if (b->read < b->size) break;
    capture.waiting -= b->size;
    if (!(capture.first = b->next)) capture.last = &capture.first;
    free(b);
  }
  return (ssize_t)to->done;
}

static int capture_poll(struct file *f, struct poller *poller) {
  (void)f;
  poll_wait(poller, &capture.changed);
  return capture.first ? POLLIN : 0;
}

static void capture_close(struct file *f) {
  (void)f;
  capture.on = false;
  for (struct block *b; (b = capture.first);) {
    capture.first = b->next;
    free(b);
  }
  capture.waiting = 0;
}

static const struct file_ops capture_ops = {
    .read = capture_read, .poll = capture_poll, .close = capture_close};

struct file *capture_open(void) {
  if (capture.on) return NULL;
  struct file *f = file_new(&capture_ops, NULL, O_RDONLY);
  if (!f) return NULL;
  capture.on = true;
  capture.last = &capture.first;
  pcapng_begin(put);
  return f;
}

uint64_t capture_dropped(void) { return capture.dropped; }
