/* Multicast groups: what a socket has joined, on which interface. A host hears a group as long as
 * one of its sockets is a member; lwIP tells the others by IGMP and MLD. */
#include "inet.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERSHIPS = 20 }; /* of IPv4, of one socket: igmp_max_memberships */

static struct membership {
  struct membership *next;
  const struct inet *member;
  ip_addr_t group;
  int device;
  in_addr_t address; /* of the interface, if the program said it so; IP_DROP_MEMBERSHIP must too */
} *members;

/* Whether the host is in the group, by any of its sockets. */
static bool host_hears(const struct membership *wanted) {
  for (struct membership *m = members; m; m = m->next)
    if (m->device == wanted->device && m->member->s.host == wanted->member->s.host &&
        ip_addr_cmp(&m->group, &wanted->group))
      return true;
  return false;
}

static err_t host_join(const struct membership *m, bool joining) {
  struct netif *n = &m->member->s.host->interfaces[m->device - 1];
  const ip4_addr_t *four = ip_2_ip4(&m->group);
  const ip6_addr_t *six = ip_2_ip6(&m->group);
  if (IP_IS_V4(&m->group))
    return joining ? igmp_joingroup_netif(n, four) : igmp_leavegroup_netif(n, four);
  return joining ? mld6_joingroup_netif(n, six) : mld6_leavegroup_netif(n, six);
}

static int join(const struct membership *wanted) {
  int count = 0;
  for (struct membership *m = members; m; m = m->next) {
    if (m->member != wanted->member) continue;
    if (m->device == wanted->device && ip_addr_cmp(&m->group, &wanted->group)) return -EADDRINUSE;
    count += IP_IS_V4(&m->group);
  }
  if (IP_IS_V4(&wanted->group) && count >= MEMBERSHIPS) return -ENOBUFS;
  struct membership *m = malloc(sizeof *m);
  if (!m || (!host_hears(wanted) && host_join(wanted, true) != ERR_OK)) {
    free(m);
    return -ENOBUFS;
  }
  *m = *wanted;
  m->next = members;
  members = m;
  net_run();
  return 0;
}

static void leave(struct membership **slot) {
  struct membership *m = *slot;
  *slot = m->next;
  if (!host_hears(m)) host_join(m, false);
  free(m);
  net_run();
}

void group_leave_all(struct inet *i) {
  for (struct membership **slot = &members; *slot;)
    if ((*slot)->member == i)
      leave(slot);
    else
      slot = &(*slot)->next;
}

bool group_allows(const struct inet *i, const ip_addr_t *group, int device) {
  for (struct membership *m = members; m; m = m->next)
    if (m->member == i && ip_addr_cmp(&m->group, group) && (m->device == device || IP_IS_V6(group)))
      return true;
  return IP_IS_V6(group) ? i->six.multicast_all : i->four.multicast_all;
}

/* The card is the way to all groups that no interface is given for. */
static int device_for(const struct inet *i, int index, in_addr_t address) {
  ip_addr_t a;
  if (index) return net_device_name(index) ? index : 0;
  if (address == INADDR_ANY) return ETHERNET + 1;
  ip_addr_set_ip4_u32_val(a, address);
  if (!net_is_local(i->s.host, &a)) return 0;
  return ip_addr_isloopback(&a) ? LOOPBACK + 1 : ETHERNET + 1;
}

/* Whether a membership is the one that the program gives up. */
static bool means(const struct membership *m, const struct membership *wanted) {
  if (m->member != wanted->member || !ip_addr_cmp(&m->group, &wanted->group)) return false;
  if (wanted->device) return m->device == wanted->device;
  return !wanted->address || m->address == wanted->address;
}

static int change(struct membership *wanted, bool joining) {
  if (joining) {
    if (!ip_addr_ismulticast(&wanted->group)) return -EINVAL;
    wanted->device = device_for(wanted->member, wanted->device, wanted->address);
    return wanted->device ? join(wanted) : -ENODEV;
  }
  for (struct membership **slot = &members; *slot; slot = &(*slot)->next)
    if (means(*slot, wanted)) {
      leave(slot);
      return 0;
    }
  return -EADDRNOTAVAIL;
}

/* --- the options --- */

int group_option(struct inet *i, int option, const void *value, int length) {
  struct ip_mreqn m = {0};
  struct group_req g;
  struct sockaddr_in a;
  bool general = option == MCAST_JOIN_GROUP || option == MCAST_LEAVE_GROUP;
  if (i->s.type == SOCK_STREAM) return -EPROTO;
  if (length < (int)(general ? sizeof g : sizeof(struct ip_mreq))) return -EINVAL;
  if (general) {
    memcpy(&g, value, sizeof g);
    memcpy(&a, &g.gr_group, sizeof a);
    if (a.sin_family != AF_INET) return -EINVAL;
    m = (struct ip_mreqn){.imr_multiaddr = a.sin_addr, .imr_ifindex = (int)g.gr_interface};
  } else {
    memcpy(&m, value, length < (int)sizeof m ? sizeof(struct ip_mreq) : sizeof m);
  }
  struct membership wanted = {
      .member = i, .device = m.imr_ifindex, .address = m.imr_address.s_addr};
  ip_addr_set_ip4_u32_val(wanted.group, m.imr_multiaddr.s_addr);
  return change(&wanted, option == IP_ADD_MEMBERSHIP || option == MCAST_JOIN_GROUP);
}

int group_option6(struct inet *i, int option, const void *value, int length) {
  struct ipv6_mreq m;
  struct group_req g;
  struct sockaddr_in6 a;
  bool general = option == MCAST_JOIN_GROUP || option == MCAST_LEAVE_GROUP;
  if (i->s.type == SOCK_STREAM) return -EPROTO;
  if (length < (int)(general ? sizeof g : sizeof m)) return -EINVAL;
  if (general) {
    memcpy(&g, value, sizeof g);
    memcpy(&a, &g.gr_group, sizeof a);
    if (a.sin6_family != AF_INET6) return -EADDRNOTAVAIL;
    m = (struct ipv6_mreq){.ipv6mr_multiaddr = a.sin6_addr, .ipv6mr_interface = g.gr_interface};
  } else {
    memcpy(&m, value, sizeof m);
  }
  struct membership wanted = {
      .member = i, .group = *IP6_ADDR_ANY, .device = (int)m.ipv6mr_interface};
  memcpy(ip_2_ip6(&wanted.group)->addr, &m.ipv6mr_multiaddr, sizeof m.ipv6mr_multiaddr);
  return change(&wanted, option == IPV6_JOIN_GROUP || option == MCAST_JOIN_GROUP);
}
