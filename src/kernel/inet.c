/* What the sockets of AF_INET and AF_INET6 share: making them, addresses, and who has which port.
 *
 * TCP and UDP have their own ports, and so has every host. A socket that has a port is on one of
 * the lists below, by protocol and port. */
#include "inet.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { FIRST_EPHEMERAL = 32768, LAST_EPHEMERAL = 60999, LISTS = 1024, RFC2133_LENGTH = 24 };

static struct inet *ports[2][LISTS];

/* --- making one --- */

static const struct kind {
  int domain, type, protocol; /* 0: any */
  struct socket *(*make)(int domain, int protocol);
} kinds[] = {{0, SOCK_STREAM, IPPROTO_TCP, tcp_socket},
             {0, SOCK_DGRAM, IPPROTO_UDP, udp_socket},
             {AF_INET, SOCK_DGRAM, IPPROTO_ICMP, ping_socket},
             {AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, ping_socket},
             {0, SOCK_RAW, 0, raw_socket}};
enum { KINDS = sizeof kinds / sizeof *kinds, PROTOCOLS = 263 };

/* protocol 0 is the type's first; raw sockets have none. */
int inet_socket(int domain, int type, int protocol, struct socket **to) {
  int error = -ESOCKTNOSUPPORT;
  if (protocol < 0 || protocol >= PROTOCOLS) return -EINVAL;
  for (int n = 0; n < KINDS; n++) {
    const struct kind *k = &kinds[n];
    if (k->type != type || (k->domain && k->domain != domain)) continue;
    error = -EPROTONOSUPPORT;
    if (k->protocol ? protocol && protocol != k->protocol : !protocol) continue;
    *to = k->make(domain, k->protocol ? k->protocol : protocol);
    return *to ? 0 : -ENOBUFS;
  }
  return error;
}

void inet_init(struct inet *i, int domain, int type, int protocol) {
  socket_init(&i->s, domain, type, protocol);
  i->address = domain == AF_INET6 ? *IP6_ADDR_ANY : *IP4_ADDR_ANY;
  i->four = (struct ip_options){.ttl = -1,
                                .mtu_discover = IP_PMTUDISC_WANT,
                                .multicast_ttl = 1,
                                .multicast_loop = 1,
                                .multicast_all = 1,
                                .multicast_address = *IP4_ADDR_ANY};
  i->six = i->four;
}

void inet_free(struct inet *i) {
  inet_give_port(i);
  group_leave_all(i);
}

/* --- addresses --- */

bool inet_any(const struct inet *i) { return ip_addr_isany(&i->address); }

static int in_four(const void *from, int length, struct endpoint *to) {
  struct sockaddr_in four;
  if (length < (int)sizeof four) return -EINVAL;
  memcpy(&four, from, sizeof four);
  if (four.sin_family != AF_INET) return -EAFNOSUPPORT;
  *to = (struct endpoint){.port = ntohs(four.sin_port)};
  ip_addr_set_ip4_u32_val(to->ip, four.sin_addr.s_addr);
  return 0;
}

/* The address may lack its scope id, as it did when there was none. */
static int in_six(const void *from, int length, struct endpoint *to) {
  struct sockaddr_in6 six = {0};
  if (length < RFC2133_LENGTH) return -EINVAL;
  memcpy(&six, from, length < (int)sizeof six ? (size_t)length : sizeof six);
  if (six.sin6_family != AF_INET6) return -EAFNOSUPPORT;
  *to = (struct endpoint){.port = ntohs(six.sin6_port), .scope = six.sin6_scope_id};
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
    uint32_t mapped;
    memcpy(&mapped, &six.sin6_addr.s6_addr[12], sizeof mapped);
    ip_addr_set_ip4_u32_val(to->ip, mapped);
  } else {
    IP_SET_TYPE_VAL(to->ip, IPADDR_TYPE_V6);
    memcpy(ip_2_ip6(&to->ip)->addr, &six.sin6_addr, sizeof six.sin6_addr);
  }
  return 0;
}

int inet_in(int family, const void *from, int length, struct endpoint *to) {
  return family == AF_INET ? in_four(from, length, to) : in_six(from, length, to);
}

static void address6_out(const ip_addr_t *ip, struct sockaddr_in6 *to) {
  if (IP_IS_V6(ip)) {
    memcpy(&to->sin6_addr, ip_2_ip6(ip)->addr, sizeof to->sin6_addr);
    if (ip6_addr_islinklocal(ip_2_ip6(ip))) to->sin6_scope_id = ETHERNET + 1;
    return;
  }
  uint32_t four = ip4_addr_get_u32(ip_2_ip4(ip));
  to->sin6_addr.s6_addr[10] = to->sin6_addr.s6_addr[11] = 0xff;
  memcpy(&to->sin6_addr.s6_addr[12], &four, sizeof four);
}

int inet_out(const struct inet *i, const ip_addr_t *ip, uint16_t port, void *to) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (i->s.domain == AF_INET6) {
    address6_out(ip, &six);
    memcpy(to, &six, sizeof six);
    return sizeof six;
  }
  four.sin_addr.s_addr = ip4_addr_get_u32(ip_2_ip4(ip));
  memcpy(to, &four, sizeof four);
  return sizeof four;
}

struct endpoint inet_to(const struct endpoint *e) {
  struct endpoint to = *e;
  if (!ip_addr_isany(&to.ip)) return to;
  if (IP_IS_V6(&to.ip))
    to.ip = (ip_addr_t)IPADDR6_INIT_HOST(0, 0, 0, 1);
  else
    ip_addr_set_ip4_u32_val(to.ip, PP_HTONL(IPADDR_LOOPBACK));
  return to;
}

bool inet_needs_scope(const ip_addr_t *a) {
  const ip6_addr_t *six = ip_2_ip6(a);
  return IP_IS_V6(a) && (ip6_addr_islinklocal(six) || ip6_addr_ismulticast_linklocal(six) ||
                         ip6_addr_ismulticast_iflocal(six));
}

/* --- ports --- */

static struct inet **port_list(int protocol, uint16_t port) {
  return &ports[protocol == IPPROTO_TCP][port % LISTS];
}

struct inet *inet_next(struct inet *after, const struct host *h, int protocol, uint16_t port) {
  struct inet *i = after ? after->next : *port_list(protocol, port);
  while (i && (i->port != port || i->s.host != h || i->s.protocol != protocol))
    i = i->next;
  return i;
}

void inet_give_port(struct inet *i) {
  if (!i->slot) return;
  *i->slot = i->next;
  if (i->next) i->next->slot = i->slot;
  i->slot = NULL;
  i->port = 0;
}

void inet_share_port(struct inet *i, uint16_t port) {
  inet_give_port(i);
  i->port = port;
  i->slot = port_list(i->s.protocol, port);
  i->next = *i->slot;
  if (i->next) i->next->slot = &i->next;
  *i->slot = i;
}

/* Whether `a` is "any address", and `b` one of them. */
static bool covers(const ip_addr_t *a, bool only6, const ip_addr_t *b) {
  return ip_addr_isany(a) && (IP_IS_V6(a) ? !only6 || IP_IS_V6(b) : IP_IS_V4(b));
}

bool inet_overlap(const ip_addr_t *a, bool a_only6, const ip_addr_t *b, bool b_only6) {
  return covers(a, a_only6, b) || covers(b, b_only6, a) || ip_addr_cmp(a, b);
}

/* socket(7): what SO_BINDTODEVICE, SO_REUSEADDR and SO_REUSEPORT allow. */
static bool may_share(const struct socket *a, const struct socket *b) {
  return (a->device && b->device && a->device != b->device) ||
         (a->reuse && b->reuse && !b->listening) || (a->reuse_port && b->reuse_port);
}

static bool port_taken(const struct inet *i, const ip_addr_t *address, uint16_t port) {
  for (struct inet *o = NULL; (o = inet_next(o, i->s.host, i->s.protocol, port));)
    if (o != i && inet_overlap(address, i->only6, &o->address, o->only6) &&
        !may_share(&i->s, &o->s))
      return true;
  return i->s.protocol == IPPROTO_TCP && tcp_lingers(i, address, port);
}

int inet_take_port(struct inet *i, uint16_t port) {
  static uint16_t last;
  enum { COUNT = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1 };
  if (port) {
    if (port_taken(i, &i->address, port)) return -EADDRINUSE;
    inet_share_port(i, port);
    return 0;
  }
  if (!last) last = (uint16_t)(net_random() % COUNT);
  struct inet alone = *i; /* what is chosen is nobody's else, however willing to share */
  alone.s.reuse = alone.s.reuse_port = 0;
  for (int n = 0; n < COUNT; n++) {
    port = (uint16_t)(FIRST_EPHEMERAL + (last = (uint16_t)((last + 1) % COUNT)));
    if (port_taken(&alone, &i->address, port)) continue;
    inet_share_port(i, port);
    return 0;
  }
  return -EADDRNOTAVAIL;
}

/* --- bind --- */

/* ip(7), ipv6(7) */
int inet_check_bind(const struct inet *i, const struct endpoint *e) {
  const ip_addr_t *a = &e->ip;
  const struct host *h = i->s.host;
  bool fine = ip_addr_isany(a) || ip_addr_ismulticast(a) || net_is_local(h, a) || i->free_bind;
  if (IP_IS_V4(a)) return i->only6 ? -EINVAL : fine || net_is_broadcast(h, a) ? 0 : -EADDRNOTAVAIL;
  if (ip_addr_ismulticast(a) && i->s.type == SOCK_STREAM) return -EINVAL;
  if (inet_needs_scope(a) && !e->scope && !i->s.device) return -EINVAL;
  if (inet_needs_scope(a) && e->scope > INTERFACES) return -ENODEV;
  if (ip6_addr_islinklocal(ip_2_ip6(a)) && e->scope == LOOPBACK + 1) fine = false;
  return fine ? 0 : -EADDRNOTAVAIL;
}

int inet_bind(struct inet *i, const void *from, int length) {
  struct endpoint e;
  struct sockaddr_in none = {.sin_family = AF_INET};
  if (i->s.domain == AF_INET && length >= (int)sizeof none) {
    memcpy(&none, from, sizeof none);
    if (none.sin_family == AF_UNSPEC && !none.sin_addr.s_addr) none.sin_family = AF_INET;
    from = &none;
  }
  int error = inet_in(i->s.domain, from, length, &e);
  if (!error) error = inet_check_bind(i, &e);
  if (error) return error;
  if (i->port) return -EINVAL;
  ip_addr_t before = i->address;
  i->address = e.ip;
  if (inet_take_port(i, e.port)) {
    i->address = before;
    return -EADDRINUSE;
  }
  i->chose_port = e.port;
  i->chose_address = !ip_addr_isany(&e.ip);
  if (inet_needs_scope(&e.ip) && e.scope) i->s.device = (int)e.scope;
  return 0;
}
