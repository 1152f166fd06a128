/* getaddrinfo: every address of a name with every kind of socket for a service. */
#define _GNU_SOURCE
#include "names.h"
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  KINDS = 3,
  FLAGS = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG |
      AI_NUMERICSERV
};

struct kind {
  int type, protocol;
  const char *name; /* in /etc/services, or NULL: it has no ports by name */
  uint16_t port;    /* network order */
};
static const struct kind all_kinds[KINDS] = {
    {SOCK_STREAM, IPPROTO_TCP, "tcp", 0},
    {SOCK_DGRAM, IPPROTO_UDP, "udp", 0},
    {SOCK_RAW, 0, NULL, 0},
};

/* Which kinds of socket are asked for. How many, or EAI_*. */
static int choose_kinds(const struct addrinfo *hints, struct kind *kinds) {
  int n = 0;
  for (int i = 0; i < KINDS; i++) {
    struct kind k = all_kinds[i];
    if (hints->ai_socktype && hints->ai_socktype != k.type) continue;
    if (hints->ai_protocol && k.protocol && hints->ai_protocol != k.protocol) continue;
    if (hints->ai_protocol && !k.protocol && !hints->ai_socktype) continue;
    if (!k.protocol) k.protocol = hints->ai_protocol;
    kinds[n++] = k;
  }
  if (n) return n;
  return hints->ai_socktype ? EAI_SOCKTYPE : EAI_SERVICE;
}

/* Sets the ports and drops the kinds that do not have the service. How many are left, or EAI_*. */
static int set_ports(const char *service, const struct addrinfo *hints, struct kind *kinds,
                     int count) {
  if (!service) return count;
  char *end;
  int number = (int)strtoul(service, &end, 10);
  bool numeric = !*end && number >= 0, all = !hints->ai_socktype && !hints->ai_protocol;
  if (!numeric && hints->ai_flags & AI_NUMERICSERV) return EAI_NONAME;
  if (!kinds->name && !all) return EAI_SERVICE;
  int n = 0;
  for (int i = 0; i < count; i++) {
    struct kind k = kinds[i];
    if (numeric)
      k.port = htons((uint16_t)number);
    else if (!k.name || !(k.port = service_port(service, k.name)))
      continue;
    kinds[n++] = k;
  }
  return n ? n : EAI_SERVICE;
}

/* The address of no name: any for a listener, else this host's own. */
static int own_addresses(int flags, int family, struct host *to) {
  static const struct address any[] = {{.family = AF_INET}, {.family = AF_INET6}};
  static const struct address loopback[] = {{.family = AF_INET6, .bytes = {[15] = 1}},
                                            {.family = AF_INET, .bytes = {127, 0, 0, 1}}};
  *to = (struct host){.count = 0};
  for (int i = 0; i < 2; i++) {
    const struct address *a = flags & AI_PASSIVE ? &any[i] : &loopback[i];
    if (family == AF_UNSPEC || family == a->family) host_add(to, a);
  }
  return 0;
}

static int named_addresses(const char *name, int flags, int family, struct host *to) {
  struct address number;
  if (flags & AI_NUMERICHOST && !address_parse(name, &number)) return EAI_NONAME;
  bool map = family == AF_INET6 && flags & AI_V4MAPPED;
  int error = resolve(name, map && flags & AI_ALL ? AF_UNSPEC : family, to);
  if (error && map) error = resolve(name, AF_INET, to);
  return error;
}

static bool usable(int family) {
  int error = errno, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) close(fd);
  errno = error;
  return fd >= 0;
}

/* RFC 6724 as far as it matters here: a family that this system does not have comes last (with
 * AI_ADDRCONFIG not at all), then IPv6 before IPv4; "any" stays as it is. */
static void sort_addresses(struct host *h, int flags) {
  bool six = false, four = false;
  for (int i = 0; i < h->count; i++)
    *(h->list[i].family == AF_INET6 ? &six : &four) = true;
  if (!six || !four) return;
  static const uint8_t zero[16];
  bool six_last = !usable(AF_INET6) || !memcmp(h->list[0].bytes, zero, 16);
  struct host sorted = {.count = 0};
  for (int turn = 0; turn < 2; turn++)
    for (int i = 0; i < h->count; i++)
      if ((h->list[i].family == AF_INET6) == (turn == six_last)) host_add(&sorted, &h->list[i]);
  if (flags & AI_ADDRCONFIG && six_last)
    while (sorted.list[sorted.count - 1].family == AF_INET6)
      sorted.count--;
  memcpy(h->list, sorted.list, sizeof h->list);
  h->count = sorted.count;
}

/* One result and its address in one piece of memory, the first with the name behind. */
struct result {
  struct addrinfo info;
  struct sockaddr_in6 address;
  char name[];
};

static struct addrinfo *new_result(const struct address *a, const struct kind *k, int flags,
                                   const char *canonical) {
  struct result *r = calloc(1, sizeof *r + (canonical ? strlen(canonical) + 1 : 0));
  if (!r) return NULL;
  r->info = (struct addrinfo){.ai_flags = flags,
                              .ai_family = a->family,
                              .ai_socktype = k->type,
                              .ai_protocol = k->protocol};
  r->info.ai_addr = (void *)&r->address;
  r->info.ai_addrlen = address_put(a, k->port, &r->address);
  if (canonical) r->info.ai_canonname = strcpy(r->name, canonical);
  return &r->info;
}

void freeaddrinfo(struct addrinfo *list) {
  while (list) {
    struct addrinfo *next = list->ai_next;
    free(list);
    list = next;
  }
}

static int check_hints(const char *name, const char *service, const struct addrinfo *hints) {
  if (!name && !service) return EAI_NONAME;
  if (hints->ai_flags & ~FLAGS || (hints->ai_flags & AI_CANONNAME && !name)) return EAI_BADFLAGS;
  int family = hints->ai_family;
  return family == AF_UNSPEC || family == AF_INET || family == AF_INET6 ? 0 : EAI_FAMILY;
}

int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict results) {
  static const struct addrinfo none = {.ai_flags = AI_V4MAPPED | AI_ADDRCONFIG};
  if (!hints) hints = &none;
  int flags = hints->ai_flags, error = check_hints(name, service, hints);
  if (error) return error;
  struct kind kinds[KINDS];
  int count = choose_kinds(hints, kinds);
  if (count > 0) count = set_ports(service, hints, kinds, count);
  if (count < 0) return count;
  struct host h;
  error = name ? named_addresses(name, flags, hints->ai_family, &h)
               : own_addresses(flags, hints->ai_family, &h);
  if (error) return error;
  sort_addresses(&h, flags);
  for (int i = 0; hints->ai_family == AF_INET6 && i < h.count; i++)
    if (h.list[i].family == AF_INET) address_map(&h.list[i]);
  struct addrinfo *first = NULL, **at = &first;
  for (int i = 0; i < h.count * count; i++) {
    const char *canonical = flags & AI_CANONNAME && !first ? h.names : NULL;
    *at = new_result(&h.list[i / count], &kinds[i % count], flags, canonical);
    if (!*at) {
      freeaddrinfo(first);
      return EAI_MEMORY;
    }
    at = &(*at)->ai_next;
  }
  *results = first;
  return 0;
}
