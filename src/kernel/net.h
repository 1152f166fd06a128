/* What the files that adapt lwIP share. Nobody else includes lwIP's headers. */
#ifndef PORTSIDE_NET_H
#define PORTSIDE_NET_H

#include "kernel.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"

/* A host's interfaces. lwIP binds each protocol control block to one of them, which is how a
 * socket hears only its own host. */
enum { LOOPBACK, ETHERNET, INTERFACES };
struct host {
  struct host *next;
  char name[64];
  ip_addr_t address;
  struct netif interfaces[INTERFACES];
};

int net_errno(err_t e); /* lwIP's error as -errno, 0 for ERR_OK */
bool net_is_local(const struct host *h, const ip_addr_t *address); /* one of its own addresses */
/* The interface by which `h` reaches an address of the lab, and what it then calls itself; NULL:
 * the address is outside the lab. */
struct netif *net_route(struct host *h, const ip_addr_t *to, ip_addr_t *from);
bool net_owns(const struct host *h, int netif_index);

#endif
