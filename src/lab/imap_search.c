/* SEARCH (RFC 3501, 6.4.4): the keys are read and applied to one message after the other. Its
 * limit: texts are compared as bytes, as they stand in the message. See imap_session.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

enum { DEPTH_LIMIT = 20, KEYS_LIMIT = 50 }; /* keys: for a message */
enum { DAY = 24 * 60 * 60 };

struct search {
  struct imap_reader r;
  const struct imap_session *session;
  size_t index; /* the message that is looked at */
  int depth, keys;
};

/* What a key says of the message; -1: this is no key. */
enum { NO = 0, YES = 1, BAD = -1 };
static int read_key(struct search *s);

static const struct {
  const char *name;
  unsigned flag, value;
} flag_keys[] = {{"ANSWERED", MAIL_ANSWERED, MAIL_ANSWERED},
                 {"DELETED", MAIL_DELETED, MAIL_DELETED},
                 {"DRAFT", MAIL_DRAFT, MAIL_DRAFT},
                 {"FLAGGED", MAIL_FLAGGED, MAIL_FLAGGED},
                 {"SEEN", MAIL_SEEN, MAIL_SEEN},
                 {"RECENT", MAIL_RECENT, MAIL_RECENT},
                 {"UNANSWERED", MAIL_ANSWERED, 0},
                 {"UNDELETED", MAIL_DELETED, 0},
                 {"UNDRAFT", MAIL_DRAFT, 0},
                 {"UNFLAGGED", MAIL_FLAGGED, 0},
                 {"UNSEEN", MAIL_SEEN, 0},
                 {"OLD", MAIL_RECENT, 0},
                 {"NEW", MAIL_RECENT | MAIL_SEEN, MAIL_RECENT},
                 {"ALL", 0, 0}};

time_t imap_day(const char *text, char between, int *length) {
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char month[4], first, second;
  struct tm t = {.tm_mon = -1};
  *length = 0;
  if (sscanf(text, " %2d%c%3[A-Za-z]%c%4d%n", &t.tm_mday, &first, month, &second, &t.tm_year,
             length) != 5 ||
      first != between || second != between || t.tm_mday < 1 || t.tm_mday > 31 || t.tm_year < 1970)
    return -1;
  for (int i = 0; i < 12; i++)
    if (!strcasecmp(month, months[i])) t.tm_mon = i;
  t.tm_year -= 1900;
  return t.tm_mon < 0 ? -1 : timegm(&t);
}

static int has_text(const char *text, size_t size, const char *what) {
  size_t length = strlen(what);
  for (size_t i = 0; i + length <= size; i++)
    if (!strncasecmp(text + i, what, length)) return YES;
  return NO;
}

static int has_field(const struct message *m, const char *name, const char *what) {
  char *value = imap_field(m, name);
  int found = value ? has_text(value, strlen(value), what) : NO;
  free(value);
  return found;
}

static bool take_argument(struct search *s, char to[IMAP_WORD_LIMIT]) {
  return imap_take(&s->r, ' ') && imap_take_string(&s->r, to, IMAP_WORD_LIMIT);
}

/* Keys with a text; `which` of them the name is. */
static int read_text_key(struct search *s, const char *name) {
  const struct message *m = s->session->view[s->index].message;
  char field[IMAP_WORD_LIMIT], what[IMAP_WORD_LIMIT];
  size_t body = mail_body(m);
  bool header = !strcasecmp(name, "HEADER");
  if (header && !take_argument(s, field)) return BAD;
  if (!take_argument(s, what)) return BAD;
  if (header) return has_field(m, field, what);
  if (!strcasecmp(name, "TEXT")) return has_text(m->text, m->size, what);
  if (!strcasecmp(name, "BODY")) return has_text(m->text + body, m->size - body, what);
  if (!strcasecmp(name, "KEYWORD")) return NO;
  if (!strcasecmp(name, "UNKEYWORD")) return YES;
  return has_field(m, name, what);
}

static time_t day_sent(const struct message *m) {
  int length;
  char *date = imap_field(m, "Date"), *at = date ? strchr(date, ',') : NULL;
  at = at ? at + 1 : date;
  time_t day = at ? imap_day(at, ' ', &length) : -1;
  free(date);
  return day;
}

static int read_date_key(struct search *s, const char *name) {
  const struct message *m = s->session->view[s->index].message;
  char text[IMAP_WORD_LIMIT];
  bool sent = !strncasecmp(name, "SENT", 4);
  int length = 0;
  time_t day = take_argument(s, text) ? imap_day(text, '-', &length) : -1;
  time_t own = sent ? day_sent(m) : m->arrived - m->arrived % DAY;
  if (day < 0 || text[length]) return BAD;
  if (own < 0) return NO;
  if (sent) name += 4;
  return !strcasecmp(name, "BEFORE") ? own < day
         : !strcasecmp(name, "ON")   ? own == day
                                     : own >= day;
}

static int read_size_key(struct search *s, bool larger) {
  uint32_t size;
  if (!imap_take(&s->r, ' ') || !imap_take_number(&s->r, &size)) return BAD;
  size_t own = s->session->view[s->index].message->size;
  return larger ? own > size : own < size;
}

static int read_set_key(struct search *s, bool by_uid) {
  const struct imap_session *session = s->session;
  struct imap_set set;
  if (!imap_take_set(&s->r, &set)) return BAD;
  if (by_uid)
    return imap_set_has(&set, session->view[s->index].message->uid, imap_last_uid(session));
  return imap_set_has(&set, (uint32_t)s->index + 1, (uint32_t)session->count);
}

/* Keys with a space between, up to `end`. All of them are read, whatever the first ones say. */
static int read_keys(struct search *s, bool in_parentheses) {
  int all = YES;
  do {
    int one = read_key(s);
    if (one == BAD) return BAD;
    all &= one;
  } while (imap_take(&s->r, ' '));
  return !in_parentheses || imap_take(&s->r, ')') ? all : BAD;
}

static int read_operator(struct search *s, bool two) {
  int first = imap_take(&s->r, ' ') ? read_key(s) : BAD;
  if (first == BAD || !two) return first == BAD ? BAD : !first;
  int second = imap_take(&s->r, ' ') ? read_key(s) : BAD;
  return second == BAD ? BAD : first | second;
}

static bool is_one_of(const char *name, const char *const *list) {
  while (*list && strcasecmp(name, *list))
    list++;
  return *list;
}

static int read_named_key(struct search *s) {
  static const char *const texts[] = {"FROM", "TO",     "CC",      "BCC",       "SUBJECT", "TEXT",
                                      "BODY", "HEADER", "KEYWORD", "UNKEYWORD", NULL};
  static const char *const dates[] = {"SINCE",      "BEFORE", "ON", "SENTSINCE",
                                      "SENTBEFORE", "SENTON", NULL};
  char name[IMAP_WORD_LIMIT];
  if (!imap_take_word(&s->r, name, sizeof name)) return BAD;
  if (is_one_of(name, texts)) return read_text_key(s, name);
  if (is_one_of(name, dates)) return read_date_key(s, name);
  if (!strcasecmp(name, "NOT")) return read_operator(s, false);
  if (!strcasecmp(name, "OR")) return read_operator(s, true);
  if (!strcasecmp(name, "LARGER")) return read_size_key(s, true);
  if (!strcasecmp(name, "SMALLER")) return read_size_key(s, false);
  if (!strcasecmp(name, "UID")) return imap_take(&s->r, ' ') ? read_set_key(s, true) : BAD;
  unsigned flags = imap_flags_of(&s->session->view[s->index]);
  for (size_t i = 0; i < sizeof flag_keys / sizeof *flag_keys; i++)
    if (!strcasecmp(name, flag_keys[i].name))
      return (flags & flag_keys[i].flag) == flag_keys[i].value;
  return BAD;
}

static int read_key(struct search *s) {
  int found = BAD;
  if (++s->keys > KEYS_LIMIT || ++s->depth > DEPTH_LIMIT || imap_at_end(&s->r)) return BAD;
  if (imap_take(&s->r, '('))
    found = read_keys(s, true);
  else if (isdigit((unsigned char)*s->r.at) || *s->r.at == '*')
    found = read_set_key(s, false);
  else
    found = read_named_key(s);
  s->depth--;
  return found;
}

/* Whether the keys are well-formed can be told on any message, even on one that there is not. */
static int look(const struct imap_session *session, struct imap_reader r, size_t index) {
  struct search s = {.r = r, .session = session, .index = index};
  int found = read_keys(&s, false);
  return imap_at_end(&s.r) ? found : BAD;
}

static bool are_keys(struct imap_reader r) {
  struct message none = {.text = (char[]){""}};
  struct imap_seen seen = {.message = &none};
  struct imap_session session = {.view = &seen, .count = 1};
  return look(&session, r, 0) != BAD;
}

void imap_search(struct client *c, struct imap_reader *r, bool by_uid) {
  struct imap_session *s = c->session;
  char charset[IMAP_WORD_LIMIT];
  struct imap_reader at = *r;
  if (imap_take_word(&at, charset, sizeof charset) && !strcasecmp(charset, "CHARSET")) {
    if (!imap_take(&at, ' ') || !imap_take_string(&at, charset, sizeof charset) ||
        !imap_take(&at, ' ')) {
      imap_answer(c, "BAD", "Which CHARSET?");
      return;
    }
    if (strcasecmp(charset, "UTF-8") && strcasecmp(charset, "US-ASCII")) {
      imap_answer(c, "NO", "[BADCHARSET (US-ASCII UTF-8)] Not in that one");
      return;
    }
    *r = at;
  }
  if (!are_keys(*r)) {
    imap_answer(c, "BAD", "Say SEARCH UNSEEN FROM bob, for example; no more than 50 keys");
    return;
  }
  client_puts(c, "* SEARCH");
  for (size_t i = 0; i < s->count; i++)
    if (look(s, *r, i) == YES)
      client_printf(c, " %u", by_uid ? (unsigned)s->view[i].message->uid : (unsigned)i + 1);
  client_puts(c, "\r\n");
  imap_answer(c, "OK", "That is all");
}
