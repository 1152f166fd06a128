/* The last frames of the network, as pcapng, for who looks at them now and then: a ring of blocks,
 * of which the oldest give way. Frames are whole as long as they are few, and their headers are
 * kept of a flood: so programs hardly lose time by it. */
#include "pcapng.h"
#include <stdlib.h>
#include <string.h>

enum { SIZE = 2 << 20, HEADERS = 128, WHOLE = 65535 };
enum { SPARE = 512 << 10, SPARE_PER_MS = 4 << 10 }; /* bytes beyond headers, at most */

static struct {
  bool on, fresh; /* fresh: nobody has got the file's beginning */
  struct ring ring;
  int64_t spare, spared_at; /* bytes that may be kept beyond headers, as of then */
  uint64_t dropped;
} record;

static void put(const uint8_t *bytes, size_t n) {
  struct uio u;
  uio_kernel(&u, (void *)bytes, n);
  ring_from(&record.ring, &u);
}

/* The size of the oldest block. */
static size_t oldest(void) {
  uint8_t bytes[4];
  uint32_t size;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = record.ring.data[(record.ring.head + 4 + i) % SIZE];
  memcpy(&size, bytes, sizeof size);
  return size;
}

static void drop_oldest(void) {
  size_t size = oldest();
  record.ring.head = (record.ring.head + size) % SIZE;
  record.ring.used -= size;
  record.dropped++;
}

/* How much of a frame of that size is kept. */
static size_t snap(size_t size, int64_t now) {
  record.spare += (now - record.spared_at) / 1000 * SPARE_PER_MS / 1000;
  record.spared_at = now;
  if (record.spare > SPARE) record.spare = SPARE;
  if (size <= HEADERS) return size;
  if (record.spare < (int64_t)size) return HEADERS;
  record.spare -= (int64_t)size;
  return size;
}

void record_frame(const struct netif *n, const struct pbuf *p, const char *comment) {
  static uint8_t block[PCAPNG_FRAME + WHOLE + 3]; /* used under the lock */
  if (!record.on) return;
  int64_t now = realtime_ns();
  size_t size = pcapng_frame(block, n, now, p, snap(p->tot_len, now), comment);
  while (ring_space(&record.ring) < size)
    drop_oldest();
  put(block, size);
}

int record_begin(void) {
  if (!record.ring.data && ring_init(&record.ring, SIZE)) return -ENOMEM;
  record.on = record.fresh = true;
  record.ring.used = record.ring.head = 0;
  record.dropped = 0;
  return 0;
}

static uint8_t *beginning;
static void put_beginning(const uint8_t *bytes, size_t n) {
  memcpy(beginning, bytes, n);
  beginning += n;
}

size_t record_read(uint8_t *to, size_t n) {
  beginning = to;
  if (record.fresh) pcapng_begin(put_beginning);
  record.fresh = false;
  size_t done = (size_t)(beginning - to);
  while (record.ring.used && oldest() <= n - done) {
    struct uio u;
    uio_kernel(&u, to + done, oldest());
    done += (size_t)ring_to(&record.ring, &u);
  }
  return done;
}

uint64_t record_dropped(void) { return record.dropped; }
