/* DNS messages: a question made, an answer checked and read. The answer is not to be trusted. */
#include "dns.h"
#include <ctype.h>
#include <netdb.h>
#include <string.h>

enum { QR = 0x80, OPCODE = 0x78, TC = 0x02, RD = 0x01 }; /* in the header's third byte */
enum { LABEL_LIMIT = 63, POINTER = 0xc0, IN = 1, CHAIN_LIMIT = 16 };

/* In lower case: labels, each behind its length, the last of length 0. */
struct name {
  uint8_t bytes[DNS_NAME_LIMIT];
  size_t size;
};

static unsigned get16(const uint8_t *from) { return (unsigned)from[0] << 8 | from[1]; }

static void put16(uint8_t *to, unsigned value) {
  to[0] = (uint8_t)(value >> 8);
  to[1] = (uint8_t)value;
}

bool dns_query(const char *name, unsigned type, struct dns_query *to) {
  *to = (struct dns_query){.bytes = {[2] = RD, [5] = 1}, .size = DNS_HEADER};
  do {
    size_t length = strcspn(name, ".");
    if (!length || length > LABEL_LIMIT) return false;
    if (to->size + length + 2 > DNS_HEADER + DNS_NAME_LIMIT) return false;
    to->bytes[to->size++] = (uint8_t)length;
    memcpy(to->bytes + to->size, name, length);
    to->size += length;
    name += length;
  } while (*name && *++name); /* one dot may end it */
  to->size++;
  put16(to->bytes + to->size, type);
  put16(to->bytes + to->size + 2, IN);
  to->size += 4;
  return true;
}

/* Lengths are below 'A', so that bytes can be compared without looking which are lengths. */
static bool same(const uint8_t *a, const uint8_t *b, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (tolower(a[i]) != tolower(b[i])) return false;
  return true;
}

bool dns_answers(const struct dns_query *q, const uint8_t *answer, size_t size) {
  return size >= q->size && !memcmp(answer, q->bytes, 2) && answer[2] & QR &&
         !(answer[2] & OPCODE) && get16(answer + 4) == 1 &&
         same(answer + DNS_HEADER, q->bytes + DNS_HEADER, q->size - DNS_HEADER);
}

bool dns_cut_short(const uint8_t *answer) { return answer[2] & TC; }

int dns_code(const uint8_t *answer) { return answer[3] & 15; }

/* Where the name at `at` ends; 0: it is none. Pointers must lead back, each behind the one before,
 * so that it comes to an end. */
static size_t read_name(const uint8_t *answer, size_t size, size_t at, struct name *to) {
  size_t end = 0, start = at;
  to->size = 0;
  while (at < size) {
    size_t length = answer[at];
    if (length >= POINTER) {
      if (at + 1 >= size) return 0;
      if (!end) end = at + 2;
      at = get16(answer + at) & 0x3fff;
      if (at >= start) return 0;
      start = at;
      continue;
    }
    if (length > LABEL_LIMIT || length >= size - at || to->size + length + 1 > DNS_NAME_LIMIT)
      return 0;
    for (size_t i = 0; i <= length; i++)
      to->bytes[to->size++] = (uint8_t)tolower(answer[at++]);
    if (!length) return end ? end : at;
  }
  return 0;
}

/* As text; false if it would not be a host's name: that may end up in a shell or a log. */
static bool name_text(const struct name *n, char *to) {
  size_t used = 0;
  for (size_t at = 0; n->bytes[at]; at += 1u + n->bytes[at]) {
    if (used) to[used++] = '.';
    for (size_t i = 1; i <= n->bytes[at]; i++) {
      uint8_t c = n->bytes[at + i];
      if (!isalnum(c) && c != '_' && (c != '-' || !used)) return false;
      to[used++] = (char)c;
    }
  }
  to[used] = 0;
  return used != 0;
}

struct record {
  struct name owner;
  unsigned type, class;
  size_t data, size; /* its data: where, and how much */
};

/* The record at `at`. Where it ends, or 0. */
static size_t read_record(const uint8_t *answer, size_t size, size_t at, struct record *r) {
  at = read_name(answer, size, at, &r->owner);
  if (!at || size - at < 10) return 0;
  r->type = get16(answer + at);
  r->class = get16(answer + at + 2);
  r->data = at + 10;
  r->size = get16(answer + at + 8);
  return r->size > size - r->data ? 0 : r->data + r->size;
}

static bool add_address(const uint8_t *data, const struct record *r, struct host *to) {
  struct address a = {.family = r->type == DNS_A ? AF_INET : AF_INET6};
  if (r->size != address_size(a.family)) return false;
  memcpy(a.bytes, data, r->size);
  host_add(to, &a);
  return true;
}

/* Goes once through the answers for what `name` has of the type asked for. `alias`: another name
 * that it is said to be, if any. How many were found, or -1: the answer is malformed. */
static int read_answers(const uint8_t *answer, size_t size, size_t at, unsigned type,
                        const struct name *name, struct name *alias, struct host *to) {
  int found = 0;
  alias->size = 0;
  for (unsigned left = get16(answer + 6); left; left--) {
    struct record r;
    struct name target;
    char text[NAME_LIMIT];
    at = read_record(answer, size, at, &r);
    if (!at) return -1;
    if (r.class != IN || r.owner.size != name->size ||
        memcmp(r.owner.bytes, name->bytes, name->size) != 0)
      continue;
    if (r.type == DNS_CNAME || (r.type == DNS_PTR && type == DNS_PTR)) {
      if (read_name(answer, size, r.data, &target) != r.data + r.size) return -1;
      if (r.type == DNS_CNAME)
        *alias = target;
      else if (name_text(&target, text)) {
        host_add_name(to, text);
        found++;
      }
    } else if (r.type == type) {
      if (!add_address(answer + r.data, &r, to)) return -1;
      found++;
    }
  }
  return found;
}

int dns_read(const struct dns_query *q, const uint8_t *answer, size_t size, struct host *to) {
  if (dns_code(answer) == DNS_NXDOMAIN) return EAI_NONAME;
  unsigned type = get16(q->bytes + q->size - 4);
  struct name name, alias;
  char canonical[NAME_LIMIT], asked[NAME_LIMIT];
  size_t start = read_name(answer, size, DNS_HEADER, &name) + 4;
  bool is_text = name_text(&name, asked);
  for (int links = 0; links < CHAIN_LIMIT; links++) {
    int found = read_answers(answer, size, start, type, &name, &alias, to);
    if (found < 0) return EAI_FAIL;
    if (found) {
      if (type == DNS_PTR || to->name_count) return 0;
      if (!name_text(&name, canonical)) return EAI_FAIL;
      host_add_name(to, canonical);
      if (links && is_text) host_add_name(to, asked);
      return 0;
    }
    if (!alias.size) return EAI_NODATA;
    name = alias;
  }
  return EAI_FAIL; /* names that lead round in a circle */
}
