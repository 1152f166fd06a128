/* What the files of tcpdump share: tcpdump.c has the options and where packets come from. */
#ifndef PORTSIDE_DUMP_H
#define PORTSIDE_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ETHERNET_HEADER = 14, LINK_ETHERNET = 1, LINK_RAW = 101 };
enum { IP4 = 0x0800, ARP = 0x0806, IP6 = 0x86dd };

struct dump_options {
  bool numeric, link, quiet; /* -n, -e, -q */
  int verbose, clock, hex;   /* how often -v, -t, -x or -X was given */
  bool text, absolute;       /* -X or -A: in letters, too; -S */
};
extern struct dump_options options;

struct packet {
  int64_t us; /* since 1970 */
  const uint8_t *bytes;
  size_t length, full; /* captured; on the wire */
  int link;            /* LINK_... */
};

/* Its bytes from the network layer on, which are of `type`; false: it has none. */
bool packet_network(const struct packet *p, const uint8_t **at, size_t *n, int *type);

static inline unsigned get16(const uint8_t *b) { return (unsigned)(b[0] << 8 | b[1]); }
static inline uint32_t get32(const uint8_t *b) { return (uint32_t)get16(b) << 16 | get16(b + 2); }

/* print.c: a line, or more, for a packet */
void print_packet(const struct packet *p);
void print_ip4(const uint8_t *b, size_t n);
const char *address4(const uint8_t *a); /* valid for some calls */
const char *address6(const uint8_t *a);

/* transport.c: what IP carries */
struct carried { /* addresses: of IPv4 or IPv6 */
  const uint8_t *from, *to, *bytes;
  size_t length, full; /* full: as IP says */
  bool six, fragment;  /* fragment: there is more of it, elsewhere */
};
void print_tcp(const struct carried *c);
void print_udp(const struct carried *c);
void print_endpoints(const struct carried *c, const char *protocol);
uint16_t sum_of(const struct carried *c, int protocol, size_t at); /* without the one at `at` */

/* control.c: ICMP, ICMPv6, IGMP */
void print_icmp(const struct carried *c);
void print_icmp6(const struct carried *c);
void print_igmp(const struct carried *c);

/* dns.c */
void print_dns(const uint8_t *message, size_t n, size_t full);

/* filter.c: the words of an expression; exits if it is wrong. No words: NULL, which all packets
 * match. */
struct filter;
struct filter *filter_parse(char **words);
bool filter_matches(const struct filter *f, const struct packet *p);

#endif
