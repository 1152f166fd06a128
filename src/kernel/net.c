/* Hosts, their interfaces, and the network between them.
 *
 * There is one lwIP for all hosts. Each host has two of its interfaces: a loopback, and an Ethernet
 * card on the lab's switch (link.c). */
#include "net.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/init.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include <stdlib.h>
#include <string.h>

enum { LOOPBACK_MTU = 65535, ETHERNET_MTU = 1500, MIN_RTO_MS = 300 };

static struct host *hosts;
static int host_count;

u32_t sys_now(void) { return (u32_t)(now_ns() / 1000000); }

uint32_t net_random(void) {
  uint32_t n;
  machine_random(&n, sizeof n);
  return n;
}

int net_errno(err_t e) {
  switch (e) {
  case ERR_OK: return 0;
  case ERR_MEM:
  case ERR_BUF: return -ENOBUFS;
  case ERR_TIMEOUT: return -ETIMEDOUT;
  case ERR_RTE: return -ENETUNREACH;
  case ERR_WOULDBLOCK:
  case ERR_INPROGRESS: return -EAGAIN;
  case ERR_USE: return -EADDRINUSE;
  case ERR_ALREADY: return -EALREADY;
  case ERR_ISCONN: return -EISCONN;
  case ERR_CONN: return -ENOTCONN;
  case ERR_ABRT: return -ECONNABORTED;
  case ERR_RST: return -ECONNRESET;
  case ERR_CLSD: return -EPIPE;
  default: return -EINVAL;
  }
}

/* --- the loopback's wire --- */

static err_t loopback_output4(struct netif *n, struct pbuf *p, const ip4_addr_t *to) {
  (void)to;
  return link_loop(n, p);
}

static err_t loopback_output6(struct netif *n, struct pbuf *p, const ip6_addr_t *to) {
  (void)to;
  return link_loop(n, p);
}

/* --- hosts --- */

/* lwIP knows one IPv4 address of an interface. The loopback has 16 million, and hears its host's
 * others: it takes the one that the packet is for. */
static err_t loopback_input(struct pbuf *p, struct netif *n) {
  const struct ip_hdr *header = p->payload;
  if (p->len >= IP_HLEN && IPH_V(header) == 4) {
    ip4_addr_t to;
    ip4_addr_copy(to, header->dest);
    if (!ip4_addr_ismulticast(&to)) ip_addr_copy_from_ip4(n->ip_addr, to);
  }
  return ip_input(p, n);
}

static err_t loopback_init(struct netif *n) {
  memcpy(n->name, "lo", 2);
  n->output = loopback_output4;
  n->output_ip6 = loopback_output6;
  n->mtu = LOOPBACK_MTU;
  n->flags = NETIF_FLAG_IGMP;
  NETIF_SET_CHECKSUM_CTRL(n, NETIF_CHECKSUM_GEN_IP | NETIF_CHECKSUM_GEN_ICMP |
                                 NETIF_CHECKSUM_CHECK_ICMP | NETIF_CHECKSUM_GEN_ICMP6 |
                                 NETIF_CHECKSUM_CHECK_ICMP6);
  return ERR_OK;
}

/* lwIP puts fragments of IPv4 together by the addresses and the number of the packet, whoever they
 * are for. What goes to many hosts has the same of each: there every host has numbers of its own.
 */
static err_t ethernet_receive(struct pbuf *p, struct netif *n) {
  enum { FRAGMENT = IP_MF | IP_OFFMASK };
  const struct eth_hdr *frame = p->payload;
  struct ip_hdr *h = (struct ip_hdr *)(void *)((uint8_t *)p->payload + SIZEOF_ETH_HDR);
  if (p->len >= SIZEOF_ETH_HDR + IP_HLEN && frame->dest.addr[0] & 1 &&
      frame->type == PP_HTONS(ETHTYPE_IP) && IPH_OFFSET(h) & PP_HTONS(FRAGMENT) &&
      IPH_HL_BYTES(h) == IP_HLEN) {
    IPH_ID_SET(h, (u16_t)(IPH_ID(h) ^ lwip_htons((u16_t)(netif_get_index(n) << 8))));
    IPH_CHKSUM_SET(h, 0);
    IPH_CHKSUM_SET(h, inet_chksum(h, IP_HLEN));
  }
  return ethernet_input(p, n);
}

static err_t ethernet_init(struct netif *n) {
  memcpy(n->name, "et", 2);
  n->output = etharp_output;
  n->output_ip6 = ethip6_output;
  n->linkoutput = link_send;
  n->mtu = ETHERNET_MTU;
  n->hwaddr_len = ETH_HWADDR_LEN;
  memcpy(n->hwaddr, (uint8_t[]){2, 0, 0, 0, 0, (uint8_t)host_count}, ETH_HWADDR_LEN);
  n->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP |
             NETIF_FLAG_MLD6;
  return ERR_OK;
}

static void add_address6(struct netif *n, int index, const ip_addr_t *a) {
  netif_ip6_addr_set(n, (s8_t)index, ip_2_ip6(a));
  netif_ip6_addr_set_state(n, (s8_t)index, IP6_ADDR_PREFERRED);
}

/* The loopback has the card's IPv6 addresses too, in a zone of its own. */
static void add_interfaces(struct host *h) {
  struct netif *lo = &h->interfaces[LOOPBACK], *card = &h->interfaces[ETHERNET];
  ip4_addr_t local = {PP_HTONL(IPADDR_LOOPBACK)}, local_mask = {PP_HTONL(0xff000000)};
  ip4_addr_t mask = {PP_HTONL(0xffffff00)};
  ip_addr_t local6 = IPADDR6_INIT_HOST(0, 0, 0, 1);
  if (!netif_add(lo, &local, &local_mask, IP4_ADDR_ANY4, h, loopback_init, loopback_input) ||
      !netif_add(card, ip_2_ip4(&h->address), &mask, IP4_ADDR_ANY4, h, ethernet_init,
                 ethernet_receive))
    panic("netif_add");
  link_init(&h->wire);
  netif_create_ip6_linklocal_address(card, 1);
  netif_ip6_addr_set_state(card, 0, IP6_ADDR_PREFERRED);
  h->link = net_unzoned(netif_ip_addr6(card, 0));
  add_address6(card, 1, &h->address6);
  add_address6(lo, 0, &local6);
  add_address6(lo, 1, &h->address6);
  add_address6(lo, 2, &h->link);
  for (int i = 0; i < INTERFACES; i++) {
    netif_set_up(&h->interfaces[i]);
    netif_set_link_up(&h->interfaces[i]);
  }
}

/* lwIP numbers interfaces in one byte, two for a host. */
struct host *host_new(const char *name, uint32_t address) {
  struct host *h = host_count < 100 ? calloc(1, sizeof *h) : NULL, **end = &hosts;
  if (!h) return NULL;
  strncpy(h->name, name, sizeof h->name - 1);
  ip_addr_set_ip4_u32_val(h->address, lwip_htonl(address));
  h->address6 = (ip_addr_t)IPADDR6_INIT_HOST(0xfd006c61, 0x00620000, 0,
                                             address & 0xffff); /* fd00:6c61:62::N */
  if (fs_host(name, ipaddr_ntoa(&h->address)) || fs_host(name, ipaddr_ntoa(&h->address6))) {
    free(h);
    return NULL;
  }
  host_count++;
  add_interfaces(h);
  while (*end)
    end = &(*end)->next;
  return *end = h;
}

struct host *host_next(struct host *h) { return h ? h->next : hosts; }

struct host *host_find(const char *name) {
  for (struct host *h = hosts; h; h = h->next)
    if (!name || !strcmp(h->name, name)) return h;
  return NULL;
}

const char *host_name(const struct host *h) { return h->name; }

/* Every host has the same two. */
static const char *const device_names[INTERFACES] = {[LOOPBACK] = "lo", [ETHERNET] = "eth0"};

int net_device(const char *name) {
  for (int i = 0; i < INTERFACES; i++)
    if (!strcmp(name, device_names[i])) return i + 1;
  return 0;
}

const char *net_device_name(int number) {
  return number < 1 || number > INTERFACES ? NULL : device_names[number - 1];
}

bool net_owns(const struct host *h, int netif_index) {
  for (int i = 0; i < INTERFACES; i++)
    if (netif_get_index(&h->interfaces[i]) == netif_index) return true;
  return false;
}

/* --- routes --- */

ip_addr_t net_zoned(const ip_addr_t *a, const struct netif *n) {
  ip_addr_t zoned = *a;
  if (IP_IS_V6(a)) ip6_addr_assign_zone(ip_2_ip6(&zoned), IP6_UNKNOWN, n);
  return zoned;
}

ip_addr_t net_unzoned(const ip_addr_t *a) {
  ip_addr_t plain = *a;
  if (IP_IS_V6(a)) ip6_addr_clear_zone(ip_2_ip6(&plain));
  return plain;
}

bool net_is_local(const struct host *h, const ip_addr_t *a) {
  return ip_addr_isloopback(a) || ip_addr_cmp(a, &h->address) || ip_addr_cmp(a, &h->address6) ||
         ip_addr_cmp(a, &h->link);
}

bool net_is_broadcast(const struct host *h, const ip_addr_t *a) {
  if (!IP_IS_V4(a)) return false;
  return ip4_addr_isbroadcast(ip_2_ip4(a), &h->interfaces[ETHERNET]) ||
         ip4_addr_get_u32(ip_2_ip4(a)) == PP_HTONL(0x7fffffff);
}

/* Whether the card is the way to it: the lab has one network, and no router. */
static bool on_link(const struct host *h, const ip_addr_t *a) {
  const struct netif *card = &h->interfaces[ETHERNET];
  if (IP_IS_V4(a))
    return ip_addr_ismulticast(a) || ip4_addr_isbroadcast(ip_2_ip4(a), card) ||
           ip4_addr_netcmp(ip_2_ip4(a), netif_ip4_addr(card), netif_ip4_netmask(card));
  const ip6_addr_t *six = ip_2_ip6(a);
  return ip6_addr_ismulticast(six) || ip6_addr_islinklocal(six) ||
         ip6_addr_netcmp_zoneless(six, ip_2_ip6(&h->address6));
}

ip_addr_t net_source(const struct host *h, const struct netif *n, const ip_addr_t *to) {
  ip_addr_t local = IPADDR4_INIT(PP_HTONL(IPADDR_LOOPBACK));
  if (IP_IS_V4(to)) {
    bool own = ip_addr_cmp(to, &h->address);
    return n == &h->interfaces[LOOPBACK] && !own ? local : h->address;
  }
  if (n == &h->interfaces[LOOPBACK]) return *to;
  const ip6_addr_t *six = ip_2_ip6(to);
  return ip6_addr_islinklocal(six) || ip6_addr_ismulticast_linklocal(six) ? h->link : h->address6;
}

struct netif *net_route(struct host *h, const ip_addr_t *to, ip_addr_t *from) {
  struct netif *n = NULL;
  if (net_is_local(h, to))
    n = &h->interfaces[LOOPBACK];
  else if (on_link(h, to))
    n = &h->interfaces[ETHERNET];
  *from = net_source(h, n, to);
  return n;
}

int net_device_of(const struct host *h, const struct netif *n) {
  return (int)(n - h->interfaces) + 1;
}

int net_arrival(const struct netif *n, const ip_addr_t *to) {
  const struct host *h = n->state;
  bool own = n == &h->interfaces[LOOPBACK] && !ip_addr_isloopback(to) && !ip_addr_ismulticast(to);
  return own ? ETHERNET + 1 : net_device_of(h, n);
}

/* lwIP's loopback cannot have one byte more; no packet of IPv4 could use it. */
int net_mtu(const struct netif *n) { return n->mtu == LOOPBACK_MTU ? 65536 : n->mtu; }

bool net_reachable(struct host *h, const ip_addr_t *a) {
  struct netif *card = &h->interfaces[ETHERNET];
  struct eth_addr *hardware;
  const ip4_addr_t *address;
  if (net_is_local(h, a)) return true;
  if (IP_IS_V4(a)) return etharp_find_addr(card, ip_2_ip4(a), &hardware, &address) >= 0;
  ip_addr_t zoned = net_zoned(a, card);
  for (int n = 0; n < LWIP_ND6_NUM_NEIGHBORS; n++)
    if (neighbor_cache[n].state >= ND6_REACHABLE &&
        ip6_addr_cmp(&neighbor_cache[n].next_hop_address, ip_2_ip6(&zoned)))
      return true;
  return false;
}

/* lwIP asks when a packet belongs to no control block that is bound to an interface: answers to a
 * frame just received. They leave by the host that sends them. */
struct netif *net_route4(const ip4_addr_t *from, const ip4_addr_t *to) {
  struct host *h = link_receiver();
  ip_addr_t address, source;
  for (struct host *other = hosts; other && from; other = other->next)
    if (ip4_addr_cmp(from, ip_2_ip4(&other->address))) h = other;
  if (!h) return NULL;
  ip_addr_copy_from_ip4(address, *to);
  struct netif *n = net_route(h, &address, &source);
  return n ? n : &h->interfaces[ETHERNET];
}

/* --- lwIP's clocks --- */

static struct timer tcp_timer, slow_timer;

void tcp_tick_now(void) {
  tcp_watch();
  tcp_tmr();
  net_run();
  tcp_wait_tick();
}

static void tcp_tick(struct timer *t) {
  if (net_held()) return;
  tcp_tick_now();
  if (tcp_active_pcbs || tcp_waits()) timer_set(t, now_ns() + TCP_TMR_INTERVAL * INT64_C(1000000));
}

/* lwIP calls it whenever a connection begins. */
void tcp_timer_needed(void) {
  if (!tcp_timer.armed) timer_set(&tcp_timer, now_ns() + TCP_TMR_INTERVAL * INT64_C(1000000));
}

/* Once a second: address resolution and fragments; the group timers run in ticks of 100 ms. */
static void slow_tick(struct timer *t) {
  if (net_held()) return;
  etharp_tmr();
  ip_reass_tmr();
  nd6_tmr();
  ip6_reass_tmr();
  for (int i = 0; i < 10; i++) {
    igmp_tmr();
    mld6_tmr();
  }
  net_run();
  timer_set(t, now_ns() + 1000 * INT64_C(1000000));
}

void timers_go(void) {
  timer_set(&tcp_timer, now_ns() + TCP_TMR_INTERVAL * INT64_C(1000000));
  timer_set(&slow_timer, now_ns() + 1000 * INT64_C(1000000));
}

void sys_timeouts_init(void) {} /* lwIP's own timers, which these replace */

void net_init(void) {
  lwip_init();
  udp_begin();
  icmp_begin();
  tcp_wait_begin();
  tcp_timer.fire = tcp_tick;
  slow_timer.fire = slow_tick;
  timer_set(&slow_timer, now_ns());
}

int net_link(const char *host, int64_t delay, int64_t jitter, uint32_t loss, uint32_t duplicate,
             uint32_t reorder, uint32_t rate, bool cut) {
  struct host *h = host_find(host);
  struct link_quality quality = {delay, jitter, loss, duplicate, reorder, rate, false};
  if (!h) return -ENOENT;
  link_set(h, &quality, cut);
  return 0;
}
