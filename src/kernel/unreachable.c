/* What is sent to an address of the link that no host has. lwIP asks for its owner for a while and
 * then lets the packet go; a host of Linux tells itself by ICMP, and so whoever listens to that
 * with a raw socket, as ping does. */
#include "datagram.h"
#include "lwip/inet_chksum.h"
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 3000, MOST = 64, QUOTED = 548, HEADER = 8, INTERNET_CONTROL = 0xc0 };

static struct lost {
  struct lost *next;
  struct host *host;
  ip_addr_t to;
  int64_t due;
  size_t size;
  uint8_t packet[];
} *first; /* those that are due first, first */
static int count;

static void look(struct timer *t);
static struct timer timer = {.fire = look};

static void tell(const struct lost *l) {
  struct host *h = l->host;
  bool six = IP_IS_V6(&l->to);
  struct way w = {.from = six ? h->address6 : h->address,
                  .by = &h->interfaces[LOOPBACK],
                  .ttl = 64,
                  .tos = six ? 0 : INTERNET_CONTROL};
  w.to.ip = w.from;
  uint8_t header[HEADER] = {six ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH,
                            six ? ICMP6_DST_UNREACH_ADDR : ICMP_HOST_UNREACH};
  struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)(HEADER + l->size), PBUF_RAM);
  if (!p) return;
  memcpy(p->payload, header, HEADER);
  memcpy((uint8_t *)p->payload + HEADER, l->packet, l->size);
  u16_t sum = six ? ip_chksum_pseudo(p, IPPROTO_ICMPV6, p->tot_len, &w.from, &w.to.ip)
                  : inet_chksum(p->payload, p->len);
  memcpy((uint8_t *)p->payload + offsetof(struct icmphdr, checksum), &sum, sizeof sum);
  datagram_output(p, &w, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static void look(struct timer *t) {
  int64_t now = now_ns();
  for (struct lost *l; (l = first) && l->due <= now; free(l)) {
    first = l->next;
    count--;
    if (!net_reachable(l->host, &l->to)) tell(l);
  }
  if (first) timer_set(t, first->due);
}

void unreachable_watch(struct host *h, const ip_addr_t *to, const uint8_t *packet, size_t size) {
  if (count == MOST || net_reachable(h, to)) return;
  struct lost **slot = &first;
  int64_t due = now_ns() + PATIENCE_MS * INT64_C(1000000);
  if (size > QUOTED) size = QUOTED;
  struct lost *l = malloc(sizeof *l + size);
  if (!l) return;
  for (; *slot; slot = &(*slot)->next) /* all that wait for the same address end at once */
    if ((*slot)->host == h && ip_addr_cmp(&(*slot)->to, to)) due = (*slot)->due;
  *l = (struct lost){.host = h, .to = *to, .due = due, .size = size};
  memcpy(l->packet, packet, size);
  for (slot = &first; *slot && (*slot)->due <= due;)
    slot = &(*slot)->next;
  l->next = *slot;
  *slot = l;
  count++;
  if (!timer.armed) timer_set(&timer, first->due);
}
