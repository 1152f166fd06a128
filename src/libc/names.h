/* Names and addresses, between the files that make up netdb.h. */
#ifndef PORTSIDE_NAMES_H
#define PORTSIDE_NAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

/* A program may have functions of these names: in the library they are called something else. */
#define next_fields __portside_next_fields
#define address_size __portside_address_size
#define address_parse __portside_address_parse
#define address_of __portside_address_of
#define address_map __portside_address_map
#define address_put __portside_address_put
#define resolve __portside_resolve
#define resolve_address __portside_resolve_address
#define host_add __portside_host_add
#define host_add_name __portside_host_add_name
#define dns_resolve __portside_dns_resolve
#define dns_resolve_address __portside_dns_resolve_address
#define service_port __portside_service_port
#define service_name __portside_service_name

enum { NAME_LIMIT = 256, ADDRESS_LIMIT = 16, ALIAS_LIMIT = 8, LINE_LIMIT = 512 };

struct address {
  int family;
  uint32_t scope; /* AF_INET6: the interface, or 0 */
  uint8_t bytes[16];
};
struct host {
  char names[NAME_LIMIT + 64]; /* the canonical one, then aliases, each with its NUL */
  size_t names_size;
  int name_count, count;
  struct address list[ADDRESS_LIMIT];
};

/* files.c: the lines of a file of /etc */
bool next_fields(FILE *f, char *line, char **fields, int limit, int *count); /* line: LINE_LIMIT */

/* address.c */
size_t address_size(int family);
bool address_parse(const char *text, struct address *to); /* numeric only */
bool address_of(const struct sockaddr *from, socklen_t length, struct address *to);
void address_map(struct address *a); /* an IPv4 address becomes ::ffff:a.b.c.d */
socklen_t address_put(const struct address *a, uint16_t port, void *to); /* port: network order */

/* resolve.c: numbers, then /etc/hosts, then DNS. family may be AF_UNSPEC; 0 or EAI_* */
int resolve(const char *name, int family, struct host *to);
int resolve_address(const struct address *a, struct host *to);
void host_add(struct host *to, const struct address *a);
void host_add_name(struct host *to, const char *name); /* unless there is no room */

/* dns.c: the same by DNS alone. Without a server in /etc/resolv.conf there is no name: EAI_NONAME.
 */
int dns_resolve(const char *name, int family, struct host *to);
int dns_resolve_address(const struct address *a, struct host *to);

/* service.c: port in network order; protocol NULL: any. 0: none */
uint16_t service_port(const char *name, const char *protocol);
bool service_name(uint16_t port, const char *protocol, char *to, size_t size);

#endif
