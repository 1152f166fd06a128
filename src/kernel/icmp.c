/* What ICMP and ICMPv6 tell of a datagram that did not arrive goes to the socket that sent it; lwIP
 * does the rest of both. */
#include "datagram.h"
#include "lwip/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

enum { ICMP_HEADER = 8, PORTS = 4, WANTED = 128 };

/* Those errors that a connected socket is told of without IP_RECVERR. The others may pass. */
static const struct error {
  bool six;
  uint8_t type, code;
  int number;
} errors[] = {{false, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, ENOPROTOOPT},
              {false, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, ECONNREFUSED},
              {false, ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, ENETUNREACH},
              {false, ICMP_DEST_UNREACH, ICMP_HOST_UNKNOWN, EHOSTDOWN},
              {false, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, EHOSTUNREACH},
              {false, ICMP_PARAMETERPROB, 0, EPROTO},
              {true, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN, EACCES},
              {true, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, ECONNREFUSED},
              {true, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_HEADER, EPROTO},
              {true, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, EPROTO}};

static int error_of(bool six, const uint8_t *message) {
  for (size_t n = 0; n < sizeof errors / sizeof *errors; n++)
    if (errors[n].six == six && errors[n].type == message[0] && errors[n].code == message[1])
      return errors[n].number;
  return 0;
}

/* The packet that the message is about: its protocol, its ends, where its payload is. false: it is
 * cut too short, or has headers of IPv6 that nobody here sends. */
static bool read_packet(const uint8_t *bytes, size_t n, bool six, int *protocol,
                        struct endpoint *from, struct endpoint *to, size_t *payload) {
  struct ip_hdr four;
  struct ip6_hdr header6;
  *from = *to = (struct endpoint){0};
  if (n < (six ? sizeof header6 : sizeof four)) return false;
  if (six) {
    memcpy(&header6, bytes, sizeof header6);
    ip_addr_copy_from_ip6_packed(from->ip, header6.src);
    ip_addr_copy_from_ip6_packed(to->ip, header6.dest);
    *protocol = IP6H_NEXTH(&header6);
    *payload = sizeof header6;
  } else {
    memcpy(&four, bytes, sizeof four);
    ip_addr_copy_from_ip4(from->ip, four.src);
    ip_addr_copy_from_ip4(to->ip, four.dest);
    *protocol = IPH_PROTO(&four);
    *payload = IPH_HL_BYTES(&four);
  }
  return n >= *payload + PORTS;
}

/* lwIP calls it for every message of ICMP. */
static u8_t on_message(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *sender) {
  uint8_t message[ICMP_HEADER + WANTED];
  struct endpoint from, to;
  uint16_t ports[2];
  size_t payload;
  int protocol;
  bool six = ip_current_is_v6();
  struct netif *n = ip_current_input_netif();
  (void)arg, (void)pcb, (void)sender;
  u16_t length = pbuf_copy_partial(p, message, sizeof message, ip_current_header_tot_len());
  int error = length < ICMP_HEADER ? 0 : error_of(six, message);
  if (!error) return 0;
  const uint8_t *packet = message + ICMP_HEADER;
  if (!read_packet(packet, length - ICMP_HEADER, six, &protocol, &from, &to, &payload)) return 0;
  memcpy(ports, packet + payload, sizeof ports);
  from.port = lwip_ntohs(ports[0]);
  to.port = lwip_ntohs(ports[1]);
  if (protocol == IPPROTO_UDP)
    udp_failed(n->state, &from, &to, net_arrival(n, ip_current_dest_addr()), error);
  return 0;
}

void icmp_begin(void) {
  struct raw_pcb *four = raw_new_ip_type(IPADDR_TYPE_V4, IPPROTO_ICMP);
  struct raw_pcb *six = raw_new_ip_type(IPADDR_TYPE_V6, IPPROTO_ICMPV6);
  if (!four || !six) panic("raw_new");
  raw_recv(four, on_message, NULL);
  raw_recv(six, on_message, NULL);
}
