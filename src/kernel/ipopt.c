/* The options of levels IPPROTO_IP (ip(7)) and IPPROTO_IPV6 (ipv6(7)). */
#include "inet.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { DEFAULT_TTL = 64 };

/* The options that are a number. FLAG: anything but 0 is 1. BYTE: the rest is cut off. */
enum kind { NUMBER, FLAG, BYTE };
enum { NO = -2 }; /* in minus_one: it is refused */
static const struct number {
  int level, name;
  size_t at;
  enum kind kind;
  int least, most; /* of a NUMBER */
  int minus_one;   /* what -1 stands for */
  int on_streams;  /* the errno of setting it there */
} numbers[] = {
#define AT(member) offsetof(struct inet, member)
    {IPPROTO_IP, IP_TOS, AT(four.tos), BYTE, 0, 0, NO, 0},
    {IPPROTO_IP, IP_TTL, AT(four.ttl), NUMBER, 1, 255, -1, 0},
    {IPPROTO_IP, IP_MULTICAST_TTL, AT(four.multicast_ttl), NUMBER, 0, 255, 1, EINVAL},
    {IPPROTO_IP, IP_MULTICAST_LOOP, AT(four.multicast_loop), FLAG, 0, 0, NO, 0},
    {IPPROTO_IP, IP_MULTICAST_ALL, AT(four.multicast_all), NUMBER, 0, 1, NO, 0},
    {IPPROTO_IP, IP_PKTINFO, AT(four.receive_info), FLAG, 0, 0, NO, 0},
    {IPPROTO_IP, IP_RECVTTL, AT(four.receive_ttl), FLAG, 0, 0, NO, 0},
    {IPPROTO_IP, IP_RECVTOS, AT(four.receive_tos), FLAG, 0, 0, NO, 0},
    {IPPROTO_IP, IP_MTU_DISCOVER, AT(four.mtu_discover), NUMBER, 0, IP_PMTUDISC_OMIT, NO, 0},
    {IPPROTO_IP, IP_FREEBIND, AT(free_bind), FLAG, 0, 0, NO, 0},
    {IPPROTO_IP, IP_HDRINCL, AT(has_header), FLAG, 0, 0, NO, ENOPROTOOPT},
    {IPPROTO_IPV6, IPV6_V6ONLY, AT(only6), FLAG, 0, 0, NO, 0},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS, AT(six.ttl), NUMBER, 0, 255, -1, 0},
    {IPPROTO_IPV6, IPV6_TCLASS, AT(six.tos), NUMBER, 0, 255, 0, 0},
    {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, AT(six.multicast_ttl), NUMBER, 0, 255, 1, ENOPROTOOPT},
    {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, AT(six.multicast_loop), NUMBER, 0, 1, NO, 0},
    {IPPROTO_IPV6, IPV6_MULTICAST_ALL, AT(six.multicast_all), NUMBER, 0, 1, NO, 0},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO, AT(six.receive_info), FLAG, 0, 0, NO, 0},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, AT(six.receive_ttl), FLAG, 0, 0, NO, 0},
    {IPPROTO_IPV6, IPV6_RECVTCLASS, AT(six.receive_tos), FLAG, 0, 0, NO, 0},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER, AT(six.mtu_discover), NUMBER, 0, IPV6_PMTUDISC_OMIT, NO, 0},
#undef AT
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static const struct number *find_number(int level, int name) {
  for (int n = 0; n < NUMBERS; n++)
    if (numbers[n].level == level && numbers[n].name == name) return &numbers[n];
  return NULL;
}

static int *value_of(struct inet *i, const struct number *n) {
  return (int *)(void *)((char *)i + n->at);
}

uint8_t ipopt_ttl(const struct inet *i, const ip_addr_t *to) {
  const struct ip_options *o = IP_IS_V6(to) ? &i->six : &i->four;
  int ttl = ip_addr_ismulticast(to) ? o->multicast_ttl : o->ttl;
  return (uint8_t)(ttl < 0 ? DEFAULT_TTL : ttl);
}

uint8_t ipopt_tos(const struct inet *i, const ip_addr_t *to) {
  return (uint8_t)(IP_IS_V6(to) ? i->six.tos : i->four.tos);
}

/* --- the ways that datagrams take --- */

/* The interface that has the address, 0: none. */
static int device_at(const struct inet *i, in_addr_t address) {
  ip_addr_t a, from;
  ip_addr_set_ip4_u32_val(a, address);
  if (!net_is_local(i->s.host, &a)) return 0;
  if (ip_addr_cmp(&a, &i->s.host->address)) return ETHERNET + 1;
  return net_device_of(i->s.host, net_route(i->s.host, &a, &from));
}

/* IP_MULTICAST_IF has an address, or a struct ip_mreq, or a struct ip_mreqn. */
static int set_multicast_if(struct inet *i, const void *value, int length) {
  struct ip_mreqn m = {0};
  if (i->s.type == SOCK_STREAM || length < (int)sizeof m.imr_address) return -EINVAL;
  if (length >= (int)sizeof(struct ip_mreq))
    memcpy(&m, value, (size_t)length < sizeof m ? (size_t)length : sizeof m);
  else
    memcpy(&m.imr_address, value, sizeof m.imr_address);
  int device = m.imr_ifindex          ? m.imr_ifindex
               : m.imr_address.s_addr ? device_at(i, m.imr_address.s_addr)
                                      : 0;
  bool none = !m.imr_ifindex && !m.imr_address.s_addr;
  if (!none && !net_device_name(device)) return -EADDRNOTAVAIL;
  if (i->s.device && device && i->s.device != device) return -EINVAL;
  i->four.multicast_device = device;
  ip_addr_set_ip4_u32_val(i->four.multicast_address, m.imr_address.s_addr);
  return 0;
}

static int set_multicast_if6(struct inet *i, int device) {
  if (i->s.type == SOCK_STREAM) return -ENOPROTOOPT;
  if (device && i->s.device && i->s.device != device) return -EINVAL;
  if (device && !net_device_name(device)) return -ENODEV;
  i->six.multicast_device = device;
  return 0;
}

static int set_unicast_if(struct inet *i, struct ip_options *o, int network_order) {
  int device = (int)ntohl((uint32_t)network_order);
  if (device && !net_device_name(device)) return -EADDRNOTAVAIL;
  if (device && i->s.device && i->s.device != device) return -EINVAL;
  o->device = device;
  return 0;
}

/* --- get and set --- */

static int mtu(const struct inet *i) {
  ip_addr_t from;
  if (!i->connected) return -ENOTCONN;
  struct netif *n = net_route(i->s.host, &i->remote.ip, &from);
  return n ? net_mtu(n) : -ENOTCONN;
}

static int get_number(struct inet *i, int level, int option) {
  const struct number *n = find_number(level, option);
  if (n) {
    int value = *value_of(i, n);
    return value < 0 ? DEFAULT_TTL : value;
  }
  if (level == IPPROTO_IP) switch (option) {
    case IP_MTU: return mtu(i);
    case IP_UNICAST_IF: return (int)htonl((uint32_t)i->four.device);
    }
  else
    switch (option) {
    case IPV6_MTU: return mtu(i);
    case IPV6_UNICAST_IF: return (int)htonl((uint32_t)i->six.device);
    case IPV6_MULTICAST_IF: return i->six.multicast_device;
    }
  return -ENOPROTOOPT;
}

/* A program that gives less room than an int gets one byte from IPv4. */
int ipopt_get(struct inet *i, int level, int option, void *value, int *length) {
  if (level != IPPROTO_IP && level != IPPROTO_IPV6)
    return i->s.domain == AF_INET ? -EOPNOTSUPP : -ENOPROTOOPT;
  if (level == IPPROTO_IPV6 && i->s.domain == AF_INET) return -EOPNOTSUPP;
  if (level == IPPROTO_IP && option == IP_MULTICAST_IF) {
    uint32_t address = ip4_addr_get_u32(ip_2_ip4(&i->four.multicast_address));
    memcpy(value, &address, sizeof address);
    *length = sizeof address;
    return 0;
  }
  int number = get_number(i, level, option);
  if (number < 0 && number >= -4095) return number;
  bool byte = level == IPPROTO_IP && *length > 0 && *length < (int)sizeof number && number >= 0 &&
              number <= 255;
  if (byte)
    *(uint8_t *)value = (uint8_t)number;
  else
    memcpy(value, &number, sizeof number);
  *length = byte ? 1 : sizeof number;
  return 0;
}

static int set_number(struct inet *i, const struct number *n, int value) {
  bool stream = i->s.type == SOCK_STREAM;
  if (stream && n->on_streams) return -n->on_streams;
  if (n->name == IP_HDRINCL && n->level == IPPROTO_IP && i->s.type != SOCK_RAW) return -ENOPROTOOPT;
  if (n->at == offsetof(struct inet, only6) && i->port && i->s.type != SOCK_RAW) return -EINVAL;
  if (n->kind == NUMBER && value == -1 && n->minus_one != NO)
    value = n->minus_one;
  else if (n->kind == NUMBER && (value < n->least || value > n->most))
    return -EINVAL;
  else if (n->kind == FLAG)
    value = value != 0;
  else if (n->kind == BYTE)
    value &= 0xff;
  bool service = n->name == (n->level == IPPROTO_IP ? IP_TOS : IPV6_TCLASS);
  *value_of(i, n) = stream && service ? value & ~3 : value; /* TCP keeps two bits for itself */
  return 0;
}

static int set_four(struct inet *i, int option, const void *value, int length) {
  int number = 0;
  switch (option) {
  case IP_MULTICAST_IF: return set_multicast_if(i, value, length);
  case IP_ADD_MEMBERSHIP:
  case IP_DROP_MEMBERSHIP:
  case MCAST_JOIN_GROUP:
  case MCAST_LEAVE_GROUP: return group_option(i, option, value, length);
  }
  if (length >= (int)sizeof number)
    memcpy(&number, value, sizeof number);
  else if (length)
    number = *(const uint8_t *)value;
  const struct number *n = find_number(IPPROTO_IP, option);
  if (!n && option != IP_UNICAST_IF) return -ENOPROTOOPT;
  if (!length) return -EINVAL;
  return n ? set_number(i, n, number) : set_unicast_if(i, &i->four, number);
}

static int set_six(struct inet *i, int option, const void *value, int length) {
  int number;
  switch (option) {
  case IPV6_JOIN_GROUP:
  case IPV6_LEAVE_GROUP:
  case MCAST_JOIN_GROUP:
  case MCAST_LEAVE_GROUP: return group_option6(i, option, value, length);
  }
  const struct number *n = find_number(IPPROTO_IPV6, option);
  if (!n && option != IPV6_MULTICAST_IF && option != IPV6_UNICAST_IF) return -ENOPROTOOPT;
  if (length < (int)sizeof number) return -EINVAL;
  memcpy(&number, value, sizeof number);
  if (option == IPV6_MULTICAST_IF) return set_multicast_if6(i, number);
  return n ? set_number(i, n, number) : set_unicast_if(i, &i->six, number);
}

int ipopt_set(struct inet *i, int level, int option, const void *value, int length) {
  if (level == IPPROTO_IP) return set_four(i, option, value, length);
  if (level != IPPROTO_IPV6 || i->s.domain == AF_INET) return -ENOPROTOOPT;
  return set_six(i, option, value, length);
}
