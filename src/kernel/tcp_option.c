/* TCP's options (tcp(7)), and what those of every socket mean to it. */
#include "tcp.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
  DEFAULT_SEGMENT = 536,
  LEAST_SEGMENT = 88,
  LONGEST_FIN = 120,
  TICK_US = TCP_SLOW_INTERVAL * 1000
};

const struct tcp_choices tcp_defaults = {.keep_idle = 7200,
                                         .keep_interval = 75,
                                         .keep_count = 9,
                                         .syn_count = 6,
                                         .fin_timeout = 60,
                                         .quick_ack = 1};

static const struct number {
  int option, least, most; /* both 0: on or off */
  size_t at;
} numbers[] = {{TCP_NODELAY, 0, 0, offsetof(struct tcp_choices, nodelay)},
               {TCP_CORK, 0, 0, offsetof(struct tcp_choices, cork)},
               {TCP_QUICKACK, 0, 0, offsetof(struct tcp_choices, quick_ack)},
               {TCP_KEEPIDLE, 1, 32767, offsetof(struct tcp_choices, keep_idle)},
               {TCP_KEEPINTVL, 1, 32767, offsetof(struct tcp_choices, keep_interval)},
               {TCP_KEEPCNT, 1, 127, offsetof(struct tcp_choices, keep_count)},
               {TCP_SYNCNT, 1, 127, offsetof(struct tcp_choices, syn_count)},
               {TCP_USER_TIMEOUT, 0, INT_MAX, offsetof(struct tcp_choices, user_timeout)},
               {TCP_LINGER2, INT_MIN, INT_MAX, offsetof(struct tcp_choices, fin_timeout)},
               {TCP_MAXSEG, 0, 32767, offsetof(struct tcp_choices, max_segment)}};

static const struct number *find(int option) {
  for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
    if (numbers[n].option == option) return &numbers[n];
  return NULL;
}

static int *value_of(struct tcp *t, const struct number *n) {
  return (int *)(void *)((char *)&t->choices + n->at);
}

/* --- to lwIP --- */

static void apply_flags(struct tcp *t) {
  const struct socket *s = &t->i.s;
  ip_reset_option(t->pcb, SOF_KEEPALIVE | SOF_USER_REUSE);
  if (s->keepalive) ip_set_option(t->pcb, SOF_KEEPALIVE);
  if (s->reuse) ip_set_option(t->pcb, SOF_USER_REUSE);
  if (t->choices.nodelay)
    tcp_nagle_disable(t->pcb);
  else
    tcp_nagle_enable(t->pcb);
}

/* A small window needs small segments, or there would never be room for one. */
static void apply_segment(struct tcp *t) {
  size_t most = t->choices.max_segment ? (size_t)t->choices.max_segment : 0xffff;
  if (t->receive_limit < TCP_WND && t->receive_limit / 2 < most) most = t->receive_limit / 2;
  if (t->pcb->mss > most) t->pcb->mss = (u16_t)most;
}

static void apply_sizes(struct tcp *t) {
  apply_segment(t);
  if (t->pcb->rcv_wnd > t->receive_limit && !t->received_size)
    t->pcb->rcv_wnd = t->pcb->rcv_ann_wnd = (tcpwnd_size_t)t->receive_limit;
}

void tcp_apply_ip(struct tcp *t) {
  t->pcb->ttl = ipopt_ttl(&t->i, &t->pcb->local_ip);
  t->pcb->tos = ipopt_tos(&t->i, &t->pcb->local_ip);
}

void tcp_apply(struct tcp *t) {
  apply_flags(t);
  apply_sizes(t);
  t->pcb->keep_idle = (u32_t)t->choices.keep_idle * 1000;
  t->pcb->keep_intvl = (u32_t)t->choices.keep_interval * 1000;
  t->pcb->keep_cnt = (u32_t)t->choices.keep_count;
}

/* Half of a buffer is for the books (socket(7)); the rest is the bytes'. */
static size_t limit(int size, size_t most) {
  size_t bytes = (size_t)size / 2;
  return bytes < most ? bytes : most;
}

void tcp_option(struct socket *s, int option) {
  struct tcp *t = (struct tcp *)s;
  if (option == SO_SNDBUF) t->send_limit = limit(s->send_size, TCP_SND_BUF);
  if (option == SO_RCVBUF) t->receive_limit = limit(s->receive_size, TCP_WND);
  if (tcp_live(t)) {
    apply_flags(t);
    apply_segment(t);
  }
  if (option == SO_SNDBUF || option == SO_RCVLOWAT) socket_changed(s, 0);
}

/* --- TCP_INFO --- */

int tcp_state(const struct tcp_pcb *pcb) {
  static const uint8_t states[] = {
      [CLOSED] = TCP_CLOSE,         [LISTEN] = TCP_LISTEN,           [SYN_SENT] = TCP_SYN_SENT,
      [SYN_RCVD] = TCP_SYN_RECV,    [ESTABLISHED] = TCP_ESTABLISHED, [FIN_WAIT_1] = TCP_FIN_WAIT1,
      [FIN_WAIT_2] = TCP_FIN_WAIT2, [CLOSE_WAIT] = TCP_CLOSE_WAIT,   [CLOSING] = TCP_CLOSING,
      [LAST_ACK] = TCP_LAST_ACK,    [TIME_WAIT] = TCP_TIME_WAIT};
  return pcb ? states[pcb->state] : TCP_CLOSE;
}

static unsigned count_segments(const struct tcp_seg *s) {
  unsigned n = 0;
  for (; s; s = s->next)
    n++;
  return n;
}

static int get_info(struct tcp *t, struct tcp_info *to) {
  const struct tcp_pcb *pcb = t->pcb;
  *to = (struct tcp_info){.tcpi_state = (uint8_t)tcp_state(t->pcb), .tcpi_reordering = 3};
  to->tcpi_total_retrans = t->retransmitted;
  to->tcpi_rto = 1000000;
  to->tcpi_snd_mss = to->tcpi_rcv_mss = DEFAULT_SEGMENT;
  if (!tcp_live(t)) return sizeof *to;
  bool scale = pcb->flags & TF_WND_SCALE, sack = pcb->flags & TF_SACK;
  to->tcpi_retransmits = pcb->nrtx;
  to->tcpi_probes = pcb->persist_probe;
  to->tcpi_options = (uint8_t)((scale ? TCPI_OPT_WSCALE : 0) | (sack ? TCPI_OPT_SACK : 0));
  to->tcpi_snd_wscale = pcb->snd_scale & 15;
  to->tcpi_rcv_wscale = pcb->rcv_scale & 15;
  to->tcpi_rto = (uint32_t)pcb->rto * TICK_US;
  to->tcpi_snd_mss = to->tcpi_rcv_mss = to->tcpi_advmss = pcb->mss;
  to->tcpi_unacked = count_segments(pcb->unacked);
  to->tcpi_rtt = (uint32_t)(pcb->sa >> 3) * TICK_US;
  to->tcpi_rttvar = (uint32_t)(pcb->sv >> 2) * TICK_US;
  to->tcpi_snd_ssthresh = pcb->ssthresh / pcb->mss;
  to->tcpi_snd_cwnd = pcb->cwnd / pcb->mss;
  to->tcpi_rcv_space = (uint32_t)t->receive_limit;
  return sizeof *to;
}

/* --- the calls --- */

static int get_segment(const struct tcp *t) {
  if (tcp_live(t) && t->established) return t->pcb->mss;
  return t->choices.max_segment ? t->choices.max_segment : DEFAULT_SEGMENT;
}

int tcp_get(struct socket *s, int level, int option, void *value, int *length) {
  struct tcp *t = (struct tcp *)s;
  const struct number *n = find(option);
  if (level != IPPROTO_TCP) return ipopt_get(&t->i, level, option, value, length);
  if (option == TCP_INFO) {
    struct tcp_info info;
    memcpy(value, &info, (size_t)(*length = get_info(t, &info)));
    return 0;
  }
  if (!n) return -ENOPROTOOPT;
  int number = option == TCP_MAXSEG ? get_segment(t) : *value_of(t, n);
  memcpy(value, &number, *length = sizeof number);
  return 0;
}

static int set_ip(struct tcp *t, int level, int option, const void *value, int length) {
  int error = ipopt_set(&t->i, level, option, value, length);
  if (!error && t->pcb) tcp_apply_ip(t);
  return error;
}

int tcp_set(struct socket *s, int level, int option, const void *value, int length) {
  struct tcp *t = (struct tcp *)s;
  const struct number *n = find(option);
  int number;
  if (level != IPPROTO_TCP) return set_ip(t, level, option, value, length);
  if (!n) return -ENOPROTOOPT;
  if (length < (int)sizeof number) return -EINVAL;
  memcpy(&number, value, sizeof number);
  bool flag = !n->least && !n->most;
  if (!flag && (number < n->least || number > n->most)) return -EINVAL;
  if (option == TCP_MAXSEG && number && number < LEAST_SEGMENT) return -EINVAL;
  if (option == TCP_LINGER2) number = number < 0 ? -1 : number > LONGEST_FIN ? LONGEST_FIN : number;
  *value_of(t, n) = flag ? number != 0 : number;
  if (!tcp_live(t)) return 0;
  tcp_apply(t);
  if ((option == TCP_NODELAY && number) || (option == TCP_CORK && !number)) tcp_output(t->pcb);
  return 0;
}
