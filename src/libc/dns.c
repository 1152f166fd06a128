/* Names and addresses that /etc/hosts does not have, asked of the servers of /etc/resolv.conf. */
#include "dns.h"
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookup {
  struct dns_setup setup;
  uint8_t answer[DNS_ANSWER_LIMIT];
};

static int ask(struct lookup *l, const char *name, unsigned type, struct host *to) {
  struct dns_query q;
  if (!dns_query(name, type, &q)) return EAI_NONAME;
  int size = dns_ask(&l->setup, &q, l->answer);
  return size < 0 ? size : dns_read(&q, l->answer, (size_t)size, to);
}

/* A full name's addresses. A name that does not exist is not asked for twice. */
static int ask_name(struct lookup *l, const char *name, int family, struct host *to) {
  int error = EAI_NODATA;
  if (family != AF_INET6) error = ask(l, name, DNS_A, to);
  if (family == AF_INET || (error && error != EAI_NODATA)) return error;
  int error6 = ask(l, name, DNS_AAAA, to);
  return to->count ? 0 : error6;
}

/* The name below each domain of the search list. Answers like ask_name, or `otherwise`. */
static int ask_below(struct lookup *l, const char *name, int family, struct host *to,
                     int otherwise) {
  for (int i = 0; i < l->setup.search_count; i++) {
    char full[2 * NAME_LIMIT];
    snprintf(full, sizeof full, "%s.%s", name, l->setup.search[i]);
    int error = ask_name(l, full, family, to);
    if (error != EAI_NONAME && error != EAI_NODATA) return error;
    if (error == EAI_NODATA) otherwise = error;
  }
  return otherwise;
}

/* A name of few dots is looked for below the domains first, one that ends in a dot never. */
static int search(struct lookup *l, const char *name, int family, struct host *to) {
  int dots = 0;
  for (const char *c = name; *c; c++)
    dots += *c == '.';
  if (name[strlen(name) - 1] == '.') return ask_name(l, name, family, to);
  if (dots < l->setup.ndots) {
    int error = ask_below(l, name, family, to, EAI_NONAME);
    if (error != EAI_NONAME && error != EAI_NODATA) return error;
    int error_as_is = ask_name(l, name, family, to);
    return error_as_is == EAI_NONAME ? error : error_as_is;
  }
  int error = ask_name(l, name, family, to);
  if (error != EAI_NONAME && error != EAI_NODATA) return error;
  return ask_below(l, name, family, to, error);
}

/* 4.3.2.1.in-addr.arpa, or 32 digits before ip6.arpa */
static void reverse_name(const struct address *a, char *to) {
  bool six = a->family == AF_INET6;
  for (int i = six ? 15 : 3; i >= 0; i--)
    to += six ? sprintf(to, "%x.%x.", a->bytes[i] & 15, a->bytes[i] >> 4)
              : sprintf(to, "%d.", a->bytes[i]);
  strcpy(to, six ? "ip6.arpa" : "in-addr.arpa");
}

static struct lookup *begin(int *error) {
  struct lookup *l = malloc(sizeof *l);
  *error = EAI_MEMORY;
  if (!l) return NULL;
  dns_setup(&l->setup);
  *error = EAI_NONAME;
  if (l->setup.server_count) return l;
  free(l);
  return NULL;
}

int dns_resolve(const char *name, int family, struct host *to) {
  int error;
  struct lookup *l = begin(&error);
  if (l) error = search(l, name, family, to);
  free(l);
  return error;
}

int dns_resolve_address(const struct address *a, struct host *to) {
  char name[80];
  int error;
  struct lookup *l = begin(&error);
  reverse_name(a, name);
  if (l) error = ask(l, name, DNS_PTR, to);
  free(l);
  if (!error) host_add(to, a);
  return error;
}
