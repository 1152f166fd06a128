/* /proc/net: the sockets, routes, neighbours and interfaces of the caller's host, as Linux writes
 * them (proc(5)). */
#include "datagram.h"
#include "lwip/etharp.h"
#include "procfs.h"
#include "tcp.h"
#include "unix.h"
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum { HERTZ = 100, LINE_WIDTH = 149, DATAGRAM_WIDTH = 127 };
enum { TIMER_RETRANSMITS = 1, TIMER_KEEPS_ALIVE, TIMER_WAITS, TIMER_PROBES };

struct row {
  const ip_addr_t *local, *remote;
  uint16_t local_port, remote_port;
  int state;
  uint32_t sending, received;
  int timer;
  uint32_t ticks; /* until it is due, in hertz */
  unsigned retries;
  uint64_t inode;
  const int *backlog; /* of a listener */
  bool only6;         /* IPV6_V6ONLY; Linux has both in inet_diag(7) only */
};

static uint32_t listing; /* counts lists, so that each names a socket once */

/* Of the caller's host, which process has it aside; NULL: there are no more. */
static const struct socket *next_socket(const struct proc **p, int *fd) {
  for (; *p; *p = (*p)->next, *fd = 0)
    for (; (*p)->state == PROC_RUNNING && *fd < (*p)->fd_count; ++*fd) {
      const struct file *f = (*p)->files[*fd];
      struct socket *s = f && f->ops == &socket_ops ? f->object : NULL;
      if (!s || s->host != current->host || s->listed == listing) continue;
      s->listed = listing;
      return s;
    }
  return NULL;
}

static void put_endpoint(struct text *t, const ip_addr_t *a, uint16_t port, bool six) {
  uint32_t words[4] = {0};
  if (a && IP_IS_V6(a)) {
    memcpy(words, ip_2_ip6(a)->addr, sizeof words);
  } else if (a) {
    words[3] = ip4_addr_get_u32(ip_2_ip4(a));
    if (words[3]) words[2] = PP_HTONL(0xffff);
  }
  for (int i = six ? 0 : 3; i < 4; i++)
    text_put(t, "%08X", (unsigned)words[i]);
  text_put(t, ":%04X ", port);
}

/* What the rows of all kinds begin with. */
static void put_row(struct text *t, int number, int width, const struct row *r, bool six) {
  text_put(t, width == LINE_WIDTH ? "%4d: " : "%5d: ", number);
  put_endpoint(t, r->local, r->local_port, six);
  put_endpoint(t, r->remote, r->remote_port, six);
  text_put(t, "%02X %08X:%08X %02X:%08X %08X %5u %8d %llu", r->state, (unsigned)r->sending,
           (unsigned)r->received, r->timer, (unsigned)r->ticks, r->retries, r->inode ? USER : 0, 0,
           (unsigned long long)r->inode);
}

/* Rows are filled up with blanks to one width. */
static void end_row(struct text *t, size_t begin, size_t width) {
  while (t->length - begin < width)
    text_put(t, " ");
  text_put(t, "\n");
}

/* --- TCP --- */

static void timer_of(struct row *r, const struct tcp_pcb *pcb) {
  int ticks = 0;
  if (pcb->rtime >= 0 && pcb->unacked) {
    r->timer = TIMER_RETRANSMITS;
    ticks = pcb->rto - pcb->rtime;
  } else if (pcb->persist_backoff) {
    r->timer = TIMER_PROBES;
  } else if (pcb->so_options & SOF_KEEPALIVE) {
    r->timer = TIMER_KEEPS_ALIVE;
    ticks = (int)(pcb->keep_idle / TCP_SLOW_INTERVAL - (tcp_ticks - pcb->tmr));
  }
  r->ticks = ticks > 0 ? (uint32_t)ticks * TCP_SLOW_INTERVAL / (1000 / HERTZ) : 0;
}

static void put_tcp(struct text *t, int number, struct row *r, const struct tcp_pcb *pcb,
                    bool six) {
  size_t begin = t->length;
  unsigned rto = 1000, window = 10;
  int threshold = -1;
  if (pcb) {
    r->local = &pcb->local_ip, r->local_port = pcb->local_port;
    r->remote = &pcb->remote_ip, r->remote_port = pcb->remote_port;
    r->state = tcp_state(pcb);
    r->sending = pcb->snd_lbb - pcb->lastack;
    r->retries = pcb->nrtx;
    if (!r->timer) timer_of(r, pcb);
    rto = (unsigned)pcb->rto * TCP_SLOW_INTERVAL;
    window = pcb->mss ? pcb->cwnd / pcb->mss : 0;
    if (pcb->mss && pcb->ssthresh < TCP_SND_BUF) threshold = (int)(pcb->ssthresh / pcb->mss);
  }
  if (r->timer == TIMER_WAITS) r->sending = 0;
  put_row(t, number, LINE_WIDTH, r, six);
  text_put(t, " 1 0000000000000000 %u 0 0 %u %d", rto / (1000 / HERTZ), window, threshold);
  if (r->backlog) text_put(t, " %d", *r->backlog);
  if (r->backlog && six) text_put(t, " %d", r->only6);
  end_row(t, begin, LINE_WIDTH);
}

static void put_tcp_socket(struct text *t, int number, const struct tcp *s) {
  struct row r = {.local = &s->i.address,
                  .local_port = s->i.port,
                  .state = TCP_CLOSE,
                  .received = (uint32_t)s->received_size,
                  .inode = s->i.s.file ? file_number(s->i.s.file) : 0};
  struct sockaddr_in peer;
  ip_addr_t outside;
  bool six = s->i.s.domain == AF_INET6;
  if (s->i.s.outside) {
    bool open = s->i.s.ops->name((struct socket *)&s->i.s, true, &peer) > 0;
    r.state = open ? TCP_ESTABLISHED : TCP_SYN_SENT;
    if (open && peer.sin_family == AF_INET) {
      ip_addr_set_ip4_u32_val(outside, peer.sin_addr.s_addr);
      r.remote = &outside, r.remote_port = ntohs(peer.sin_port);
    }
  } else if (s->i.s.listening) {
    r.state = TCP_LISTEN;
    r.received = (uint32_t)s->waiting;
    r.backlog = &s->backlog;
    r.only6 = s->i.only6;
  }
  put_tcp(t, number, &r, tcp_live(s) && !s->i.s.outside ? s->pcb : NULL, six);
}

static void tcp_text_of(struct text *t, int domain) {
  const struct proc *p = processes;
  const struct waiting *place = NULL;
  unsigned ticks;
  int fd = 0, n = 0;
  size_t begin = t->length;
  bool six = domain == AF_INET6;
  listing++;
  text_put(t, six ? "  sl  local_address                         remote_address                   "
                    "     st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
                  : "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                    "   uid  timeout inode");
  end_row(t, begin, six ? 0 : LINE_WIDTH);
  for (const struct socket *s; (s = next_socket(&p, &fd));) {
    if (s->domain != domain || s->type != SOCK_STREAM) continue;
    const struct tcp *tcp = (const struct tcp *)s;
    if (s->listening || s->outside || tcp_live(tcp)) put_tcp_socket(t, n++, tcp);
    for (const struct tcp *c = tcp->pending; c; c = c->pending)
      put_tcp_socket(t, n++, c);
  }
  for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
    if (!pcb->callback_arg && net_owns(current->host, pcb->netif_idx) &&
        (bool)IP_IS_V6(&pcb->local_ip) == six)
      put_tcp(t, n++, &(struct row){0}, pcb, six);
  for (const struct tcp_pcb *pcb; (pcb = tcp_wait_each(&place, &ticks));)
    if (net_owns(current->host, pcb->netif_idx) && (bool)IP_IS_V6(&pcb->local_ip) == six)
      put_tcp(
          t, n++,
          &(struct row){.timer = TIMER_WAITS, .ticks = ticks * TCP_SLOW_INTERVAL / (1000 / HERTZ)},
          pcb, six);
}

static void tcp_text(struct text *t) { tcp_text_of(t, AF_INET); }
static void tcp6_text(struct text *t) { tcp_text_of(t, AF_INET6); }

/* --- UDP and raw --- */

static void datagram_text(struct text *t, int domain, int type) {
  const struct proc *p = processes;
  int fd = 0;
  size_t begin = t->length;
  bool six = domain == AF_INET6;
  listing++;
  text_put(t, six ? "  sl  local_address                         remote_address                   "
                    "     st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
                    "pointer drops"
                  : "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
                    "   uid  timeout inode ref pointer drops");
  end_row(t, begin, six ? 0 : DATAGRAM_WIDTH);
  for (const struct socket *s; (s = next_socket(&p, &fd));) {
    const struct datagram_socket *d = (const struct datagram_socket *)s;
    if (s->domain != domain || s->type != type || (type == SOCK_DGRAM && !d->i.port)) continue;
    struct row r = {.local = &d->i.address,
                    .local_port = d->i.port,
                    .remote = d->i.connected ? &d->i.remote.ip : NULL,
                    .remote_port = d->i.connected ? d->i.remote.port : 0,
                    .state = d->i.connected ? TCP_ESTABLISHED : TCP_CLOSE,
                    .received = (uint32_t)d->queued,
                    .inode = s->file ? file_number(s->file) : 0};
    begin = t->length;
    put_row(t, d->i.port, DATAGRAM_WIDTH, &r, six);
    text_put(t, " 2 0000000000000000 0");
    if (six) text_put(t, " %d", d->i.only6);
    end_row(t, begin, DATAGRAM_WIDTH);
  }
}

static void udp_text(struct text *t) { datagram_text(t, AF_INET, SOCK_DGRAM); }
static void udp6_text(struct text *t) { datagram_text(t, AF_INET6, SOCK_DGRAM); }
static void raw_text(struct text *t) { datagram_text(t, AF_INET, SOCK_RAW); }
static void raw6_text(struct text *t) { datagram_text(t, AF_INET6, SOCK_RAW); }

/* --- AF_UNIX --- */

static void put_path(struct text *t, const struct local_name *name) {
  const struct sockaddr_un *a = (const void *)name->address;
  int n = name->length - UNNAMED;
  if (n <= 0) return;
  bool hidden = !*a->sun_path;
  text_put(t, hidden ? " @" : " ");
  for (int i = hidden; i < n && (hidden || a->sun_path[i]); i++)
    text_put(t, "%c", a->sun_path[i] ? a->sun_path[i] : '@');
}

static void unix_text(struct text *t) {
  enum { ACCEPTS = 0x10000, UNCONNECTED = 1, CONNECTED = 3 };
  text_put(t, "Num       RefCount Protocol Flags    Type St Inode Path\n");
  for (const struct local *u = locals; u; u = u->next) {
    if (u->s.host != current->host || u->dead) continue;
    text_put(t, "%016llX: %08X 00000000 %08X %04X %02X %5llu", 0ull, (unsigned)u->references,
             u->state == LOCAL_LISTENING ? ACCEPTS : 0, (unsigned)u->s.type,
             u->state == LOCAL_CONNECTED ? CONNECTED : UNCONNECTED,
             (unsigned long long)(u->s.file ? file_number(u->s.file) : 0));
    if (u->name) put_path(t, u->name);
    text_put(t, "\n");
  }
}

/* --- interfaces --- */

static void put_route(struct text *t, uint32_t to, uint32_t mask) {
  size_t begin = t->length;
  text_put(t, "eth0\t%08X\t00000000\t%04X\t0\t0\t0\t%08X\t0\t0\t0", (unsigned)to, RTF_UP,
           (unsigned)mask);
  end_row(t, begin, 127);
}

static void route_text(struct text *t) {
  const struct netif *card = &current->host->interfaces[ETHERNET];
  uint32_t mask = ip4_addr_get_u32(netif_ip4_netmask(card));
  size_t begin = t->length;
  text_put(t,
           "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
  end_row(t, begin, 127);
  put_route(t, ip4_addr_get_u32(netif_ip4_addr(card)) & mask, mask);
}

static void arp_text(struct text *t) {
  ip4_addr_t *ip;
  struct netif *n;
  struct eth_addr *e;
  text_put(t, "IP address       HW type     Flags       HW address            Mask     Device\n");
  for (size_t i = 0; i < ARP_TABLE_SIZE; i++)
    if (etharp_get_entry(i, &ip, &n, &e) && n == &current->host->interfaces[ETHERNET])
      text_put(t, "%-16s 0x%-10x0x%-10x%02x:%02x:%02x:%02x:%02x:%02x     %-6s   %s\n",
               ip4addr_ntoa(ip), ARPHRD_ETHER, ATF_COM, e->addr[0], e->addr[1], e->addr[2],
               e->addr[3], e->addr[4], e->addr[5], "*", "eth0");
}

static void dev_text(struct text *t) {
  const struct host *h = current->host;
  text_put(t, "Inter-|   Receive                                                |  Transmit\n"
              " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
              "errs drop fifo colls carrier compressed\n");
  for (int i = 0; i < INTERFACES; i++) {
    const struct traffic *in = &h->received[i], *out = &h->sent[i];
    text_put(t,
             "%6s: %7llu %7llu    0    0    0     0          0         0 %8llu %7llu    0    0"
             "    0     0       0          0\n",
             net_device_name(i + 1), (unsigned long long)in->bytes, (unsigned long long)in->packets,
             (unsigned long long)out->bytes, (unsigned long long)out->packets);
  }
}

const struct proc_file procnet_files[] = {{"/proc/net/tcp", tcp_text},
                                          {"/proc/net/tcp6", tcp6_text},
                                          {"/proc/net/udp", udp_text},
                                          {"/proc/net/udp6", udp6_text},
                                          {"/proc/net/raw", raw_text},
                                          {"/proc/net/raw6", raw6_text},
                                          {"/proc/net/unix", unix_text},
                                          {"/proc/net/arp", arp_text},
                                          {"/proc/net/route", route_text},
                                          {"/proc/net/dev", dev_text},
                                          {NULL, NULL}};
