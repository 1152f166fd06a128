/* Services and their ports, from /etc/services. */
#define _GNU_SOURCE
#include "names.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 2 + ALIAS_LIMIT };

/* A line: name port/protocol aliases. It stays in line; aliases in its own room. */
struct service {
  char line[LINE_LIMIT], *aliases[ALIAS_LIMIT + 1];
  struct servent entry;
};

static bool next_service(FILE *f, struct service *s) {
  char *fields[FIELDS];
  for (int n; next_fields(f, s->line, fields, FIELDS, &n);) {
    char *slash = n < 2 ? NULL : strchr(fields[1], '/');
    if (!slash) continue;
    *slash = 0;
    memcpy(s->aliases, fields + 2, (size_t)(n - 2) * sizeof *fields);
    s->aliases[n - 2] = NULL;
    s->entry = (struct servent){.s_name = fields[0],
                                .s_aliases = s->aliases,
                                .s_port = htons((uint16_t)atoi(fields[1])),
                                .s_proto = slash + 1};
    return true;
  }
  return false;
}

static bool is_called(const struct service *s, const char *name) {
  if (!strcmp(s->entry.s_name, name)) return true;
  for (char **a = s->entry.s_aliases; *a; a++)
    if (!strcmp(*a, name)) return true;
  return false;
}

/* The first service of that name, or (name NULL) of that port. */
static bool find(const char *name, int port, const char *protocol, struct service *s) {
  FILE *f = fopen("/etc/services", "re");
  if (!f) return false;
  bool found = false;
  while (!found && next_service(f, s))
    found = (!protocol || !strcmp(protocol, s->entry.s_proto)) &&
            (name ? is_called(s, name) : port == s->entry.s_port);
  fclose(f);
  return found;
}

uint16_t service_port(const char *name, const char *protocol) {
  struct service s;
  return find(name, 0, protocol, &s) ? (uint16_t)s.entry.s_port : 0;
}

bool service_name(uint16_t port, const char *protocol, char *to, size_t size) {
  struct service s;
  return find(NULL, port, protocol, &s) && strlcpy(to, s.entry.s_name, size) < size;
}

static struct service service; /* what the functions that return a pointer return */
static FILE *services;

struct servent *getservbyname(const char *name, const char *protocol) {
  return find(name, 0, protocol, &service) ? &service.entry : NULL;
}

struct servent *getservbyport(int port, const char *protocol) {
  return find(NULL, port, protocol, &service) ? &service.entry : NULL;
}

void setservent(int stay) {
  if (services) rewind(services);
}

void endservent(void) {
  if (services) fclose(services);
  services = NULL;
}

struct servent *getservent(void) {
  if (!services && !(services = fopen("/etc/services", "re"))) return NULL;
  return next_service(services, &service) ? &service.entry : NULL;
}

/* The _r functions keep a struct service in the caller's buffer. */
static int find_r(const char *name, int port, const char *protocol, struct servent *to, char *room,
                  size_t size, struct servent **found) {
  *found = NULL;
  size_t gap = -(uintptr_t)room % sizeof(void *);
  if (size < gap + sizeof(struct service)) return ERANGE;
  struct service *s = (void *)(room + gap);
  if (!find(name, port, protocol, s)) return 0;
  *to = s->entry;
  *found = to;
  return 0;
}

int getservbyname_r(const char *name, const char *protocol, struct servent *to, char *room,
                    size_t size, struct servent **found) {
  return find_r(name, 0, protocol, to, room, size, found);
}

int getservbyport_r(int port, const char *protocol, struct servent *to, char *room, size_t size,
                    struct servent **found) {
  return find_r(NULL, port, protocol, to, room, size, found);
}
