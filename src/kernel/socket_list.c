/* All sockets of the internet families, whoever has them, and TCP's connections that nobody has. */
#include "tcp.h"
#include "socket_list.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct socket_record) == 292, "kernel-worker.js and web/wire/sockets.js");

struct list {
  uint8_t *to;
  size_t room, count;
};

static void add(struct list *l, const struct socket_record *r) {
  size_t at = l->count++ * sizeof *r;
  if (at + sizeof *r <= l->room) memcpy(l->to + at, r, sizeof *r);
}

static void endpoint_text(char *to, size_t room, const ip_addr_t *ip, uint16_t port) {
  bool any = ip_addr_isany(ip), six = IP_IS_V6(ip) && !any;
  ip_addr_t plain = net_unzoned(ip);
  int n = snprintf(to, room, six ? "[%s]:" : "%s:", any ? "*" : ipaddr_ntoa(&plain));
  snprintf(to + n, room - (size_t)n, port ? "%u" : "*", port);
}

static const char *last_part(const char *path) {
  const char *slash = path ? strrchr(path, '/') : NULL;
  return slash ? slash + 1 : path ? path : "";
}

static void name_owner(struct socket_record *r, const struct host *h, const struct proc *p) {
  snprintf(r->host, sizeof r->host, "%s", h ? h->name : "");
  snprintf(r->program, sizeof r->program, "%s", p ? last_part(p->arguments) : "");
}

/* The first of lwIP's timers that counts for the connection. */
static void timer_of(struct socket_record *r, const struct tcp_pcb *pcb) {
  int ticks = 0;
  if (pcb->rtime >= 0 && pcb->unacked) {
    r->timer = TIMER_RETRANSMIT;
    ticks = pcb->rto - pcb->rtime;
  } else if (pcb->persist_backoff) {
    r->timer = TIMER_PERSIST;
  } else if (pcb->so_options & SOF_KEEPALIVE) {
    r->timer = TIMER_KEEPALIVE;
    ticks = (int)(pcb->keep_idle / TCP_SLOW_INTERVAL - (tcp_ticks - pcb->tmr));
  }
  r->timer_ms = ticks > 0 ? (uint32_t)ticks * TCP_SLOW_INTERVAL : 0;
}

static void connection(struct socket_record *r, const struct tcp_pcb *pcb) {
  r->state = tcp_state(pcb);
  endpoint_text(r->local, sizeof r->local, &pcb->local_ip, pcb->local_port);
  endpoint_text(r->peer, sizeof r->peer, &pcb->remote_ip, pcb->remote_port);
  r->send_queue = pcb->snd_lbb - pcb->lastack;
  r->in_flight = pcb->snd_nxt - pcb->lastack;
  r->congestion_window = pcb->cwnd;
  r->slow_start_threshold = pcb->ssthresh;
  r->send_window = pcb->snd_wnd;
  r->receive_window = pcb->rcv_wnd;
  r->segment = pcb->mss;
  r->rto = (uint32_t)pcb->rto * TCP_SLOW_INTERVAL;
  timer_of(r, pcb);
}

static void describe_tcp(struct socket_record *r, const struct tcp *t) {
  r->state = t->i.s.listening ? tcp_state(t->pcb) : TCP_CLOSE;
  if (t->i.s.listening) {
    r->receive_queue = (uint32_t)t->waiting;
    r->send_queue = (uint32_t)t->backlog;
    return;
  }
  if (tcp_live(t)) connection(r, t->pcb);
  r->receive_queue = (uint32_t)t->received_size;
  r->rtt = (uint32_t)(t->rtt / 1000);
  r->rtt_variation = (uint32_t)(t->rtt_variation / 1000);
  r->retransmitted = t->retransmitted;
}

/* Its connection is the bridge's; here it is open, or being opened. */
static void describe_outside(struct socket_record *r, const struct socket *s) {
  struct sockaddr_in peer;
  ip_addr_t ip;
  bool open = s->ops->name((struct socket *)s, true, &peer) > 0;
  r->state = open ? TCP_ESTABLISHED : TCP_SYN_SENT;
  if (!open || peer.sin_family != AF_INET) return;
  ip_addr_set_ip4_u32_val(ip, peer.sin_addr.s_addr);
  endpoint_text(r->peer, sizeof r->peer, &ip, lwip_ntohs(peer.sin_port));
}

static void add_socket(struct list *l, const struct socket *s, const struct proc *p, int fd) {
  const struct inet *i = (const struct inet *)s;
  struct socket_record r = {.id = (uint32_t)(uintptr_t)s, .pid = p ? p->pid : 0, .fd = fd};
  r.domain = s->domain;
  r.type = s->type;
  r.protocol = s->protocol;
  r.state = TCP_CLOSE; /* as ss has it for those without connections */
  endpoint_text(r.local, sizeof r.local, &i->address, i->port);
  endpoint_text(r.peer, sizeof r.peer, &i->remote.ip, i->connected ? i->remote.port : 0);
  name_owner(&r, s->host, p);
  bool tcp = s->type == SOCK_STREAM;
  if (s->outside)
    describe_outside(&r, s);
  else if (tcp)
    describe_tcp(&r, (const struct tcp *)s);
  add(l, &r);
  if (!tcp) return;
  for (const struct tcp *c = ((const struct tcp *)s)->pending; c; c = c->pending)
    add_socket(l, &c->i.s, NULL, -1);
}

/* A connection that lwIP goes on with alone. */
static void add_pcb(struct list *l, const struct tcp_pcb *pcb, unsigned wait_ticks) {
  struct socket_record r = {.id = (uint32_t)(uintptr_t)pcb, .fd = -1};
  const struct netif *n = netif_get_by_index(pcb->netif_idx);
  r.domain = IP_IS_V6(&pcb->local_ip) ? AF_INET6 : AF_INET;
  r.type = SOCK_STREAM;
  r.protocol = IPPROTO_TCP;
  name_owner(&r, n ? n->state : NULL, NULL);
  connection(&r, pcb);
  if (wait_ticks) {
    r.timer = TIMER_WAIT;
    r.timer_ms = wait_ticks * TCP_SLOW_INTERVAL;
    r.send_queue = r.in_flight = 0;
  }
  add(l, &r);
}

size_t socket_list(void *to, size_t room) {
  struct list l = {to, room, 0};
  for (const struct proc *p = processes; p; p = p->next)
    for (int fd = 0; p->state == PROC_RUNNING && fd < p->fd_count; fd++) {
      const struct file *f = p->files[fd];
      const struct socket *s = f && f->ops == &socket_ops ? f->object : NULL;
      if (s && (s->domain == AF_INET || s->domain == AF_INET6)) add_socket(&l, s, p, fd);
    }
  const struct waiting *place = NULL;
  unsigned ticks;
  for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next)
    if (!p->callback_arg) add_pcb(&l, p, 0);
  for (const struct tcp_pcb *p; (p = tcp_wait_each(&place, &ticks));)
    add_pcb(&l, p, ticks + 1);
  return l.count;
}
