/* What the sockets of AF_INET and AF_INET6 share. An IPv4 address is one in both: it is mapped into
 * IPv6 only for the program. */
#ifndef PORTSIDE_INET_H
#define PORTSIDE_INET_H

#include "net.h"

/* The address without zone, the port in host order. */
struct endpoint {
  ip_addr_t ip;
  uint16_t port;
  uint32_t scope;
};

/* The options of level IPPROTO_IP (ip(7)), and those of IPPROTO_IPV6 (ipv6(7)) under the same names
 * where both have them. Time to live -1: the default. */
struct ip_options {
  int ttl, tos, mtu_discover;
  int receive_info, receive_ttl, receive_tos;
  int multicast_ttl, multicast_loop, multicast_all, multicast_device, device;
  ip_addr_t multicast_address;
};

struct inet {
  struct socket s;
  struct inet *next, **slot; /* those whose port falls on the same list */
  ip_addr_t address;         /* bound to; any until then */
  uint16_t port;             /* 0: not bound */
  struct endpoint remote;    /* where it is connected to (TCP: see its control block) */
  bool connected;
  int only6, free_bind, has_header; /* IPV6_V6ONLY, IP_FREEBIND, IP_HDRINCL */
  bool chose_port, chose_address;   /* the program did, with bind */
  struct ip_options four, six;
};

/* inet.c: addresses, and who has which port */
void inet_init(struct inet *i, int domain, int type, int protocol);
void inet_free(struct inet *i); /* gives up its port and its groups */
/* From a sockaddr of the family; to one of the socket's, giving its length. */
int inet_in(int family, const void *from, int length, struct endpoint *to);
int inet_out(const struct inet *i, const ip_addr_t *ip, uint16_t port, void *to);
/* Whether it can be bound to the address; then that, and the port too. */
int inet_check_bind(const struct inet *i, const struct endpoint *e);
int inet_bind(struct inet *i, const void *from, int length);
/* A port at its address, 0: any that is free. Shared: as an accepted connection has its listener's.
 */
int inet_take_port(struct inet *i, uint16_t port);
void inet_share_port(struct inet *i, uint16_t port);
void inet_give_port(struct inet *i);
bool inet_any(const struct inet *i);               /* it is bound to no address */
struct endpoint inet_to(const struct endpoint *e); /* to no address is to this host */
bool inet_needs_scope(const ip_addr_t *a);         /* it is an address on every link */
/* Whether a socket at `a` would get what is for `b`, or the other way round. */
bool inet_overlap(const ip_addr_t *a, bool a_only6, const ip_addr_t *b, bool b_only6);
/* The next socket of the host that has the port, those bound last first; after NULL: the first. */
struct inet *inet_next(struct inet *after, const struct host *h, int protocol, uint16_t port);

/* ipopt.c: the options of IP. `value` has 256 bytes; *length: room, then the value's length */
int ipopt_get(struct inet *i, int level, int option, void *value, int *length);
int ipopt_set(struct inet *i, int level, int option, const void *value, int length);
uint8_t ipopt_ttl(const struct inet *i, const ip_addr_t *to); /* for what goes there */
uint8_t ipopt_tos(const struct inet *i, const ip_addr_t *to);

/* group.c: multicast groups */
int group_option(struct inet *i, int option, const void *value, int length); /* joins or leaves */
int group_option6(struct inet *i, int option, const void *value, int length);
bool group_allows(const struct inet *i, const ip_addr_t *group,
                  int device); /* it gets what is for the group */
void group_leave_all(struct inet *i);

/* tcp.c: whether TCP still needs the port after its socket was closed */
bool tcp_lingers(const struct inet *i, const ip_addr_t *address, uint16_t port);

#endif
