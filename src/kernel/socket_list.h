/* What a list of all sockets says of each. The view of sockets reads it (web/wire/sockets.js). */
#ifndef PORTSIDE_SOCKET_LIST_H
#define PORTSIDE_SOCKET_LIST_H

#include <stdint.h>

enum socket_timer { TIMER_NONE, TIMER_RETRANSMIT, TIMER_KEEPALIVE, TIMER_PERSIST, TIMER_WAIT };

/* Of a socket that several descriptors have there are as many, with the same id. */
struct socket_record {
  uint32_t id;                    /* the same for as long as it lives */
  int32_t pid, fd;                /* whose it is; 0, -1: no process has it (any more, or yet) */
  int32_t domain, type, protocol; /* AF_INET, AF_INET6; SOCK_STREAM ...; IPPROTO_TCP ... */
  int32_t state;                  /* TCP_ESTABLISHED, ... of <netinet/tcp.h>; others: TCP_CLOSE */
  uint32_t receive_queue; /* bytes not yet read; of a listener, connections not yet accepted */
  uint32_t send_queue;    /* bytes not yet acknowledged; of a listener, its backlog */
  uint32_t in_flight;     /* bytes sent and not yet acknowledged */
  uint32_t congestion_window, slow_start_threshold, send_window, receive_window,
      segment;                 /* bytes */
  uint32_t rto;                /* ms */
  uint32_t rtt, rtt_variation; /* us; 0: not measured */
  uint32_t retransmitted;      /* segments */
  uint32_t timer, timer_ms;    /* enum socket_timer, and when it is due */
  char local[56], peer[56];    /* ADDRESS:PORT, [ADDRESS]:PORT, * for any */
  char host[64], program[32];
};

#endif
