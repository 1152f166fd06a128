/* UDP: SOCK_DGRAM of AF_INET and AF_INET6.
 *
 * lwIP hands over the packets whole, as to raw sockets: its own UDP gives a datagram to one control
 * block, Linux to the socket that fits best, or to all that want it. */
#include "datagram.h"

#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/prot/udp.h"
#include "lwip/raw.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LIMIT = 65535, LIMIT4 = LIMIT - IP_HLEN - UDP_HLEN, LIMIT6 = LIMIT - IP6_HLEN - UDP_HLEN };

struct udp {
  struct datagram_socket d;
  uint8_t *pending; /* what MSG_MORE holds back */
  size_t pending_size;
};

/* --- who gets what comes --- */

struct arrival {
  struct host *host;
  ip_addr_t from, to;
  uint16_t from_port, port;
  int device;
};

/* How well a socket fits, as Linux reckons; -1: not at all. */
static int fit(const struct inet *i, const struct arrival *a) {
  const struct datagram_socket *d = (const struct datagram_socket *)i;
  if (!datagram_wants(d, &a->from, &a->to, a->device)) return -1;
  if (i->connected && i->remote.port && i->remote.port != a->from_port) return -1;
  return (inet_any(i) ? 0 : 16) + (i->connected ? 8 : 0) + (i->s.device ? 4 : 0) +
         (i->s.domain == AF_INET ? 2 : 1);
}

/* Those who share the port with SO_REUSEPORT each get the datagrams of some senders. */
static struct inet *choose(struct inet *best, int score, const struct arrival *a) {
  uint32_t sender = ip_addr_get_ip4_u32(&a->from) * 31u + a->from_port, count = 0;
  if (IP_IS_V6(&a->from)) sender = ip_2_ip6(&a->from)->addr[3] * 31u + a->from_port;
  sender = (sender * 2654435761u) >> 16;
  for (struct inet *i = NULL; (i = inet_next(i, a->host, IPPROTO_UDP, a->port));)
    count += i->s.reuse_port && fit(i, a) == score;
  uint32_t chosen = sender % count;
  for (struct inet *i = NULL; (i = inet_next(i, a->host, IPPROTO_UDP, a->port));)
    if (i->s.reuse_port && fit(i, a) == score && !chosen--) return i;
  return best;
}

static struct datagram_socket *find(const struct arrival *a) {
  struct inet *best = NULL;
  int score = -1;
  for (struct inet *i = NULL; (i = inet_next(i, a->host, IPPROTO_UDP, a->port));) {
    int n = fit(i, a);
    if (n <= score) continue;
    score = n;
    best = i;
  }
  if (best && best->s.reuse_port && !best->connected) best = choose(best, score, a);
  return (struct datagram_socket *)best;
}

/* To all: the whole host, or a group. */
static void deliver_to_all(const struct arrival *a, struct pbuf *p, size_t start, size_t length) {
  bool group = ip_addr_ismulticast(&a->to);
  for (struct inet *i = NULL; (i = inet_next(i, a->host, IPPROTO_UDP, a->port));)
    if (fit(i, a) >= 0 && (!group || group_allows(i, &a->to, a->device)))
      datagram_put((struct datagram_socket *)i, p, start, length, a->from_port);
}

/* Whether the datagram arrived as it was sent. The loopback's have no checksum to tell by. */
static bool is_sound(struct pbuf *p, size_t header, const struct udp_hdr *udp, size_t length) {
  if (length < UDP_HLEN || length > p->tot_len - header) return false;
  if (ip_current_input_netif()->chksum_flags & NETIF_CHECKSUM_CHECK_UDP && udp->chksum) {
    pbuf_remove_header(p, header);
    u16_t sum = ip_chksum_pseudo(p, IP_PROTO_UDP, (u16_t)length, ip_current_src_addr(),
                                 ip_current_dest_addr());
    pbuf_add_header_force(p, header);
    return !sum;
  }
  return true;
}

/* lwIP calls it for every packet of UDP, and drops that behind it. */
static u8_t on_datagram(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from) {
  struct netif *n = ip_current_input_netif();
  size_t header = ip_current_header_tot_len();
  struct udp_hdr udp;
  (void)arg, (void)pcb;
  if (p->len < header + UDP_HLEN) return 0;
  memcpy(&udp, (uint8_t *)p->payload + header, sizeof udp);
  size_t length = lwip_ntohs(udp.len);
  if (!is_sound(p, header, &udp, length)) return 0;
  struct arrival a = {.host = n->state,
                      .from = net_unzoned(from),
                      .to = net_unzoned(ip_current_dest_addr()),
                      .from_port = lwip_ntohs(udp.src),
                      .port = lwip_ntohs(udp.dest)};
  a.device = net_arrival(n, ip_current_dest_addr());
  if (ip_addr_ismulticast(&a.to) || net_is_broadcast(a.host, &a.to)) {
    deliver_to_all(&a, p, header + UDP_HLEN, length - UDP_HLEN);
    return 0;
  }
  struct datagram_socket *d = find(&a);
  if (d)
    datagram_put(d, p, header + UDP_HLEN, length - UDP_HLEN, a.from_port);
  else
    icmp_port_unreach(ip_current_is_v6(), p);
  return 0;
}

void udp_begin(void) {
  struct raw_pcb *pcb = raw_new_ip_type(IPADDR_TYPE_ANY, IP_PROTO_UDP);
  if (!pcb) panic("raw_new");
  raw_recv(pcb, on_datagram, NULL);
}

void udp_failed(struct host *h, const struct endpoint *from, const struct endpoint *to, int device,
                int error) {
  struct arrival a = {h, to->ip, from->ip, to->port, from->port, device};
  struct datagram_socket *d = find(&a);
  if (d && d->i.connected) socket_error(&d->i.s, error);
}

/* --- sending --- */

static int autobind(struct inet *i) { return i->port || !inet_take_port(i, 0) ? 0 : -EAGAIN; }

/* MSG_MORE: kept until what follows without it makes a datagram of all. */
static ssize_t hold_back(struct udp *u, struct uio *from) {
  size_t n = from->left;
  uint8_t *all = realloc(u->pending, u->pending_size + n + 1);
  if (!all) return -ENOBUFS;
  u->pending = all;
  if (uio_get(from, all + u->pending_size, n)) return -EFAULT;
  u->pending_size += n;
  return (ssize_t)n;
}

static void fill_header(struct pbuf *p, const struct udp *u, const struct way *w) {
  struct udp_hdr h = {lwip_htons(u->d.i.port), lwip_htons(w->to.port), lwip_htons(p->tot_len), 0};
  bool six = IP_IS_V6(&w->to.ip), whole = w->by->chksum_flags & NETIF_CHECKSUM_GEN_UDP;
  memcpy(p->payload, &h, sizeof h);
  if (!whole && !six) return; /* there need not be one; over the loopback there is not */
  u16_t sum = ip_chksum_pseudo_partial(p, IP_PROTO_UDP, p->tot_len, whole ? p->tot_len : UDP_HLEN,
                                       &w->from, &w->to.ip);
  h.chksum = sum ? sum : 0xffff;
  memcpy(p->payload, &h, sizeof h);
}

static bool too_long(const struct udp *u, const struct way *w, size_t n) {
  const struct inet *i = &u->d.i;
  bool six = IP_IS_V6(&w->to.ip),
       whole = (six ? i->six.mtu_discover : i->four.mtu_discover) == IP_PMTUDISC_DO;
  size_t headers = UDP_HLEN + (six ? IP6_HLEN : IP_HLEN), mtu = (size_t)net_mtu(w->by);
  return n > (six ? LIMIT6 : LIMIT4) || (whole && n + headers > mtu);
}

static ssize_t udp_send(struct socket *s, struct uio *from, struct msg *m) {
  struct udp *u = (struct udp *)s;
  struct way w;
  size_t n = from->left, held = u->pending_size;
  int error = autobind(&u->d.i);
  if (!error && n + held > LIMIT) error = -EMSGSIZE;
  if (!error) error = datagram_way(&u->d, m, &w);
  if (!error && too_long(u, &w, n + held)) error = -EMSGSIZE;
  if (!error) error = datagram_check_send(&u->d);
  if (error) return error;
  if (m->flags & MSG_MORE) return hold_back(u, from);
  struct pbuf *p = datagram_pbuf(from, UDP_HLEN + held, &error);
  if (!p) return error;
  if (held) memcpy((uint8_t *)p->payload + UDP_HLEN, u->pending, held);
  u->pending_size = 0;
  fill_header(p, u, &w);
  error = datagram_output(p, &w, IP_PROTO_UDP);
  return error ? error : (ssize_t)n;
}

/* --- the rest --- */

static int udp_bind_socket(struct socket *s, const void *address, int length) {
  return inet_bind((struct inet *)s, address, length);
}

static int udp_connect_socket(struct socket *s, const void *address, int length, bool nonblock) {
  struct udp *u = (struct udp *)s;
  sa_family_t family = AF_INET;
  (void)nonblock;
  if (length >= (int)sizeof family) memcpy(&family, address, sizeof family);
  int error = family == AF_UNSPEC ? 0 : autobind(&u->d.i);
  return error ? error : datagram_connect(&u->d, address, length);
}

static int udp_get(struct socket *s, int level, int option, void *value, int *length) {
  return level == IPPROTO_UDP ? -ENOPROTOOPT
                              : ipopt_get((struct inet *)s, level, option, value, length);
}

static int udp_set(struct socket *s, int level, int option, const void *value, int length) {
  return ipopt_set((struct inet *)s, level, option, value, length);
}

static void udp_close(struct socket *s) {
  struct udp *u = (struct udp *)s;
  datagram_free(&u->d);
  free(u->pending);
  free(u);
}

static const struct sock_ops udp_ops = {.bind = udp_bind_socket,
                                        .connect = udp_connect_socket,
                                        .send = udp_send,
                                        .receive = datagram_receive,
                                        .name = datagram_name,
                                        .shutdown = datagram_shutdown,
                                        .get = udp_get,
                                        .set = udp_set,
                                        .poll = datagram_poll,
                                        .ioctl = datagram_ioctl,
                                        .close = udp_close};

struct socket *udp_socket(int domain, int protocol) {
  struct udp *u = calloc(1, sizeof *u);
  if (!u) return NULL;
  datagram_init(&u->d, domain, SOCK_DGRAM, protocol);
  u->d.i.s.ops = &udp_ops;
  return &u->d.i.s;
}
