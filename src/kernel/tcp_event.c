/* What happens to a TCP connection without its program: segments that lwIP has no answer to, ends
 * that it does not tell of, and time. */
#include "tcp.h"
#include <string.h>

enum { MIN_RTO_MS = 300, NO_ANSWER_MS = 3000 };

static struct tcp *settling; /* what arrives for it may end it without a callback */
static enum tcp_state settling_from;
static struct pbuf *again; /* a segment to be processed once more, and where it has arrived */
static struct netif *again_at;

/* --- segments --- */

/* Takes a segment out of lwIP's hands, to be given to it once more when it has forgotten this one.
 */
static err_t take_back(struct tcp_hdr *h, struct pbuf *p) {
  h->src = lwip_htons(h->src);
  h->dest = lwip_htons(h->dest);
  h->seqno = lwip_htonl(h->seqno);
  h->ackno = lwip_htonl(h->ackno);
  h->wnd = lwip_htons(h->wnd);
  pbuf_add_header_force(p, TCPH_HDRLEN_BYTES(h) + ip_current_header_tot_len());
  pbuf_ref(p);
  again = p;
  again_at = ip_current_input_netif();
  return ERR_ABRT;
}

static bool only_syn(const struct tcp_hdr *h) {
  return (TCPH_FLAGS(h) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* A SYN for a connection that waits in TIME_WAIT, newer than all it has had, begins another
 * (RFC 1122, 4.2.2.13). */
static err_t replace(struct tcp_pcb *pcb, struct tcp_hdr *h, struct pbuf *p) {
  if (!only_syn(h) || TCP_SEQ_LEQ(h->seqno, pcb->rcv_nxt)) return ERR_OK;
  tcp_abort(pcb);
  return take_back(h, p);
}

/* Both sides connect at once, or one to itself (RFC 9293, 3.5): as if the SYN acknowledged ours. */
static err_t meet(struct tcp_pcb *pcb, struct tcp_hdr *h, struct pbuf *p) {
  if (!only_syn(h)) return ERR_OK;
  TCPH_SET_FLAG(h, TCP_ACK);
  h->ackno = pcb->lastack + 1;
  return take_back(h, p);
}

/* lwIP's hook: it has found the block that a segment is for. `h` is in host order, but for urgp.
 * Anything but ERR_OK takes the segment away from it. */
int tcp_arrives(struct tcp_pcb *pcb, struct tcp_hdr *h, struct pbuf *p) {
  struct tcp *t = pcb->callback_arg;
  switch (pcb->state) {
  case LISTEN: /* who finds the queue full has not been heard, and tries again */
    return t->waiting > t->backlog && TCPH_FLAGS(h) & TCP_SYN ? ERR_MEM : ERR_OK;
  case TIME_WAIT: return replace(pcb, h, p);
  case SYN_SENT: return meet(pcb, h, p);
  case FIN_WAIT_1:
  case FIN_WAIT_2:
  case CLOSING:
  case LAST_ACK: settling = t; break;
  default: break;
  }
  if (t && pcb->state >= ESTABLISHED) tcp_urgent_arrives(t, h, p);
  return tcp_quiet(pcb, h, p);
}

static void settle(void) {
  struct tcp *t = settling;
  settling = NULL;
  if (!t) return;
  if (tcp_live(t) && t->pcb->state == TIME_WAIT) {
    tcp_forget(t);
    tcp_over(t);
  } else if (t->pcb && t->pcb->state != settling_from)
    socket_changed(&t->i.s, 0);
}

/* What is processed once more has had its sum checked, and may have been changed since. */
static void process_again(void) {
  struct pbuf *p = again;
  u16_t checks = again_at->chksum_flags;
  again = NULL;
  NETIF_SET_CHECKSUM_CTRL(again_at, checks & ~(NETIF_CHECKSUM_CHECK_IP | NETIF_CHECKSUM_CHECK_TCP));
  ip_input(p, again_at);
  NETIF_SET_CHECKSUM_CTRL(again_at, checks);
  settle();
}

/* A segment has been processed: lwIP does not tell of each end. */
void tcp_settle(void) {
  settle();
  if (again) process_again();
  tcp_wait_take();
}

/* As Linux: 64 ns for each number, so that a later connection begins above an earlier one. */
unsigned tcp_first_sequence(void) {
  static u32_t secret;
  if (!secret) secret = net_random();
  return secret + (u32_t)(now_ns() >> 6);
}

/* --- time --- */

static void give_up(struct tcp *t, int error) {
  t->why = error;
  tcp_abandon(t->pcb, 0);
}

/* tcp(7), tcp_syn_retries: SYN is sent again after 1 s, then after twice as long each time. */
static void watch_connecting(struct tcp *t, int64_t now) {
  struct tcp_pcb *pcb = t->pcb;
  pcb->rto = (s16_t)((TCP_FIRST_RTO_MS / TCP_SLOW_INTERVAL) << (pcb->nrtx < 8 ? pcb->nrtx : 8));
  if (pcb->nrtx >= t->choices.syn_count && pcb->rtime >= pcb->rto - 1)
    give_up(t, ETIMEDOUT);
  else if (now - t->began >= NO_ANSWER_MS * INT64_C(1000000) &&
           !net_reachable(t->i.s.host, &t->peer.ip))
    give_up(t, EHOSTUNREACH);
}

static void watch(struct tcp *t, int64_t now) {
  struct tcp_pcb *pcb = t->pcb;
  if (pcb->nrtx > t->retries) t->retransmitted += pcb->nrtx - t->retries;
  t->retries = pcb->nrtx;
  if (pcb->state == SYN_SENT) {
    watch_connecting(t, now);
    return;
  }
  /* lwIP counts a round trip on an idle link as no time at all, and would then take a late answer
   * for a lost one. Linux waits 200 ms at the least. */
  if (pcb->rto < MIN_RTO_MS / TCP_SLOW_INTERVAL) pcb->rto = MIN_RTO_MS / TCP_SLOW_INTERVAL;
  if (!pcb->unacked && !pcb->unsent)
    t->began = 0;
  else if (!t->began)
    t->began = now;
  if (t->choices.user_timeout && t->began &&
      now - t->began > t->choices.user_timeout * INT64_C(1000000))
    give_up(t, ETIMEDOUT);
}

/* Before each of lwIP's ticks. Blocks that have no socket of their own do not call tcp_on_error. */
void tcp_watch(void) {
  int64_t now = net_time();
  for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb; pcb = next) {
    next = pcb->next;
    if (pcb->errf == tcp_on_error)
      watch(pcb->callback_arg, now);
    else if (pcb->rto < MIN_RTO_MS / TCP_SLOW_INTERVAL)
      pcb->rto = MIN_RTO_MS / TCP_SLOW_INTERVAL;
  }
}
