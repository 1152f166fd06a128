/* Where lwIP asks net.c which interface a packet leaves by. */
#ifndef PORTSIDE_LWIP_HOOKS_H
#define PORTSIDE_LWIP_HOOKS_H

struct netif;
struct ip4_addr;
struct ip6_addr;
struct netif *net_route4(const struct ip4_addr *from, const struct ip4_addr *to);
struct netif *net_route6(const struct ip6_addr *from, const struct ip6_addr *to);
#define LWIP_HOOK_IP4_ROUTE_SRC(from, to) net_route4(from, to)
#define LWIP_HOOK_IP6_ROUTE(from, to) net_route6(from, to)

#endif
