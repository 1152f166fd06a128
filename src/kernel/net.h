/* What the files that adapt lwIP share. Nobody else includes lwIP's headers. */
#ifndef PORTSIDE_NET_H
#define PORTSIDE_NET_H

#include "kernel.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"

/* A host's interfaces. lwIP binds each protocol control block to one of them, which is how a
 * socket hears only its own host. */
enum { LOOPBACK, ETHERNET, INTERFACES };
/* A host's link to the switch, as far as it differs from a perfect wire. */
struct link_quality {
  int64_t delay, jitter;             /* ns */
  uint32_t loss, duplicate, reorder; /* of a million frames */
  uint32_t rate;                     /* bits a second; 0: no limit */
  bool perfect;                      /* set by link_set: nothing but loss */
};
struct link {
  struct link_quality quality;
  bool cut;
  struct frame *first; /* on their way, by when they arrive */
  int waiting;
  int64_t free_at; /* when what was given to it so far has been sent */
  struct timer timer;
};

struct host {
  struct host *next;
  char name[64];
  ip_addr_t address, address6, link; /* the card's: IPv4, IPv6, IPv6 on this link only */
  struct netif interfaces[INTERFACES];
  struct link wire;
};

struct host *host_next(struct host *h); /* after it; NULL: the first */

/* link.c: frames on their way; capture.c */
void link_init(struct link *l);
void link_set(struct host *h, const struct link_quality *quality, bool cut);
err_t link_send(struct netif *card, struct pbuf *p);
err_t link_deliver(struct netif *to, struct pbuf *p); /* now, to an interface of any host */
err_t link_loop(struct netif *n, struct pbuf *p);     /* from a host to itself */
struct host *link_receiver(void);
void capture_frame(const struct netif *n, const struct pbuf *p);

/* An IPv6 address has a zone in lwIP alone, and there every one: the interface (lwipopts.h). So the
 * same address of two hosts, or on two interfaces, is never taken for the other. */
ip_addr_t net_zoned(const ip_addr_t *a, const struct netif *n);
ip_addr_t net_unzoned(const ip_addr_t *a);

int net_errno(err_t e); /* lwIP's error as -errno, 0 for ERR_OK */
bool net_is_local(const struct host *h, const ip_addr_t *address); /* one of its own addresses */
/* The interface by which `h` reaches an address of the lab, and what it then calls itself; NULL:
 * the address is outside the lab. */
struct netif *net_route(struct host *h, const ip_addr_t *to, ip_addr_t *from);
bool net_owns(const struct host *h, int netif_index);
bool net_reachable(struct host *h, const ip_addr_t *a); /* its card's address is known, or not needed */
void tcp_watch(void);  /* before each of lwIP's ticks */
void tcp_settle(void); /* behind each frame that lwIP has processed */

/* inet.c: what the sockets of AF_INET and AF_INET6 share. An IPv4 address is one in both: it is
 * mapped into IPv6 only for the program. */
struct endpoint { ip_addr_t ip; uint16_t port; uint32_t scope; }; /* no zone; host order */
struct inet {
  struct socket s;
  struct inet *next, **slot; /* those whose port falls on the same list */
  ip_addr_t address;         /* bound to; any until then */
  uint16_t port;             /* 0: not bound */
  bool chose_port, chose_address; /* the program did, with bind */
  bool only6;                /* IPV6_V6ONLY */
};
void inet_init(struct inet *i, int domain, int type, int protocol);
void inet_free(struct inet *i); /* gives its port up */
int inet_in(const struct inet *i, const void *from, int length, struct endpoint *to);
int inet_out(const struct inet *i, const ip_addr_t *ip, uint16_t port, void *to);
int inet_bind(struct inet *i, const void *from, int length);
int inet_take_port(struct inet *i, uint16_t port); /* at its address; 0: any that is free */
void inet_share_port(struct inet *i, uint16_t port);       /* as an accepted connection has its listener's */
void inet_give_port(struct inet *i);
/* The next socket of the host that has the port; after NULL: the first. */
struct inet *inet_next(struct inet *after, const struct host *h, int protocol, uint16_t port);
bool inet_any(const struct inet *i);  /* it is bound to no address */
struct endpoint inet_to(const struct endpoint *e); /* to no address is to this host */
/* Whether a socket at `a` would get what is for `b`, or the other way round. */
bool inet_overlap(const ip_addr_t *a, bool a_only6, const ip_addr_t *b, bool b_only6);

/* tcp.c: whether TCP still needs the port after its socket was closed */
bool tcp_lingers(const struct inet *i, const ip_addr_t *address, uint16_t port);

#endif
