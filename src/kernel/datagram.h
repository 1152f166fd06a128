/* What UDP, raw and ping sockets share: a queue of what has come, and the way of what is sent. */
#ifndef PORTSIDE_DATAGRAM_H
#define PORTSIDE_DATAGRAM_H

#include "inet.h"

struct packet;
struct datagram_socket {
  struct inet i;
  struct packet *first, **last; /* received, to be read */
  size_t queued;                /* what they take of SO_RCVBUF */
  bool read_shut, write_shut;
};

void datagram_init(struct datagram_socket *d, int domain, int type, int protocol);
void datagram_free(struct datagram_socket *d);

/* Queues the packet that lwIP is at work on, `p` from its IP header on: the program gets `length`
 * bytes from `start` on. lwIP changes a packet's headers, so `start` is behind them, or `p` is the
 * socket's own. Dropped if SO_RCVBUF is full. Takes a reference. */
void datagram_put(struct datagram_socket *d, struct pbuf *p, size_t start, size_t length,
                  uint16_t from_port);

/* Whether what comes from `from` to `to`, by the interface, is for a socket so bound and connected;
 * ports aside. */
bool datagram_wants(const struct datagram_socket *d, const ip_addr_t *from, const ip_addr_t *to,
                    int device);

/* How one datagram goes: worked out from its message, the socket's options and its connection. */
struct way {
  struct endpoint to;
  ip_addr_t from;
  struct netif *by;
  uint8_t ttl, tos;
  bool loop; /* the host itself is to hear it too */
};
int datagram_way(const struct datagram_socket *d, const struct msg *m, struct way *w);
int datagram_check_send(struct datagram_socket *d); /* what stands against sending now, or 0 */
/* Gives `p`, the IP payload in one piece with room for headers, to IP. Frees it. WITH_HEADER: it is
 * a whole packet of IPv4. */
enum { WITH_HEADER = -1 };
int datagram_output(struct pbuf *p, const struct way *w, int protocol);
struct pbuf *datagram_pbuf(struct uio *from, size_t header, int *error);

/* As sock_ops has them. */
int datagram_connect(struct datagram_socket *d, const void *address, int length);
ssize_t datagram_receive(struct socket *s, struct uio *to, struct msg *m);
int datagram_name(struct socket *s, bool peer, void *to);
int datagram_shutdown(struct socket *s, int how);
int datagram_poll(struct socket *s);
int datagram_ioctl(struct socket *s, unsigned request, uptr argument);

/* unreachable.c: `packet` has been given to the card, for an address that perhaps nobody has */
void unreachable_watch(struct host *h, const ip_addr_t *to, const uint8_t *packet, size_t size);

/* udp.c: ICMP tells of an error of what was sent by `from` to `to` */
void udp_failed(struct host *h, const struct endpoint *from, const struct endpoint *to, int device,
                int error);

#endif
