/* The wires between hosts: a switch, a link from each host's card to it, and what a link does to
 * frames on their way. As with Linux's netem, a link acts on what its host sends.
 *
 * Frames are queued and delivered by net_run, so that lwIP is never entered from within itself. */
#include "net.h"
#include "lwip/prot/ethernet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MILLION = 1000000,
  QUEUE_LIMIT = 1000
}; /* frames that wait for a link, as Linux's txqueuelen */

struct frame {
  struct frame *next;
  struct netif *card;
  struct pbuf *bytes;
  int64_t due; /* by net_time */
};

static struct frame *first, **last = &first;    /* to be delivered now: card is where */
static struct frame *held, **last_held = &held; /* the same, once the network goes on */
static size_t held_bytes;
static int cut_cables;
static struct host *receiver;

static struct frame *frame_new(struct netif *card, struct pbuf *p) {
  struct frame *f = malloc(sizeof *f);
  struct pbuf *copy = f ? pbuf_clone(PBUF_RAW, PBUF_RAM, p) : NULL;
  if (copy)
    *f = (struct frame){.card = card, .bytes = copy};
  else
    free(f);
  return copy ? f : NULL;
}

static void frame_free(struct frame *f) {
  pbuf_free(f->bytes);
  free(f);
}

static void deliver(struct frame *f) {
  f->next = NULL;
  *last = f;
  last = &f->next;
}

err_t link_deliver(struct netif *to, struct pbuf *p) {
  struct frame *f = frame_new(to, p);
  if (!f) return ERR_MEM;
  deliver(f);
  return ERR_OK;
}

/* --- held: what would be delivered now --- */

static bool hold_full(const struct pbuf *p) {
  enum { LIMIT = 32 << 20 };
  return net_held() && held_bytes + p->tot_len > LIMIT;
}

static void keep(struct frame *f) {
  held_bytes += f->bytes->tot_len;
  f->next = NULL;
  *last_held = f;
  last_held = &f->next;
}

/* --- the loopback --- */

/* The bytes of a packet that its sender keeps until it is acknowledged, read by its receiver too.
 */
struct share {
  struct pbuf_custom pbuf;
  struct pbuf *of;
};

static void share_free(struct pbuf *p) {
  struct share *s = (struct share *)p;
  pbuf_free(s->of);
  free(s);
}

/* A packet as its receiver gets it: headers of its own, which lwIP changes as it reads them, and
 * the sender's data. NULL: no memory. */
static struct pbuf *share_packet(struct pbuf *p) {
  enum { HEADERS = 128 }; /* at most: IPv6 40, TCP 60 */
  if (p->next || p->len <= HEADERS) return pbuf_clone(PBUF_RAW, PBUF_RAM, p);
  struct pbuf *headers = pbuf_alloc(PBUF_RAW, HEADERS, PBUF_RAM);
  struct share *s = headers ? malloc(sizeof *s) : NULL;
  if (!s) {
    if (headers) pbuf_free(headers);
    return NULL;
  }
  uint16_t rest = (uint16_t)(p->len - HEADERS);
  memcpy(headers->payload, p->payload, HEADERS);
  *s = (struct share){.pbuf.custom_free_function = share_free, .of = p};
  pbuf_ref(p);
  pbuf_alloced_custom(PBUF_RAW, rest, PBUF_REF, &s->pbuf, (uint8_t *)p->payload + HEADERS, rest);
  pbuf_cat(headers, &s->pbuf.pbuf);
  return headers;
}

err_t link_loop(struct netif *n, struct pbuf *p) {
  if (hold_full(p)) {
    capture_frame(n, p, "lost: too much waits");
    return ERR_OK;
  }
  struct frame *f = malloc(sizeof *f);
  struct pbuf *packet = f ? share_packet(p) : NULL;
  if (!packet) {
    free(f);
    return ERR_MEM;
  }
  capture_frame(n, p, NULL);
  packet_passes(n, p, true);
  *f = (struct frame){.card = n, .bytes = packet};
  if (net_held())
    keep(f);
  else
    deliver(f);
  return ERR_OK;
}

/* The host in whose name lwIP is at work on a received frame, or NULL. */
struct host *link_receiver(void) { return receiver; }

static void run_frames(void) {
  for (struct frame *f; (f = first);) {
    if (!(first = f->next)) last = &first;
    receiver = f->card->state;
    packet_passes(f->card, f->bytes, false);
    if (f->card->input(f->bytes, f->card) != ERR_OK) pbuf_free(f->bytes);
    tcp_settle();
    free(f);
  }
  receiver = NULL;
}

void net_run(void) {
  static bool busy;
  if (busy) return;
  busy = true;
  if (first) run_frames();
  busy = false;
  signals_send();
}

/* --- the switch --- */

/* To the card with that address, or to all but the sender's. */
static err_t switch_frame(struct netif *from, struct pbuf *p) {
  const struct eth_hdr *header = p->payload;
  bool for_all = header->dest.addr[0] & 1;
  err_t error = ERR_OK;
  for (struct host *h = host_next(NULL); h; h = host_next(h)) {
    struct netif *card = &h->interfaces[ETHERNET];
    if (card == from || h->wire.cut) continue;
    if (for_all || !memcmp(header->dest.addr, card->hwaddr, ETH_HWADDR_LEN))
      error = link_deliver(card, p);
  }
  return error;
}

/* The same, unless the network is held. */
static err_t switch_now(struct netif *from, struct pbuf *p) {
  if (!net_held()) return switch_frame(from, p);
  struct frame *f = frame_new(from, p);
  if (!f) return ERR_MEM;
  keep(f);
  return ERR_OK;
}

/* --- the links --- */

static bool chance(uint32_t of_a_million) {
  return of_a_million && net_random() % MILLION < of_a_million;
}

static void schedule(struct link *l) {
  if (l->first && !net_held()) timer_set(&l->timer, net_timer_at(l->first->due));
}

/* The first that is on its way comes out of the link. */
static void arrive(struct link *l) {
  struct frame *f = l->first;
  l->first = f->next;
  l->waiting--;
  switch_frame(f->card, f->bytes);
  frame_free(f);
}

static void link_fire(struct timer *t) {
  struct link *l = (struct link *)((char *)t - offsetof(struct link, timer));
  if (net_held()) return;
  int64_t now = net_time();
  while (l->first && l->first->due <= now)
    arrive(l);
  schedule(l);
  net_run();
}

static void on_its_way(struct link *l, struct frame *f) {
  struct frame **slot = &l->first;
  while (*slot && (*slot)->due <= f->due)
    slot = &(*slot)->next;
  f->next = *slot;
  *slot = f;
  l->waiting++;
  schedule(l);
}

/* When a frame that is given to the link now comes out of it. */
static int64_t arrival(struct link *l, size_t size, int64_t now) {
  int64_t start = l->free_at > now ? l->free_at : now;
  const struct link_quality *q = &l->quality;
  if (q->rate) l->free_at = start += (int64_t)size * 8 * 1000000000 / q->rate;
  if (chance(q->reorder)) return start; /* it overtakes those that are delayed */
  int64_t jitter =
      q->jitter ? (int64_t)(net_random() % (uint64_t)(2 * q->jitter + 1)) - q->jitter : 0;
  int64_t delay = q->delay + jitter;
  return start + (delay > 0 ? delay : 0);
}

static err_t link_carry(struct link *l, struct netif *card, struct pbuf *p) {
  int64_t now = net_time(), due = arrival(l, p->tot_len, now);
  char comment[48];
  snprintf(comment, sizeof comment, "arrives %.3f ms later", (double)(due - now) / 1e6);
  capture_frame(card, p, due > now ? comment : NULL);
  if (due <= now && !l->first) return switch_now(card, p);
  struct frame *f = frame_new(card, p);
  if (!f) return ERR_MEM;
  f->due = due;
  on_its_way(l, f);
  return ERR_OK;
}

/* Why a frame does not arrive, or NULL. */
static const char *fate(const struct link *l, const struct pbuf *p) {
  if (l->cut) return "lost: the sender's cable is cut";
  if (chance(l->quality.loss)) return "lost on the link";
  if (l->waiting >= QUEUE_LIMIT || hold_full(p)) return "lost: too much waits";
  const struct eth_hdr *header = p->payload;
  if (!cut_cables || header->dest.addr[0] & 1) return NULL;
  for (struct host *h = host_next(NULL); h; h = host_next(h))
    if (h->wire.cut && !memcmp(header->dest.addr, h->interfaces[ETHERNET].hwaddr, ETH_HWADDR_LEN))
      return "lost: the receiver's cable is cut";
  return NULL;
}

/* A frame that is lost is no error to its sender. */
err_t link_send(struct netif *card, struct pbuf *p) {
  struct link *l = &((struct host *)card->state)->wire;
  const char *lost = fate(l, p);
  packet_passes(card, p, true);
  if (lost || l->quality.perfect) capture_frame(card, p, lost);
  if (lost) return ERR_OK;
  if (l->quality.perfect) return switch_now(card, p);
  if (chance(l->quality.duplicate)) link_carry(l, card, p);
  return link_carry(l, card, p);
}

void link_init(struct link *l) {
  l->timer.fire = link_fire;
  l->quality.perfect = true;
}

/* Changes a link while it is in use: frames that are on their way arrive as they would have. */
void link_set(struct host *h, const struct link_quality *quality, bool cut) {
  h->wire.quality = *quality;
  h->wire.quality.perfect = !(quality->delay || quality->jitter || quality->duplicate ||
                              quality->reorder || quality->rate);
  cut_cables += cut - h->wire.cut;
  h->wire.cut = cut;
  h->wire.free_at = 0;
}

/* --- for hold.c --- */

/* Of those that wait in a link, the one that comes next; NULL: none does. */
static struct link *next_link(void) {
  struct link *next = NULL;
  for (struct host *h = host_next(NULL); h; h = host_next(h)) {
    struct link *l = &h->wire;
    if (l->first && (!next || l->first->due < next->first->due)) next = l;
  }
  return next;
}

static void release(void) {
  struct frame *f = held;
  if (!(held = f->next)) last_held = &held;
  held_bytes -= f->bytes->tot_len;
  const struct host *h = f->card->state;
  if (f->card == &h->interfaces[LOOPBACK]) {
    deliver(f);
    return;
  }
  switch_frame(f->card, f->bytes);
  frame_free(f);
}

bool link_step(void) {
  struct link *next = next_link();
  if (!held && !next) return false;
  if (held && (!next || next->first->due > net_time()))
    release();
  else
    arrive(next);
  return true;
}

void link_go(void) {
  while (held)
    release();
  for (struct host *h = host_next(NULL); h; h = host_next(h))
    schedule(&h->wire);
}

unsigned link_count(void) {
  unsigned n = 0;
  for (const struct frame *f = held; f; f = f->next)
    n++;
  for (struct host *h = host_next(NULL); h; h = host_next(h))
    n += (unsigned)h->wire.waiting;
  return n;
}
