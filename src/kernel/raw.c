/* SOCK_RAW of AF_INET and AF_INET6: packets of one protocol, with their IP header when they are of
 * IPv4 (raw(7)), without when of IPv6. Every such socket has a copy, beside what lwIP or the kernel
 * make of the packet themselves; lwIP's blocks for it are one on each of the host's interfaces. */
#include "datagram.h"

#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/raw.h"
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LIMIT = 65535, ICMP_FILTER = 1, NONE = -1 };

struct raw {
  struct datagram_socket d;
  struct raw_pcb *pcbs[INTERFACES];
  uint32_t filter;             /* ICMP_FILTER: the types that are not wanted */
  struct icmp6_filter filter6; /* the same of ICMPv6 */
  int checksum;                /* IPV6_CHECKSUM: where it is, or NONE */
};

/* --- what comes --- */

static bool filtered(const struct raw *r, uint8_t type) {
  if (r->d.i.s.protocol == IPPROTO_ICMP) return type < 32 && r->filter >> type & 1;
  return r->d.i.s.protocol == IPPROTO_ICMPV6 && ICMP6_FILTER_WILLBLOCK(type, &r->filter6);
}

static u8_t on_packet(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *sender) {
  struct raw *r = arg;
  struct inet *i = &r->d.i;
  size_t header = ip_current_header_tot_len(), start = ip_current_is_v6() ? header : 0;
  ip_addr_t from = net_unzoned(sender), to = net_unzoned(ip_current_dest_addr());
  int device = net_arrival(ip_current_input_netif(), ip_current_dest_addr());
  (void)pcb;
  if (!datagram_wants(&r->d, &from, &to, device)) return 0;
  if (ip_addr_ismulticast(&to) && !group_allows(i, &to, device)) return 0;
  if (p->tot_len > header && filtered(r, pbuf_get_at(p, (u16_t)header))) return 0;
  struct pbuf *own =
      pbuf_clone(PBUF_RAW, PBUF_RAM, p); /* lwIP makes its answer of the one it has */
  if (!own) return 0;
  datagram_put(&r->d, own, start, p->tot_len - start, 0);
  pbuf_free(own);
  return 0;
}

/* --- what is sent --- */

/* The program's own IP header (IP_HDRINCL): what raw(7) says is filled in, is. */
static int send_with_header(struct raw *r, struct uio *from, const struct way *w) {
  struct ip_hdr h;
  int error = datagram_check_send(&r->d); /* Linux asks only here */
  if (from->left > (size_t)net_mtu(w->by)) return -EMSGSIZE;
  if (from->left < sizeof h) return -EINVAL;
  if (error) return error;
  struct pbuf *p = datagram_pbuf(from, 0, &error);
  if (!p) return error;
  memcpy(&h, p->payload, sizeof h);
  if (!h.src.addr) h.src.addr = ip_addr_get_ip4_u32(&w->from);
  if (!h._id) h._id = (u16_t)net_random();
  h._len = lwip_htons(p->tot_len);
  h._chksum = 0;
  memcpy(p->payload, &h, sizeof h);
  if (IPH_HL_BYTES(&h) >= sizeof h && IPH_HL_BYTES(&h) <= p->len)
    h._chksum = inet_chksum(p->payload, IPH_HL_BYTES(&h));
  memcpy(p->payload, &h, sizeof h);
  return datagram_output(p, w, WITH_HEADER);
}

static int fill_checksum(const struct raw *r, struct pbuf *p, const struct way *w) {
  uint8_t *at = (uint8_t *)p->payload + r->checksum;
  if (r->checksum == NONE || !IP_IS_V6(&w->to.ip)) return 0;
  if (r->checksum + 2 > p->len) return -EINVAL;
  memset(at, 0, 2);
  u16_t sum = ip_chksum_pseudo(p, (u8_t)r->d.i.s.protocol, p->tot_len, &w->from, &w->to.ip);
  memcpy(at, &sum, sizeof sum);
  return 0;
}

static ssize_t raw_send_packet(struct socket *s, struct uio *from, struct msg *m) {
  struct raw *r = (struct raw *)s;
  struct way w;
  size_t n = from->left;
  int error = n > LIMIT ? -EMSGSIZE : datagram_way(&r->d, m, &w);
  bool six = s->domain == AF_INET6;
  if (error) return error;
  if (six && m->address_length && w.to.port && w.to.port != s->protocol) return -EINVAL;
  if (six != (bool)IP_IS_V6(&w.to.ip)) return -ENETUNREACH;
  if (r->d.i.has_header) {
    error = send_with_header(r, from, &w);
    return error ? error : (ssize_t)n;
  }
  if (n > LIMIT - (six ? IP6_HLEN : IP_HLEN)) return -EMSGSIZE;
  struct pbuf *p = datagram_pbuf(from, 0, &error);
  if (!p) return error;
  if ((error = fill_checksum(r, p, &w))) {
    pbuf_free(p);
    return error;
  }
  error = datagram_output(p, &w, s->protocol);
  return error ? error : (ssize_t)n;
}

/* --- the rest --- */

static int raw_bind_socket(struct socket *s, const void *address, int length) {
  struct inet *i = (struct inet *)s;
  struct endpoint e;
  int error = inet_in(s->domain, address, length, &e);
  if (!error) error = inet_check_bind(i, &e);
  if (!error && i->connected) error = -EINVAL;
  if (error) return error;
  i->address = e.ip;
  i->chose_address = !ip_addr_isany(&e.ip);
  return 0;
}

static int raw_connect_socket(struct socket *s, const void *address, int length, bool nonblock) {
  (void)nonblock;
  return datagram_connect((struct datagram_socket *)s, address, length);
}

static int copy_value(void *to, int *length, const void *from, size_t n) {
  memcpy(to, from, n);
  *length = (int)n;
  return 0;
}

static bool is_checksum(int level, int option) {
  return (level == IPPROTO_RAW || level == IPPROTO_IPV6) && option == IPV6_CHECKSUM;
}

static int raw_get(struct socket *s, int level, int option, void *value, int *length) {
  struct raw *r = (struct raw *)s;
  bool icmp = s->protocol == IPPROTO_ICMP || s->protocol == IPPROTO_ICMPV6;
  if (s->domain == AF_INET6 && is_checksum(level, option))
    return copy_value(value, length, &r->checksum, sizeof r->checksum);
  if (s->domain == AF_INET && level == IPPROTO_RAW && option == ICMP_FILTER)
    return icmp ? copy_value(value, length, &r->filter, sizeof r->filter) : -EOPNOTSUPP;
  if (s->domain == AF_INET6 && level == IPPROTO_ICMPV6)
    return icmp && option == ICMP6_FILTER
               ? copy_value(value, length, &r->filter6, sizeof r->filter6)
               : -EOPNOTSUPP;
  return ipopt_get(&r->d.i, level, option, value, length);
}

static int set_checksum(struct raw *r, const void *value, int length) {
  int at;
  if (length < (int)sizeof at) return -EINVAL;
  memcpy(&at, value, sizeof at);
  if (r->d.i.s.protocol == IPPROTO_ICMPV6 || (at > 0 && at % 2)) return -EINVAL;
  r->checksum = at < 0 ? NONE : at;
  return 0;
}

static int raw_set(struct socket *s, int level, int option, const void *value, int length) {
  struct raw *r = (struct raw *)s;
  if (s->domain == AF_INET6 && is_checksum(level, option)) return set_checksum(r, value, length);
  if (s->domain == AF_INET && level == IPPROTO_RAW) {
    if (option != ICMP_FILTER) return -ENOPROTOOPT;
    if (s->protocol != IPPROTO_ICMP) return -EOPNOTSUPP;
    memcpy(&r->filter, value, length < (int)sizeof r->filter ? (size_t)length : sizeof r->filter);
    return 0;
  }
  if (s->domain == AF_INET6 && level == IPPROTO_ICMPV6) {
    if (option != ICMP6_FILTER) return -ENOPROTOOPT;
    if (s->protocol != IPPROTO_ICMPV6) return -EOPNOTSUPP;
    memcpy(&r->filter6, value,
           length < (int)sizeof r->filter6 ? (size_t)length : sizeof r->filter6);
    return 0;
  }
  return ipopt_set(&r->d.i, level, option, value, length);
}

static void raw_close(struct socket *s) {
  struct raw *r = (struct raw *)s;
  for (int n = 0; n < INTERFACES; n++)
    if (r->pcbs[n]) raw_remove(r->pcbs[n]);
  datagram_free(&r->d);
  free(r);
}

static const struct sock_ops raw_ops = {.bind = raw_bind_socket,
                                        .connect = raw_connect_socket,
                                        .send = raw_send_packet,
                                        .receive = datagram_receive,
                                        .name = datagram_name,
                                        .shutdown = datagram_shutdown,
                                        .get = raw_get,
                                        .set = raw_set,
                                        .poll = datagram_poll,
                                        .ioctl = datagram_ioctl,
                                        .close = raw_close};

/* Its name has the protocol where others have the port. */
struct socket *raw_socket(int domain, int protocol) {
  struct raw *r = calloc(1, sizeof *r);
  if (!r) return NULL;
  datagram_init(&r->d, domain, SOCK_RAW, protocol);
  r->d.i.s.ops = &raw_ops;
  r->d.i.port = (uint16_t)protocol;
  r->d.i.has_header = protocol == IPPROTO_RAW && domain == AF_INET;
  r->checksum = protocol == IPPROTO_ICMPV6 ? (int)offsetof(struct icmp6_hdr, icmp6_cksum) : NONE;
  for (int n = 0; n < INTERFACES; n++) {
    r->pcbs[n] =
        raw_new_ip_type(domain == AF_INET6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4, (u8_t)protocol);
    if (!r->pcbs[n]) {
      raw_close(&r->d.i.s);
      return NULL;
    }
    raw_bind_netif(r->pcbs[n], &r->d.i.s.host->interfaces[n]);
    raw_recv(r->pcbs[n], on_packet, r);
  }
  return &r->d.i.s;
}
