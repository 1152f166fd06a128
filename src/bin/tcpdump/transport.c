/* TCP and UDP. */
#define _GNU_SOURCE
#include "dump.h"
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static void print_port(unsigned port, const char *protocol) {
  struct servent *s = options.numeric ? NULL : getservbyport(htons((uint16_t)port), protocol);
  if (s)
    printf(".%s", s->s_name);
  else
    printf(".%u", port);
}

/* protocol: whose ports they are, "": there are none. */
void print_endpoints(const struct carried *c, const char *protocol) {
  const char *(*name)(const uint8_t *) = c->six ? address6 : address4;
  printf("%s", name(c->from));
  if (*protocol) print_port(get16(c->bytes), protocol);
  printf(" > %s", name(c->to));
  if (*protocol) print_port(get16(c->bytes + 2), protocol);
  printf(":");
}

static uint32_t add_words(uint32_t sum, const uint8_t *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    sum += i % 2 ? b[i] : (uint32_t)b[i] << 8;
  return sum;
}

uint16_t sum_of(const struct carried *c, int protocol, size_t at) {
  size_t address = c->six ? 16 : 4;
  uint32_t sum = add_words(0, c->from, address) + (uint32_t)protocol + (uint32_t)c->full;
  sum = add_words(sum, c->to, address);
  sum = add_words(sum, c->bytes, at);
  sum = add_words(sum, c->bytes + at + 2, c->length - at - 2);
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* --- TCP: sequence numbers from the beginning of the connection --- */

struct conversation {
  struct conversation *next;
  bool six;
  uint8_t from[16], to[16];
  unsigned from_port, to_port;
  uint32_t sequence, acknowledged; /* of the one who is `from`, of the other */
};
static struct conversation *conversations;

static bool same(const struct conversation *v, const struct carried *c, bool reversed) {
  size_t n = c->six ? 16 : 4;
  const uint8_t *from = reversed ? c->to : c->from, *to = reversed ? c->from : c->to;
  return v->six == c->six && !memcmp(v->from, from, n) && !memcmp(v->to, to, n) &&
         v->from_port == get16(c->bytes + (reversed ? 2 : 0)) &&
         v->to_port == get16(c->bytes + (reversed ? 0 : 2));
}

static struct conversation *find(const struct carried *c, bool *reversed) {
  struct conversation *v = conversations;
  for (*reversed = false; v; v = v->next)
    if (same(v, c, false) || (*reversed = same(v, c, true))) return v;
  *reversed = false;
  if (!(v = calloc(1, sizeof *v))) exit(1);
  v->six = c->six;
  memcpy(v->from, c->from, c->six ? 16 : 4);
  memcpy(v->to, c->to, c->six ? 16 : 4);
  v->from_port = get16(c->bytes);
  v->to_port = get16(c->bytes + 2);
  v->next = conversations;
  conversations = v;
  return NULL;
}

/* Makes both relative, unless the conversation begins here; gives what was taken from ack. */
static uint32_t relate(const struct carried *c, uint32_t *sequence, uint32_t *ack, bool begins) {
  bool reversed;
  struct conversation *v = find(c, &reversed);
  bool known = v != NULL;
  if (!v) v = conversations;
  if (!known || begins) {
    *(reversed ? &v->acknowledged : &v->sequence) = *sequence;
    *(reversed ? &v->sequence : &v->acknowledged) = *ack - 1;
  } else {
    *sequence -= reversed ? v->acknowledged : v->sequence;
    *ack -= reversed ? v->sequence : v->acknowledged;
  }
  return reversed ? v->sequence : v->acknowledged;
}

static void print_sack(const uint8_t *b, size_t n, uint32_t base) {
  printf("sack %zu ", n / 8);
  for (size_t i = 0; i + 8 <= n; i += 8)
    printf("{%u:%u}", (unsigned)(get32(b + i) - base), (unsigned)(get32(b + i + 4) - base));
}

static void print_options(const uint8_t *b, size_t n, uint32_t base) {
  const char *between = "";
  printf(", options [");
  for (size_t i = 0, length; i < n; i += length, between = ",") {
    length = b[i] < 2 ? 1 : i + 1 < n ? b[i + 1] : 0;
    if (!length || length > n - i || (b[i] > 1 && length < 2)) {
      printf("%s[bad opt]", between);
      break;
    }
    printf("%s", between);
    const uint8_t *value = b + i + 2;
    if (b[i] == 0)
      printf("eol");
    else if (b[i] == 1)
      printf("nop");
    else if (b[i] == 2 && length == 4)
      printf("mss %u", get16(value));
    else if (b[i] == 3 && length == 3)
      printf("wscale %u", *value);
    else if (b[i] == 4)
      printf("sackOK");
    else if (b[i] == 5)
      print_sack(value, length - 2, base);
    else if (b[i] == 8 && length == 10)
      printf("TS val %u ecr %u", (unsigned)get32(value), (unsigned)get32(value + 4));
    else
      printf("unknown-%u", b[i]);
    if (b[i] == 0) break;
  }
  printf("]");
}

/* Prints a line of text behind `before`, unless something else is in it. What it takes, or 0. */
static size_t print_line(const char *before, const uint8_t *b, size_t n) {
  size_t length = 0;
  while (length < n && (isprint(b[length]) || b[length] == '\t'))
    length++;
  size_t end = length;
  if (end < n && b[end] == '\r') end++;
  if (end < n && b[end] != '\n') return 0;
  printf("%s%.*s", before, (int)length, (const char *)b);
  return end < n ? end + 1 : end;
}

/* A protocol that is text: its first line, or under -v all of them. */
static void print_text(const char *name, const uint8_t *b, size_t n) {
  static const char *const begins[] = {"GET ",  "HEAD ",   "POST ",    "PUT ",
                                       "HTTP/", "DELETE ", "OPTIONS ", NULL};
  bool http = !strcmp(name, "HTTP"), known = !http;
  for (const char *const *w = begins; *w; w++)
    known = known || (n >= strlen(*w) && !memcmp(b, *w, strlen(*w)));
  printf(": %s", name);
  if (options.verbose) printf(", length: %zu", n);
  if (!known) return;
  if (!options.verbose) {
    print_line(": ", b, n);
    return;
  }
  for (size_t at = 0, taken; at < n && (taken = print_line("\n\t", b + at, n - at)); at += taken)
    continue;
}

static void print_payload(const uint8_t *b, size_t n, size_t full, unsigned from, unsigned to) {
#define IS(port) (from == (port) || to == (port))
  if (IS(53) && n > 2) {
    printf(" ");
    print_dns(b + 2, n - 2, full - 2);
  } else if (IS(80) || IS(8080) || IS(3128) || IS(591)) {
    print_text("HTTP", b, n);
  } else if (IS(25) || IS(587)) {
    print_text("SMTP", b, n);
  } else if (IS(21)) {
    print_text("FTP", b, n);
  }
}

void print_tcp(const struct carried *c) {
  static const char letters[] = "FSRP.UEW";
  if (c->length < 20) {
    print_endpoints(c, c->length < 4 ? "" : "tcp");
    printf(" [|tcp]");
    return;
  }
  const uint8_t *b = c->bytes;
  uint32_t sequence = get32(b + 4), ack = get32(b + 8), base = 0;
  size_t header = (size_t)(b[12] >> 4) * 4, data = c->full - header;
  unsigned flags = b[13];
  print_endpoints(c, "tcp");
  if (header < 20 || header > c->length) {
    printf(" tcp %zu [bad hdr length %zu - too %s, < 20]", c->full, header,
           header < 20 ? "short" : "long");
    return;
  }
  if (options.quiet) {
    printf(" tcp %zu", data);
    return;
  }
  printf(" Flags [");
  for (int i = 0; i < 8; i++)
    if (flags >> i & 1) printf("%c", letters[i]);
  printf(flags ? "]" : "none]");
  if (!options.absolute && flags & 0x10) base = relate(c, &sequence, &ack, flags & 2);
  if (options.verbose && !c->fragment && c->length == c->full) {
    unsigned sum = get16(b + 16), right = sum_of(c, IPPROTO_TCP, 16);
    printf(sum == right ? ", cksum 0x%04x (correct)" : ", cksum 0x%04x (incorrect -> 0x%04x)", sum,
           right);
  }
  if (data || flags & 7)
    printf(data ? ", seq %u:%u" : ", seq %u", (unsigned)sequence,
           (unsigned)(sequence + (uint32_t)data));
  if (flags & 0x10) printf(", ack %u", (unsigned)ack);
  printf(", win %u", get16(b + 14));
  if (flags & 0x20) printf(", urg %u", get16(b + 18));
  if (header > 20) print_options(b + 20, header - 20, base);
  printf(", length %zu", data);
  if (data && !(flags & 4))
    print_payload(b + header, c->length - header, data, get16(b), get16(b + 2));
}

void print_udp(const struct carried *c) {
  if (c->length < 8) {
    print_endpoints(c, c->length < 4 ? "" : "udp");
    printf(" [|udp]");
    return;
  }
  const uint8_t *b = c->bytes;
  unsigned from = get16(b), to = get16(b + 2), sum = get16(b + 6);
  size_t length = get16(b + 4) < 8 ? 0 : get16(b + 4) - 8u;
  print_endpoints(c, "udp");
  if (options.quiet) {
    printf(" UDP, length %zu", length);
    return;
  }
  bool dns = (IS(53) || IS(5353)) && c->length > 8;
  if (dns && options.verbose && !c->fragment && c->length == c->full) {
    unsigned right = sum_of(c, IPPROTO_UDP, 6);
    if (!sum)
      printf(" [no cksum]");
    else if (sum == (right ? right : 0xffff))
      printf(" [udp sum ok]");
    else
      printf(" [bad udp cksum 0x%04x -> 0x%04x!]", sum, right);
  }
  printf(" ");
  if (dns)
    print_dns(b + 8, c->length - 8, length);
  else
    printf("UDP, length %zu", length);
}
