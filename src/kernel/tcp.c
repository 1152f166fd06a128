/* SOCK_STREAM sockets of AF_INET and AF_INET6, over lwIP's raw TCP: how they begin and end.
 *
 * lwIP binds a control block to one interface. A connection has one; a listening socket has one on
 * each interface that its address can be reached by. lwIP frees a block by itself after an error:
 * tcp_on_error forgets it. A block whose socket was closed, or that waits in TIME_WAIT, lives on in
 * lwIP until TCP is done with it, and is told by having no callback_arg. */
#include "tcp.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BACKLOG_LIMIT = 4096, LOOPBACK_QUEUE = TCP_SND_BUF / 4 };

static const struct sock_ops tcp_ops;

static struct tcp *tcp_alloc_socket(int domain, struct host *host) {
  struct tcp *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  inet_init(&t->i, domain, SOCK_STREAM, IPPROTO_TCP);
  t->i.s.ops = &tcp_ops;
  t->i.s.receive_size = 131072; /* tcp(7), tcp_rmem and tcp_wmem */
  t->i.s.send_size = 16384;
  t->i.s.host = host;
  t->receive_limit = TCP_WND;
  t->send_limit = TCP_SND_BUF;
  t->choices = tcp_defaults;
  return t;
}

struct socket *tcp_socket(int domain, int protocol) {
  (void)protocol;
  struct tcp *t = tcp_alloc_socket(domain, current->host);
  return t ? &t->i.s : NULL;
}

static void tcp_free_socket(struct tcp *t) {
  inet_free(&t->i);
  tcp_forget_data(t);
  free(t);
}

bool tcp_live(const struct tcp *t) { return t->pcb && !t->i.s.listening; }
bool tcp_syn_sent(const struct tcp *t) { return tcp_live(t) && t->pcb->state == SYN_SENT; }

void tcp_forget(struct tcp *t) {
  struct tcp_pcb *pcb = t->pcb;
  t->pcb = NULL;
  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_err(pcb, NULL);
}

/* A port that the program did not choose; its name stays. */
static void give_port(struct tcp *t) {
  if (t->i.chose_port) return;
  if (t->i.port) t->last_port = t->i.port;
  inet_give_port(&t->i);
}

void tcp_over(struct tcp *t) {
  t->pcb = NULL;
  t->read_shut = t->write_shut = true;
  give_port(t);
  socket_changed(&t->i.s, 0);
}

/* --- what lwIP calls --- */

void tcp_on_error(void *arg, err_t error) {
  struct tcp *t = arg;
  if (error == ERR_RST)
    t->i.s.error = !t->established ? ECONNREFUSED : t->ended && !t->write_shut ? EPIPE : ECONNRESET;
  else if (error != ERR_CLSD)
    t->i.s.error = t->why ? t->why : ETIMEDOUT;
  tcp_over(t);
}

/* On the loopback nothing is on its way for long. What waits to be sent there, beyond what the peer
 * has room for, is only gone from the processor's caches when it is read. */
static void bound_queue(struct tcp *t) {
  const struct netif *lo = &t->i.s.host->interfaces[LOOPBACK];
  bool loops = t->pcb->netif_idx == netif_get_index(lo);
  if (loops && t->send_limit == TCP_SND_BUF) t->send_limit = LOOPBACK_QUEUE;
}

static void established(struct tcp *t) {
  t->established = true;
  bound_queue(t);
  t->began = 0;
  t->read_at = t->pcb->rcv_nxt;
  tcp_apply(t);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error) {
  struct tcp *t = arg;
  (void)pcb, (void)error;
  established(t);
  socket_changed(&t->i.s, 0);
  return ERR_OK;
}

static void attach(struct tcp *t, struct tcp_pcb *pcb) {
  t->pcb = pcb;
  tcp_apply_ip(t);
  tcp_arg(pcb, t);
  tcp_recv(pcb, tcp_on_receive);
  tcp_sent(pcb, tcp_on_sent);
  tcp_err(pcb, tcp_on_error);
}

/* Of several listeners that share a port, each gets its part (socket(7), SO_REUSEPORT). */
static struct tcp *choose_listener(struct tcp *first, const struct tcp_pcb *pcb) {
  const struct inet *f = &first->i;
  struct tcp *found = first;
  uint32_t seen = 0, hash = pcb->remote_port * UINT32_C(2654435761);
  if (!f->s.reuse_port) return first;
  for (struct inet *o = NULL; (o = inet_next(o, f->s.host, IPPROTO_TCP, f->port));) {
    if (!o->s.listening || !o->s.reuse_port || !ip_addr_cmp(&o->address, &f->address)) continue;
    hash = (hash ^ hash >> 15) * UINT32_C(2246822519);
    if (hash % ++seen == 0) found = (struct tcp *)o;
  }
  return found;
}

/* An accepted socket has its listener's options (and no more of it). */
static void inherit(struct tcp *t, const struct tcp *listener) {
  struct socket fresh = t->i.s;
  t->i.s = listener->i.s;
  t->i.s.changed = fresh.changed;
  t->i.s.file = NULL;
  t->i.s.listening = false;
  t->i.s.error = 0;
  t->i.only6 = listener->i.only6;
  t->i.four = listener->i.four;
  t->i.six = listener->i.six;
  t->i.chose_port = listener->i.chose_port;
  t->choices = listener->choices;
  t->receive_limit = listener->receive_limit;
  t->send_limit = listener->send_limit;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error) {
  if (error || !pcb) return ERR_VAL;
  struct tcp *listener = choose_listener(arg, pcb), **end = &listener->pending;
  struct tcp *t = tcp_alloc_socket(listener->i.s.domain, listener->i.s.host);
  if (!t) return ERR_MEM;
  inherit(t, listener);
  t->phase = TCP_CONNECTED;
  t->i.address = net_unzoned(&pcb->local_ip);
  t->peer = (struct endpoint){.ip = net_unzoned(&pcb->remote_ip), .port = pcb->remote_port};
  inet_share_port(&t->i, pcb->local_port);
  attach(t, pcb);
  established(t);
  while (*end)
    end = &(*end)->pending;
  *end = t;
  listener->waiting++;
  socket_changed(&listener->i.s, POLLIN | POLLRDNORM);
  return ERR_OK;
}

/* --- addresses --- */

/* A socket that was closed, and that TCP is not done with, keeps its port. */
static bool keeps_port(const struct tcp_pcb *p, const struct inet *i, const ip_addr_t *address,
                       uint16_t port) {
  if (p->callback_arg || p->local_port != port || !net_owns(i->s.host, p->netif_idx)) return false;
  ip_addr_t local = net_unzoned(&p->local_ip);
  return inet_overlap(address, i->only6, &local, true) &&
         !(i->s.reuse && p->so_options & SOF_USER_REUSE);
}

bool tcp_lingers(const struct inet *i, const ip_addr_t *address, uint16_t port) {
  const struct waiting *place = NULL;
  for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next)
    if (keeps_port(p, i, address, port)) return true;
  for (const struct tcp_pcb *p; (p = tcp_wait_next(&place, port));)
    if (keeps_port(p, i, address, port)) return true;
  return false;
}

int tcp_name(struct socket *s, bool peer, void *to) {
  struct tcp *t = (struct tcp *)s;
  if (!peer) return inet_out(&t->i, &t->i.address, t->i.port ? t->i.port : t->last_port, to);
  if (!t->accepted && (!tcp_live(t) || tcp_syn_sent(t))) return -ENOTCONN;
  t->accepted = false;
  return inet_out(&t->i, &t->peer.ip, t->peer.port, to);
}

static int tcp_bind_socket(struct socket *s, const void *from, int length) {
  return inet_bind((struct inet *)s, from, length);
}

/* A block bound where the socket is. Not by tcp_bind, whose test for ports in use knows no hosts.
 */
static struct tcp_pcb *bound_pcb(struct tcp *t, struct netif *n) {
  bool both = inet_any(&t->i) && IP_IS_V6(&t->i.address) && !t->i.only6;
  ip_addr_t address = both ? *IP_ANY_TYPE : net_zoned(&t->i.address, n);
  struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&address));
  if (!pcb) return NULL;
  tcp_bind_netif(pcb, n);
  ip_addr_set(&pcb->local_ip, &address);
  pcb->local_port = t->i.port;
  TCP_REG(&tcp_bound_pcbs, pcb);
  pcb->rto = pcb->sv = TCP_FIRST_RTO_MS / TCP_SLOW_INTERVAL;
  return pcb;
}

/* --- listen and accept --- */

/* SYN is answered with no larger a window than the connection will have. */
static err_t on_passive_open(u8_t id, struct tcp_pcb_listen *listener, struct tcp_pcb *pcb) {
  const struct tcp *t = listener->callback_arg;
  (void)id;
  if (pcb->rcv_wnd > t->receive_limit)
    pcb->rcv_wnd = pcb->rcv_ann_wnd = (tcpwnd_size_t)t->receive_limit;
  return ERR_OK;
}

static struct tcp_pcb *listen_on(struct tcp *t, int interface) {
  static const struct tcp_ext_arg_callbacks callbacks = {.passive_open = on_passive_open};
  static bool have_id;
  static u8_t id;
  if (!have_id) id = tcp_ext_arg_alloc_id();
  have_id = true;
  struct tcp_pcb *pcb = bound_pcb(t, &t->i.s.host->interfaces[interface]);
  if (pcb) tcp_ext_arg_set_callbacks(pcb, id, &callbacks);
  struct tcp_pcb *listening = pcb ? tcp_listen_with_backlog(pcb, TCP_DEFAULT_LISTEN_BACKLOG) : NULL;
  if (!listening) {
    if (pcb) tcp_abort(pcb);
    return NULL;
  }
  tcp_arg(listening, t);
  tcp_accept(listening, on_accept);
  return listening;
}

static int tcp_listen_socket(struct socket *s, int backlog) {
  struct tcp *t = (struct tcp *)s;
  if (t->phase != TCP_UNCONNECTED || tcp_live(t)) return -EINVAL;
  t->backlog = backlog < 0 || backlog > BACKLOG_LIMIT ? BACKLOG_LIMIT : backlog;
  if (s->listening) return 0;
  if (inet_take_port(&t->i, t->i.port)) return -EADDRINUSE;
  bool card = !ip_addr_isloopback(&t->i.address) && s->device != LOOPBACK + 1;
  if (s->device != ETHERNET + 1 && !(t->pcb = listen_on(t, LOOPBACK))) return -ENOBUFS;
  if (card && !(t->second = listen_on(t, ETHERNET))) {
    if (t->pcb) tcp_close(t->pcb);
    t->pcb = NULL;
    return -ENOBUFS;
  }
  if (!t->pcb) {
    t->pcb = t->second;
    t->second = NULL;
  }
  s->listening = true;
  t->read_shut = t->write_shut = false;
  return 0;
}

static int tcp_accept_socket(struct socket *s, bool nonblock, struct socket **to) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->receive_timeout);
  if (!s->listening) return -EINVAL;
  while (!t->pending) {
    int error = socket_sleep(s, deadline, nonblock);
    if (error) return error;
    if (!s->listening) return -EINVAL;
  }
  struct tcp *accepted = t->pending;
  t->pending = accepted->pending;
  t->waiting--;
  accepted->pending = NULL;
  accepted->accepted = true;
  *to = &accepted->i.s;
  return 0;
}

static void stop_listening(struct tcp *t) {
  for (struct tcp *c; (c = t->pending);) {
    struct tcp_pcb *pcb = c->pcb;
    t->pending = c->pending;
    if (pcb) {
      tcp_forget(c);
      tcp_abort(pcb);
    }
    tcp_free_socket(c);
  }
  t->waiting = 0;
  tcp_close(t->pcb);
  if (t->second) tcp_close(t->second);
  t->pcb = t->second = NULL;
  t->i.s.listening = false;
}

/* --- connect --- */

/* To an unconnected socket again: after a connection that failed, for connect to no family, and
 * for shutdown of what is not connected yet. */
static void disconnect(struct tcp *t) {
  struct tcp_pcb *pcb = t->pcb;
  if (t->i.s.listening)
    stop_listening(t);
  else if (pcb) {
    tcp_forget(t);
    t->i.s.error = ECONNRESET;
    if (pcb->state == SYN_SENT)
      tcp_close(pcb);
    else
      tcp_abort(pcb);
  }
  tcp_forget_data(t);
  t->phase = TCP_UNCONNECTED;
  t->established = t->ended = t->read_shut = t->write_shut = false;
  t->why = 0;
  if (!t->i.chose_address) t->i.address = t->i.s.domain == AF_INET6 ? *IP6_ADDR_ANY : *IP4_ADDR_ANY;
  give_port(t);
  socket_changed(&t->i.s, 0);
}

/* There may be only one connection between the same two ends. */
static bool connects(const struct tcp_pcb *p, const struct tcp *t, const struct netif *n,
                     const ip_addr_t *from, const struct endpoint *to) {
  return p->local_port == t->i.port && p->remote_port == to->port &&
         p->netif_idx == netif_get_index(n) && ip_addr_cmp_zoneless(&p->remote_ip, &to->ip) &&
         ip_addr_cmp_zoneless(&p->local_ip, from);
}

static bool exists(const struct tcp *t, const struct netif *n, const ip_addr_t *from,
                   const struct endpoint *to) {
  const struct waiting *place = NULL;
  if (!t->i.chose_port) return false; /* its port is its own */
  for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next)
    if (connects(p, t, n, from, to)) return true;
  for (const struct tcp_pcb *p; (p = tcp_wait_next(&place, t->i.port));)
    if (connects(p, t, n, from, to)) return true;
  return false;
}

static int connect_start(struct tcp *t, const struct endpoint *to, struct netif *n,
                         const ip_addr_t *from) {
  if (inet_any(&t->i)) t->i.address = *from;
  if (!t->i.port && inet_take_port(&t->i, 0)) return -EADDRNOTAVAIL;
  if (exists(t, n, &t->i.address, to)) return -EADDRNOTAVAIL;
  struct tcp_pcb *pcb = bound_pcb(t, n);
  if (!pcb) return -ENOBUFS;
  attach(t, pcb);
  t->peer = *to;
  t->began = net_time();
  t->why = t->retries = 0;
  t->i.s.error = 0;
  ip_addr_t zoned = net_zoned(&to->ip, n);
  int error = net_errno(tcp_connect(pcb, &zoned, to->port, on_connected));
  if (!error) {
    t->phase = TCP_CONNECTING;
    return 0;
  }
  tcp_forget(t);
  tcp_abort(pcb);
  return error;
}

/* The way to `to`: begins the connection, in the lab or outside. */
static int connect_to(struct tcp *t, const struct endpoint *e, bool nonblock) {
  ip_addr_t from;
  struct endpoint to = inet_to(e);
  const struct netif *card = &t->i.s.host->interfaces[ETHERNET];
  if (ip_addr_ismulticast(&to.ip) || ip_addr_isbroadcast(&to.ip, card)) return -ENETUNREACH;
  if (IP_IS_V4(&to.ip) && t->i.only6) return -ENETUNREACH;
  if (inet_needs_scope(&to.ip) && !to.scope && !t->i.s.device) return -EINVAL;
  struct netif *n = net_route(t->i.s.host, &to.ip, &from);
  if (n && t->i.s.device && n != &t->i.s.host->interfaces[t->i.s.device - 1]) return -ENETUNREACH;
  if (n) return connect_start(t, &to, n, &from);
  if (IP_IS_V6(&to.ip)) return -ENETUNREACH;
  if (inet_any(&t->i)) t->i.address = from;
  if (!t->i.port && inet_take_port(&t->i, 0)) return -EADDRNOTAVAIL;
  return gateway_connect(&t->i.s, lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&to.ip))), to.port,
                         nonblock);
}

/* The answer of a connect that need not wait any longer. */
static int connect_result(struct tcp *t) {
  if (tcp_live(t)) {
    t->phase = TCP_CONNECTED;
    return 0;
  }
  int error = socket_take_error(&t->i.s);
  disconnect(t);
  return error ? error : -ECONNABORTED;
}

static int tcp_connect_socket(struct socket *s, const void *address, int length, bool nonblock) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->send_timeout);
  int pending = -EALREADY;
  struct endpoint to;
  sa_family_t family;
  if (length < (int)sizeof family) return -EINVAL;
  memcpy(&family, address, sizeof family);
  if (family == AF_UNSPEC) {
    disconnect(t);
    return 0;
  }
  if (t->phase == TCP_CONNECTED) return -EISCONN;
  if (t->phase == TCP_UNCONNECTED) {
    if (t->pcb) return -EISCONN;
    int error = inet_in(s->domain, address, length, &to);
    if (!error) error = connect_to(t, &to, nonblock);
    if (error || s->outside) return error;
    pending = -EINPROGRESS;
    if (nonblock) return pending;
    net_run();
  }
  while (tcp_syn_sent(t)) {
    int error = socket_sleep(s, deadline, nonblock);
    if (error) return error == -EAGAIN ? pending : error;
  }
  return connect_result(t);
}

/* --- the end --- */

static int tcp_shutdown_socket(struct socket *s, int how) {
  struct tcp *t = (struct tcp *)s;
  bool read = how != SHUT_WR, write = how != SHUT_RD, live = tcp_live(t);
  if (t->phase == TCP_CONNECTING && live && !tcp_syn_sent(t)) t->phase = TCP_CONNECTED;
  if (s->listening ? read : tcp_syn_sent(t)) {
    disconnect(t);
    return 0;
  }
  if (s->listening) return 0;
  if (read) t->read_shut = true;
  if (write && live && !t->write_shut) tcp_shutdown(t->pcb, 0, 1);
  if (write) t->write_shut = true;
  socket_changed(s, 0);
  return live ? 0 : -ENOTCONN;
}

/* socket(7), SO_LINGER: close waits until the peer has acknowledged everything. */
static void linger(struct tcp *t) {
  struct socket *s = &t->i.s;
  int64_t deadline = deadline_in(s->linger.l_linger * INT64_C(1000000000));
  if (!t->write_shut) tcp_shutdown(t->pcb, 0, 1);
  t->write_shut = true;
  while (t->pcb &&
         (t->pcb->state == FIN_WAIT_1 || t->pcb->state == CLOSING || t->pcb->state == LAST_ACK))
    if (socket_sleep(s, deadline, false)) break;
}

/* Unread bytes make it a reset, so that the peer learns that they were not heard (RFC 2525, 2.17).
 */
static void close_connection(struct tcp *t) {
  const struct linger *l = &t->i.s.linger;
  bool reset = t->received || (l->l_onoff && !l->l_linger);
  if (!reset && l->l_onoff && caller->closing && !tcp_syn_sent(t)) linger(t);
  struct tcp_pcb *pcb = t->pcb;
  if (!pcb) return;
  tcp_forget(t);
  pcb->rcv_wnd = TCP_WND_MAX(pcb); /* or lwIP would think that something is unread */
  if (reset && pcb->state != SYN_SENT)
    tcp_abort(pcb);
  else if (tcp_close(pcb) != ERR_OK)
    tcp_abort(pcb);
}

void tcp_close_socket(struct socket *s) {
  struct tcp *t = (struct tcp *)s;
  if (s->listening)
    stop_listening(t);
  else if (t->pcb)
    close_connection(t);
  tcp_free_socket(t);
}

static const struct sock_ops tcp_ops = {.bind = tcp_bind_socket,
                                        .listen = tcp_listen_socket,
                                        .accept = tcp_accept_socket,
                                        .connect = tcp_connect_socket,
                                        .send = tcp_send_socket,
                                        .receive = tcp_receive_socket,
                                        .name = tcp_name,
                                        .shutdown = tcp_shutdown_socket,
                                        .get = tcp_get,
                                        .set = tcp_set,
                                        .option = tcp_option,
                                        .poll = tcp_poll_socket,
                                        .ioctl = tcp_ioctl,
                                        .close = tcp_close_socket};
