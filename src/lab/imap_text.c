/* The parts of IMAP's commands and answers: see imap_session.h. */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

static const struct {
  const char *name;
  unsigned flag;
} flag_names[] = {{"\\Seen", MAIL_SEEN},       {"\\Answered", MAIL_ANSWERED},
                  {"\\Flagged", MAIL_FLAGGED}, {"\\Deleted", MAIL_DELETED},
                  {"\\Draft", MAIL_DRAFT},     {"\\Recent", MAIL_RECENT}};
enum { FLAGS = sizeof flag_names / sizeof *flag_names };

bool imap_at_end(const struct imap_reader *r) { return r->at == r->end; }

bool imap_take(struct imap_reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static bool copy(struct imap_reader *r, size_t length, char *to, size_t room) {
  if (!length || length >= room) return false;
  memcpy(to, r->at, length);
  to[length] = 0;
  r->at += length;
  return true;
}

bool imap_take_word(struct imap_reader *r, char *to, size_t room) {
  size_t n = 0;
  while (r->at + n < r->end && (isalnum((unsigned char)r->at[n]) || strchr(".-", r->at[n])) &&
         r->at[n])
    n++;
  return copy(r, n, to, room);
}

bool imap_take_atom(struct imap_reader *r, const char *also, char *to, size_t room) {
  size_t n = 0;
  for (; r->at + n < r->end; n++) {
    unsigned char c = (unsigned char)r->at[n];
    if (c <= ' ' || c >= 127 || (strchr("(){%*\"\\", c) && !strchr(also, c))) break;
  }
  return copy(r, n, to, room);
}

bool imap_take_literal(struct imap_reader *r, const char **bytes, size_t *size) {
  struct imap_reader at = *r;
  uint32_t n;
  if (!imap_take(&at, '{') || !imap_take_number(&at, &n)) return false;
  imap_take(&at, '+');
  if (!imap_take(&at, '}') || !imap_take(&at, '\r') || !imap_take(&at, '\n')) return false;
  if (n > (size_t)(at.end - at.at)) return false;
  *bytes = at.at;
  *size = n;
  r->at = at.at + n;
  return true;
}

bool imap_take_string(struct imap_reader *r, char *to, size_t room) {
  const char *bytes;
  size_t size, n = 0;
  struct imap_reader at = *r;
  if (imap_take_literal(&at, &bytes, &size)) {
    if (size >= room || memchr(bytes, 0, size)) return false;
    memcpy(to, bytes, size);
    to[size] = 0;
    *r = at;
    return true;
  }
  if (!imap_take(&at, '"')) return imap_take_atom(r, "]", to, room);
  while (at.at < at.end && *at.at != '"') {
    if (*at.at == '\\') at.at++;
    if (at.at == at.end || !*at.at || *at.at == '\r' || n + 1 >= room) return false;
    to[n++] = *at.at++;
  }
  if (!imap_take(&at, '"')) return false;
  to[n] = 0;
  *r = at;
  return true;
}

bool imap_take_number(struct imap_reader *r, uint32_t *number) {
  uint64_t value = 0;
  const char *at = r->at;
  for (; at < r->end && isdigit((unsigned char)*at); at++)
    if ((value = 10 * value + (uint64_t)(*at - '0')) > UINT32_MAX) return false;
  if (at == r->at) return false;
  r->at = at;
  *number = (uint32_t)value;
  return true;
}

bool imap_take_flags(struct imap_reader *r, unsigned *flags) {
  char name[IMAP_WORD_LIMIT];
  bool list = imap_take(r, '(');
  *flags = 0;
  if (list && imap_take(r, ')')) return true;
  do {
    if (!imap_take_atom(r, "\\", name, sizeof name)) return false;
    for (int i = 0; i < FLAGS; i++)
      if (!strcasecmp(name, flag_names[i].name)) *flags |= flag_names[i].flag;
  } while (imap_take(r, ' '));
  *flags &= ~(unsigned)MAIL_RECENT; /* that is ours to say */
  return !list || imap_take(r, ')');
}

/* --- sets --- */

/* A number or `*`, which is 0 here. */
static bool take_member(struct imap_reader *r, uint32_t *number) {
  *number = 0;
  return imap_take(r, '*') || (imap_take_number(r, number) && *number);
}

static bool take_range(struct imap_reader *r, uint32_t *from, uint32_t *to) {
  if (!take_member(r, from)) return false;
  *to = *from;
  return !imap_take(r, ':') || take_member(r, to);
}

bool imap_take_set(struct imap_reader *r, struct imap_set *to) {
  struct imap_reader at = *r;
  uint32_t first, last;
  do {
    if (!take_range(&at, &first, &last)) return false;
  } while (imap_take(&at, ','));
  *to = (struct imap_set){r->at, (size_t)(at.at - r->at)};
  *r = at;
  return true;
}

bool imap_set_has(const struct imap_set *set, uint32_t number, uint32_t last) {
  struct imap_reader r = {set->text, set->text + set->size};
  uint32_t from, to;
  do {
    if (!take_range(&r, &from, &to)) return false;
    if (!from) from = last;
    if (!to) to = last;
    if (from <= to ? number >= from && number <= to : number >= to && number <= from) return true;
  } while (imap_take(&r, ','));
  return false;
}

bool imap_set_is_within(const struct imap_set *set, uint32_t last) {
  struct imap_reader r = {set->text, set->text + set->size};
  uint32_t from, to;
  do {
    if (!last || !take_range(&r, &from, &to) || from > last || to > last) return false;
  } while (imap_take(&r, ','));
  return true;
}

/* --- answers --- */

void imap_put_string(struct client *c, const char *text, size_t size) {
  bool plain = size < 200;
  for (size_t i = 0; i < size && plain; i++)
    plain = text[i] >= ' ' && text[i] < 127;
  if (!plain) {
    client_printf(c, "{%zu}\r\n", size);
    client_write(c, text, size);
    return;
  }
  client_puts(c, "\"");
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '"' || text[i] == '\\') client_puts(c, "\\");
    client_write(c, text + i, 1);
  }
  client_puts(c, "\"");
}

void imap_put_flags(struct client *c, unsigned flags) {
  const char *before = "";
  client_puts(c, "FLAGS (");
  for (int i = 0; i < FLAGS; i++) {
    if (!(flags & flag_names[i].flag)) continue;
    client_printf(c, "%s%s", before, flag_names[i].name);
    before = " ";
  }
  client_puts(c, ")");
}
