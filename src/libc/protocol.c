/* getproto*: the protocols that sockets are made of. */
#include <netdb.h>
#include <stddef.h>
#include <string.h>

static struct row {
  const char *name, *alias;
  int number;
} rows[] = {
    {"ip", "IP", 0},    {"icmp", "ICMP", 1},  {"igmp", "IGMP", 2},           {"tcp", "TCP", 6},
    {"udp", "UDP", 17}, {"ipv6", "IPv6", 41}, {"ipv6-icmp", "IPv6-ICMP", 58}};
enum { ROWS = sizeof rows / sizeof *rows };
static int position;

static struct protoent *entry(const struct row *r) {
  static char *aliases[2];
  static struct protoent result;
  aliases[0] = (char *)r->alias;
  result = (struct protoent){.p_name = (char *)r->name, .p_aliases = aliases, .p_proto = r->number};
  return &result;
}

struct protoent *getprotobyname(const char *name) {
  for (int i = 0; i < ROWS; i++)
    if (!strcmp(name, rows[i].name) || !strcmp(name, rows[i].alias)) return entry(&rows[i]);
  return NULL;
}

struct protoent *getprotobynumber(int number) {
  for (int i = 0; i < ROWS; i++)
    if (number == rows[i].number) return entry(&rows[i]);
  return NULL;
}

void setprotoent(int stay) { position = 0; }
void endprotoent(void) { position = 0; }
struct protoent *getprotoent(void) { return position < ROWS ? entry(&rows[position++]) : NULL; }
