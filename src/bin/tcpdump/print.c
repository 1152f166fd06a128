/* The line of a packet, as tcpdump(8) has it, down to IP. */
#define _GNU_SOURCE
#include "dump.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { NAMES = 8, NAME = 256 };

static const char *name_of(int family, const void *a) {
  static char names[NAMES][NAME];
  static int last;
  struct hostent *h = options.numeric ? NULL : gethostbyaddr(a, family == AF_INET ? 4 : 16, family);
  char *name = names[last = (last + 1) % NAMES];
  if (h)
    snprintf(name, NAME, "%s", h->h_name);
  else
    inet_ntop(family, a, name, NAME);
  return name;
}
const char *address4(const uint8_t *a) { return name_of(AF_INET, a); }
const char *address6(const uint8_t *a) { return name_of(AF_INET6, a); }

bool packet_network(const struct packet *p, const uint8_t **at, size_t *n, int *type) {
  size_t header = p->link == LINK_ETHERNET ? ETHERNET_HEADER : 0;
  if (p->length < header + 1) return false;
  *at = p->bytes + header;
  *n = p->length - header;
  *type = header ? (int)get16(p->bytes + 12) : **at >> 4 == 6 ? IP6 : IP4;
  return true;
}

/* --- before it --- */

static void print_time(int64_t us) {
  static int64_t first, last;
  time_t seconds = (time_t)(us / 1000000);
  char text[32];
  int64_t since = options.clock == 3 ? us - (last ? last : us) : us - (first ? first : us);
  if (!first) first = us;
  last = us;
  switch (options.clock) {
  case 1: return;
  case 2: printf("%lld.%06d ", (long long)seconds, (int)(us % 1000000)); return;
  case 3:
  case 5:
    snprintf(text, sizeof text, "%02d:%02d:%02d", (int)(since / 3600000000),
             (int)(since / 60000000 % 60), (int)(since / 1000000 % 60));
    printf(" %s.%06d ", text, (int)(since % 1000000));
    return;
  case 4: strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime(&seconds)); break;
  default: strftime(text, sizeof text, "%H:%M:%S", localtime(&seconds));
  }
  printf("%s.%06d ", text, (int)(us % 1000000));
}

static void print_hardware(const uint8_t *a) {
  printf("%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void print_link(const struct packet *p) {
  unsigned type = get16(p->bytes + 12);
  print_hardware(p->bytes + 6);
  printf(" > ");
  print_hardware(p->bytes);
  const char *name = type == IP4 ? "IPv4" : type == IP6 ? "IPv6" : type == ARP ? "ARP" : "Unknown";
  printf(", ethertype %s (0x%04x), length %zu: ", name, type, p->full);
}

/* --- ARP, IP --- */

static void print_arp(const uint8_t *b, size_t n, size_t full) {
  enum { IP_ARP = 28 };
  static const uint8_t nobody[6];
  if (n < IP_ARP) {
    printf("[|arp]");
    return;
  }
  if (options.verbose) printf("Ethernet (len 6), IPv4 (len 4), ");
  unsigned operation = get16(b + 6);
  if (operation == 1) {
    printf("Request who-has %s", address4(b + 24));
    if (memcmp(b + 18, nobody, sizeof nobody)) {
      printf(" (");
      print_hardware(b + 18);
      printf(")");
    }
    printf(" tell %s", address4(b + 14));
  } else if (operation == 2) {
    printf("Reply %s is-at ", address4(b + 14));
    print_hardware(b + 8);
  } else {
    printf("Unknown (%u)", operation);
  }
  printf(", length %zu", full);
}

static const char *protocol_name(int protocol) {
  switch (protocol) {
  case IPPROTO_ICMP: return "ICMP";
  case IPPROTO_IGMP: return "IGMP";
  case IPPROTO_TCP: return "TCP";
  case IPPROTO_UDP: return "UDP";
  case IPPROTO_ICMPV6: return "ICMPv6";
  case IPPROTO_HOPOPTS: return "Options";
  default: return "unknown";
  }
}

static void print_carried(const struct carried *c, int protocol) {
  switch (protocol) {
  case IPPROTO_TCP: print_tcp(c); return;
  case IPPROTO_UDP: print_udp(c); return;
  case IPPROTO_ICMP: print_icmp(c); return;
  case IPPROTO_ICMPV6: print_icmp6(c); return;
  case IPPROTO_IGMP: print_igmp(c); return;
  default: print_endpoints(c, ""); printf(" ip-proto-%d %zu", protocol, c->full);
  }
}

static void print_ip_options(const uint8_t *b, size_t n) {
  static const struct {
    int number;
    const char *name;
  } names[] = {{0, "EOL"},    {1, "NOP"},    {7, "RR"},  {68, "timestamp"},
               {131, "LSRR"}, {137, "SSRR"}, {148, "RA"}};
  const char *between = ", options (";
  for (size_t i = 0, length; i < n; i += length, between = ",") {
    length = b[i] < 2 ? 1 : i + 1 < n ? b[i + 1] : 0;
    const char *name = NULL;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
      if (names[k].number == b[i]) name = names[k].name;
    if (name)
      printf("%s%s", between, name);
    else
      printf("%sunknown %u", between, b[i]);
    if (!length || !b[i]) break;
  }
  if (n) printf(")");
}

void print_ip4(const uint8_t *b, size_t n) {
  size_t header = (size_t)(b[0] & 15) * 4, total = n >= 20 ? get16(b + 2) : 0;
  if (n < 20 || header < 20 || header > n || total < header) {
    printf("[|ip]");
    return;
  }
  unsigned offset = get16(b + 6) & 0x1fff, flags = b[6] >> 5;
  struct carried c = {b + 12,         b + 16, b + header,         n - header,
                      total - header, false,  offset || flags & 1};
  if (c.length > c.full) c.length = c.full;
  if (options.verbose) {
    printf("(tos 0x%x", b[1]);
    if (b[8] >= 1) printf(", ttl %u", b[8]);
    printf(", id %u, offset %u, flags [%s], proto %s (%d), length %zu", get16(b + 4), offset * 8,
           flags == 2   ? "DF"
           : flags == 1 ? "+"
           : flags == 3 ? "+, DF"
                        : "none",
           protocol_name(b[9]), b[9], total);
    print_ip_options(b + 20, header - 20);
    printf(")\n    ");
  }
  if (!offset) {
    print_carried(&c, b[9]);
    return;
  }
  printf("%s > %s: ", address4(c.from), address4(c.to));
  if (b[9] == IPPROTO_TCP || b[9] == IPPROTO_UDP || b[9] == IPPROTO_ICMP)
    printf("%s", b[9] == IPPROTO_TCP ? "tcp" : b[9] == IPPROTO_UDP ? "udp" : "icmp");
  else
    printf("ip-proto-%d", b[9]);
}

/* Behind the headers that may be between IPv6 and what it carries. */
static void print_ip6(const uint8_t *b, size_t n) {
  enum { HEADER = 40 };
  if (n < HEADER) {
    printf("[|ip6]");
    return;
  }
  int next = b[6];
  struct carried c = {b + 8, b + 24, b + HEADER, n - HEADER, get16(b + 4), true, false};
  if (c.length > c.full) c.length = c.full;
  if (options.verbose) {
    printf("(");
    if (b[0] & 15 || b[1] >> 4) printf("class 0x%02x, ", (b[0] & 15) << 4 | b[1] >> 4);
    if (get32(b) & 0xfffff) printf("flowlabel 0x%05x, ", (unsigned)(get32(b) & 0xfffff));
    printf("hlim %u, next-header %s (%d) payload length: %zu) ", b[7], protocol_name(next), next,
           c.full);
  }
  const char *before = "";
  while ((next == IPPROTO_HOPOPTS || next == IPPROTO_FRAGMENT) && c.length >= 8) {
    bool hop = next == IPPROTO_HOPOPTS;
    size_t length = hop ? ((size_t)c.bytes[1] + 1) * 8 : 8;
    unsigned offset = get16(c.bytes + 2);
    next = c.bytes[0];
    if (length > c.length) break;
    if (hop) before = options.verbose ? "HBH (rtalert: 0x0000) (padn) " : "HBH ";
    c.bytes += length, c.length -= length, c.full -= length;
    if (hop) continue;
    c.fragment = true;
    printf("%s > %s: frag (%u|%zu)", address6(c.from), address6(c.to), offset & ~7u, c.full);
    if (offset & ~7u) return;
    printf(" ");
    break;
  }
  if (*before) {
    printf("%s > %s: %s", address6(c.from), address6(c.to), before);
    print_icmp6(&(struct carried){NULL, NULL, c.bytes, c.length, c.full, true, false});
    return;
  }
  print_carried(&c, next);
}

/* --- its bytes --- */

static void print_hex(const uint8_t *b, size_t n) {
  enum { ROW = 16 };
  for (size_t at = 0; at < n; at += ROW) {
    printf("\n\t0x%04zx: ", at);
    for (size_t i = at; i < at + ROW; i++) {
      if (i % 2 == 0 && (i < n || options.text)) printf(" ");
      if (i < n)
        printf("%02x", b[i]);
      else if (options.text)
        printf("  ");
    }
    if (!options.text) continue;
    printf("  ");
    for (size_t i = at; i < at + ROW && i < n; i++)
      printf("%c", isgraph(b[i]) ? b[i] : '.');
  }
}

static void print_letters(const uint8_t *b, size_t n) {
  printf("\n");
  for (size_t i = 0; i < n; i++)
    if (b[i] != '\r' || i + 1 == n || b[i + 1] != '\n')
      printf("%c", isgraph(b[i]) || strchr(" \t\n", b[i] ? b[i] : 1) ? b[i] : '.');
}

void print_packet(const struct packet *p) {
  const uint8_t *at;
  size_t n;
  int type;
  print_time(p->us);
  if (!packet_network(p, &at, &n, &type)) {
    printf("[|ether]\n");
    return;
  }
  if (options.link && p->link == LINK_ETHERNET) print_link(p);
  const char *name = type == IP4 ? "IP " : type == IP6 ? "IP6 " : type == ARP ? "ARP, " : "";
  if (!options.link || p->link != LINK_ETHERNET || type == ARP)
    printf("%s", options.link && type == ARP ? "" : name);
  size_t full = p->full - (p->length - n);
  if (type == IP4)
    print_ip4(at, n);
  else if (type == IP6)
    print_ip6(at, n);
  else if (type == ARP)
    print_arp(at, n, full);
  else if (!options.link)
    printf("ethertype Unknown (0x%04x), length %zu", (unsigned)type, p->full);
  const uint8_t *shown = options.hex > 1 ? p->bytes : at;
  size_t count = options.hex > 1 ? p->length : n;
  if (options.hex)
    print_hex(shown, count);
  else if (options.text)
    print_letters(at, n);
  printf("\n");
}
