/* SOCK_STREAM sockets of AF_INET and AF_INET6, over lwIP's raw TCP.
 *
 * lwIP binds a control block to one interface. A connection has one; a listening socket has one on
 * each interface that its address can be reached by. lwIP frees a block by itself after an error:
 * on_error forgets it. A block whose socket was closed lives on in lwIP until TCP is done with it,
 * and is told by having no callback_arg. */
#include "net.h"
#include "lwip/priv/tcp_priv.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { BOUNCE = 32768, INITIAL_RTO_MS = 1000 };
enum { SOF_USER_REUSE = 0x01 }; /* in so_options: what the program said; SOF_REUSEADDR is ours */

enum stage { TCP_IDLE, TCP_CONNECTING, TCP_CONNECTED, TCP_LISTENING, TCP_ENDED };

struct tcp {
  struct inet i;
  enum stage state;
  struct tcp_pcb *pcb, *second;  /* second: a listener's other interface */
  bool nodelay, peer_closed, read_shut, write_shut;
  struct pbuf *received, *last;  /* in order, the first partly read; linked, but not lwIP's chain,
                                    whose total length has 16 bits */
  size_t received_size;
  struct tcp *listener, *pending; /* a listener's queue of connections, by `pending` */
  int backlog;
};

static const struct sock_ops tcp_ops;

static struct tcp *tcp_alloc_socket(int domain, struct host *host) {
  struct tcp *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  inet_init(&t->i, domain, SOCK_STREAM, IPPROTO_TCP);
  t->i.s.ops = &tcp_ops;
  t->i.s.receive_size = 131072; /* tcp(7), tcp_rmem and tcp_wmem */
  t->i.s.send_size = 16384;
  t->i.s.host = host;
  return t;
}

struct socket *tcp_socket(int domain) {
  struct tcp *t = tcp_alloc_socket(domain, current->host);
  return t ? &t->i.s : NULL;
}

static void tcp_free_socket(struct tcp *t) {
  inet_free(&t->i);
  if (t->received) pbuf_free(t->received);
  free(t);
}

/* --- what lwIP calls --- */

static err_t on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
  struct tcp *t = arg;
  (void)pcb, (void)error;
  if (!p) {
    t->peer_closed = true;
  } else {
    t->received_size += p->tot_len;
    if (t->received) t->last->next = p;
    else t->received = p;
    for (t->last = p; t->last->next;)
      t->last = t->last->next;
  }
  wake(&t->i.s.changed);
  return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n) {
  (void)pcb, (void)n;
  wake(&((struct tcp *)arg)->i.s.changed);
  return ERR_OK;
}

static void on_error(void *arg, err_t error) {
  struct tcp *t = arg;
  bool connecting = t->state == TCP_CONNECTING;
  t->pcb = NULL;
  t->state = TCP_ENDED;
  socket_error(&t->i.s, error == ERR_RST && connecting ? ECONNREFUSED
                      : error == ERR_RST             ? ECONNRESET
                                                     : ETIMEDOUT);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error) {
  struct tcp *t = arg;
  (void)pcb, (void)error;
  t->state = TCP_CONNECTED;
  wake(&t->i.s.changed);
  return ERR_OK;
}

static void attach(struct tcp *t, struct tcp_pcb *pcb) {
  t->pcb = pcb;
  tcp_arg(pcb, t);
  tcp_recv(pcb, on_receive);
  tcp_sent(pcb, on_sent);
  tcp_err(pcb, on_error);
  if (t->nodelay) tcp_nagle_disable(pcb);
  if (t->i.s.keepalive) ip_set_option(pcb, SOF_KEEPALIVE);
  if (t->i.s.reuse) ip_set_option(pcb, SOF_USER_REUSE);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error) {
  struct tcp *listener = arg;
  if (error || !pcb) return ERR_VAL;
  struct tcp *t = tcp_alloc_socket(listener->i.s.domain, listener->i.s.host), **end = &listener->pending;
  if (!t) return ERR_MEM;
  t->i.s.reuse = listener->i.s.reuse;
  t->i.s.keepalive = listener->i.s.keepalive;
  t->i.only6 = listener->i.only6;
  t->nodelay = listener->nodelay;
  t->state = TCP_CONNECTED;
  t->listener = listener;
  t->i.address = net_unzoned(&pcb->local_ip);
  inet_share_port(&t->i, pcb->local_port);
  attach(t, pcb);
  tcp_backlog_delayed(pcb);
  while (*end)
    end = &(*end)->pending;
  *end = t;
  wake(&listener->i.s.changed);
  return ERR_OK;
}

/* --- addresses --- */

/* A socket that was closed, and that TCP is not done with, keeps its port. */
bool tcp_lingers(const struct inet *i, const ip_addr_t *address, uint16_t port) {
  struct tcp_pcb *lists[] = {tcp_active_pcbs, tcp_tw_pcbs};
  for (int n = 0; n < 2; n++)
    for (struct tcp_pcb *p = lists[n]; p; p = p->next) {
      if (p->callback_arg || p->local_port != port || !net_owns(i->s.host, p->netif_idx)) continue;
      ip_addr_t local = net_unzoned(&p->local_ip);
      if (inet_overlap(address, i->only6, &local, true) && !(i->s.reuse && p->so_options & SOF_USER_REUSE)) return true;
    }
  return false;
}

int tcp_name(struct socket *s, bool peer, void *to) {
  struct tcp *t = (struct tcp *)s;
  if (!peer) return inet_out(&t->i, &t->i.address, t->i.port, to);
  if (t->state != TCP_CONNECTED || !t->pcb) return -ENOTCONN;
  return inet_out(&t->i, &t->pcb->remote_ip, t->pcb->remote_port, to);
}

static int tcp_bind_socket(struct socket *s, const void *from, int length) {
  struct tcp *t = (struct tcp *)s;
  return t->state == TCP_IDLE ? inet_bind(&t->i, from, length) : -EINVAL;
}

/* A block bound where the socket is. lwIP's own test for ports in use knows no hosts, and is passed
 * by the reuse option, which listen and connect must then not see. */
static struct tcp_pcb *bound_pcb(struct tcp *t, struct netif *n) {
  bool both = inet_any(&t->i) && IP_IS_V6(&t->i.address) && !t->i.only6;
  ip_addr_t address = both ? *IP_ANY_TYPE : net_zoned(&t->i.address, n);
  struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&address));
  if (!pcb) return NULL;
  ip_set_option(pcb, SOF_REUSEADDR);
  tcp_bind_netif(pcb, n);
  if (tcp_bind(pcb, &address, t->i.port) != ERR_OK) {
    tcp_abort(pcb);
    return NULL;
  }
  ip_reset_option(pcb, SOF_REUSEADDR);
  pcb->rto = pcb->sv = INITIAL_RTO_MS / TCP_SLOW_INTERVAL;
  return pcb;
}

/* --- listen and accept --- */

static struct tcp_pcb *listen_on(struct tcp *t, int interface) {
  struct tcp_pcb *pcb = bound_pcb(t, &t->i.s.host->interfaces[interface]);
  struct tcp_pcb *listening = pcb ? tcp_listen_with_backlog(pcb, (u8_t)t->backlog) : NULL;
  if (!listening) {
    if (pcb) tcp_abort(pcb);
    return NULL;
  }
  ip_set_option(listening, SOF_REUSEADDR);
  tcp_arg(listening, t);
  tcp_accept(listening, on_accept);
  return listening;
}

static int tcp_listen_socket(struct socket *s, int backlog) {
  struct tcp *t = (struct tcp *)s;
  if (t->state != TCP_IDLE && t->state != TCP_LISTENING) return -EINVAL;
  t->backlog = backlog < 0 || backlog > 254 ? 255 : backlog + 1; /* Linux queues one more than asked */
  if (t->state == TCP_LISTENING) {
    tcp_backlog_set((struct tcp_pcb_listen *)t->pcb, (u8_t)t->backlog);
    if (t->second) tcp_backlog_set((struct tcp_pcb_listen *)t->second, (u8_t)t->backlog);
    return 0;
  }
  if (inet_take_port(&t->i, t->i.port)) return -EADDRINUSE;
  t->pcb = listen_on(t, LOOPBACK);
  if (!t->pcb) return -ENOBUFS;
  if (!ip_addr_isloopback(&t->i.address) && !(t->second = listen_on(t, ETHERNET))) {
    tcp_close(t->pcb);
    t->pcb = NULL;
    return -ENOBUFS;
  }
  t->state = TCP_LISTENING;
  t->i.s.listening = true;
  return 0;
}

static int tcp_accept_socket(struct socket *s, bool nonblock, struct socket **to) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->receive_timeout);
  if (t->state != TCP_LISTENING) return -EINVAL;
  while (!t->pending) {
    int error = socket_sleep(s, deadline, nonblock);
    if (error) return error;
    if (t->state != TCP_LISTENING) return -EINVAL;
  }
  struct tcp *accepted = t->pending;
  t->pending = accepted->pending;
  accepted->pending = accepted->listener = NULL;
  if (accepted->pcb) tcp_backlog_accepted(accepted->pcb);
  *to = &accepted->i.s;
  return 0;
}

/* --- connect --- */

static int connect_result(struct tcp *t) {
  if (t->state == TCP_CONNECTED) return 0;
  int error = socket_take_error(&t->i.s);
  t->state = TCP_IDLE;
  return error ? error : -ECONNABORTED;
}

static int connect_start(struct tcp *t, const struct endpoint *to, struct netif *n, const ip_addr_t *from) {
  if (inet_any(&t->i)) t->i.address = *from;
  if (!t->i.port && inet_take_port(&t->i, 0)) return -EADDRNOTAVAIL;
  struct tcp_pcb *pcb = bound_pcb(t, n);
  if (!pcb) return -ENOBUFS;
  attach(t, pcb);
  t->state = TCP_CONNECTING;
  ip_addr_t zoned = net_zoned(&to->ip, n);
  int error = net_errno(tcp_connect(pcb, &zoned, to->port, on_connected));
  if (!error) {
    net_run();
    return 0;
  }
  t->state = TCP_IDLE;
  t->pcb = NULL;
  tcp_err(pcb, NULL);
  tcp_abort(pcb);
  return error;
}

/* The way to `to`: begins the connection, in the lab or outside. */
static int connect_to(struct tcp *t, const struct endpoint *e, bool nonblock) {
  ip_addr_t from;
  struct endpoint to = inet_to(e);
  if (ip_addr_ismulticast(&to.ip) || (IP_IS_V4(&to.ip) && t->i.only6)) return -ENETUNREACH;
  struct netif *n = net_route(t->i.s.host, &to.ip, &from);
  if (n) return connect_start(t, &to, n, &from);
  if (IP_IS_V6(&to.ip)) return -ENETUNREACH;
  return gateway_connect(&t->i.s, lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&to.ip))), to.port, nonblock);
}

static int tcp_connect_socket(struct socket *s, const void *address, int length, bool nonblock) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->send_timeout);
  struct endpoint to;
  int error = inet_in(&t->i, address, length, &to);
  if (error) return error;
  if (t->state == TCP_CONNECTED || t->state == TCP_LISTENING) return -EISCONN;
  if (t->state == TCP_CONNECTING && nonblock) return -EALREADY;
  if (t->state == TCP_ENDED) return connect_result(t);
  if (t->state == TCP_IDLE) {
    error = connect_to(t, &to, nonblock);
    if (error || s->outside) return error;
    if (nonblock && t->state == TCP_CONNECTING) return -EINPROGRESS;
  }
  while (t->state == TCP_CONNECTING) {
    error = socket_sleep(s, deadline, false);
    if (error) return error == -EAGAIN ? -EINPROGRESS : error;
  }
  return connect_result(t);
}

/* --- bytes --- */

static uint8_t bounce[BOUNCE]; /* between the program's memory and lwIP's; used under the lock */

/* Gives lwIP what it takes now; bytes, 0 when it is full, or -errno. */
static ssize_t send_some(struct tcp *t, struct uio *from, bool more) {
  size_t n = t->pcb->snd_buf; /* not tcp_sndbuf(): that has 16 bits */
  if (n > from->left) n = from->left;
  if (n > BOUNCE) n = BOUNCE;
  if (!n || tcp_sndqueuelen(t->pcb) >= TCP_SND_QUEUELEN - 4) return 0;
  if (uio_look(from, bounce, n)) return -EFAULT;
  err_t error = tcp_write(t->pcb, bounce, (u16_t)n, (u8_t)(TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0)));
  if (error != ERR_OK) return error == ERR_MEM ? 0 : net_errno(error);
  uio_skip(from, n);
  tcp_output(t->pcb);
  net_run();
  return (ssize_t)n;
}

/* Linux gives up the error of a connection once, and EPIPE ever after. */
static int cannot_send(struct tcp *t) {
  if (t->i.s.error) return socket_take_error(&t->i.s);
  if (t->write_shut || t->state == TCP_ENDED) return -EPIPE;
  if (t->state != TCP_CONNECTED) return t->state == TCP_CONNECTING ? -EAGAIN : -EPIPE;
  return 0;
}

static ssize_t tcp_send_socket(struct socket *s, struct uio *from, struct msg *m) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->send_timeout);
  int error = 0;
  while (!error) {
    error = cannot_send(t);
    if (error == -EAGAIN && (error = socket_sleep(s, deadline, m->nonblock)) == 0) continue;
    if (error || !from->left) break;
    ssize_t n = send_some(t, from, m->flags & MSG_MORE);
    if (n < 0) error = (int)n;
    else if (!n) error = socket_sleep(s, deadline, m->nonblock);
  }
  return from->done ? (ssize_t)from->done : error;
}

/* Bytes that are there are given even after an error or the end, as on Linux. */
static ssize_t take(struct tcp *t, struct uio *to, int flags) {
  size_t before = to->done, taken = 0;
  for (struct pbuf *p = t->received; to->left && p;) {
    size_t n = p->len < to->left ? p->len : to->left;
    if (flags & MSG_TRUNC) uio_skip(to, n); /* tcp(7): thrown away */
    else if (uio_put(to, p->payload, n)) return -EFAULT;
    if (flags & MSG_PEEK) {
      p = p->next;
      continue;
    }
    taken += n;
    p = t->received = pbuf_free_header(p, (u16_t)n);
  }
  t->received_size -= taken;
  for (size_t n; taken && t->pcb; taken -= n)
    tcp_recved(t->pcb, (u16_t)(n = taken > 0xffff ? 0xffff : taken));
  return (ssize_t)(to->done - before);
}

static ssize_t tcp_receive_socket(struct socket *s, struct uio *to, struct msg *m) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->receive_timeout);
  int error = 0;
  if (m->flags & MSG_OOB) return -EINVAL;
  if (t->state == TCP_IDLE || t->state == TCP_LISTENING) return -ENOTCONN;
  if (!to->left) return 0;
  for (;;) {
    if (t->received) {
      ssize_t n = take(t, to, m->flags);
      if (n < 0 || !(m->flags & MSG_WAITALL) || m->flags & MSG_PEEK || !to->left) return n < 0 ? n : (ssize_t)to->done;
    }
    if (to->done && (s->error || t->peer_closed)) return (ssize_t)to->done;
    if (s->error) return socket_take_error(s);
    if (t->peer_closed || t->read_shut || t->state == TCP_ENDED) return (ssize_t)to->done;
    error = socket_sleep(s, deadline, m->nonblock);
    if (error) return to->done ? (ssize_t)to->done : error;
  }
}

static int tcp_poll_socket(struct socket *s) {
  struct tcp *t = (struct tcp *)s;
  if (t->state == TCP_LISTENING) return t->pending ? POLLIN | POLLRDNORM : 0;
  if (t->state == TCP_IDLE) return POLLOUT | POLLWRNORM | POLLHUP;
  int events = s->error ? POLLERR : 0;
  bool ended = t->state == TCP_ENDED, no_more = t->peer_closed || t->read_shut || ended;
  if (t->received || no_more || s->error) events |= POLLIN | POLLRDNORM;
  if (no_more) events |= POLLRDHUP;
  if (ended || (t->peer_closed && t->write_shut)) events |= POLLHUP;
  bool room = t->state == TCP_CONNECTED && t->pcb && t->pcb->snd_buf >= TCP_SND_BUF / 3 &&
              tcp_sndqueuelen(t->pcb) < TCP_SND_QUEUELEN / 2;
  if (room || ended || t->write_shut) events |= POLLOUT | POLLWRNORM;
  return events;
}

static int tcp_ioctl(struct socket *s, unsigned request, uptr argument) {
  struct tcp *t = (struct tcp *)s;
  if (request != FIONREAD) return -ENOTTY;
  if (t->state == TCP_LISTENING) return -EINVAL;
  int n = (int)t->received_size;
  return copy_to_user(argument, &n, sizeof n);
}

/* --- the end --- */

static void forget(struct tcp_pcb *pcb) {
  tcp_arg(pcb, NULL);
  tcp_recv(pcb, NULL);
  tcp_sent(pcb, NULL);
  tcp_err(pcb, NULL);
}

static int tcp_shutdown_socket(struct socket *s, int how) {
  struct tcp *t = (struct tcp *)s;
  if (t->state == TCP_LISTENING && how != SHUT_WR) return -ENOTCONN;
  if (t->state != TCP_CONNECTED) return -ENOTCONN;
  if (how != SHUT_WR) t->read_shut = true;
  if (how != SHUT_RD && !t->write_shut) {
    t->write_shut = true;
    tcp_shutdown(t->pcb, 0, 1);
  }
  wake(&s->changed);
  return 0;
}

static void close_listener(struct tcp *t) {
  for (struct tcp *c; (c = t->pending);) {
    t->pending = c->pending;
    if (c->pcb) {
      forget(c->pcb);
      tcp_abort(c->pcb);
    }
    tcp_free_socket(c);
  }
  tcp_close(t->pcb);
  if (t->second) tcp_close(t->second);
}

/* Unread bytes make it a reset, so that the peer learns that they were not heard (RFC 2525, 2.17). */
void tcp_close_socket(struct socket *s) {
  struct tcp *t = (struct tcp *)s;
  if (t->state == TCP_LISTENING) {
    close_listener(t);
  } else if (t->pcb) {
    forget(t->pcb);
    if (t->received || t->state == TCP_CONNECTING) tcp_abort(t->pcb);
    else if (tcp_close(t->pcb) != ERR_OK) tcp_abort(t->pcb);
  }
  tcp_free_socket(t);
}

/* --- options --- */

int tcp_get(struct socket *s, int level, int option, void *value, int *length) {
  struct tcp *t = (struct tcp *)s;
  int number;
  if (level != IPPROTO_TCP) return level == IPPROTO_IP ? -ENOPROTOOPT : -EOPNOTSUPP;
  if (option == TCP_NODELAY) number = t->nodelay;
  else if (option == TCP_MAXSEG) number = t->pcb ? t->pcb->mss : 536;
  else return -ENOPROTOOPT;
  memcpy(value, &number, *length = sizeof number);
  return 0;
}

int tcp_set(struct socket *s, int level, int option, const void *value, int length) {
  struct tcp *t = (struct tcp *)s;
  int number;
  if (level != IPPROTO_TCP || option != TCP_NODELAY) return -ENOPROTOOPT;
  if (length < (int)sizeof number) return -EINVAL;
  memcpy(&number, value, sizeof number);
  t->nodelay = number;
  bool live = t->pcb && t->state != TCP_LISTENING;
  if (live && number) tcp_nagle_disable(t->pcb);
  else if (live) tcp_nagle_enable(t->pcb);
  return 0;
}

static void tcp_option(struct socket *s, int option) {
  struct tcp *t = (struct tcp *)s;
  if (!t->pcb || t->state == TCP_LISTENING) return;
  int flag = option == SO_REUSEADDR ? SOF_USER_REUSE : option == SO_KEEPALIVE ? SOF_KEEPALIVE : 0;
  ip_reset_option(t->pcb, flag);
  if (option == SO_REUSEADDR ? s->reuse : s->keepalive) ip_set_option(t->pcb, flag);
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
