/* A DNS client (RFC 1035), between the files that make it up. */
#ifndef PORTSIDE_DNS_H
#define PORTSIDE_DNS_H

#include "names.h"

#define dns_query __portside_dns_query
#define dns_answers __portside_dns_answers
#define dns_cut_short __portside_dns_cut_short
#define dns_code __portside_dns_code
#define dns_read __portside_dns_read
#define dns_setup __portside_dns_setup
#define dns_ask __portside_dns_ask

enum {
  DNS_A = 1,
  DNS_CNAME = 5,
  DNS_PTR = 12,
  DNS_AAAA = 28,
  DNS_NAME_LIMIT = 255, /* as in a message */
  DNS_HEADER = 12,
  DNS_QUERY_LIMIT = DNS_HEADER + DNS_NAME_LIMIT + 4,
  DNS_ANSWER_LIMIT = 65535
};
enum { DNS_OK = 0, DNS_NXDOMAIN = 3 };

struct dns_query {
  uint8_t bytes[DNS_QUERY_LIMIT]; /* the first two, its id, are the sender's to choose */
  size_t size;
};

/* dnsmessage.c. An answer is read only after dns_answers has said yes. */
bool dns_query(const char *name, unsigned type, struct dns_query *to); /* false: it is no name */
bool dns_answers(const struct dns_query *q, const uint8_t *answer, size_t size);
bool dns_cut_short(const uint8_t *answer);
int dns_code(const uint8_t *answer);
/* Adds what it says of the name that was asked for: addresses, or an address's names. 0 or EAI_* */
int dns_read(const struct dns_query *q, const uint8_t *answer, size_t size, struct host *to);

/* dnsask.c: an answer with code DNS_OK or DNS_NXDOMAIN, in `answer` (DNS_ANSWER_LIMIT), from one of
 * the servers of /etc/resolv.conf. Its size, or EAI_*. */
enum { SERVERS = 3, SEARCHES = 6 };
struct dns_setup {
  struct address servers[SERVERS];
  char search[SEARCHES][NAME_LIMIT];
  int server_count, search_count, ndots, timeout, attempts;
  bool tcp; /* ask by TCP only */
};
void dns_setup(struct dns_setup *to);
int dns_ask(const struct dns_setup *setup, struct dns_query *q, uint8_t *answer);

#endif
