/* The wires between hosts: a switch, a link from each host's card to it, and what a link does to
 * frames on their way. As with Linux's netem, a link acts on what its host sends.
 *
 * Frames are queued and delivered by net_run, so that lwIP is never entered from within itself. */
#include "net.h"
#include "lwip/prot/ethernet.h"
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
  int64_t due;
};

static struct frame *first, **last = &first; /* to be delivered now: card is where */
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
  *last = f;
  last = &f->next;
}

err_t link_deliver(struct netif *to, struct pbuf *p) {
  struct frame *f = frame_new(to, p);
  if (!f) return ERR_MEM;
  deliver(f);
  return ERR_OK;
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
  struct frame *f = malloc(sizeof *f);
  struct pbuf *packet = f ? share_packet(p) : NULL;
  if (!packet) {
    free(f);
    return ERR_MEM;
  }
  capture_frame(n, p);
  *f = (struct frame){.card = n, .bytes = packet};
  deliver(f);
  return ERR_OK;
}

/* The host in whose name lwIP is at work on a received frame, or NULL. */
struct host *link_receiver(void) { return receiver; }

static void run_frames(void) {
  for (struct frame *f; (f = first);) {
    if (!(first = f->next)) last = &first;
    receiver = f->card->state;
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

/* --- the links --- */

static bool chance(uint32_t of_a_million) {
  return of_a_million && net_random() % MILLION < of_a_million;
}

static void schedule(struct link *l) {
  if (l->first) timer_set(&l->timer, l->first->due);
}

static void link_fire(struct timer *t) {
  struct link *l = (struct link *)((char *)t - offsetof(struct link, timer));
  int64_t now = now_ns();
  for (struct frame *f; (f = l->first) && f->due <= now; l->waiting--) {
    l->first = f->next;
    switch_frame(f->card, f->bytes);
    frame_free(f);
  }
  schedule(l);
  net_run();
}

static void hold(struct link *l, struct frame *f) {
  struct frame **slot = &l->first;
  while (*slot && (*slot)->due <= f->due)
    slot = &(*slot)->next;
  f->next = *slot;
  *slot = f;
  l->waiting++;
  schedule(l);
}

/* When a frame that is given to the link now comes out of it. */
static int64_t arrival(struct link *l, size_t size) {
  int64_t now = now_ns(), start = l->free_at > now ? l->free_at : now;
  const struct link_quality *q = &l->quality;
  if (q->rate) l->free_at = start += (int64_t)size * 8 * 1000000000 / q->rate;
  if (chance(q->reorder)) return start; /* it overtakes those that are delayed */
  int64_t jitter =
      q->jitter ? (int64_t)(net_random() % (uint64_t)(2 * q->jitter + 1)) - q->jitter : 0;
  int64_t delay = q->delay + jitter;
  return start + (delay > 0 ? delay : 0);
}

static err_t link_carry(struct link *l, struct netif *card, struct pbuf *p) {
  int64_t due = arrival(l, p->tot_len);
  if (due <= now_ns() && !l->first) return switch_frame(card, p);
  struct frame *f = frame_new(card, p);
  if (!f) return ERR_MEM;
  f->due = due;
  hold(l, f);
  return ERR_OK;
}

/* A frame that is lost is no error to its sender. */
err_t link_send(struct netif *card, struct pbuf *p) {
  struct link *l = &((struct host *)card->state)->wire;
  capture_frame(card, p);
  if (l->cut || chance(l->quality.loss)) return ERR_OK;
  if (l->quality.perfect) return switch_frame(card, p);
  if (l->waiting >= QUEUE_LIMIT) return ERR_OK;
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
  h->wire.cut = cut;
  h->wire.free_at = 0;
}
