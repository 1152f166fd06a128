/* What a program learns of its host's interfaces: the ioctls of netdevice(7), and the IPv6
 * addresses as /proc/net/if_inet6 has them. */
#include "inet.h"
#include "procfs.h"
#include "lwip/prot/ethernet.h"
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

enum { SCOPE_GLOBAL = 0x00, SCOPE_HOST = 0x10, SCOPE_LINK = 0x20, PERMANENT = 0x80 };

static void put_address(struct sockaddr *to, uint32_t network_order) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {network_order}};
  memcpy(to, &a, sizeof a);
}

static uint32_t address_of(const struct host *h, int device) {
  return device == LOOPBACK + 1 ? htonl(INADDR_LOOPBACK) : ip4_addr_get_u32(ip_2_ip4(&h->address));
}

static uint32_t mask_of(const struct host *h, int device) {
  return ip4_addr_get_u32(netif_ip4_netmask(&h->interfaces[device - 1]));
}

static short flags_of(const struct host *h, int device) {
  if (device == LOOPBACK + 1) return IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  return (short)(IFF_UP | IFF_BROADCAST | IFF_MULTICAST | (h->wire.cut ? 0 : IFF_RUNNING));
}

static void put_hardware(struct sockaddr *to, const struct host *h, int device) {
  bool loopback = device == LOOPBACK + 1;
  *to = (struct sockaddr){.sa_family = loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER};
  if (!loopback) memcpy(to->sa_data, h->interfaces[device - 1].hwaddr, ETH_HWADDR_LEN);
}

/* One answer about one interface. */
static int ask(const struct host *h, int device, unsigned request, struct ifreq *r) {
  bool loopback = device == LOOPBACK + 1;
  uint32_t address = address_of(h, device), mask = mask_of(h, device);
  switch (request) {
  case SIOCGIFINDEX: r->ifr_ifindex = device; return 0;
  case SIOCGIFFLAGS: r->ifr_flags = flags_of(h, device); return 0;
  case SIOCGIFADDR:
  case SIOCGIFDSTADDR: put_address(&r->ifr_addr, address); return 0;
  case SIOCGIFNETMASK: put_address(&r->ifr_netmask, mask); return 0;
  case SIOCGIFBRDADDR: put_address(&r->ifr_broadaddr, loopback ? 0 : address | ~mask); return 0;
  case SIOCGIFMTU: r->ifr_mtu = net_mtu(&h->interfaces[device - 1]); return 0;
  case SIOCGIFMETRIC: r->ifr_metric = 0; return 0;
  case SIOCGIFTXQLEN: r->ifr_qlen = 1000; return 0;
  case SIOCGIFHWADDR: put_hardware(&r->ifr_hwaddr, h, device); return 0;
  default: return -ENOTTY;
  }
}

/* Those that have an IPv4 address: all. Without a buffer, only how long it should be. */
static int list(const struct host *h, uptr argument) {
  struct ifconf c;
  struct ifreq r;
  int used = 0;
  if (copy_from_user(&c, argument, sizeof c)) return -EFAULT;
  for (int device = 1; device <= INTERFACES; device++) {
    if (c.ifc_buf && c.ifc_len - used < (int)sizeof r) break;
    r = (struct ifreq){0};
    strcpy(r.ifr_name, net_device_name(device));
    put_address(&r.ifr_addr, address_of(h, device));
    if (c.ifc_buf && copy_to_user((uptr)c.ifc_buf + (size_t)used, &r, sizeof r)) return -EFAULT;
    used += (int)sizeof r;
  }
  c.ifc_len = used;
  return copy_to_user(argument, &c, sizeof c);
}

static int name_of(uptr argument, struct ifreq *r) {
  const char *name = net_device_name(r->ifr_ifindex);
  if (!name) return -ENODEV;
  strcpy(r->ifr_name, name);
  return copy_to_user(argument, r, sizeof *r);
}

/* Those that only root may make; those that only a socket of AF_INET answers. */
static bool changes(unsigned request) {
  return request == SIOCSIFFLAGS || request == SIOCSIFADDR || request == SIOCSIFBRDADDR ||
         request == SIOCSIFNETMASK || request == SIOCSIFMTU || request == SIOCSIFHWADDR ||
         request == SIOCSIFNAME;
}
static bool is_of_inet(unsigned request) {
  return request == SIOCGIFADDR || request == SIOCGIFBRDADDR || request == SIOCGIFNETMASK ||
         request == SIOCGIFDSTADDR;
}

int interface_ioctl(const struct socket *s, unsigned request, uptr argument) {
  const struct host *h = s->host;
  struct ifreq r;
  if (changes(request)) return -EPERM;
  if (request == SIOCGIFCONF) return list(h, argument);
  if (request < SIOCGIFNAME || request > SIOCGIFTXQLEN ||
      (is_of_inet(request) && s->domain != AF_INET))
    return -ENOTTY;
  if (copy_from_user(&r, argument, sizeof r)) return -EFAULT;
  if (request == SIOCGIFNAME) return name_of(argument, &r);
  r.ifr_name[IFNAMSIZ - 1] = 0;
  r.ifr_name[strcspn(r.ifr_name, ":")] = 0; /* "eth0:1" is an alias of eth0, on Linux */
  int device = net_device(r.ifr_name);
  int error = device ? ask(h, device, request, &r) : -ENODEV;
  return error ? error : copy_to_user(argument, &r, sizeof r);
}

static void put_line(struct text *t, const ip_addr_t *a, int device, int bits, int scope) {
  const uint8_t *bytes = (const uint8_t *)ip_2_ip6(a)->addr;
  for (int n = 0; n < 16; n++)
    text_put(t, "%02x", bytes[n]);
  text_put(t, " %02x %02x %02x %02x %8s\n", device, bits, scope, PERMANENT,
           net_device_name(device));
}

void interface_text(struct text *t) {
  const struct host *h = current->host;
  ip_addr_t local = IPADDR6_INIT_HOST(0, 0, 0, 1);
  put_line(t, &local, LOOPBACK + 1, 128, SCOPE_HOST);
  put_line(t, &h->address6, ETHERNET + 1, 64, SCOPE_GLOBAL);
  put_line(t, &h->link, ETHERNET + 1, 64, SCOPE_LINK);
}
