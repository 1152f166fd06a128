/* A TCP socket as its files share it: tcp.c is its life, tcp_event.c what happens to it, tcp_data.c
 * its bytes, tcp_option.c its options, tcp_wait.c its end in TIME_WAIT. */
#ifndef PORTSIDE_TCP_H
#define PORTSIDE_TCP_H

#include "inet.h"

#include "lwip/priv/tcp_priv.h"

enum { TCP_FIRST_RTO_MS = 1000 };
enum { SOF_USER_REUSE = 0x01 }; /* in so_options: what the program said; SOF_REUSEADDR is ours */

/* What connect and accept have made of it. The connection itself may be over. */
enum tcp_phase { TCP_UNCONNECTED, TCP_CONNECTING, TCP_CONNECTED };
enum tcp_urgent { URGENT_NONE, URGENT_EXPECTED, URGENT_THERE, URGENT_FETCHED };

struct tcp_choices { /* tcp(7): what setsockopt has said; times in seconds, user_timeout in ms */
  int nodelay, cork, keep_idle, keep_interval, keep_count, syn_count, user_timeout, max_segment;
  int fin_timeout, quick_ack;
};

struct tcp {
  struct inet i;
  enum tcp_phase phase;
  struct tcp_pcb *pcb, *second; /* NULL: closed. second: a listener's other interface */
  struct endpoint peer;
  uint16_t last_port;         /* that it had, and gave up */
  bool established;           /* it was, at some time */
  bool ended;                 /* the peer has ended what it sends: its FIN is here */
  bool read_shut, write_shut; /* by either side, or because the connection is over */
  bool accepted;              /* just now: it has a peer's name whatever became of it */
  bool full;                  /* somebody waits for room to send */
  bool sending;               /* somebody gives lwIP what he sends; others wait for their turn */
  struct waitq turn;
  int why;                /* we end it ourselves for that errno, 0: for a timeout */
  int64_t began;          /* connecting, or sending what is not acknowledged, since */
  uint8_t retries;        /* as lwIP counted when last seen */
  unsigned retransmitted; /* segments, in all */

  bool timing;        /* what was sent by timed_from, up to timed_to, to its acknowledgement */
  uint32_t timed_to;  /* a sequence number */
  int64_t timed_from; /* by net_time */
  int64_t rtt, rtt_variation; /* ns, smoothed as in RFC 6298, 2; 0: not measured */

  struct pbuf *received, *last; /* in order, the first partly read; linked, but not lwIP's chain,
                                   whose total length has 16 bits */
  size_t received_size;
  uint32_t read_at; /* the sequence number of the next byte to read */
  enum tcp_urgent urgent;
  uint32_t urgent_at; /* its sequence number */
  uint8_t urgent_byte;
  size_t receive_limit, send_limit;

  struct tcp *pending;  /* a listener's queue of connections, by itself */
  int backlog, waiting; /* how many may be in it before no more are let in, how many are */
  struct tcp_choices choices;
};

/* tcp.c */
bool tcp_live(const struct tcp *t);     /* there is a connection, or one is being made */
bool tcp_syn_sent(const struct tcp *t); /* one is being made */
void tcp_forget(struct tcp *t);         /* lwIP goes on with the block by itself */
void tcp_over(struct tcp *t);           /* the connection is, whoever ended it */
void tcp_on_error(void *arg, err_t error);

/* tcp_option.c */
int tcp_state(const struct tcp_pcb *pcb); /* Linux's number: TCP_ESTABLISHED, ... */

/* tcp_data.c */
err_t tcp_on_receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error);
err_t tcp_on_sent(void *arg, struct tcp_pcb *pcb, u16_t n);
void tcp_urgent_arrives(struct tcp *t, const struct tcp_hdr *h, const struct pbuf *data);
void tcp_forget_data(struct tcp *t); /* unread bytes, and where they were */
void tcp_open_window(struct tcp *t); /* as far as the limit and what is unread allow */
void tcp_push(struct tcp *t, bool more);
ssize_t tcp_send_socket(struct socket *s, struct uio *from, struct msg *m);
ssize_t tcp_receive_socket(struct socket *s, struct uio *to, struct msg *m);
int tcp_poll_socket(struct socket *s);
int tcp_ioctl(struct socket *s, unsigned request, uptr argument);

/* tcp_wait.c */
struct waiting;
void tcp_wait_take(void);          /* from lwIP, whichever it has got */
void tcp_wait_end(unsigned ticks); /* of those that have waited so long, in lwIP's slow ticks */
const struct tcp_pcb *tcp_wait_next(const struct waiting **place,
                                    uint16_t port); /* *place: NULL at first */
const struct tcp_pcb *tcp_wait_each(const struct waiting **place,
                                    unsigned *ticks_left); /* the same of all */

/* tcp_option.c */
void tcp_apply(struct tcp *t);    /* what the program said of it, to lwIP's block */
void tcp_apply_ip(struct tcp *t); /* the same of IP */
extern const struct tcp_choices tcp_defaults;
void tcp_option(struct socket *s, int option);

#endif
