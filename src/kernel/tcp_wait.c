/* TIME_WAIT. lwIP keeps these blocks in one list, which it searches for every segment that begins a
 * connection: where a server closes first, there are as many as it had connections in the last
 * minute. So they are taken out of that list and kept here, by their ports, and given back for as
 * long as a segment of theirs is processed. */
#include "tcp.h"

#include "lwip/ip.h"
#include "lwip/raw.h"
#include <stdlib.h>
#include <string.h>

enum { LISTS = 4096, LIFE = 2 * TCP_MSL / TCP_SLOW_INTERVAL };
enum chain { BY_PAIR, BY_PORT, BY_AGE, CHAINS };

struct waiting {
  struct tcp_pcb *pcb;
  u32_t since; /* in tcp_ticks; with each segment it begins anew */
  struct waiting *next[CHAINS], **slot[CHAINS];
};

static struct waiting *lists[BY_AGE][LISTS], *oldest, **newest = &oldest;

static struct waiting **list_of_pair(uint16_t local, uint16_t remote) {
  uint32_t hash = ((uint32_t)local << 16 | remote) * UINT32_C(2654435761);
  return &lists[BY_PAIR][hash >> 20];
}

static struct waiting **list_of_port(uint16_t port) { return &lists[BY_PORT][port % LISTS]; }

static void insert(struct waiting *w, enum chain c, struct waiting **at) {
  w->next[c] = *at;
  w->slot[c] = at;
  if (*at) (*at)->slot[c] = &w->next[c];
  *at = w;
}

/* Back to lwIP. */
static void give_back(struct waiting *w) {
  if (!w->next[BY_AGE]) newest = w->slot[BY_AGE];
  for (int c = 0; c < CHAINS; c++) {
    *w->slot[c] = w->next[c];
    if (w->next[c]) w->next[c]->slot[c] = w->slot[c];
  }
  w->pcb->next = tcp_tw_pcbs;
  tcp_tw_pcbs = w->pcb;
  free(w);
}

/* Without memory they stay where they are, which does for a few. */
void tcp_wait_take(void) {
  for (struct tcp_pcb *pcb; (pcb = tcp_tw_pcbs);) {
    struct waiting *w = malloc(sizeof *w);
    if (!w) return;
    tcp_tw_pcbs = pcb->next;
    w->pcb = pcb;
    w->since = tcp_ticks;
    insert(w, BY_PAIR, list_of_pair(pcb->local_port, pcb->remote_port));
    insert(w, BY_PORT, list_of_port(pcb->local_port));
    insert(w, BY_AGE, newest);
    newest = &w->next[BY_AGE];
  }
}

bool tcp_waits(void) { return oldest || tcp_tw_pcbs; }

void tcp_wait_end(unsigned ticks) {
  tcp_wait_take();
  while (oldest && tcp_ticks - oldest->since >= ticks) {
    struct tcp_pcb *pcb = oldest->pcb;
    give_back(oldest);
    tcp_abort(pcb); /* in this state it is only freed */
  }
}

void tcp_wait_tick(void) { tcp_wait_end(LIFE + 1); }

const struct tcp_pcb *tcp_wait_next(const struct waiting **place, uint16_t port) {
  const struct waiting *w = *place ? (*place)->next[BY_PORT] : *list_of_port(port);
  while (w && w->pcb->local_port != port)
    w = w->next[BY_PORT];
  *place = w;
  return w ? w->pcb : NULL;
}

const struct tcp_pcb *tcp_wait_each(const struct waiting **place, unsigned *ticks_left) {
  const struct waiting *w = *place = *place ? (*place)->next[BY_AGE] : oldest;
  if (!w) return NULL;
  u32_t waited = tcp_ticks - w->since;
  *ticks_left = waited < LIFE ? LIFE - waited : 0;
  return w->pcb;
}

/* lwIP shows it each packet before TCP gets it. */
static u8_t on_packet(void *arg, struct raw_pcb *raw, struct pbuf *p, const ip_addr_t *from) {
  struct tcp_hdr header;
  (void)arg, (void)raw;
  if (!oldest) return 0;
  if (pbuf_copy_partial(p, &header, sizeof header, ip_current_header_tot_len()) != sizeof header)
    return 0;
  uint16_t remote = lwip_ntohs(header.src), local = lwip_ntohs(header.dest);
  for (struct waiting *w = *list_of_pair(local, remote), *next; w; w = next) {
    const struct tcp_pcb *pcb = w->pcb;
    next = w->next[BY_PAIR];
    if (pcb->local_port == local && pcb->remote_port == remote &&
        ip_addr_cmp_zoneless(&pcb->remote_ip, from))
      give_back(w);
  }
  return 0;
}

void tcp_wait_begin(void) {
  struct raw_pcb *pcb = raw_new_ip_type(IPADDR_TYPE_ANY, IP_PROTO_TCP);
  if (!pcb) panic("raw_new");
  raw_recv(pcb, on_packet, NULL);
}
