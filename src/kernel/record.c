/* The last frames of the network, as pcapng, for who looks at them now and then: a ring of blocks,
 * of which the oldest give way. Frames are whole as long as they are few; of many only the headers
 * are kept, and of a flood not all: so programs hardly lose time by it. */
#include "pcapng.h"
#include <stdlib.h>
#include <string.h>

enum { SIZE = 2 << 20, HEADERS = 128, WHOLE = 65535 };
enum { SPARE = 1 << 20, SPARE_PER_MS = 1 << 10 };          /* bytes beyond headers, at most */
enum { COST = 400000, CREDIT = 4000 * COST, LOOKS = 256 }; /* ns for a frame, in all; see keeps */

static struct {
  bool on, fresh; /* fresh: nobody has got the file's beginning */
  struct ring ring;
  int64_t at, spare, credit; /* as of `at`: bytes, and ns, that frames may still take */
  uint64_t dropped;
} record;

static void put(const uint8_t *bytes, size_t n) {
  struct ring *r = &record.ring;
  size_t tail = (r->head + r->used) % SIZE, first = SIZE - tail < n ? SIZE - tail : n;
  memcpy(r->data + tail, bytes, first);
  memcpy(r->data, bytes + first, n - first);
  r->used += n;
}

/* The size of the oldest block. */
static size_t oldest(void) {
  uint32_t size; /* blocks are of whole words, and so is the ring */
  memcpy(&size, record.ring.data + (record.ring.head + 4) % SIZE, sizeof size);
  return size;
}

static void drop_oldest(void) {
  size_t size = oldest();
  record.ring.head = (record.ring.head + size) % SIZE;
  record.ring.used -= size;
  record.dropped++;
}

static void earn(int64_t now) {
  int64_t passed = now - record.at;
  if (passed > CREDIT) passed = CREDIT;
  record.at = now;
  record.spare += passed * SPARE_PER_MS / 1000000;
  if (record.spare > SPARE) record.spare = SPARE;
  record.credit = record.credit + passed > CREDIT ? CREDIT : record.credit + passed;
}

/* Whether one more frame is kept. In a flood the clock is looked at now and then only. */
static bool keeps(void) {
  static unsigned passed_over;
  if (record.credit >= COST) return true;
  if (++passed_over % LOOKS == 0) earn(realtime_ns());
  return false;
}

/* How much of a frame of that size is kept. */
static size_t snap(size_t size) {
  if (size <= HEADERS) return size;
  if (record.spare < (int64_t)size) return HEADERS;
  record.spare -= (int64_t)size;
  return size;
}

void record_frame(const struct netif *n, const struct pbuf *p, const char *comment) {
  static uint8_t block[PCAPNG_FRAME + WHOLE + 3]; /* used under the lock */
  if (!record.on) return;
  if (!keeps()) {
    record.dropped++;
    return;
  }
  int64_t now = realtime_ns();
  earn(now);
  record.credit -= COST;
  size_t size = pcapng_frame(block, n, now, p, snap(p->tot_len), comment);
  while (ring_space(&record.ring) < size)
    drop_oldest();
  put(block, size);
}

int record_begin(void) {
  if (!record.ring.data && ring_init(&record.ring, SIZE)) return -ENOMEM;
  record.on = record.fresh = true;
  record.ring.used = record.ring.head = 0;
  record.dropped = 0;
  earn(realtime_ns());
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
