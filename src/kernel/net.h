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

struct traffic { /* what has passed an interface, one way */
  uint64_t packets, bytes;
};

struct host {
  struct host *next;
  char name[64];
  ip_addr_t address, address6, link; /* the card's: IPv4, IPv6, IPv6 on this link only */
  struct netif interfaces[INTERFACES];
  struct link wire;
  struct traffic sent[INTERFACES], received[INTERFACES];
};

struct host *host_next(struct host *h); /* after it; NULL: the first */

/* link.c: frames on their way; hold.c: the network held; capture.c, record.c: what is seen of it.
 * comment: what becomes of the frame, NULL: it arrives at once */
void link_init(struct link *l);
void link_set(struct host *h, const struct link_quality *quality, bool cut);
err_t link_send(struct netif *card, struct pbuf *p);
err_t link_deliver(struct netif *to, struct pbuf *p); /* now, to an interface of any host */
err_t link_loop(struct netif *n, struct pbuf *p);     /* from a host to itself */
struct host *link_receiver(void);
bool link_step(void);      /* the next frame arrives; false: there is none on its way */
void link_go(void);        /* all that was held does, and links go on */
unsigned link_count(void); /* frames on their way */
bool net_held(void);
int64_t net_time(void);             /* now_ns, less all time that the network was held */
int64_t net_timer_at(int64_t time); /* a time by net_time as timer_set has it; not while held */
void tcp_tick_now(void);            /* net.c: what lwIP's clock does every TCP_TMR_INTERVAL */
void timers_go(void);               /* lwIP's clocks go on */
/* packet.c: it is sent by that interface, or has come by it */
void packet_passes(const struct netif *n, const struct pbuf *p, bool outgoing);
void capture_frame(const struct netif *n, const struct pbuf *p, const char *comment);
void record_frame(const struct netif *n, const struct pbuf *p, const char *comment);

/* An IPv6 address has a zone in lwIP alone, and there every one: the interface (lwipopts.h). So the
 * same address of two hosts, or on two interfaces, is never taken for the other. */
ip_addr_t net_zoned(const ip_addr_t *a, const struct netif *n);
ip_addr_t net_unzoned(const ip_addr_t *a);

int net_errno(err_t e); /* lwIP's error as -errno, 0 for ERR_OK */
bool net_is_local(const struct host *h, const ip_addr_t *address); /* one of its own addresses */
bool net_is_broadcast(const struct host *h, const ip_addr_t *address);
/* What `h` calls itself when it sends to an address by this interface. */
ip_addr_t net_source(const struct host *h, const struct netif *n, const ip_addr_t *to);
int net_device_of(const struct host *h,
                  const struct netif *n); /* its number, as programs have it */
/* The interface that a packet came by, as programs have it: what a host sends to its card's address
 * came by the card, though it was never there. */
int net_arrival(const struct netif *n, const ip_addr_t *to);
int net_mtu(const struct netif *n); /* as programs see it */
/* The interface by which `h` reaches an address of the lab, and what it then calls itself; NULL:
 * the address is outside the lab. */
struct netif *net_route(struct host *h, const ip_addr_t *to, ip_addr_t *from);
bool net_owns(const struct host *h, int netif_index);
bool net_reachable(struct host *h,
                   const ip_addr_t *a); /* its card's address is known, or not needed */
void tcp_watch(void);                   /* before each of lwIP's ticks */
void tcp_wait_begin(void);              /* once */
void tcp_wait_tick(void);               /* behind each tick */
bool tcp_waits(void);                   /* a connection does, in TIME_WAIT */
void tcp_settle(void);                  /* behind each frame that lwIP has processed */

/* udp.c, icmp.c: once */
void udp_begin(void);
void icmp_begin(void);

#endif
