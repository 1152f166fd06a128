/* SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6 (icmp(7)): echo requests out, their replies in.
 * The identifier of an echo is the socket's port. */
#include "datagram.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/raw.h"
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LIMIT = 65535 };

struct ping {
  struct datagram_socket d;
  struct raw_pcb *pcbs[INTERFACES];
};
struct echo {
  uint8_t type, code;
  uint16_t checksum, id, sequence;
};

static u8_t on_message(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *sender) {
  struct ping *g = arg;
  struct echo e;
  bool six = ip_current_is_v6();
  size_t header = ip_current_header_tot_len();
  ip_addr_t from = net_unzoned(sender), to = net_unzoned(ip_current_dest_addr());
  (void)pcb;
  if (p->len < header + sizeof e) return 0;
  memcpy(&e, (uint8_t *)p->payload + header, sizeof e);
  if (e.type != (six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) || lwip_ntohs(e.id) != g->d.i.port)
    return 0;
  int device = net_arrival(ip_current_input_netif(), ip_current_dest_addr());
  if (datagram_wants(&g->d, &from, &to, device))
    datagram_put(&g->d, p, header, p->tot_len - header, 0);
  return 0;
}

static int autobind(struct inet *i) { return i->port || !inet_take_port(i, 0) ? 0 : -EAGAIN; }

static void fill(struct pbuf *p, const struct ping *g, const struct way *w) {
  struct echo e;
  memcpy(&e, p->payload, sizeof e);
  e.id = lwip_htons(g->d.i.port);
  e.checksum = 0;
  memcpy(p->payload, &e, sizeof e);
  e.checksum = IP_IS_V6(&w->to.ip)
                   ? ip_chksum_pseudo(p, IPPROTO_ICMPV6, p->tot_len, &w->from, &w->to.ip)
                   : inet_chksum_pbuf(p);
  memcpy(p->payload, &e, sizeof e);
}

static ssize_t ping_send(struct socket *s, struct uio *from, struct msg *m) {
  struct ping *g = (struct ping *)s;
  struct echo e;
  struct way w;
  size_t n = from->left;
  bool six = s->domain == AF_INET6;
  int error = autobind(&g->d.i);
  if (!error && n > LIMIT) error = -EMSGSIZE;
  if (!error && n < sizeof e) error = -EINVAL;
  if (!error) error = uio_look(from, &e, sizeof e);
  if (!error && (e.type != (six ? ICMP6_ECHO_REQUEST : ICMP_ECHO) || e.code)) error = -EINVAL;
  if (!error) error = datagram_way(&g->d, m, &w);
  if (!error && six != (bool)IP_IS_V6(&w.to.ip)) error = -EINVAL;
  if (!error && n > LIMIT - (six ? IP6_HLEN : IP_HLEN)) error = -EMSGSIZE;
  struct pbuf *p = error ? NULL : datagram_pbuf(from, 0, &error);
  if (!p) return error;
  fill(p, g, &w);
  error = datagram_output(p, &w, s->protocol);
  return error ? error : (ssize_t)n;
}

static int ping_bind(struct socket *s, const void *address, int length) {
  return inet_bind((struct inet *)s, address, length);
}

static int ping_connect(struct socket *s, const void *address, int length, bool nonblock) {
  (void)nonblock;
  int error = autobind((struct inet *)s);
  return error ? error : datagram_connect((struct datagram_socket *)s, address, length);
}

static int ping_get(struct socket *s, int level, int option, void *value, int *length) {
  return ipopt_get((struct inet *)s, level, option, value, length);
}

static int ping_set(struct socket *s, int level, int option, const void *value, int length) {
  return ipopt_set((struct inet *)s, level, option, value, length);
}

static void ping_close(struct socket *s) {
  struct ping *g = (struct ping *)s;
  for (int n = 0; n < INTERFACES; n++)
    if (g->pcbs[n]) raw_remove(g->pcbs[n]);
  datagram_free(&g->d);
  free(g);
}

static const struct sock_ops ping_ops = {.bind = ping_bind,
                                         .connect = ping_connect,
                                         .send = ping_send,
                                         .receive = datagram_receive,
                                         .name = datagram_name,
                                         .shutdown = datagram_shutdown,
                                         .get = ping_get,
                                         .set = ping_set,
                                         .poll = datagram_poll,
                                         .ioctl = datagram_ioctl,
                                         .close = ping_close};

struct socket *ping_socket(int domain, int protocol) {
  struct ping *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  datagram_init(&g->d, domain, SOCK_DGRAM, protocol);
  g->d.i.s.ops = &ping_ops;
  for (int n = 0; n < INTERFACES; n++) {
    g->pcbs[n] =
        raw_new_ip_type(domain == AF_INET6 ? IPADDR_TYPE_V6 : IPADDR_TYPE_V4, (u8_t)protocol);
    if (!g->pcbs[n]) {
      ping_close(&g->d.i.s);
      return NULL;
    }
    raw_bind_netif(g->pcbs[n], &g->d.i.s.host->interfaces[n]);
    raw_recv(g->pcbs[n], on_message, g);
  }
  return &g->d.i.s;
}
