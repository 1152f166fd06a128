/* ip: shows the host's interfaces, addresses, routes and neighbours. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, ADDRESS_BITS = 128 };

static const char *only;       /* the interface that is asked for; NULL: all */
static int family = AF_UNSPEC; /* -4, -6 */
static int control;            /* a socket, for ioctl */

static void print_flags(unsigned flags) {
  static const struct {
    unsigned flag;
    const char *name;
  } names[] = {
      {IFF_LOOPBACK, "LOOPBACK"},   {IFF_BROADCAST, "BROADCAST"}, {IFF_POINTOPOINT, "POINTOPOINT"},
      {IFF_MULTICAST, "MULTICAST"}, {IFF_NOARP, "NOARP"},         {IFF_PROMISC, "PROMISC"}};
  const char *between = "";
  printf("<");
  if (flags & IFF_UP && !(flags & IFF_RUNNING)) {
    printf("NO-CARRIER");
    between = ",";
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (flags & names[i].flag) {
      printf("%s%s", between, names[i].name);
      between = ",";
    }
  if (flags & IFF_UP) printf("%sUP", between);
  if (flags & IFF_RUNNING) printf(",LOWER_UP");
  printf(">");
}

static int ask(const char *name, unsigned long request, struct ifreq *r) {
  *r = (struct ifreq){0};
  snprintf(r->ifr_name, sizeof r->ifr_name, "%s", name);
  return ioctl(control, (int)request, r);
}

static void print_hardware(const unsigned char *a) {
  printf("%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void print_link(unsigned index, const char *name) {
  struct ifreq r;
  if (ask(name, SIOCGIFFLAGS, &r)) return;
  unsigned flags = (unsigned short)r.ifr_flags;
  bool loopback = flags & IFF_LOOPBACK;
  printf("%u: %s: ", index, name);
  print_flags(flags);
  if (!ask(name, SIOCGIFMTU, &r)) printf(" mtu %d", r.ifr_mtu);
  printf(" state %s", loopback ? "UNKNOWN" : flags & IFF_RUNNING ? "UP" : "DOWN");
  if (!ask(name, SIOCGIFTXQLEN, &r) && r.ifr_ifindex) printf(" qlen %d", r.ifr_ifindex);
  if (ask(name, SIOCGIFHWADDR, &r)) {
    printf("\n");
    return;
  }
  printf("\n    link/%s ", r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK ? "loopback" : "ether");
  print_hardware((unsigned char *)r.ifr_hwaddr.sa_data);
  printf(" brd %s\n", loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
}

static int prefix_of(const struct sockaddr *mask) {
  const unsigned char *bytes = mask->sa_family == AF_INET6
                                   ? (void *)&((struct sockaddr_in6 *)(void *)mask)->sin6_addr
                                   : (void *)&((struct sockaddr_in *)(void *)mask)->sin_addr;
  int bits = 0, most = mask->sa_family == AF_INET6 ? ADDRESS_BITS : 32;
  while (bits < most && bytes[bits / 8] >> (7 - bits % 8) & 1)
    bits++;
  return bits;
}

static const char *scope_of(const struct in6_addr *a) {
  return IN6_IS_ADDR_LOOPBACK(a) ? "host" : IN6_IS_ADDR_LINKLOCAL(a) ? "link" : "global";
}

static void print_address(const struct ifaddrs *a) {
  char text[INET6_ADDRSTRLEN];
  if (a->ifa_addr->sa_family == AF_INET6) {
    const struct sockaddr_in6 *six = (void *)a->ifa_addr;
    printf("    inet6 %s/%d scope %s \n", inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text),
           a->ifa_netmask ? prefix_of(a->ifa_netmask) : ADDRESS_BITS, scope_of(&six->sin6_addr));
  } else {
    const struct sockaddr_in *four = (void *)a->ifa_addr, *all = (void *)a->ifa_broadaddr;
    bool loopback = a->ifa_flags & IFF_LOOPBACK;
    printf("    inet %s/%d", inet_ntop(AF_INET, &four->sin_addr, text, sizeof text),
           a->ifa_netmask ? prefix_of(a->ifa_netmask) : 32);
    if (a->ifa_flags & IFF_BROADCAST && all)
      printf(" brd %s", inet_ntop(AF_INET, &all->sin_addr, text, sizeof text));
    printf(" scope %s %s\n", loopback ? "host" : "global", a->ifa_name);
  }
  printf("       valid_lft forever preferred_lft forever\n");
}

static void print_addresses(const char *name) {
  struct ifaddrs *all;
  if (getifaddrs(&all)) return;
  for (int f = 0; f < 2; f++)
    for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
      int is = f ? AF_INET6 : AF_INET;
      if (!a->ifa_addr || a->ifa_addr->sa_family != is || strcmp(a->ifa_name, name)) continue;
      if (family == AF_UNSPEC || family == is) print_address(a);
    }
  freeifaddrs(all);
}

static int show_interfaces(bool addresses) {
  struct if_nameindex *all = if_nameindex();
  if (only && !if_nametoindex(only)) {
    fprintf(stderr, "Device \"%s\" does not exist.\n", only);
    return 1;
  }
  for (const struct if_nameindex *i = all; i && i->if_index; i++) {
    if (only && strcmp(only, i->if_name)) continue;
    print_link(i->if_index, i->if_name);
    if (addresses) print_addresses(i->if_name);
  }
  if_freenameindex(all);
  return 0;
}

/* The host's own address on an interface, which it sends from. */
static bool source(const char *name, char text[INET_ADDRSTRLEN]) {
  struct ifreq r;
  if (ask(name, SIOCGIFADDR, &r)) return false;
  return inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)&r.ifr_addr)->sin_addr, text,
                   INET_ADDRSTRLEN);
}

static int show_routes(void) {
  char line[LINE], name[IF_NAMESIZE], text[INET_ADDRSTRLEN];
  FILE *f = family == AF_INET6 ? NULL : fopen("/proc/net/route", "r");
  bool titles = f && fgets(line, sizeof line, f);
  while (titles && fgets(line, sizeof line, f)) {
    unsigned to, gateway, flags, metric, mask;
    if (sscanf(line, "%15s %x %x %x %*d %*u %u %x", name, &to, &gateway, &flags, &metric, &mask) <
            6 ||
        (only && strcmp(only, name)))
      continue;
    if (mask)
      printf("%s/%d", inet_ntop(AF_INET, &to, text, sizeof text), __builtin_popcount(mask));
    else
      printf("default");
    if (flags & RTF_GATEWAY) printf(" via %s", inet_ntop(AF_INET, &gateway, text, sizeof text));
    printf(" dev %s ", name);
    if (!(flags & RTF_GATEWAY)) printf("proto kernel scope link ");
    if (!(flags & RTF_GATEWAY) && source(name, text)) printf("src %s ", text);
    if (metric) printf("metric %u ", metric);
    printf("\n");
  }
  if (f) fclose(f);
  return 0;
}

static int show_neighbours(void) {
  char line[LINE], ip[64], hardware[64], name[IF_NAMESIZE];
  FILE *f = family == AF_INET6 ? NULL : fopen("/proc/net/arp", "r");
  bool titles = f && fgets(line, sizeof line, f);
  while (titles && fgets(line, sizeof line, f)) {
    unsigned flags;
    if (sscanf(line, "%63s %*x %x %63s %*s %15s", ip, &flags, hardware, name) < 4) continue;
    if (only && strcmp(only, name)) continue;
    bool known = flags & ATF_COM;
    printf("%s dev %s%s%s %s \n", ip, name, known ? " lladdr " : "", known ? hardware : "",
           flags & ATF_PERM ? "PERMANENT"
           : known          ? "REACHABLE"
                            : "FAILED");
  }
  if (f) fclose(f);
  return 0;
}

static int usage(void) {
  fprintf(stderr, "Usage: ip [ -4 | -6 ] { address | link | route | neigh } [ show ] "
                  "[ dev INTERFACE ]\n");
  return 255;
}

/* Whether a word is the name or a beginning of it, as `ip a` is. */
static bool is(const char *word, const char *name) { return !strncmp(word, name, strlen(word)); }

int main(int argc, char **argv) {
  int n = 1;
  for (; n < argc && *argv[n] == '-'; n++) {
    if (!strcmp(argv[n], "-4"))
      family = AF_INET;
    else if (!strcmp(argv[n], "-6"))
      family = AF_INET6;
    else
      return usage();
  }
  const char *object = n < argc ? argv[n++] : "";
  if (!*object) return usage();
  if (n < argc && (is(argv[n], "show") || is(argv[n], "list"))) n++;
  if (n < argc && !strcmp(argv[n], "dev")) n++;
  if (n < argc) only = argv[n++];
  if (n < argc) return usage();
  if (only && (!strcmp(only, "add") || !strcmp(only, "del") || !strcmp(only, "set"))) {
    fprintf(stderr, "ip: it shows, and changes nothing\n");
    return 2;
  }
  control = socket(AF_INET, SOCK_DGRAM, 0);
  if (is(object, "address")) return show_interfaces(true);
  if (is(object, "link")) return show_interfaces(false);
  if (is(object, "route")) return show_routes();
  if (is(object, "neighbour") || is(object, "neighbor")) return show_neighbours();
  fprintf(stderr, "Object \"%s\" is unknown, try \"ip help\".\n", object);
  return 1;
}
