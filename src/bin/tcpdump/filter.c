/* The expressions of pcap-filter(7), as far as: host, net, port, portrange, src, dst, the names of
 * protocols, less, greater, and, or, not, parentheses. They are looked up in the packet directly.
 */
#define _GNU_SOURCE
#include "dump.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum kind { AND, OR, NOT, PROTOCOL, HOST, PORT, LESS, GREATER };
enum side { EITHER, SOURCE, DESTINATION };
enum { ANY = -1, WORDS = 256 };

struct filter {
  enum kind kind;
  struct filter *left, *right;
  enum side side;
  int type, protocol; /* of IP and of what it carries; ANY */
  unsigned low, high; /* ports; lengths */
  bool six;
  uint8_t address[16];
  int bits; /* of it */
};

/* --- what a packet has --- */

struct seen {
  int type, protocol;
  const uint8_t *from, *to; /* NULL: no addresses */
  bool six, has_ports;
  unsigned ports[2];
  size_t length;
};

static void see_ports(struct seen *s, const uint8_t *b, size_t n) {
  s->has_ports = n >= 4 && (s->protocol == IPPROTO_TCP || s->protocol == IPPROTO_UDP);
  if (!s->has_ports) return;
  s->ports[0] = get16(b);
  s->ports[1] = get16(b + 2);
}

static struct seen see(const struct packet *p) {
  struct seen s = {.type = ANY, .protocol = ANY, .length = p->full};
  const uint8_t *b;
  size_t n;
  if (!packet_network(p, &b, &n, &s.type)) return s;
  if (s.type == IP4 && n >= 20) {
    size_t header = (size_t)(b[0] & 15) * 4;
    s.protocol = b[9];
    s.from = b + 12;
    s.to = b + 16;
    if (header <= n && !(get16(b + 6) & 0x1fff)) see_ports(&s, b + header, n - header);
  } else if (s.type == IP6 && n >= 40) {
    s.six = true;
    s.protocol = b[6];
    s.from = b + 8;
    s.to = b + 24;
    see_ports(&s, b + 40, n - 40);
  } else if (s.type == ARP && n >= 28) {
    s.from = b + 14;
    s.to = b + 24;
  }
  return s;
}

static bool in_net(const struct filter *f, const uint8_t *a) {
  for (int bit = 0; bit < f->bits; bit += 8) {
    int left = f->bits - bit;
    uint8_t mask = (uint8_t)(left >= 8 ? 0xff : 0xff << (8 - left));
    if ((a[bit / 8] ^ f->address[bit / 8]) & mask) return false;
  }
  return true;
}

static bool has_port(const struct filter *f, const struct seen *s, int which) {
  return s->ports[which] >= f->low && s->ports[which] <= f->high;
}

static bool matches(const struct filter *f, const struct seen *s) {
  if (f->kind == AND) return matches(f->left, s) && matches(f->right, s);
  if (f->kind == OR) return matches(f->left, s) || matches(f->right, s);
  if (f->kind == NOT) return !matches(f->left, s);
  if (f->type != ANY && f->type != s->type) return false;
  if (f->protocol != ANY && f->protocol != s->protocol) return false;
  bool from = f->side != DESTINATION, to = f->side != SOURCE;
  switch (f->kind) {
  case HOST:
    if (!s->from || f->six != s->six) return false;
    return (from && in_net(f, s->from)) || (to && in_net(f, s->to));
  case PORT: return s->has_ports && ((from && has_port(f, s, 0)) || (to && has_port(f, s, 1)));
  case LESS: return s->length <= f->low;
  case GREATER: return s->length >= f->low;
  default: return true;
  }
}

bool filter_matches(const struct filter *f, const struct packet *p) {
  if (!f) return true;
  struct seen s = see(p);
  return matches(f, &s);
}

/* --- from words --- */

static char *words[WORDS];
static int word_count, next;
static struct filter last; /* whose qualifiers a bare value takes */

static _Noreturn void wrong(void) {
  fprintf(stderr, "tcpdump: can't parse filter expression: syntax error\n");
  exit(1);
}

static const char *peek(void) { return next < word_count ? words[next] : ""; }
static bool take(const char *word) { return !strcmp(peek(), word) && (next++, true); }
static const char *value(void) {
  static const char *const operators[] = {"", "and", "&&", "or", "||", "not", "!", "(", ")"};
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (!strcmp(peek(), operators[i])) wrong();
  return words[next++];
}

static struct filter *node(struct filter f) {
  struct filter *n = malloc(sizeof *n);
  if (!n) exit(1);
  *n = f;
  return n;
}

static bool protocol(struct filter *f) {
  static const struct {
    const char *name;
    int type, protocol;
  } names[] = {{"ip", IP4, ANY},
               {"ip6", IP6, ANY},
               {"arp", ARP, ANY},
               {"tcp", ANY, IPPROTO_TCP},
               {"udp", ANY, IPPROTO_UDP},
               {"icmp", IP4, IPPROTO_ICMP},
               {"icmp6", IP6, IPPROTO_ICMPV6},
               {"igmp", IP4, IPPROTO_IGMP}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (take(names[i].name)) {
      f->type = names[i].type;
      f->protocol = names[i].protocol;
      return true;
    }
  return false;
}

static unsigned port_number(const char *text) {
  struct servent *s = getservbyname(text, NULL);
  char *end;
  unsigned long n = strtoul(text, &end, 10);
  if (s) return ntohs((uint16_t)s->s_port);
  if (*end || end == text || n > 65535) {
    fprintf(stderr, "tcpdump: port '%s' is not valid\n", text);
    exit(1);
  }
  return (unsigned)n;
}

static void ports(struct filter *f, const char *text) {
  char low[64];
  const char *dash = strchr(text, '-');
  f->kind = PORT;
  if (!dash) {
    f->low = f->high = port_number(text);
    return;
  }
  snprintf(low, sizeof low, "%.*s", (int)(dash - text), text);
  f->low = port_number(low);
  f->high = port_number(dash + 1);
}

/* An address, a name, or ADDRESS/BITS. */
static void host(struct filter *f, const char *text) {
  char name[256];
  struct addrinfo *a, hints = {.ai_socktype = SOCK_STREAM};
  const char *slash = strchr(text, '/');
  snprintf(name, sizeof name, "%.*s", slash ? (int)(slash - text) : 255, text);
  f->kind = HOST;
  if (getaddrinfo(name, NULL, &hints, &a)) {
    fprintf(stderr, "tcpdump: unknown host '%s'\n", name);
    exit(1);
  }
  f->six = a->ai_family == AF_INET6;
  if (f->six)
    memcpy(f->address, &((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr, 16);
  else
    memcpy(f->address, &((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr, 4);
  f->bits = slash ? atoi(slash + 1) : f->six ? 128 : 32;
  if (f->bits < 0 || f->bits > (f->six ? 128 : 32)) wrong();
  freeaddrinfo(a);
}

static struct filter *expression(void);

static struct filter *primitive(void) {
  struct filter f = {.kind = PROTOCOL, .type = ANY, .protocol = ANY};
  if (take("not") || take("!")) return node((struct filter){.kind = NOT, .left = primitive()});
  if (take("(")) {
    struct filter *inner = expression();
    if (!take(")")) wrong();
    return inner;
  }
  if (take("less") || take("greater")) {
    f.kind = *words[next - 1] == 'l' ? LESS : GREATER;
    f.low = (unsigned)strtoul(value(), NULL, 10);
    return node(f);
  }
  bool named = protocol(&f), sided = true;
  if (take("src"))
    f.side = SOURCE;
  else if (take("dst"))
    f.side = DESTINATION;
  else
    sided = false;
  if (take("port") || take("portrange"))
    ports(&f, value());
  else if (take("host") || take("net") || sided)
    host(&f, value());
  else if (!named) { /* port 80 or 81 */
    f = last;
    if (f.kind == PORT)
      ports(&f, value());
    else
      host(&f, value());
  }
  last = f;
  return node(f);
}

static struct filter *conjunction(void) {
  struct filter *left = primitive();
  while (take("and") || take("&&"))
    left = node((struct filter){.kind = AND, .left = left, .right = primitive()});
  return left;
}

/* pcap-filter(7): and and or have equal precedence, and associate left to right. */
static struct filter *expression(void) {
  struct filter *left = conjunction();
  while (take("or") || take("||")) {
    left = node((struct filter){.kind = OR, .left = left, .right = primitive()});
    while (take("and") || take("&&"))
      left = node((struct filter){.kind = AND, .left = left, .right = primitive()});
  }
  return left;
}

/* Parentheses and exclamation marks are words of their own, however they are written. */
static void split(char *text) {
  for (char *word = strtok(text, " \t\n"); word; word = strtok(NULL, " \t\n")) {
    size_t from = 0, length = strlen(word);
    while (from < length && word_count < WORDS - 1) {
      size_t n = strcspn(word + from, "()!");
      if (!n) n = 1;
      words[word_count++] = strndup(word + from, n);
      from += n;
    }
  }
}

struct filter *filter_parse(char **list) {
  last = (struct filter){.kind = HOST, .type = ANY, .protocol = ANY};
  for (; *list; list++)
    split(*list);
  if (!word_count) return NULL;
  struct filter *f = expression();
  if (next < word_count) wrong();
  return f;
}
