/* getnameinfo: an address as text. */
#include "names.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static bool put_number(const struct address *a, char *to, size_t size) {
  char scope[IF_NAMESIZE + 1] = "", interface[IF_NAMESIZE];
  if (a->scope && if_indextoname(a->scope, interface))
    snprintf(scope, sizeof scope, "%%%s", interface);
  else if (a->scope)
    snprintf(scope, sizeof scope, "%%%u", (unsigned)a->scope);
  return inet_ntop(a->family, a->bytes, to, (socklen_t)size) && strlcat(to, scope, size) < size;
}

static int put_host(const struct address *a, char *to, size_t size, int flags) {
  struct host h;
  if (!(flags & NI_NUMERICHOST) && !resolve_address(a, &h)) {
    if (flags & NI_NOFQDN) h.names[strcspn(h.names, ".")] = 0;
    return strlcpy(to, h.names, size) < size ? 0 : EAI_OVERFLOW;
  }
  if (flags & NI_NAMEREQD) return EAI_NONAME;
  return put_number(a, to, size) ? 0 : EAI_OVERFLOW;
}

static int put_service(uint16_t port, char *to, size_t size, int flags) {
  char name[NAME_LIMIT];
  if (flags & NI_NUMERICSERV ||
      !service_name(port, flags & NI_DGRAM ? "udp" : "tcp", name, sizeof name))
    snprintf(name, sizeof name, "%u", ntohs(port));
  return strlcpy(to, name, size) < size ? 0 : EAI_OVERFLOW;
}

int getnameinfo(const struct sockaddr *restrict from, socklen_t length, char *restrict host,
                socklen_t host_size, char *restrict service, socklen_t service_size, int flags) {
  struct address a;
  if (!address_of(from, length, &a)) return EAI_FAMILY;
  bool want_host = host && host_size, want_service = service && service_size;
  if (!host && !service && flags & NI_NAMEREQD) return EAI_NONAME;
  uint16_t port = a.family == AF_INET
                      ? ((const struct sockaddr_in *)(const void *)from)->sin_port
                      : ((const struct sockaddr_in6 *)(const void *)from)->sin6_port;
  int error = want_host ? put_host(&a, host, host_size, flags) : 0;
  if (!error && want_service) error = put_service(port, service, service_size, flags);
  return error;
}
