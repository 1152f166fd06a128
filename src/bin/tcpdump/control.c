/* ICMP, ICMPv6 and IGMP: what IP's hosts tell one another. */
#include "dump.h"
#include <netinet/in.h>
#include <string.h>

/* --- ICMP --- */

/* The packet that could not be delivered is quoted behind the header. */
static void print_unreachable4(const struct carried *c, unsigned code) {
  const uint8_t *inner = c->bytes + 8;
  size_t n = c->length - 8, header = n >= 20 ? (size_t)(inner[0] & 15) * 4 : 0;
  const char *to = n >= 20 ? address4(inner + 16) : "?";
  switch (code) {
  case 0: printf("net %s unreachable", to); return;
  case 1: printf("host %s unreachable", to); return;
  case 2: printf("%s protocol %u unreachable", to, n >= 20 ? inner[9] : 0); return;
  case 3:
    if (n < header + 4 || header < 20) break;
    printf("%s %s port %u unreachable", to, inner[9] == IPPROTO_TCP ? "tcp" : "udp",
           get16(inner + header + 2));
    return;
  case 4: printf("%s unreachable - need to frag (mtu %u)", to, get16(c->bytes + 6)); return;
  case 13: printf("host %s unreachable - admin prohibited filter", to); return;
  }
  printf("%s unreachable - #%u", to, code);
}

void print_icmp(const struct carried *c) {
  print_endpoints(c, "");
  if (c->length < 8) {
    printf(" [|icmp]");
    return;
  }
  unsigned type = c->bytes[0], code = c->bytes[1];
  printf(" ICMP ");
  switch (type) {
  case 0:
  case 8:
    printf("echo %s, id %u, seq %u", type ? "request" : "reply", get16(c->bytes + 4),
           get16(c->bytes + 6));
    break;
  case 3: print_unreachable4(c, code); break;
  case 4: printf("source quench"); break;
  case 5:
    printf("redirect %s to host %s", c->length >= 28 ? address4(c->bytes + 24) : "?",
           address4(c->bytes + 4));
    break;
  case 11: printf(code ? "ip reassembly time exceeded" : "time exceeded in-transit"); break;
  case 12: printf("parameter problem - octet %u", c->bytes[4]); break;
  default: printf("type-#%u", type);
  }
  printf(", length %zu", c->full);
  if (!options.verbose || (type != 3 && type != 5 && type != 11) || c->length < 28) return;
  printf("\n\tIP ");
  print_ip4(c->bytes + 8, c->length - 8);
}

/* --- ICMPv6 --- */

static void print_unreachable6(const struct carried *c, unsigned code) {
  static const char *const reasons[] = {"unreachable route", "unreachable prohibited",
                                        "beyond scope", "unreachable address", "unreachable port"};
  const uint8_t *inner = c->bytes + 8;
  bool whole = c->length >= 8 + 40;
  printf("destination unreachable, ");
  printf(code < 5 ? "%s" : "%s%u", code < 5 ? reasons[code] : "unknown unreach code ", code);
  if (!whole) return;
  if (code == 4 && c->length >= 8 + 44)
    printf(", %s %s port %u", address6(inner + 24), inner[6] == IPPROTO_TCP ? "tcp" : "udp",
           get16(inner + 42));
  else
    printf(" %s", address6(inner + 24));
}

static void print_neighbour(const struct carried *c, unsigned type) {
  if (c->length < 24) return;
  printf(type == 135 ? ", who has %s" : ", tgt is %s", address6(c->bytes + 8));
}

static void print_listener(const struct carried *c) {
  if (c->length >= 24)
    printf("max resp delay: %u addr: %s", get16(c->bytes + 4), address6(c->bytes + 8));
}

void print_icmp6(const struct carried *c) {
  if (c->from) {
    print_endpoints(c, "");
    printf(" ");
  }
  if (c->length < 8) {
    printf("[|icmp6]");
    return;
  }
  unsigned type = c->bytes[0];
  if (options.verbose && c->from && c->length == c->full)
    printf(get16(c->bytes + 2) == sum_of(c, IPPROTO_ICMPV6, 2) ? "[icmp6 sum ok] "
                                                               : "[bad icmp6 cksum] ");
  printf("ICMP6, ");
  switch (type) {
  case 1: print_unreachable6(c, c->bytes[1]); break;
  case 2: printf("packet too big, mtu %u", (unsigned)get32(c->bytes + 4)); break;
  case 3: printf("time exceeded in-transit"); break;
  case 128:
  case 129:
    printf("echo %s, id %u, seq %u", type == 128 ? "request" : "reply", get16(c->bytes + 4),
           get16(c->bytes + 6));
    break;
  case 130: printf("multicast listener query "), print_listener(c); break;
  case 131: printf("multicast listener report "), print_listener(c); break;
  case 132: printf("multicast listener done "), print_listener(c); break;
  case 133: printf("router solicitation"); break;
  case 134: printf("router advertisement"); break;
  case 135: printf("neighbor solicitation"), print_neighbour(c, type); break;
  case 136: printf("neighbor advertisement"), print_neighbour(c, type); break;
  case 143: printf("multicast listener report v2, %u group record(s)", get16(c->bytes + 6)); break;
  default: printf("type-#%u", type);
  }
  printf(", length %zu", c->full);
}

/* --- IGMP --- */

void print_igmp(const struct carried *c) {
  print_endpoints(c, "");
  if (c->length < 8) {
    printf(" [|igmp]");
    return;
  }
  const uint8_t *b = c->bytes;
  printf(" igmp");
  if (options.quiet) return;
  printf(" ");
  switch (b[0]) {
  case 0x11:
    printf("query v%d", c->full >= 12 ? 3 : b[1] ? 2 : 1);
    if (get32(b + 4)) printf(" [gaddr %s]", address4(b + 4));
    break;
  case 0x12: printf("v1 report %s", address4(b + 4)); break;
  case 0x16: printf("v2 report %s", address4(b + 4)); break;
  case 0x17: printf("leave %s", address4(b + 4)); break;
  case 0x22: printf("v3 report, %u group record(s)", get16(b + 6)); break;
  default: printf("[type %02x]", b[0]);
  }
}
