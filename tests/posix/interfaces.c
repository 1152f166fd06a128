/* What a program learns of interfaces: netdevice(7), if_nametoindex(3), getifaddrs(3). Only the
 * loopback is the same on every Linux. */
#include "check.h"
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>

static struct ifreq r;

/* Asks about the interface of that name. */
static int ask(int s, unsigned long request, const char *name) {
  memset(&r, 0x55, sizeof r);
  snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
  return ioctl(s, request, &r);
}
#define ASK(request, name)                                                                         \
  check_call("ioctl " #request " of " name, (errno = 0, ask(s, request, name)))

static void address(const struct sockaddr *a) {
  char text[INET_ADDRSTRLEN];
  const struct sockaddr_in *in = (const void *)a;
  printf("  family %d %s\n", a->sa_family, inet_ntop(AF_INET, &in->sin_addr, text, sizeof text));
}

static void one(void) {
  heading("the loopback");
  int s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  ASK(SIOCGIFINDEX, "lo");
  VALUE(r.ifr_ifindex == (int)if_nametoindex("lo"));
  ASK(SIOCGIFFLAGS, "lo");
  VALUE(r.ifr_flags == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
  ASK(SIOCGIFADDR, "lo");
  address(&r.ifr_addr);
  ASK(SIOCGIFNETMASK, "lo");
  address(&r.ifr_netmask);
  ASK(SIOCGIFBRDADDR, "lo");
  address(&r.ifr_broadaddr);
  ASK(SIOCGIFDSTADDR, "lo");
  address(&r.ifr_dstaddr);
  ASK(SIOCGIFMTU, "lo");
  VALUE(r.ifr_mtu);
  ASK(SIOCGIFMETRIC, "lo");
  VALUE(r.ifr_metric);
  ASK(SIOCGIFHWADDR, "lo");
  VALUE(r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK);
  BYTES(r.ifr_hwaddr.sa_data, 6);
  ASK(SIOCGIFADDR, "none");
  ASK(SIOCGIFINDEX, "");
  r.ifr_ifindex = (int)if_nametoindex("lo");
  CALL(ioctl(s, SIOCGIFNAME, &r));
  printf("%s\n", r.ifr_name);
  r.ifr_ifindex = 999;
  CALL(ioctl(s, SIOCGIFNAME, &r));
  CALL(ioctl(s, SIOCGIFADDR, BAD));
  CALL(ioctl(s, SIOCGIFCONF, BAD));
  CALL(ioctl(s, 0x8999, &r));
  close(s);
  s = must(socket(AF_INET6, SOCK_STREAM, 0), "socket");
  ASK(SIOCGIFMTU, "lo");
  ASK(SIOCGIFADDR, "lo");
  close(s);
  s = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
  ASK(SIOCGIFMTU, "lo");
  close(s);
}

static void all(void) {
  heading("SIOCGIFCONF");
  struct ifreq list[32];
  struct ifconf c = {.ifc_len = 0};
  int s = must(socket(AF_INET, SOCK_DGRAM, 0), "socket"), found = 0, needed;
  CALL(ioctl(s, SIOCGIFCONF, &c));
  needed = c.ifc_len;
  VALUE(needed % (int)sizeof *list);
  VALUE(needed > 0);
  c.ifc_len = sizeof list;
  c.ifc_req = list;
  CALL(ioctl(s, SIOCGIFCONF, &c));
  VALUE(c.ifc_len == needed);
  for (int i = 0; i < c.ifc_len / (int)sizeof *list; i++)
    if (!strcmp(list[i].ifr_name, "lo")) found++, address(&list[i].ifr_addr);
  VALUE(found);
  c.ifc_len = (int)sizeof *list - 1;
  CALL(ioctl(s, SIOCGIFCONF, &c));
  VALUE(c.ifc_len);
  c.ifc_len = (int)sizeof *list;
  CALL(ioctl(s, SIOCGIFCONF, &c));
  VALUE(c.ifc_len == sizeof *list);
  close(s);
}

static void names(void) {
  heading("if_nametoindex");
  char name[IF_NAMESIZE];
  unsigned lo = if_nametoindex("lo");
  VALUE(lo != 0);
  errno = 0;
  VALUE(if_nametoindex("none"));
  VALUE(errno == ENODEV);
  VALUE(if_indextoname(lo, name) == name);
  VALUE(!strcmp(name, "lo"));
  errno = 0;
  VALUE(if_indextoname(999, name) == NULL);
  VALUE(errno == ENXIO);
  struct if_nameindex *list = if_nameindex();
  VALUE(list != NULL);
  for (struct if_nameindex *i = list; i && i->if_index; i++)
    if (!strcmp(i->if_name, "lo")) VALUE(i->if_index == lo);
  if_freenameindex(list);
}

static void print_entry(const struct ifaddrs *a) {
  char text[INET6_ADDRSTRLEN];
  int family = a->ifa_addr->sa_family;
  const void *at = family == AF_INET ? (const void *)&((struct sockaddr_in *)a->ifa_addr)->sin_addr
                                     : &((struct sockaddr_in6 *)a->ifa_addr)->sin6_addr;
  const void *mask = family == AF_INET
                         ? (const void *)&((struct sockaddr_in *)a->ifa_netmask)->sin_addr
                         : &((struct sockaddr_in6 *)a->ifa_netmask)->sin6_addr;
  printf("  %s %s", a->ifa_name, inet_ntop(family, at, text, sizeof text));
  printf("/%s %s\n", inet_ntop(family, mask, text, sizeof text),
         (a->ifa_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK) ? "up" : "");
}

static void addresses(void) {
  heading("getifaddrs");
  struct ifaddrs *list = NULL;
  static const int families[] = {AF_INET, AF_INET6};
  CALL(getifaddrs(&list));
  for (int f = 0; f < 2; f++)
    for (struct ifaddrs *a = list; a; a = a->ifa_next)
      if (!strcmp(a->ifa_name, "lo") && a->ifa_addr && a->ifa_addr->sa_family == families[f])
        print_entry(a);
  freeifaddrs(list);
}

int main(void) {
  one();
  all();
  names();
  addresses();
}
