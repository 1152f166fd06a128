#include "pcapng.h"
#include <stdio.h>
#include <string.h>

enum { SECTION_HEADER = 0x0a0d0d0a, INTERFACE = 1, ENHANCED_PACKET = 6 };
enum { OPTION_END, COMMENT, IF_NAME, IF_IPV4 = 4, IF_IPV6, IF_MAC, IF_RESOLUTION = 9 };
enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101, COMMENT_LIMIT = 64 };

static size_t padded(size_t n) { return (n + 3) & ~(size_t)3; }

/* Puts type and lengths around a body that ends at `end`. */
static size_t finish(uint8_t *to, uint32_t type, const uint8_t *end) {
  uint32_t size = (uint32_t)(end - to) + 4;
  memcpy(to, &type, 4);
  memcpy(to + 4, &size, 4);
  memcpy(to + size - 4, &size, 4);
  return size;
}

static uint8_t *option(uint8_t *at, uint16_t code, const void *value, size_t length) {
  uint16_t head[2] = {code, (uint16_t)length};
  memset(at + 4, 0, padded(length));
  memcpy(at, head, sizeof head);
  if (length) memcpy(at + 4, value, length);
  return at + 4 + padded(length);
}

size_t pcapng_section(uint8_t *to) {
  uint32_t body[4] = {0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX}; /* version 1.0, length unknown */
  memcpy(to + 8, body, sizeof body);
  return finish(to, SECTION_HEADER, to + 8 + sizeof body);
}

size_t pcapng_interface(uint8_t *to, const struct netif *n) {
  const struct host *h = n->state;
  bool loopback = n == &h->interfaces[LOOPBACK];
  uint32_t body[2] = {loopback ? LINKTYPE_RAW : LINKTYPE_ETHERNET, 0};
  char name[80];
  uint8_t nanoseconds = 9;
  int length = snprintf(name, sizeof name, "%s %s", h->name, loopback ? "lo" : "eth0");
  memcpy(to + 8, body, sizeof body);
  uint8_t *at = option(to + 8 + sizeof body, IF_NAME, name, (size_t)length);
  if (!loopback) {
    uint32_t four[2] = {ip4_addr_get_u32(netif_ip4_addr(n)),
                        ip4_addr_get_u32(netif_ip4_netmask(n))};
    uint8_t six[17] = {[16] = 64};
    memcpy(six, ip_2_ip6(&h->address6)->addr, 16);
    at = option(at, IF_IPV4, four, sizeof four);
    at = option(at, IF_IPV6, six, sizeof six);
    at = option(at, IF_MAC, n->hwaddr, NETIF_MAX_HWADDR_LEN);
  }
  at = option(at, IF_RESOLUTION, &nanoseconds, 1);
  return finish(to, INTERFACE, option(at, OPTION_END, NULL, 0));
}

/* Interfaces are described in the order of lwIP's index, which counts from 1. */
size_t pcapng_frame(uint8_t *to, const struct netif *n, int64_t time, const struct pbuf *p,
                    size_t captured, const char *comment) {
  uint32_t body[5] = {netif_get_index(n) - 1u, (uint32_t)(time >> 32), (uint32_t)time,
                      (uint32_t)captured, p->tot_len};
  memcpy(to + 8, body, sizeof body);
  uint8_t *at = to + 8 + sizeof body, *end = at + padded(captured);
  pbuf_copy_partial(p, at, (u16_t)captured, 0);
  memset(at + captured, 0, (size_t)(end - at) - captured);
  if (comment) {
    size_t length = strnlen(comment, COMMENT_LIMIT);
    end = option(option(end, COMMENT, comment, length), OPTION_END, NULL, 0);
  }
  return finish(to, ENHANCED_PACKET, end);
}

void pcapng_begin(void (*put)(const uint8_t *block, size_t size)) {
  uint8_t block[PCAPNG_INTERFACE];
  put(block, pcapng_section(block));
  for (struct host *h = host_next(NULL); h; h = host_next(h))
    for (int i = 0; i < INTERFACES; i++)
      put(block, pcapng_interface(block, &h->interfaces[i]));
}
