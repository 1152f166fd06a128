/* The host's interfaces and their addresses: by ioctl (netdevice(7)), those of IPv6 from
 * /proc/net/if_inet6. Emscripten's libc would ask a netlink socket, which the kernel does not have.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INTERFACE_LIMIT = 16 };

/* --- names --- */

static int ask(int s, unsigned long request, const char *name, struct ifreq *r) {
  *r = (struct ifreq){0};
  memcpy(r->ifr_name, name, strnlen(name, IFNAMSIZ - 1));
  return ioctl(s, request, r);
}

/* The interfaces that there are. How many, or -1. */
static int list_interfaces(int s, struct ifreq *list) {
  struct ifconf c = {.ifc_len = INTERFACE_LIMIT * (int)sizeof *list, .ifc_req = list};
  return ioctl(s, SIOCGIFCONF, &c) ? -1 : c.ifc_len / (int)sizeof *list;
}

static int open_socket(void) { return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); }

struct if_nameindex *if_nameindex(void) {
  struct ifreq list[INTERFACE_LIMIT], r;
  int s = open_socket(), count = s < 0 ? -1 : list_interfaces(s, list);
  struct if_nameindex *names = count < 0 ? NULL : calloc((size_t)count + 1, sizeof *names);
  for (int i = 0; names && i < count; i++) {
    names[i].if_name = strdup(list[i].ifr_name);
    names[i].if_index = ask(s, SIOCGIFINDEX, list[i].ifr_name, &r) ? 0 : (unsigned)r.ifr_ifindex;
  }
  if (s >= 0) close(s);
  if (!names) errno = ENOBUFS;
  return names;
}

void if_freenameindex(struct if_nameindex *names) {
  for (struct if_nameindex *n = names; n && n->if_name; n++)
    free(n->if_name);
  free(names);
}

/* --- addresses --- */

union address {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
  struct sockaddr_ll link;
};
struct entry {
  struct ifaddrs a;
  char name[IFNAMSIZ];
  union address address, mask, broadcast;
};
struct list {
  struct ifaddrs *first, **last; /* each the beginning of a struct entry */
};

static struct entry *add(struct list *l, const char *name, unsigned flags, int family) {
  struct entry *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  memcpy(e->name, name, strnlen(name, IFNAMSIZ - 1));
  e->address.any.sa_family = e->mask.any.sa_family = e->broadcast.any.sa_family =
      (sa_family_t)family;
  e->a = (struct ifaddrs){.ifa_name = e->name, .ifa_flags = flags, .ifa_addr = &e->address.any};
  *l->last = &e->a;
  l->last = &e->a.ifa_next;
  return e;
}

static unsigned flags_of(int s, const char *name) {
  struct ifreq r;
  return ask(s, SIOCGIFFLAGS, name, &r) ? 0 : (unsigned short)r.ifr_flags;
}

static bool add_link(struct list *l, int s, const char *name) {
  struct ifreq r;
  struct entry *e = add(l, name, flags_of(s, name), AF_PACKET);
  if (!e) return false;
  if (!ask(s, SIOCGIFINDEX, name, &r)) e->address.link.sll_ifindex = r.ifr_ifindex;
  if (ask(s, SIOCGIFHWADDR, name, &r)) return true;
  e->address.link.sll_hatype = r.ifr_hwaddr.sa_family;
  e->address.link.sll_halen = 6;
  memcpy(e->address.link.sll_addr, r.ifr_hwaddr.sa_data, 6);
  e->a.ifa_broadaddr = &e->broadcast.any;
  e->broadcast.link = e->address.link;
  memset(e->broadcast.link.sll_addr, e->a.ifa_flags & IFF_LOOPBACK ? 0 : 0xff, 6);
  return true;
}

static bool add_four(struct list *l, int s, const struct ifreq *interface) {
  struct ifreq r;
  const char *name = interface->ifr_name;
  struct entry *e = add(l, name, flags_of(s, name), AF_INET);
  if (!e) return false;
  memcpy(&e->address.four, &interface->ifr_addr, sizeof e->address.four);
  if (!ask(s, SIOCGIFNETMASK, name, &r)) {
    memcpy(&e->mask.four, &r.ifr_netmask, sizeof e->mask.four);
    e->a.ifa_netmask = &e->mask.any;
  }
  if (!ask(s, e->a.ifa_flags & IFF_BROADCAST ? SIOCGIFBRDADDR : SIOCGIFDSTADDR, name, &r)) {
    memcpy(&e->broadcast.four, &r.ifr_addr, sizeof e->broadcast.four);
    e->a.ifa_broadaddr = &e->broadcast.any;
  }
  return true;
}

static bool add_six(struct list *l, int s, const char *line) {
  char hex[33], name[IFNAMSIZ];
  unsigned index, bits, scope, state;
  if (sscanf(line, "%32s %x %x %x %x %15s", hex, &index, &bits, &scope, &state, name) != 6)
    return true;
  struct entry *e = add(l, name, flags_of(s, name), AF_INET6);
  if (!e) return false;
  for (int i = 0; i < 16; i++) {
    unsigned byte = 0;
    sscanf(hex + 2 * i, "%2x", &byte);
    e->address.six.sin6_addr.s6_addr[i] = (uint8_t)byte;
  }
  for (unsigned i = 0; i < bits && i < 128; i++)
    e->mask.six.sin6_addr.s6_addr[i / 8] |= (uint8_t)(0x80 >> i % 8);
  e->a.ifa_netmask = &e->mask.any;
  if (IN6_IS_ADDR_LINKLOCAL(&e->address.six.sin6_addr)) e->address.six.sin6_scope_id = index;
  return true;
}

static bool add_all(struct list *l, int s) {
  struct ifreq list[INTERFACE_LIMIT];
  char line[128];
  int count = list_interfaces(s, list);
  bool fine = count >= 0;
  for (int i = 0; fine && i < count; i++)
    fine = add_link(l, s, list[i].ifr_name);
  for (int i = 0; fine && i < count; i++)
    fine = add_four(l, s, &list[i]);
  FILE *f = fine ? fopen("/proc/net/if_inet6", "re") : NULL;
  while (f && fine && fgets(line, sizeof line, f))
    fine = add_six(l, s, line);
  if (f) fclose(f);
  return fine;
}

int getifaddrs(struct ifaddrs **to) {
  struct list l = {.last = &l.first};
  int s = open_socket();
  if (s < 0) return -1;
  bool fine = add_all(&l, s);
  close(s);
  *to = l.first;
  if (fine) return 0;
  freeifaddrs(*to);
  return -1;
}

void freeifaddrs(struct ifaddrs *list) {
  while (list) {
    struct ifaddrs *next = list->ifa_next;
    free(list);
    list = next;
  }
}
