/* DNS (RFC 1035, section 4). */
#include "dump.h"
#include <arpa/inet.h>
#include <string.h>

enum { HEADER = 12, JUMPS = 64 };

struct message {
  const uint8_t *bytes;
  size_t length;
};

static const char *type_name(unsigned type) {
  static const struct {
    unsigned type;
    const char *name;
  } types[] = {{1, "A"},    {2, "NS"},    {5, "CNAME"}, {6, "SOA"},  {12, "PTR"}, {15, "MX"},
               {16, "TXT"}, {28, "AAAA"}, {33, "SRV"},  {41, "OPT"}, {255, "ANY"}};
  static char number[16];
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == type) return types[i].name;
  snprintf(number, sizeof number, "Type%u", type);
  return number;
}

/* Prints a name; where it ends, or 0 if it is broken. */
static size_t print_name(const struct message *m, size_t at) {
  size_t end = 0;
  bool any = false;
  for (int jumps = 0; at < m->length && jumps < JUMPS; jumps++) {
    unsigned length = m->bytes[at];
    if (length >= 0xc0) {
      if (at + 1 >= m->length) return 0;
      if (!end) end = at + 2;
      at = (length & 0x3f) << 8 | m->bytes[at + 1];
      continue;
    }
    at++;
    if (!length) {
      if (!any) printf(".");
      return end ? end : at;
    }
    if (at + length > m->length) return 0;
    printf("%.*s.", (int)length, (const char *)m->bytes + at);
    at += length;
    any = true;
  }
  return 0;
}

static size_t skip_name(const struct message *m, size_t at) {
  while (at < m->length) {
    unsigned length = m->bytes[at++];
    if (!length) return at;
    if (length >= 0xc0) return at + 1;
    at += length;
  }
  return 0;
}

static size_t print_question(const struct message *m, size_t at) {
  size_t end = skip_name(m, at);
  if (!end || end + 4 > m->length) return 0;
  printf(" %s? ", type_name(get16(m->bytes + end)));
  print_name(m, at);
  return end + 4;
}

static void print_data(const struct message *m, size_t at, unsigned type, size_t n) {
  char text[INET6_ADDRSTRLEN];
  if (type == 1 && n == 4) {
    printf(" %s", inet_ntop(AF_INET, m->bytes + at, text, sizeof text));
  } else if (type == 28 && n == 16) {
    printf(" %s", inet_ntop(AF_INET6, m->bytes + at, text, sizeof text));
  } else if (type == 2 || type == 5 || type == 12) {
    printf(" ");
    print_name(m, at);
  } else if (type == 15 && n > 2) {
    printf(" ");
    print_name(m, at + 2);
    printf(" %u", get16(m->bytes + at));
  } else if (type == 16) {
    for (size_t i = 0; i < n; i += 1u + m->bytes[at + i]) {
      size_t length = m->bytes[at + i];
      if (i + 1 + length > n) return;
      printf(" \"%.*s\"", (int)length, (const char *)m->bytes + at + i + 1);
    }
  }
}

static size_t print_answer(const struct message *m, size_t at, bool first) {
  size_t end = skip_name(m, at);
  if (!end || end + 10 > m->length) return 0;
  unsigned type = get16(m->bytes + end);
  size_t n = get16(m->bytes + end + 8);
  if (end + 10 + n > m->length) return 0;
  printf(first ? " %s" : ", %s", type_name(type));
  print_data(m, end + 10, type, n);
  return end + 10 + n;
}

static void print_response(const struct message *m, const unsigned counts[4]) {
  static const char *const codes[] = {"",         " FormErr", " ServFail", " NXDomain",
                                      " NotImp",  " Refused", " YXDomain", " YXRRSet",
                                      " NXRRSet", " NotAuth"};
  unsigned flags = get16(m->bytes + 2), code = flags & 15;
  size_t at = HEADER;
  printf("%u%s%s%s%s", get16(m->bytes), code < 10 ? codes[code] : " Resp?",
         flags & 0x400 ? "*" : "", flags & 0x80 ? "" : "-", flags & 0x200 ? "|" : "");
  printf(" %u/%u/%u", counts[1], counts[2], counts[3]);
  for (unsigned i = 0; at && i < counts[0]; i++) {
    at = skip_name(m, at);
    if (at) at += 4;
  }
  for (unsigned i = 0; at && i < counts[1]; i++)
    at = print_answer(m, at, !i);
}

static void print_query(const struct message *m, const unsigned counts[4]) {
  static const char *const suffixes[] = {"q", "a", "n", "au"};
  unsigned flags = get16(m->bytes + 2);
  size_t at = HEADER;
  printf("%u%s%s", get16(m->bytes), flags & 0x100 ? "+" : "", flags & 0x10 ? "%" : "");
  if (flags & 0x6ef) printf(" [b2&3=0x%x]", flags);
  for (int i = 0; i < 4; i++)
    if (i ? counts[i] : counts[i] != 1) printf(" [%u%s]", counts[i], suffixes[i]);
  for (unsigned i = 0; at && i < counts[0]; i++)
    at = print_question(m, at);
}

void print_dns(const uint8_t *message, size_t n, size_t full) {
  struct message m = {message, n};
  unsigned counts[4];
  if (n < HEADER) {
    printf("[|domain]");
    return;
  }
  for (int i = 0; i < 4; i++)
    counts[i] = get16(message + 4 + 2 * i);
  if (message[2] & 0x80)
    print_response(&m, counts);
  else
    print_query(&m, counts);
  printf(" (%zu)", full);
}
