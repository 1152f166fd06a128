/* TCP's bytes: what a program sends and receives, and what poll says of them.
 *
 * Received bytes stay in lwIP's pbufs until they are read. An urgent byte (RFC 6093) is one of the
 * stream too, but not given with it unless SO_OOBINLINE says so; lwIP knows nothing of it. */
#include "tcp.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { BOUNCE = 32768, LARGE = 8192 };
static uint8_t bounce[BOUNCE]; /* between the program's memory and lwIP's; used under the lock */

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t send_room(const struct tcp *t) {
  size_t queued = TCP_SND_BUF - t->pcb->snd_buf;
  return queued < t->send_limit && tcp_sndqueuelen(t->pcb) < TCP_SND_QUEUELEN - 4
             ? t->send_limit - queued
             : 0;
}

/* Not as soon as there is room for a byte, or it would be woken for each (Linux has this third
 * too). */
static bool writable(const struct tcp *t) { return send_room(t) >= t->send_limit / 3; }

/* --- what lwIP calls --- */

static void append(struct tcp *t, struct pbuf *p) {
  t->received_size += p->tot_len;
  if (t->received)
    t->last->next = p;
  else
    t->received = p;
  for (t->last = p; t->last->next;)
    t->last = t->last->next;
}

err_t tcp_on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error) {
  struct tcp *t = arg;
  (void)pcb, (void)error;
  if (p)
    append(t, p);
  else
    t->ended = t->read_shut = true;
  socket_changed(&t->i.s, p ? POLLIN | POLLRDNORM : 0);
  return ERR_OK;
}

/* RFC 6298, 2, with Karn's rule: nothing that was sent twice is timed. */
static void measure(struct tcp *t, const struct tcp_pcb *pcb) {
  if (pcb->nrtx) t->timing = false;
  if (!t->timing || TCP_SEQ_LT(pcb->lastack, t->timed_to)) return;
  int64_t sample = net_time() - t->timed_from, off = sample - t->rtt;
  t->timing = false;
  t->rtt_variation =
      t->rtt ? t->rtt_variation + ((off < 0 ? -off : off) - t->rtt_variation) / 4 : sample / 2;
  t->rtt = t->rtt ? t->rtt + off / 8 : sample;
}

err_t tcp_on_sent(void *arg, struct tcp_pcb *pcb, u16_t n) {
  struct tcp *t = arg;
  (void)n;
  t->began = 0;
  measure(t, pcb);
  if (t->full && writable(t)) {
    t->full = false;
    socket_changed(&t->i.s, POLLOUT | POLLWRNORM);
  }
  return ERR_OK;
}

/* --- urgent data --- */

/* A segment is here that may say where the urgent byte is, or may bring it. As Linux does, it is
 * the byte before the one that the urgent pointer points to. */
void tcp_urgent_arrives(struct tcp *t, const struct tcp_hdr *h, const struct pbuf *data) {
  if (TCPH_FLAGS(h) & TCP_URG) {
    uint16_t pointer = lwip_ntohs(h->urgp);
    uint32_t at = h->seqno + (pointer ? pointer - 1u : 0);
    bool seen = TCP_SEQ_LT(at, t->pcb->rcv_nxt) || (t->urgent && TCP_SEQ_LEQ(at, t->urgent_at));
    if (!seen) {
      t->urgent = URGENT_EXPECTED;
      t->urgent_at = at;
      socket_signal(&t->i.s, SIGURG);
    }
  }
  if (t->urgent != URGENT_EXPECTED || t->urgent_at - h->seqno >= data->tot_len) return;
  t->urgent_byte = pbuf_get_at(data, (u16_t)(t->urgent_at - h->seqno));
  t->urgent = URGENT_THERE;
  socket_changed(&t->i.s, POLLPRI | POLLIN | POLLRDNORM);
}

static ssize_t receive_urgent(struct tcp *t, struct uio *to, struct msg *m) {
  if (t->i.s.oob_inline || t->urgent == URGENT_NONE || t->urgent == URGENT_FETCHED) return -EINVAL;
  if (!t->pcb && !t->ended) return -ENOTCONN;
  if (t->urgent == URGENT_EXPECTED) return t->read_shut ? 0 : -EAGAIN;
  if (!(m->flags & MSG_PEEK)) t->urgent = URGENT_FETCHED;
  m->flags_out |= MSG_OOB | (to->left ? 0 : MSG_TRUNC);
  if (!to->left) return 0;
  if (!(m->flags & MSG_TRUNC) && uio_put(to, &t->urgent_byte, 1)) return -EFAULT;
  return 1;
}

/* Every segment that is not sent yet, up to the end of what is queued, points behind its end: the
 * last byte is the urgent one. */
static void mark_urgent(struct tcp_pcb *pcb) {
  for (struct tcp_seg *s = pcb->unsent; s; s = s->next) {
    uint32_t pointer = pcb->snd_lbb - lwip_ntohl(s->tcphdr->seqno);
    TCPH_SET_FLAG(s->tcphdr, TCP_URG);
    s->tcphdr->urgp = lwip_htons((uint16_t)smaller(pointer, 0xffff));
  }
}

/* --- sending --- */

/* TCP_CORK and MSG_MORE hold back what fills no segment, until lwIP's next tick at the latest. */
void tcp_push(struct tcp *t, bool more) {
  const struct tcp_seg *first = t->pcb->unsent;
  if ((more || t->choices.cork) && first && !first->next && first->len < t->pcb->mss) return;
  uint32_t sent = t->pcb->snd_nxt;
  tcp_output(t->pcb);
  if (t->timing || t->pcb->snd_nxt == sent) return;
  t->timing = true;
  t->timed_to = t->pcb->snd_nxt;
  t->timed_from = net_time();
}

/* The next n bytes, in the kernel's memory; NULL: EFAULT. Many are copied without the lock, for
 * others to go on meanwhile, and nothing but its turn is sure to be as it was. */
static const uint8_t *fetch(const struct uio *from, size_t n) {
  struct thread *t = caller;
  if (n >= LARGE && !t->outgoing) t->outgoing = malloc(BOUNCE);
  if (n < LARGE || !t->outgoing) return uio_look(from, bounce, n) ? NULL : bounce;
  unlock();
  int error = uio_look(from, t->outgoing, n);
  lock();
  return error ? NULL : t->outgoing;
}

static bool can_send(const struct tcp *t) {
  return tcp_live(t) && (t->pcb->state == ESTABLISHED || t->pcb->state == CLOSE_WAIT);
}

static bool may_send(const struct tcp *t) { return can_send(t) && !t->i.s.error && !t->write_shut; }

/* Gives lwIP what it takes now; bytes, 0 when it is full, or -errno. */
static ssize_t send_some(struct tcp *t, struct uio *from, int flags) {
  if (!may_send(t)) return -EPIPE;
  size_t n = smaller(smaller(send_room(t), from->left), BOUNCE);
  if (!n) return 0;
  const uint8_t *bytes = fetch(from, n);
  if (!bytes) return -EFAULT;
  if (!may_send(t)) return -EPIPE;
  if (!(n = smaller(n, send_room(t)))) return 0;
  bool more = flags & MSG_MORE, urgent = flags & MSG_OOB && n == from->left;
  err_t error = tcp_write(t->pcb, bytes, (u16_t)n,
                          (u8_t)(TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0)));
  if (error != ERR_OK) return error == ERR_MEM ? 0 : net_errno(error);
  uio_skip(from, n);
  if (urgent) {
    mark_urgent(t->pcb);
    tcp_nagle_disable(t->pcb);
    tcp_output(t->pcb);
    if (!t->choices.nodelay) tcp_nagle_enable(t->pcb);
  } else
    tcp_push(t, more);
  net_run();
  return (ssize_t)n;
}

/* Gives lwIP what it takes now, in one piece, whoever else sends meanwhile. As send_some. */
static ssize_t send_in_turn(struct tcp *t, struct uio *from, int flags) {
  while (t->sending) {
    int error = sleep_on(&t->turn, FOREVER);
    if (error) return error;
  }
  t->sending = true;
  ssize_t n;
  do
    n = send_some(t, from, flags);
  while (n > 0 && from->left);
  t->sending = false;
  wake(&t->turn);
  return n;
}

/* Waits until there is a connection to send on: 0, or why there is none. */
static int wait_connected(struct tcp *t, int64_t deadline, bool nonblock) {
  while (!can_send(t)) {
    if (t->i.s.error) return socket_take_error(&t->i.s);
    if (!tcp_syn_sent(t)) return -EPIPE;
    int error = socket_sleep(&t->i.s, deadline, nonblock);
    if (error) return error;
  }
  return 0;
}

static int wait_room(struct tcp *t, int64_t deadline, bool nonblock) {
  t->full = true;
  return socket_sleep(&t->i.s, deadline, nonblock);
}

/* Linux gives up the error of a connection once, and EPIPE ever after. */
ssize_t tcp_send_socket(struct socket *s, struct uio *from, struct msg *m) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->send_timeout);
  int error = wait_connected(t, deadline, m->nonblock);
  while (!error) {
    if (!may_send(t)) error = -EPIPE;
    if (error || !from->left) break;
    ssize_t n = send_in_turn(t, from, m->flags);
    if (n < 0)
      error = (int)n;
    else if (!n)
      error = wait_room(t, deadline, m->nonblock);
  }
  if (from->done) return (ssize_t)from->done;
  return error == -EPIPE && s->error ? socket_take_error(s) : error;
}

/* --- receiving --- */

void tcp_forget_data(struct tcp *t) {
  if (t->received) pbuf_free(t->received);
  t->received = t->last = NULL;
  t->received_size = 0;
  t->urgent = URGENT_NONE;
}

void tcp_open_window(struct tcp *t) {
  size_t used = t->pcb->rcv_wnd + t->received_size;
  size_t more = used < t->receive_limit ? t->receive_limit - used : 0;
  for (size_t n; more; more -= n)
    tcp_recved(t->pcb, (u16_t)(n = smaller(more, 0xffff)));
  /* lwIP tells the peer of a quarter of its own window; a smaller one has smaller quarters */
  uint32_t untold = t->pcb->rcv_nxt + t->pcb->rcv_ann_wnd - t->pcb->rcv_ann_right_edge;
  if (t->receive_limit == TCP_WND || untold < t->receive_limit / 4 || untold > TCP_WND) return;
  tcp_ack_now(t->pcb);
  tcp_output(t->pcb);
}

/* How far the urgent mark is from the byte `at` bytes behind the next one. */
static uint32_t to_mark(const struct tcp *t, size_t at) {
  return t->urgent ? t->urgent_at - (uint32_t)(t->read_at + at) : UINT32_MAX;
}

/* The next n bytes have been read, or skipped. */
static void consume(struct tcp *t, size_t n) {
  t->received_size -= n;
  t->read_at += (uint32_t)n;
  for (size_t m; n; n -= m) {
    m = smaller(n, t->received->len);
    t->received = pbuf_free_header(t->received, (u16_t)m);
  }
  if (t->urgent && TCP_SEQ_GT(t->read_at, t->urgent_at)) t->urgent = URGENT_NONE;
}

/* Moves what is there, up to the urgent mark; from the mark on if nothing has been moved yet. */
static int take(struct tcp *t, struct uio *to, int flags) {
  const struct pbuf *p = t->received;
  size_t at = 0, in_p = 0; /* bytes passed, and of those how many in p */
  while (p && to->left) {
    uint32_t mark = to_mark(t, at);
    bool skip = !mark && !t->i.s.oob_inline;
    size_t n = skip ? 1 : smaller(smaller(to->left, p->len - in_p), mark ? mark : SIZE_MAX);
    if (!mark && to->done) break;
    if (!skip && flags & MSG_TRUNC)
      uio_skip(to, n); /* tcp(7): thrown away */
    else if (!skip && uio_put(to, (uint8_t *)p->payload + in_p, n))
      return -EFAULT;
    at += n;
    in_p += n;
    if (flags & MSG_PEEK) {
      if (in_p == p->len) p = p->next, in_p = 0;
      continue;
    }
    consume(t, at);
    p = t->received;
    at = in_p = 0;
  }
  if (!(flags & MSG_PEEK) && t->pcb) tcp_open_window(t);
  return 0;
}

/* Why nothing more is to be waited for: 1, or an error; 0: it is. */
static int no_more(struct tcp *t, size_t done) {
  struct socket *s = &t->i.s;
  if (done) return s->error || t->read_shut || !t->pcb || !to_mark(t, 0);
  if (t->ended) return 1;
  if (s->error) return socket_take_error(s);
  return t->read_shut ? 1 : t->pcb ? 0 : -ENOTCONN;
}

/* What is looked at is copied once, when as much is there as is to be. */
static ssize_t peek(struct tcp *t, struct uio *to, const struct msg *m, size_t least,
                    int64_t deadline) {
  int error = 0;
  while (t->received_size < least && !error) {
    error = no_more(t, t->received_size);
    if (!error) error = socket_sleep(&t->i.s, deadline, m->nonblock);
  }
  if (t->received && take(t, to, m->flags)) return -EFAULT;
  return to->done || t->received || error > 0 ? (ssize_t)to->done : error;
}

/* Bytes that are there are given even after an error or the end, as on Linux. */
ssize_t tcp_receive_socket(struct socket *s, struct uio *to, struct msg *m) {
  struct tcp *t = (struct tcp *)s;
  int64_t deadline = deadline_in(s->receive_timeout);
  size_t length = to->left,
         least = m->flags & MSG_WAITALL ? length : smaller((size_t)s->receive_low, length);
  if (s->listening) return -ENOTCONN;
  if (m->flags & MSG_OOB) return receive_urgent(t, to, m);
  if (m->flags & MSG_ERRQUEUE) return -EAGAIN;
  if (!least) least = 1;
  if (m->flags & MSG_PEEK) return peek(t, to, m, least, deadline);
  for (;;) {
    if (t->received && take(t, to, m->flags)) return -EFAULT;
    if (to->done >= least || (t->received && !length)) return (ssize_t)to->done;
    int error = no_more(t, to->done);
    if (!error) error = socket_sleep(s, deadline, m->nonblock);
    if (error) return to->done ? (ssize_t)to->done : error > 0 ? 0 : error;
  }
}

/* --- what is ready --- */

static bool readable(const struct tcp *t) {
  size_t least = (size_t)t->i.s.receive_low + (!to_mark(t, 0) && !t->i.s.oob_inline);
  return t->received_size + t->ended >= least;
}

int tcp_poll_socket(struct socket *s) {
  struct tcp *t = (struct tcp *)s;
  if (s->listening) return t->pending ? POLLIN | POLLRDNORM : 0;
  int events = s->error ? POLLERR : 0;
  if (!t->pcb || (t->read_shut && t->write_shut)) events |= POLLHUP;
  if (t->read_shut) events |= POLLIN | POLLRDNORM | POLLRDHUP;
  if (tcp_syn_sent(t)) return events;
  if (readable(t)) events |= POLLIN | POLLRDNORM;
  if (t->write_shut || !t->pcb || send_room(t) >= t->send_limit / 3) events |= POLLOUT | POLLWRNORM;
  if (t->urgent == URGENT_THERE) events |= POLLPRI;
  return events;
}

/* FIONREAD: up to the urgent mark, as Linux counts. */
static size_t waiting(const struct tcp *t) {
  uint32_t mark = t->i.s.oob_inline ? UINT32_MAX : to_mark(t, 0);
  return mark < t->received_size ? mark : t->received_size;
}

int tcp_ioctl(struct socket *s, unsigned request, uptr argument) {
  struct tcp *t = (struct tcp *)s;
  int n;
  switch (request) {
  case FIONREAD: n = (int)waiting(t); break;
  case SIOCATMARK: n = !to_mark(t, 0); break;
  case TIOCOUTQ:
    n = tcp_live(t) && !tcp_syn_sent(t) ? (int)(t->pcb->snd_lbb - t->pcb->lastack) : 0;
    break;
  default: return -ENOTTY;
  }
  if (s->listening && request != SIOCATMARK) return -EINVAL;
  return copy_to_user(argument, &n, sizeof n);
}
