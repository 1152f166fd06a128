/* AF_PACKET: frames as they pass a host's interfaces (packet(7)). SOCK_RAW has them whole,
 * SOCK_DGRAM without their Ethernet header. Every such socket has a copy of what is sent, and of
 * what comes. */
#include "net.h"
#include "lwip/prot/ethernet.h"
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { HEADER = 14, LEVEL = 263, OVERHEAD = 512 }; /* LEVEL: SOL_PACKET */

struct frame {
  struct frame *next;
  struct sockaddr_ll from;
  size_t length;
  int64_t came;
  uint8_t bytes[];
};

struct packet_socket {
  struct socket s;
  struct packet_socket *next;
  int device;        /* bound to, 0: any */
  uint16_t protocol; /* network order; 0: it gets nothing */
  struct frame *first, **last;
  size_t queued;             /* bytes, with what they cost */
  unsigned packets, dropped; /* since PACKET_STATISTICS was last read */
};
static struct packet_socket *all;

/* --- what passes --- */

static void put_hardware(struct sockaddr_ll *a, const struct netif *n, bool loopback) {
  a->sll_hatype = loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
  a->sll_halen = ETH_HWADDR_LEN;
  if (!loopback) memcpy(a->sll_addr, n->hwaddr, ETH_HWADDR_LEN);
}

static uint8_t kind_of(const struct netif *n, const struct eth_hdr *h, bool outgoing) {
  static const uint8_t everybody[] = {255, 255, 255, 255, 255, 255};
  if (outgoing) return PACKET_OUTGOING;
  bool broadcasts = n->flags & NETIF_FLAG_BROADCAST; /* the loopback does not */
  if (broadcasts && !memcmp(h->dest.addr, everybody, sizeof everybody)) return PACKET_BROADCAST;
  if (h->dest.addr[0] & 1) return PACKET_MULTICAST;
  return memcmp(h->dest.addr, n->hwaddr, ETH_HWADDR_LEN) ? PACKET_OTHERHOST : PACKET_HOST;
}

/* The loopback's packets have no header here; on Linux it is one of zeros. */
static void header_of(const struct netif *n, const struct pbuf *p, bool loopback,
                      struct eth_hdr *h) {
  memset(h, 0, sizeof *h);
  if (!loopback) {
    pbuf_copy_partial(p, h, HEADER, 0);
    return;
  }
  bool six = pbuf_get_at(p, 0) >> 4 == 6;
  h->type = six ? PP_HTONS(ETHTYPE_IPV6) : PP_HTONS(ETHTYPE_IP);
}

static void give(struct packet_socket *k, const struct pbuf *p, size_t skip,
                 const struct sockaddr_ll *from, const struct eth_hdr *h) {
  size_t body = p->tot_len - skip, header = k->s.type == SOCK_RAW ? HEADER : 0;
  bool full = k->queued + body + OVERHEAD > (size_t)k->s.receive_size * 2;
  struct frame *f = full ? NULL : malloc(sizeof *f + header + body);
  k->packets++;
  if (!f) {
    k->dropped++;
    return;
  }
  *f = (struct frame){.from = *from, .length = header + body, .came = realtime_ns()};
  memcpy(f->bytes, h, header);
  pbuf_copy_partial(p, f->bytes + header, (u16_t)body, (u16_t)skip);
  *k->last = f;
  k->last = &f->next;
  k->queued += f->length + OVERHEAD;
  wake_for(&k->s.changed, POLLIN | POLLRDNORM);
}

/* To the sockets that want it. h: its header; `skip`: as many bytes of p are that. */
static void spread(const struct netif *n, const struct eth_hdr *h, const struct pbuf *p,
                   size_t skip, bool outgoing) {
  struct host *host = n->state;
  struct sockaddr_ll from = {.sll_family = AF_PACKET,
                             .sll_protocol = h->type,
                             .sll_ifindex = net_device_of(host, n),
                             .sll_pkttype = kind_of(n, h, outgoing)};
  put_hardware(&from, n, n == &host->interfaces[LOOPBACK]);
  memcpy(from.sll_addr, h->src.addr, ETH_HWADDR_LEN);
  for (struct packet_socket *k = all; k; k = k->next)
    if (k->s.host == host && (!k->device || k->device == from.sll_ifindex) &&
        (k->protocol == htons(ETH_P_ALL) || (k->protocol == h->type && !outgoing)))
      give(k, p, skip, &from, h);
}

void packet_passes(const struct netif *n, const struct pbuf *p, bool outgoing) {
  struct host *h = n->state;
  bool loopback = n == &h->interfaces[LOOPBACK];
  struct traffic *t = outgoing ? h->sent : h->received;
  t[n - h->interfaces].packets++;
  t[n - h->interfaces].bytes += p->tot_len;
  if (!all || p->tot_len < HEADER) return;
  struct eth_hdr header;
  header_of(n, p, loopback, &header);
  spread(n, &header, p, loopback ? 0 : HEADER, outgoing);
}

/* --- the calls --- */

static int packet_bind(struct socket *s, const void *address, int length) {
  struct packet_socket *k = (struct packet_socket *)s;
  struct sockaddr_ll a;
  if (length < (int)sizeof a) return -EINVAL;
  memcpy(&a, address, sizeof a);
  if (a.sll_family != AF_PACKET) return -EINVAL;
  if (a.sll_ifindex && !net_device_name(a.sll_ifindex)) return -ENODEV;
  k->device = a.sll_ifindex;
  if (a.sll_protocol) k->protocol = a.sll_protocol;
  return 0;
}

static int packet_name(struct socket *s, bool peer, void *to) {
  const struct packet_socket *k = (struct packet_socket *)s;
  struct sockaddr_ll a = {
      .sll_family = AF_PACKET, .sll_protocol = k->protocol, .sll_ifindex = k->device};
  if (peer) return -EOPNOTSUPP;
  if (k->device) put_hardware(&a, &s->host->interfaces[k->device - 1], k->device == LOOPBACK + 1);
  memcpy(to, &a, sizeof a);
  return (int)offsetof(struct sockaddr_ll, sll_addr) + a.sll_halen;
}

/* Where it is to be sent, and as what. 0 or -errno. */
static int destination(const struct packet_socket *k, const struct msg *m, struct sockaddr_ll *to) {
  *to = (struct sockaddr_ll){.sll_ifindex = k->device, .sll_protocol = k->protocol};
  if (m->address_length) {
    if (m->address_length < (int)sizeof *to) return -EINVAL;
    memcpy(to, m->address, sizeof *to);
  }
  return net_device_name(to->sll_ifindex) ? 0 : -ENXIO;
}

/* The loopback carries IP; what else is sent there comes back to sockets like the sender's. */
static err_t put_on_wire(struct netif *n, struct pbuf *p) {
  const struct host *h = n->state;
  struct eth_hdr header;
  if (n != &h->interfaces[LOOPBACK]) return n->linkoutput(n, p);
  memcpy(&header, p->payload, HEADER);
  pbuf_remove_header(p, HEADER);
  if (header.type == PP_HTONS(ETHTYPE_IP) || header.type == PP_HTONS(ETHTYPE_IPV6))
    return n->output(n, p, NULL);
  spread(n, &header, p, 0, true);
  spread(n, &header, p, 0, false);
  return ERR_OK;
}

static ssize_t packet_send(struct socket *s, struct uio *from, struct msg *m) {
  const struct packet_socket *k = (struct packet_socket *)s;
  struct sockaddr_ll to;
  size_t length = from->left, header = s->type == SOCK_DGRAM ? HEADER : 0;
  int error = destination(k, m, &to);
  if (error) return error;
  struct netif *n = &s->host->interfaces[to.sll_ifindex - 1];
  if (length + header < HEADER) return -EINVAL;
  if (length + header > (size_t)net_mtu(n) + HEADER || length + header > UINT16_MAX)
    return -EMSGSIZE;
  struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(header + length), PBUF_RAM);
  if (!p) return -ENOBUFS;
  if (header) {
    struct eth_hdr *h = p->payload;
    memcpy(h->dest.addr, to.sll_addr, ETH_HWADDR_LEN);
    memcpy(h->src.addr, n->hwaddr, ETH_HWADDR_LEN);
    h->type = to.sll_protocol;
  }
  error = uio_get(from, (uint8_t *)p->payload + header, length);
  if (!error) error = net_errno(put_on_wire(n, p));
  pbuf_free(p);
  return error ? error : (ssize_t)length;
}

static void drop_first(struct packet_socket *k) {
  struct frame *f = k->first;
  if (!(k->first = f->next)) k->last = &k->first;
  k->queued -= f->length + OVERHEAD;
  free(f);
}

static ssize_t packet_receive(struct socket *s, struct uio *to, struct msg *m) {
  struct packet_socket *k = (struct packet_socket *)s;
  int64_t deadline = deadline_in(s->receive_timeout);
  int error = 0;
  if (m->flags & MSG_ERRQUEUE) return -EAGAIN;
  while (!k->first && !error)
    error = socket_sleep(s, deadline, m->nonblock);
  if (error) return error;
  const struct frame *f = k->first;
  size_t length = f->length, n = length < to->left ? length : to->left;
  if (n < length) m->flags_out |= MSG_TRUNC;
  error = uio_put(to, f->bytes, n);
  memcpy(m->address, &f->from, sizeof f->from);
  m->address_length = (int)sizeof f->from;
  if (s->timestamp) {
    int64_t us = f->came / 1000;
    struct timeval t = {.tv_sec = us / 1000000, .tv_usec = (suseconds_t)(us % 1000000)};
    msg_put(m, SOL_SOCKET, SO_TIMESTAMP, &t, sizeof t);
  }
  if (!(m->flags & MSG_PEEK)) drop_first(k);
  return error ? error : (ssize_t)(m->flags & MSG_TRUNC ? length : n);
}

static int packet_get(struct socket *s, int level, int option, void *value, int *length) {
  struct packet_socket *k = (struct packet_socket *)s;
  unsigned statistics[] = {k->packets, k->dropped}; /* struct tpacket_stats */
  if (level != LEVEL || option != PACKET_STATISTICS) return -ENOPROTOOPT;
  memcpy(value, &statistics, *length = sizeof statistics);
  k->packets = k->dropped = 0;
  return 0;
}

/* The card hears what its host is to hear, and the switch sends it no more. */
static int packet_set(struct socket *s, int level, int option, const void *value, int length) {
  struct packet_mreq r;
  (void)s;
  if (level != LEVEL || (option != PACKET_ADD_MEMBERSHIP && option != PACKET_DROP_MEMBERSHIP))
    return -ENOPROTOOPT;
  if (length < (int)sizeof r) return -EINVAL;
  memcpy(&r, value, sizeof r);
  return net_device_name(r.mr_ifindex) ? 0 : -ENODEV;
}

static int packet_poll(struct socket *s) {
  const struct packet_socket *k = (struct packet_socket *)s;
  return POLLOUT | POLLWRNORM | POLLWRBAND | (s->error ? POLLERR : 0) |
         (k->first ? POLLIN | POLLRDNORM : 0);
}

static int packet_ioctl(struct socket *s, unsigned request, uptr argument) {
  const struct packet_socket *k = (struct packet_socket *)s;
  int n = request == FIONREAD && k->first ? (int)k->first->length : 0;
  return request == FIONREAD || request == TIOCOUTQ ? copy_to_user(argument, &n, sizeof n)
                                                    : interface_ioctl(s, request, argument);
}

static int packet_listen(struct socket *s, int backlog) {
  return (void)s, (void)backlog, -EOPNOTSUPP;
}
static int packet_accept(struct socket *s, bool nonblock, struct socket **to) {
  return (void)s, (void)nonblock, (void)to, -EOPNOTSUPP;
}
static int packet_connect(struct socket *s, const void *address, int length, bool nonblock) {
  return (void)s, (void)address, (void)length, (void)nonblock, -EOPNOTSUPP;
}
static int packet_shutdown(struct socket *s, int how) { return (void)s, (void)how, -EOPNOTSUPP; }

static void packet_close(struct socket *s) {
  struct packet_socket *k = (struct packet_socket *)s, **slot = &all;
  while (*slot != k)
    slot = &(*slot)->next;
  *slot = k->next;
  while (k->first)
    drop_first(k);
  free(k);
}

static const struct sock_ops packet_ops = {.bind = packet_bind,
                                           .listen = packet_listen,
                                           .accept = packet_accept,
                                           .connect = packet_connect,
                                           .send = packet_send,
                                           .receive = packet_receive,
                                           .name = packet_name,
                                           .shutdown = packet_shutdown,
                                           .get = packet_get,
                                           .set = packet_set,
                                           .poll = packet_poll,
                                           .ioctl = packet_ioctl,
                                           .close = packet_close};

int packet_socket(int domain, int type, int protocol, struct socket **to) {
  if (type != SOCK_RAW && type != SOCK_DGRAM) return -ESOCKTNOSUPPORT;
  struct packet_socket *k = calloc(1, sizeof *k);
  if (!k) return -ENOMEM;
  socket_init(&k->s, domain, type, protocol);
  k->s.ops = &packet_ops;
  k->s.host = current->host;
  k->protocol = (uint16_t)protocol;
  k->last = &k->first;
  k->next = all;
  all = k;
  *to = &k->s;
  return 0;
}
