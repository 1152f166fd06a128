/* The kernel's own capture of every frame, as pcapng (IETF draft-ietf-opsawg-pcapng): one section,
 * one interface for each of a host's. A frame is captured where it is sent, before the link acts on
 * it. The kernel Worker reads it as a file. */
#include "net.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64 << 20 }; /* bytes that wait to be read; past it frames are dropped and counted */
enum { SECTION_HEADER = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, ENHANCED_PACKET = 6 };
enum { OPTION_END, IF_NAME = 2, IF_RESOLUTION = 9, ISB_DROPPED = 5 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101, MAX_INTERFACES = 256 };

struct block {
  struct block *next;
  size_t size, read;
  uint8_t bytes[];
};

static struct {
  bool on;
  struct block *first, **last;
  size_t waiting;
  int interfaces, number[MAX_INTERFACES]; /* lwIP's index of an interface -> ours + 1 */
  uint64_t dropped;
  struct waitq changed;
} capture;

/* Room for a block of `type` with a body of that size, its lengths and padding filled in; NULL: no
 * more is kept. */
static uint8_t *block_add(uint32_t type, size_t body) {
  uint32_t size = (uint32_t)(12 + (body + 3) / 4 * 4);
  struct block *b = capture.waiting + size > LIMIT ? NULL : calloc(1, sizeof *b + size);
  if (!b) return NULL;
  b->size = size;
  memcpy(b->bytes, &type, 4);
  memcpy(b->bytes + 4, &size, 4);
  memcpy(b->bytes + size - 4, &size, 4);
  *capture.last = b;
  capture.last = &b->next;
  capture.waiting += size;
  wake(&capture.changed);
  return b->bytes + 8;
}

static uint8_t *option(uint8_t *at, uint16_t code, const void *value, uint16_t length) {
  memcpy(at, &code, 2);
  memcpy(at + 2, &length, 2);
  if (length) memcpy(at + 4, value, length);
  return at + 4 + (length + 3) / 4 * 4;
}

static void section_begin(void) {
  struct {
    uint32_t magic;
    uint16_t major, minor;
    uint64_t length;
  } section = {0x1a2b3c4d, 1, 0, UINT64_MAX};
  uint8_t *at = block_add(SECTION_HEADER, sizeof section);
  if (at) memcpy(at, &section, sizeof section);
}

/* The number of an interface in the file, described there when it is first seen; -1: no room. */
static int interface_number(const struct netif *n) {
  int *number = &capture.number[netif_get_index(n)];
  if (*number) return *number - 1;
  const struct host *h = n->state;
  bool loopback = n == &h->interfaces[LOOPBACK];
  struct {
    uint16_t type, reserved;
    uint32_t length;
  } description = {loopback ? LINKTYPE_RAW : LINKTYPE_ETHERNET, 0, 0};
  char name[80];
  uint8_t nanoseconds = 9;
  int length = snprintf(name, sizeof name, "%s %s", h->name, loopback ? "lo" : "eth0");
  uint8_t *at = block_add(INTERFACE, sizeof description + 4 + ((size_t)length + 3) / 4 * 4 + 8 + 4);
  if (!at) return -1;
  memcpy(at, &description, sizeof description);
  at = option(at + sizeof description, IF_NAME, name, (uint16_t)length);
  at = option(at, IF_RESOLUTION, &nanoseconds, 1);
  option(at, OPTION_END, NULL, 0);
  return (*number = ++capture.interfaces) - 1;
}

void capture_frame(const struct netif *n, const struct pbuf *p) {
  if (!capture.on) return;
  int64_t now = realtime_ns();
  int number = interface_number(n);
  uint8_t *at = number < 0 ? NULL : block_add(ENHANCED_PACKET, 20u + p->tot_len);
  if (!at) {
    capture.dropped++;
    return;
  }
  uint32_t header[5] = {(uint32_t)number, (uint32_t)(now >> 32), (uint32_t)now, p->tot_len,
                        p->tot_len};
  memcpy(at, header, sizeof header);
  pbuf_copy_partial(p, at + sizeof header, p->tot_len, 0);
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
  capture.interfaces = 0;
  memset(capture.number, 0, sizeof capture.number);
  section_begin();
  return f;
}

uint64_t capture_dropped(void) { return capture.dropped; }
