/* From a name to its addresses and back. */
#include "names.h"
#include <netdb.h>
#include <string.h>
#include <strings.h>

void host_add(struct host *to, const struct address *a) {
  for (int i = 0; i < to->count; i++)
    if (to->list[i].family == a->family && !memcmp(to->list[i].bytes, a->bytes, 16)) return;
  if (to->count < ADDRESS_LIMIT) to->list[to->count++] = *a;
}

void host_add_name(struct host *to, const char *name) {
  size_t size = strlen(name) + 1;
  if (to->name_count > ALIAS_LIMIT || size > sizeof to->names - to->names_size) return;
  memcpy(to->names + to->names_size, name, size);
  to->names_size += size;
  to->name_count++;
}

static bool has_name(char **names, int count, const char *name) {
  for (int i = 0; i < count; i++)
    if (!strcasecmp(names[i], name)) return true;
  return false;
}

/* All lines of /etc/hosts that have the name or (name NULL) the address. */
static int hosts_file(const char *name, int family, const struct address *address,
                      struct host *to) {
  FILE *f = fopen("/etc/hosts", "re");
  if (!f) return EAI_NONAME;
  char line[LINE_LIMIT], *fields[2 + ALIAS_LIMIT];
  for (int n; next_fields(f, line, fields, 2 + ALIAS_LIMIT, &n);) {
    struct address a;
    if (n < 2 || !address_parse(fields[0], &a)) continue;
    if (name && !has_name(fields + 1, n - 1, name)) continue;
    if (!name && (a.family != address->family || memcmp(a.bytes, address->bytes, 16))) continue;
    if (family != AF_UNSPEC && family != a.family) continue;
    for (int i = to->name_count ? 2 : 1; i < n; i++)
      host_add_name(to, fields[i]);
    host_add(to, &a);
  }
  fclose(f);
  return to->count ? 0 : EAI_NONAME;
}

/* RFC 6761: localhost and what ends in it is this host, whatever a file or a server says. */
static bool is_localhost(const char *name) {
  size_t length = strlen(name);
  if (length && name[length - 1] == '.') length--;
  if (length < 9 || strncasecmp(name + length - 9, "localhost", 9)) return false;
  return length == 9 || name[length - 10] == '.';
}

static int localhost(const char *name, int family, struct host *to) {
  host_add_name(to, name);
  if (family != AF_INET) host_add(to, &(struct address){.family = AF_INET6, .bytes = {[15] = 1}});
  if (family != AF_INET6)
    host_add(to, &(struct address){.family = AF_INET, .bytes = {127, 0, 0, 1}});
  return 0;
}

int resolve(const char *name, int family, struct host *to) {
  *to = (struct host){.count = 0};
  size_t length = strlen(name);
  if (!length || length >= NAME_LIMIT) return EAI_NONAME;
  struct address number;
  if (address_parse(name, &number)) {
    if (family != AF_UNSPEC && family != number.family) return EAI_ADDRFAMILY;
    host_add_name(to, name);
    host_add(to, &number);
    return 0;
  }
  int error = hosts_file(name, family, NULL, to);
  if (error && is_localhost(name)) return localhost(name, family, to);
  return error ? dns_resolve(name, family, to) : 0;
}

int resolve_address(const struct address *a, struct host *to) {
  *to = (struct host){.count = 0};
  return hosts_file(NULL, AF_UNSPEC, a, to) ? dns_resolve_address(a, to) : 0;
}
