/* Addresses as numbers: of either family, to and from text and struct sockaddr. */
#include "names.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

size_t address_size(int family) { return family == AF_INET6 ? 16 : 4; }

/* fe80::1%lab0, fe80::1%2 */
static bool parse_scope(const char *text, uint32_t *scope) {
  char *end;
  unsigned long n = strtoul(text, &end, 10);
  *scope = *text && !*end ? (uint32_t)n : if_nametoindex(text);
  return *scope != 0;
}

bool address_parse(const char *text, struct address *to) {
  *to = (struct address){.family = AF_INET};
  struct in_addr four;
  if (!strpbrk(text, " \t\n") && inet_aton(text, &four)) {
    memcpy(to->bytes, &four, sizeof four);
    return true;
  }
  to->family = AF_INET6;
  char number[INET6_ADDRSTRLEN];
  size_t length = strcspn(text, "%");
  if (length >= sizeof number) return false;
  memcpy(number, text, length);
  number[length] = 0;
  return inet_pton(AF_INET6, number, to->bytes) == 1 &&
         (!text[length] || parse_scope(text + length + 1, &to->scope));
}

bool address_of(const struct sockaddr *from, socklen_t length, struct address *to) {
  *to = (struct address){.family = from->sa_family};
  if (from->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
    memcpy(to->bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
    return true;
  }
  if (from->sa_family != AF_INET6 || length < sizeof(struct sockaddr_in6)) return false;
  const struct sockaddr_in6 *six = (const void *)from;
  memcpy(to->bytes, &six->sin6_addr, 16);
  to->scope = six->sin6_scope_id;
  return true;
}

void address_map(struct address *a) {
  struct address six = {.family = AF_INET6, .bytes = {[10] = 0xff, [11] = 0xff}};
  memcpy(six.bytes + 12, a->bytes, 4);
  *a = six;
}

socklen_t address_put(const struct address *a, uint16_t port, void *to) {
  if (a->family == AF_INET) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = port};
    memcpy(&four.sin_addr, a->bytes, 4);
    memcpy(to, &four, sizeof four);
    return sizeof four;
  }
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = port};
  memcpy(&six.sin6_addr, a->bytes, 16);
  six.sin6_scope_id = a->scope;
  memcpy(to, &six, sizeof six);
  return sizeof six;
}
