/* How lwIP is built: NO_SYS, raw API, under the kernel's one lock. */
#ifndef PORTSIDE_LWIPOPTS_H
#define PORTSIDE_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_TIMERS_CUSTOM 1 /* net.c runs lwIP's timers, and only those that have work */

/* Memory is the kernel's malloc. */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define LWIP_STATS 0

/* Every host has its own interfaces: net.c chooses, not lwIP's list. */
#define LWIP_SINGLE_NETIF 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_NETIF_TX_SINGLE_PBUF 1
#define LWIP_NETIF_LINK_CALLBACK 0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1

#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define LWIP_ICMP 1
#define LWIP_IGMP 1
#define LWIP_RAW 1
#define LWIP_UDP 0 /* udp.c: lwIP's has one receiver for a datagram, and knows no groups */
#define LWIP_TCP 1
#define LWIP_DNS 0
#define LWIP_DHCP 0
#define LWIP_ACD 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_AUTOCONFIG 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define IP_DEFAULT_TTL 64
#define LWIP_ICMP6_HL 64
#define IP_REASS_MAX_PBUFS 256
#define IPV6_FRAG_COPYHEADER                                                                       \
  (__SIZEOF_POINTER__ > 4) /* pointers that fit in no fragment header                              \
                            */
#define ARP_TABLE_SIZE 127 /* for all hosts together, as the next two */
#define LWIP_ND6_NUM_NEIGHBORS 127
#define LWIP_ND6_NUM_DESTINATIONS 127
#define ARP_QUEUEING 1
#define SO_REUSE 1

/* TCP: segments that suit the loopback, windows as large as Linux grows them to. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1 /* they are for 16-bit counts, of lwIP's own sockets */
#define TCP_MSS 32768 /* half of a 64 KiB write; larger ones fall out of the processor's caches */
#define TCP_WND (1024 * 1024)
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 5
#define TCP_SND_BUF (1024 * 1024)
#define TCP_SND_QUEUELEN 8192
#define TCP_SNDLOWAT 16384
#define TCP_OVERSIZE 1460
#define MEMP_NUM_TCP_SEG 8192
#define TCP_LISTEN_BACKLOG 1
#define TCP_DEFAULT_LISTEN_BACKLOG 255 /* half-open connections; tcp.c counts the others */
#define LWIP_TCP_PCB_NUM_EXT_ARGS 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_SACK_OUT 1
#define TCP_QUEUE_OOSEQ 1
#define TCP_TMR_INTERVAL 50    /* ms; round trip times are measured in twice that */
#define LWIP_TCP_RTO_TIME 1000 /* RFC 6298, 2.1 */
#define TCP_MSL 30000UL        /* TIME_WAIT lasts twice that: 60 s, as on Linux */
#define TCP_SYNMAXRTX 12       /* tcp.c counts them */
#define TCP_MAXRTX 12          /* lwIP has no more; Linux tries 15 times (tcp(7), tcp_retries2) */

/* Every IPv6 address is one of its interface: see net_zoned. */
#define IPV6_CUSTOM_SCOPES 1
#define ip6_addr_has_scope(address, type) (!ip6_addr_isany(address))
#define ip6_addr_assign_zone(address, type, netif)                                                 \
  ip6_addr_set_zone(address, ip6_addr_has_scope(address, type) ? netif_get_index(netif) : 0)
#define ip6_addr_test_zone(address, netif) ip6_addr_equals_zone(address, netif_get_index(netif))

/* net.c says by which interface a packet leaves. */
struct netif;
struct ip4_addr;
struct netif *net_route4(const struct ip4_addr *from, const struct ip4_addr *to);
#define LWIP_HOOK_IP4_ROUTE_SRC(from, to) net_route4(from, to)

/* tcp.c sees each segment before lwIP acts on it, tcp_quiet.c says which to pass over. tcp.c
 * numbers connections, too. */
struct tcp_pcb;
struct tcp_hdr;
struct pbuf;
int tcp_arrives(struct tcp_pcb *pcb, struct tcp_hdr *h, struct pbuf *p);
signed char tcp_quiet(const struct tcp_pcb *pcb, const struct tcp_hdr *header,
                      const struct pbuf *p);
unsigned tcp_first_sequence(void);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, options, first, second, p)                         \
  tcp_arrives(pcb, header, p)
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) tcp_first_sequence()

#endif
