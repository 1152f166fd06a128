/* gethostbyname and its relatives: getaddrinfo's forerunners. */
#define _GNU_SOURCE
#include "names.h"
#include <errno.h>
#include <netdb.h>
#include <string.h>

/* What a struct hostent points to, in room that the caller gives. */
struct room {
  struct host host;
  char *aliases[ALIAS_LIMIT + 1], *addresses[ADDRESS_LIMIT + 1];
};

static int h_error(int eai) {
  return eai == EAI_AGAIN    ? TRY_AGAIN
         : eai == EAI_NODATA ? NO_DATA
         : eai == EAI_FAIL   ? NO_RECOVERY
                             : HOST_NOT_FOUND;
}

static void fill(struct hostent *to, struct room *r, int family) {
  struct host *h = &r->host;
  char *name = h->names;
  for (int i = 1; i < h->name_count; i++)
    r->aliases[i - 1] = name += strlen(name) + 1;
  r->aliases[h->name_count - 1] = NULL;
  for (int i = 0; i < h->count; i++)
    r->addresses[i] = (char *)h->list[i].bytes;
  r->addresses[h->count] = NULL;
  *to = (struct hostent){.h_name = h->names,
                         .h_aliases = r->aliases,
                         .h_addrtype = family,
                         .h_length = (int)address_size(family),
                         .h_addr_list = r->addresses};
}

static struct room *room_in(char *buffer, size_t size) {
  size_t gap = -(uintptr_t)buffer % _Alignof(struct room);
  return size < gap + sizeof(struct room) ? NULL : (void *)(buffer + gap);
}

static int finish(int error, struct hostent *to, struct room *r, int family, struct hostent **found,
                  int *h_error_to) {
  if (error)
    *h_error_to = h_error(error);
  else {
    fill(to, r, family);
    *found = to;
  }
  return 0;
}

int gethostbyname2_r(const char *name, int family, struct hostent *to, char *buffer, size_t size,
                     struct hostent **found, int *h_error_to) {
  *found = NULL;
  struct room *r = room_in(buffer, size);
  if (!r) return ERANGE;
  return finish(resolve(name, family, &r->host), to, r, family, found, h_error_to);
}

int gethostbyname_r(const char *name, struct hostent *to, char *buffer, size_t size,
                    struct hostent **found, int *h_error_to) {
  return gethostbyname2_r(name, AF_INET, to, buffer, size, found, h_error_to);
}

int gethostbyaddr_r(const void *address, socklen_t length, int family, struct hostent *to,
                    char *buffer, size_t size, struct hostent **found, int *h_error_to) {
  *found = NULL;
  struct room *r = room_in(buffer, size);
  if (!r) return ERANGE;
  struct address a = {.family = family};
  if ((family != AF_INET && family != AF_INET6) || length != address_size(family)) {
    *h_error_to = NO_RECOVERY;
    return EINVAL;
  }
  memcpy(a.bytes, address, length);
  return finish(resolve_address(&a, &r->host), to, r, family, found, h_error_to);
}

static struct room room;
static struct hostent entry;

struct hostent *gethostbyname2(const char *name, int family) {
  struct hostent *found;
  gethostbyname2_r(name, family, &entry, (char *)&room, sizeof room, &found, &h_errno);
  return found;
}

struct hostent *gethostbyname(const char *name) { return gethostbyname2(name, AF_INET); }

struct hostent *gethostbyaddr(const void *address, socklen_t length, int family) {
  struct hostent *found;
  gethostbyaddr_r(address, length, family, &entry, (char *)&room, sizeof room, &found, &h_errno);
  return found;
}
