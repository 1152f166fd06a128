/* What UDP, raw and ping sockets share: a queue of what has come, and the way of what is sent. */
#include "datagram.h"
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ethernet.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { BOOKS = 512 }; /* what Linux takes of SO_RCVBUF for a packet beside its bytes, about */

struct packet {
  struct packet *next;
  struct pbuf *bytes;
  const uint8_t
      *start; /* in the first piece of `bytes`; lwIP's idea of where that begins changes */
  size_t first, length; /* how many of its bytes are in that piece, and how many there are */
  struct endpoint from;
  ip_addr_t to;
  int device;
  uint8_t ttl, tos;
  int64_t came; /* ns since 1970 */
};

void datagram_init(struct datagram_socket *d, int domain, int type, int protocol) {
  inet_init(&d->i, domain, type, protocol);
  d->last = &d->first;
}

static size_t charge(const struct packet *k) { return BOOKS + k->length; }

/* The first packet is read, or nobody is to read it. */
static void drop_first(struct datagram_socket *d) {
  struct packet *k = d->first;
  if (!(d->first = k->next)) d->last = &d->first;
  d->queued -= charge(k);
  pbuf_free(k->bytes);
  free(k);
}

void datagram_free(struct datagram_socket *d) {
  inet_free(&d->i);
  while (d->first)
    drop_first(d);
}

/* --- what comes --- */

bool datagram_wants(const struct datagram_socket *d, const ip_addr_t *from, const ip_addr_t *to,
                    int device) {
  const struct inet *i = &d->i;
  if (i->s.device && i->s.device != device) return false;
  if (i->connected && !ip_addr_cmp(&i->remote.ip, from)) return false;
  return inet_any(i) ? inet_overlap(&i->address, i->only6, to, true) : ip_addr_cmp(&i->address, to);
}

void datagram_put(struct datagram_socket *d, struct pbuf *p, size_t start, size_t length,
                  uint16_t from_port) {
  struct packet *k = d->queued > (size_t)d->i.s.receive_size ? NULL : malloc(sizeof *k);
  if (!k) return;
  const uint8_t *header = p->payload;
  bool six = ip_current_is_v6();
  *k = (struct packet){.bytes = p,
                       .start = header + start,
                       .first = p->len - start < length ? p->len - start : length,
                       .length = length,
                       .from = {.ip = net_unzoned(ip_current_src_addr()), .port = from_port},
                       .to = net_unzoned(ip_current_dest_addr()),
                       .device = net_arrival(ip_current_input_netif(), ip_current_dest_addr()),
                       .ttl = six ? header[7] : header[8],
                       .tos = six ? (uint8_t)(header[0] << 4 | header[1] >> 4) : header[1],
                       .came = d->i.s.timestamp ? realtime_ns() : 0};
  pbuf_ref(p);
  *d->last = k;
  d->last = &k->next;
  d->queued += charge(k);
  wake_for(&d->i.s.changed, POLLIN | POLLRDNORM);
}

static void put_info4(const struct datagram_socket *d, struct msg *m, const struct packet *k) {
  const struct host *h = d->i.s.host;
  bool own = !ip_addr_ismulticast(&k->to) && !net_is_broadcast(h, &k->to);
  ip_addr_t answer = own ? k->to : net_source(h, &h->interfaces[k->device - 1], &k->to);
  struct in_pktinfo info = {.ipi_ifindex = k->device,
                            .ipi_spec_dst = {ip4_addr_get_u32(ip_2_ip4(&answer))},
                            .ipi_addr = {ip4_addr_get_u32(ip_2_ip4(&k->to))}};
  msg_put(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static void put_info6(struct msg *m, const struct packet *k) {
  struct in6_pktinfo info = {.ipi6_ifindex = (unsigned)k->device};
  if (IP_IS_V6(&k->to)) {
    memcpy(&info.ipi6_addr, ip_2_ip6(&k->to)->addr, sizeof info.ipi6_addr);
    if (inet_needs_scope(&k->to)) info.ipi6_ifindex = ETHERNET + 1;
  } else {
    uint32_t four = ip4_addr_get_u32(ip_2_ip4(&k->to));
    info.ipi6_addr.s6_addr[10] = info.ipi6_addr.s6_addr[11] = 0xff;
    memcpy(&info.ipi6_addr.s6_addr[12], &four, sizeof four);
  }
  msg_put(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

/* The control messages that the program asked for, in Linux's order. */
static void put_controls(const struct datagram_socket *d, struct msg *m, const struct packet *k) {
  const struct ip_options *four = &d->i.four, *six = &d->i.six;
  int ttl = k->ttl, class = k->tos;
  if (d->i.s.timestamp) {
    int64_t us = (k->came ? k->came : realtime_ns()) / 1000;
    struct timeval t = {.tv_sec = us / 1000000, .tv_usec = (suseconds_t)(us % 1000000)};
    msg_put(m, SOL_SOCKET, SO_TIMESTAMP, &t, sizeof t);
  }
  if (d->i.s.domain == AF_INET6 && six->receive_info) put_info6(m, k);
  if (IP_IS_V6(&k->to)) {
    if (six->receive_ttl) msg_put(m, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof ttl);
    if (six->receive_tos) msg_put(m, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
  } else {
    if (four->receive_info) put_info4(d, m, k);
    if (four->receive_ttl) msg_put(m, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    if (four->receive_tos) msg_put(m, IPPROTO_IP, IP_TOS, &k->tos, sizeof k->tos);
  }
}

static int copy_out(const struct packet *k, struct uio *to, size_t n) {
  size_t piece = n < k->first ? n : k->first;
  int error = uio_put(to, k->start, piece);
  for (const struct pbuf *p = k->bytes->next; !error && (n -= piece) && p; p = p->next) {
    piece = n < p->len ? n : p->len;
    error = uio_put(to, p->payload, piece);
  }
  return error;
}

static int await_packet(struct datagram_socket *d, struct msg *m) {
  int64_t deadline = deadline_in(d->i.s.receive_timeout);
  for (;;) {
    if (d->i.s.error) return socket_take_error(&d->i.s);
    if (d->first) return 1;
    if (d->read_shut && !m->nonblock) return 0;
    int error = socket_sleep(&d->i.s, deadline, m->nonblock);
    if (error) return error;
  }
}

/* A packet that cannot be copied is lost, as on Linux. */
ssize_t datagram_receive(struct socket *s, struct uio *to, struct msg *m) {
  struct datagram_socket *d = (struct datagram_socket *)s;
  if (m->flags & MSG_ERRQUEUE) return -EAGAIN;
  int error = await_packet(d, m);
  if (error <= 0) return error;
  struct packet *k = d->first;
  size_t length = k->length, n = length < to->left ? length : to->left;
  if (n < length) m->flags_out |= MSG_TRUNC;
  error = copy_out(k, to, n);
  if (!error) {
    m->address_length = inet_out(&d->i, &k->from.ip, k->from.port, m->address);
    put_controls(d, m, k);
  }
  if (!(m->flags & MSG_PEEK)) drop_first(d);
  return error ? error : (ssize_t)(m->flags & MSG_TRUNC ? length : n);
}

int datagram_poll(struct socket *s) {
  const struct datagram_socket *d = (struct datagram_socket *)s;
  int events = POLLOUT | POLLWRNORM | POLLWRBAND;
  if (s->error) events |= POLLERR;
  if (d->first || d->read_shut) events |= POLLIN | POLLRDNORM;
  if (d->read_shut) events |= POLLRDHUP;
  if (d->read_shut && d->write_shut) events |= POLLHUP;
  return events;
}

/* FIONREAD: how long the next one is. */
int datagram_ioctl(struct socket *s, unsigned request, uptr argument) {
  const struct datagram_socket *d = (struct datagram_socket *)s;
  int n = request == FIONREAD && d->first ? (int)d->first->length : 0;
  return request == FIONREAD || request == TIOCOUTQ ? copy_to_user(argument, &n, sizeof n)
                                                    : -ENOTTY;
}

/* Takes effect even on a socket that is not connected, and says so only then. */
int datagram_shutdown(struct socket *s, int how) {
  struct datagram_socket *d = (struct datagram_socket *)s;
  if (how != SHUT_WR) d->read_shut = true;
  if (how != SHUT_RD) d->write_shut = true;
  wake(&s->changed);
  return d->i.connected ? 0 : -ENOTCONN;
}

/* --- what is sent --- */

/* What a control message changes of the way. -EINVAL: no such, or not so. */
static int apply_control4(const struct control *c, struct way *w, int *device) {
  struct in_pktinfo info;
  int number;
  if (c->type == IP_TOS && c->length == 1) {
    w->tos = *(const uint8_t *)c->data;
    return 0;
  }
  if (c->type == IP_PKTINFO && c->length == sizeof info) {
    memcpy(&info, c->data, sizeof info);
    ip_addr_set_ip4_u32_val(w->from, info.ipi_spec_dst.s_addr);
    if (info.ipi_ifindex) *device = info.ipi_ifindex;
    return info.ipi_ifindex && !net_device_name(info.ipi_ifindex) ? -ENODEV : 0;
  }
  if ((c->type != IP_TTL && c->type != IP_TOS) || c->length != sizeof number) return -EINVAL;
  memcpy(&number, c->data, sizeof number);
  if (number < (c->type == IP_TTL) || number > 255) return -EINVAL;
  *(c->type == IP_TTL ? &w->ttl : &w->tos) = (uint8_t)number;
  return 0;
}

static int apply_control6(const struct inet *i, const struct control *c, struct way *w,
                          int *device) {
  struct in6_pktinfo info;
  int number;
  if (c->type == IPV6_PKTINFO && c->length >= sizeof info) {
    memcpy(&info, c->data, sizeof info);
    ip_addr_t from = *IP6_ADDR_ANY;
    memcpy(ip_2_ip6(&from)->addr, &info.ipi6_addr, sizeof info.ipi6_addr);
    if (info.ipi6_ifindex) *device = (int)info.ipi6_ifindex;
    if (info.ipi6_ifindex && !net_device_name(*device)) return -ENODEV;
    if (!ip_addr_isany(&from) && !net_is_local(i->s.host, &from)) return -EINVAL;
    w->from = from;
    return 0;
  }
  if ((c->type != IPV6_HOPLIMIT && c->type != IPV6_TCLASS) || c->length != sizeof number)
    return -EINVAL;
  memcpy(&number, c->data, sizeof number);
  if (number < -1 || number > 255) return -EINVAL;
  if (c->type == IPV6_TCLASS)
    w->tos = (uint8_t)(number < 0 ? 0 : number);
  else
    w->ttl = number < 0 ? ipopt_ttl(i, &w->to.ip) : (uint8_t)number;
  return 0;
}

static int apply_controls(const struct inet *i, const struct msg *m, struct way *w, int *device) {
  struct control c;
  size_t at = 0;
  int more, error = 0;
  bool six = IP_IS_V6(&w->to.ip);
  while (!error && (more = msg_next(m, &at, &c)) > 0) {
    if (c.level == SOL_SOCKET)
      error = -EINVAL;
    else if (c.level == IPPROTO_IP && !six)
      error = apply_control4(&c, w, device);
    else if (c.level == IPPROTO_IPV6 && six)
      error = apply_control6(i, &c, w, device);
  }
  return error ? error : m->control_length ? more : 0;
}

/* The destination that the message has, or else the connection; an address of AF_INET will do for
 * a socket of AF_INET6. */
static int destination(const struct inet *i, const struct msg *m, struct endpoint *to) {
  sa_family_t family;
  uint8_t address[SOCKADDR_LIMIT];
  memcpy(&family, m->address, sizeof family);
  bool none = !m->address_length || (i->s.domain == AF_INET6 && family == AF_UNSPEC);
  if (none) {
    *to = i->remote;
    return i->connected ? 0 : -EDESTADDRREQ;
  }
  if (i->s.domain == AF_INET6 && family != AF_INET6 && family != AF_INET) return -EINVAL;
  memcpy(address, m->address, sizeof address);
  if (family == AF_UNSPEC)
    family = AF_INET;
  else if (i->s.domain == AF_INET && family != AF_INET)
    return m->address_length < 16 ? -EINVAL : -EAFNOSUPPORT;
  memcpy(address, &family, sizeof family);
  int error = inet_in(family, address, m->address_length, to);
  return !error && !to->port && i->s.protocol == IPPROTO_UDP ? -EINVAL : error;
}

/* The interface that leads to the destination, or else the one that is asked for: groups are on
 * every interface, but for those of IPv6, which the loopback does not have. */
static int choose_interface(const struct inet *i, struct way *w, int device) {
  const struct ip_options *o = IP_IS_V6(&w->to.ip) ? &i->six : &i->four;
  struct host *h = i->s.host;
  bool group = ip_addr_ismulticast(&w->to.ip);
  ip_addr_t usual;
  w->by = net_route(h, &w->to.ip, &usual);
  if (i->s.device) device = i->s.device;
  if (!device && inet_needs_scope(&w->to.ip)) device = (int)w->to.scope;
  if (!device) device = group ? o->multicast_device : o->device;
  if (!w->by || (device && !net_device_name(device))) return -ENETUNREACH;
  int usual_device = 1 + (ip_addr_isloopback(&w->to.ip) ? LOOPBACK : ETHERNET);
  if (!device || device == usual_device) return 0;
  if (device == LOOPBACK + 1 && w->by == &h->interfaces[LOOPBACK]) return 0;
  if (!group || IP_IS_V6(&w->to.ip)) return -ENETUNREACH;
  w->by = &h->interfaces[device - 1];
  return 0;
}

/* An address that connect has chosen will do only for the family of that connection. */
static int choose_source(const struct inet *i, struct way *w) {
  const struct host *h = i->s.host;
  const ip_addr_t *bound = &i->address;
  bool six = IP_IS_V6(&w->to.ip), fits = i->chose_address || IP_IS_V6(bound) == six;
  bool usable = fits && !ip_addr_ismulticast(bound) && !net_is_broadcast(h, bound);
  if (ip_addr_isany(&w->from) && usable) w->from = *bound;
  if (ip_addr_isany(&w->from) && ip_addr_ismulticast(&w->to.ip) && !six)
    w->from = i->four.multicast_address;
  if (ip_addr_isany(&w->from)) w->from = net_source(h, w->by, &w->to.ip);
  if (IP_IS_V6(&w->from) != six) return -ENETUNREACH;
  if (!net_is_local(h, &w->from) && !i->free_bind) return six ? -EINVAL : -ENETUNREACH;
  bool leaves = w->by != &h->interfaces[LOOPBACK];
  return leaves && ip_addr_isloopback(&w->from) ? -EINVAL : 0;
}

/* m NULL: of a connection. */
static int find_way(const struct inet *i, const struct msg *m, struct way *w) {
  int device = 0, error;
  w->to = inet_to(&w->to);
  bool group = ip_addr_ismulticast(&w->to.ip), six = IP_IS_V6(&w->to.ip);
  if (!six && i->only6) return -ENETUNREACH;
  w->from = six ? *IP6_ADDR_ANY : *IP4_ADDR_ANY;
  w->ttl = ipopt_ttl(i, &w->to.ip);
  w->tos = ipopt_tos(i, &w->to.ip);
  if (m && (error = apply_controls(i, m, w, &device))) return error;
  if ((error = choose_interface(i, w, device))) return error;
  if ((error = choose_source(i, w))) return error;
  bool all = net_is_broadcast(i->s.host, &w->to.ip);
  bool asks = !m || m->address_length || m->control_length; /* else connect has asked */
  if (all && asks && !i->s.broadcast) return -EACCES;
  bool loops = all || (group && (six ? i->six.multicast_loop : i->four.multicast_loop));
  w->loop = loops && w->by == &i->s.host->interfaces[ETHERNET];
  return 0;
}

int datagram_way(const struct datagram_socket *d, const struct msg *m, struct way *w) {
  if (m->flags & MSG_OOB) return -EOPNOTSUPP;
  int error = destination(&d->i, m, &w->to);
  return error ? error : find_way(&d->i, m, w);
}

int datagram_check_send(struct datagram_socket *d) {
  if (d->i.s.error) return socket_take_error(&d->i.s);
  return d->write_shut ? -EPIPE : 0;
}

/* What is left of `from`, with `header` bytes before it and room for the headers of IP. */
struct pbuf *datagram_pbuf(struct uio *from, size_t header, int *error) {
  size_t n = from->left;
  struct pbuf *p = pbuf_alloc(PBUF_IP, (uint16_t)(header + n), PBUF_RAM);
  *error = !p ? -ENOBUFS : uio_get(from, (uint8_t *)p->payload + header, n);
  if (!*error) return p;
  if (p) pbuf_free(p);
  return NULL;
}

/* What a host sends to all, or to a group that it is in, it hears too: as if its card had. */
static void loop_back(struct pbuf *p, uint8_t *packet, const struct way *w) {
  static const struct eth_addr all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  while ((uint8_t *)p->payload < packet) /* lwIP has put a header before it */
    pbuf_remove_header(p, (size_t)(packet - (uint8_t *)p->payload));
  if (pbuf_add_header(p, SIZEOF_ETH_HDR)) return;
  struct eth_hdr *h = p->payload;
  h->dest = all;
  memcpy(&h->src, w->by->hwaddr, ETH_HWADDR_LEN);
  h->type = IP_IS_V6(&w->to.ip) ? PP_HTONS(ETHTYPE_IPV6) : PP_HTONS(ETHTYPE_IP);
  link_deliver(w->by, p);
}

static err_t ignore4(struct netif *n, struct pbuf *p, const ip4_addr_t *to) { return ERR_OK; }
static err_t ignore6(struct netif *n, struct pbuf *p, const ip6_addr_t *to) { return ERR_OK; }

/* A packet for a group that may not leave (ip(7): a time to live of 0) has only its headers put on.
 */
static struct netif *way_out(const struct way *w) {
  static struct netif nowhere = {
      .output = ignore4, .output_ip6 = ignore6, .chksum_flags = NETIF_CHECKSUM_ENABLE_ALL};
  return !w->ttl && w->loop ? &nowhere : w->by;
}

int datagram_output(struct pbuf *p, const struct way *w, int protocol) {
  ip_addr_t from = net_zoned(&w->from, w->by), to = net_zoned(&w->to.ip, w->by);
  struct netif *n = way_out(w);
  uint8_t *packet = p->payload, *end = packet + p->len;
  bool one = !ip_addr_ismulticast(&to) && !net_is_broadcast(w->by->state, &to);
  err_t error;
  if (protocol == WITH_HEADER) {
    error = ip4_output_if_src(p, NULL, LWIP_IP_HDRINCL, 0, 0, 0, n);
  } else {
    packet -= IP_IS_V6(&to) ? IP6_HLEN : IP_HLEN;
    error = ip_output_if_src(p, &from, &to, w->ttl, w->tos, (u8_t)protocol, n);
  }
  if (w->loop && error == ERR_OK) loop_back(p, packet, w);
  net_run();
  if (one) unreachable_watch(w->by->state, &w->to.ip, packet, (size_t)(end - packet));
  pbuf_free(p);
  return net_errno(error);
}

/* --- connect --- */

static void disconnect(struct inet *i) {
  i->connected = false;
  i->remote = (struct endpoint){0};
  if (!i->chose_address) i->address = i->s.domain == AF_INET6 ? *IP6_ADDR_ANY : *IP4_ADDR_ANY;
  if (!i->chose_port && i->s.type != SOCK_RAW) inet_give_port(i);
}

/* A socket without a port must have been given one, if its kind has ports. */
int datagram_connect(struct datagram_socket *d, const void *address, int length) {
  struct inet *i = &d->i;
  struct way w;
  sa_family_t family;
  if (length < (int)sizeof family) return -EINVAL;
  memcpy(&family, address, sizeof family);
  if (family == AF_UNSPEC) {
    disconnect(i);
    return 0;
  }
  bool four = i->s.domain == AF_INET6 && family == AF_INET;
  if (four && i->only6) return -EAFNOSUPPORT;
  int error = inet_in(four ? AF_INET : i->s.domain, address, length, &w.to);
  if (error) return error;
  if (inet_needs_scope(&w.to.ip) && !w.to.scope && !i->s.device &&
      !(ip_addr_ismulticast(&w.to.ip) && i->six.multicast_device))
    return -EINVAL;
  if ((error = find_way(i, NULL, &w))) return error;
  if (inet_any(i) || (!i->chose_address && IP_GET_TYPE(&i->address) != IP_GET_TYPE(&w.from))) {
    i->address = w.from;
    if (i->slot) inet_share_port(i, i->port); /* now the first to be looked at */
  }
  i->remote = w.to;
  i->connected = true;
  return 0;
}

int datagram_name(struct socket *s, bool peer, void *to) {
  const struct inet *i = (struct inet *)s;
  if (!peer) return inet_out(i, &i->address, i->port, to);
  return i->connected && i->remote.port ? inet_out(i, &i->remote.ip, i->remote.port, to)
                                        : -ENOTCONN;
}
