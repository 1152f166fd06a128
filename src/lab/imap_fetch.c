/* FETCH (RFC 3501, 6.4.5), a piece at a time: however much is asked for, no more is put out than
 * the client takes. See imap_session.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

enum { ITEMS = 32, AT_ONCE = 32 * 1024 };

enum kind {
  FLAGS,
  UID,
  SIZE,
  DATE,
  ENVELOPE,
  STRUCTURE,
  BODYSTRUCTURE,
  WHOLE,
  HEADER,
  FIELDS,
  TEXT
};

struct item {
  enum kind kind;
  bool not_in, peek, partial; /* not_in: the fields that are not in the list */
  uint32_t from, count;       /* partial: the bytes wanted */
  char label[IMAP_WORD_LIMIT], fields[IMAP_WORD_LIMIT];
};

struct imap_fetch {
  struct imap_set set;
  bool by_uid, within; /* within: a message whose line has been begun */
  size_t message, item, item_count;
  struct item items[ITEMS];
};

/* --- what is asked for --- */

static const struct {
  const char *name;
  enum kind kind;
  bool peek;
} simple[] = {{"FLAGS", FLAGS, true},
              {"UID", UID, true},
              {"RFC822.SIZE", SIZE, true},
              {"INTERNALDATE", DATE, true},
              {"ENVELOPE", ENVELOPE, true},
              {"BODY", STRUCTURE, true},
              {"BODYSTRUCTURE", BODYSTRUCTURE, true},
              {"RFC822", WHOLE, false},
              {"RFC822.HEADER", HEADER, true},
              {"RFC822.TEXT", TEXT, false}};

static struct item *add_item(struct imap_fetch *f, enum kind kind, const char *label) {
  if (f->item_count == ITEMS) return NULL;
  struct item *item = &f->items[f->item_count++];
  *item = (struct item){.kind = kind, .peek = true};
  snprintf(item->label, sizeof item->label, "%s", label);
  return item;
}

static bool take_fields(struct imap_reader *r, struct item *item) {
  char name[IMAP_WORD_LIMIT];
  size_t n = 0, room = sizeof item->fields;
  if (!imap_take(r, ' ') || !imap_take(r, '(')) return false;
  do {
    if (!imap_take_string(r, name, sizeof name)) return false;
    n += (size_t)snprintf(item->fields + n, room - n, "%s ", name);
    if (n >= room) return false;
  } while (imap_take(r, ' '));
  return imap_take(r, ')');
}

/* What is between BODY[ and ], which is of the message or of its one part. */
static bool take_section(struct imap_reader *r, struct item *item) {
  static const struct {
    const char *name;
    enum kind kind;
  } sections[] = {{"HEADER", HEADER},
                  {"TEXT", TEXT},
                  {"1", TEXT},
                  {"1.MIME", HEADER},
                  {"HEADER.FIELDS", FIELDS},
                  {"HEADER.FIELDS.NOT", FIELDS}};
  char name[IMAP_WORD_LIMIT];
  item->kind = WHOLE;
  if (!imap_take_word(r, name, sizeof name)) return imap_take(r, ']');
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
    if (strcasecmp(name, sections[i].name)) continue;
    item->kind = sections[i].kind;
    item->not_in = strlen(name) > 13;
    return (item->kind != FIELDS || take_fields(r, item)) && imap_take(r, ']');
  }
  return false;
}

static bool take_partial(struct imap_reader *r, struct item *item) {
  if (!imap_take(r, '<')) return true;
  item->partial = true;
  return imap_take_number(r, &item->from) && imap_take(r, '.') &&
         imap_take_number(r, &item->count) && item->count && imap_take(r, '>');
}

/* Answered as BODY[...]<from>. */
static bool take_body(struct imap_fetch *f, struct imap_reader *r, bool peek) {
  const char *section = r->at - 1;
  struct item *item = add_item(f, WHOLE, "");
  if (!item || !take_section(r, item)) return false;
  int length = (int)(r->at - section);
  if (memchr(section, '\r', (size_t)length) || !take_partial(r, item)) return false;
  int n = snprintf(item->label, sizeof item->label, "BODY%.*s", length, section);
  if (n < 0 || (size_t)n + 16 > sizeof item->label) return false;
  if (item->partial) sprintf(item->label + n, "<%u>", (unsigned)item->from);
  item->peek = peek;
  return true;
}

static bool take_item(struct imap_fetch *f, struct imap_reader *r) {
  char name[IMAP_WORD_LIMIT];
  if (!imap_take_word(r, name, sizeof name)) return false;
  bool peek = !strcasecmp(name, "BODY.PEEK");
  if ((peek || !strcasecmp(name, "BODY")) && imap_take(r, '[')) return take_body(f, r, peek);
  for (size_t i = 0; i < sizeof simple / sizeof *simple; i++) {
    if (strcasecmp(name, simple[i].name)) continue;
    if (simple[i].kind == UID && f->by_uid) return true; /* it is the first already */
    struct item *item = add_item(f, simple[i].kind, simple[i].name);
    if (item) item->peek = simple[i].peek;
    return item;
  }
  return false;
}

static bool take_list(struct imap_fetch *f, struct imap_reader *r) {
  do {
    if (!take_item(f, r)) return false;
  } while (imap_take(r, ' '));
  return true;
}

static bool take_items(struct imap_fetch *f, struct imap_reader *r) {
  static const char *const macros[][2] = {{"FAST", "FLAGS INTERNALDATE RFC822.SIZE"},
                                          {"ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"},
                                          {"FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY"}};
  struct imap_reader at = *r;
  char name[IMAP_WORD_LIMIT];
  bool alone = imap_take_word(&at, name, sizeof name) && imap_at_end(&at);
  for (int i = 0; alone && i < 3; i++) {
    struct imap_reader macro = {macros[i][1], macros[i][1] + strlen(macros[i][1])};
    if (!strcasecmp(name, macros[i][0])) return take_list(f, &macro);
  }
  if (!imap_take(r, '(')) return take_item(f, r) && imap_at_end(r);
  return take_list(f, r) && imap_take(r, ')') && imap_at_end(r);
}

void imap_fetch_end(struct imap_session *s) {
  free(s->fetch);
  s->fetch = NULL;
}

void imap_fetch(struct client *c, struct imap_reader *r, bool by_uid) {
  struct imap_session *s = c->session;
  struct imap_fetch *f = s->fetch = calloc(1, sizeof *f);
  if (!f) {
    imap_answer(c, "NO", "No memory for that");
    return;
  }
  f->by_uid = by_uid;
  if (by_uid) add_item(f, UID, "UID");
  if (!imap_take_set(r, &f->set) || !imap_take(r, ' ') || !take_items(f, r)) {
    imap_answer(c, "BAD", "Say FETCH 1:* (FLAGS BODY[]), for example");
  } else if (!by_uid && !imap_set_is_within(&f->set, (uint32_t)s->count)) {
    imap_answer(c, "BAD", "There are no messages of such numbers");
  } else {
    client_hold(c, true);
    client_produce(c, true);
    imap_fetch_more(c);
    return;
  }
  imap_fetch_end(s);
}

/* --- the answer --- */

static void put_bytes(struct client *c, const struct item *item, const char *bytes, size_t size) {
  size_t from = item->partial ? item->from : 0;
  if (from > size) from = size;
  size -= from;
  if (item->partial && size > item->count) size = item->count;
  client_printf(c, "{%zu}\r\n", size);
  client_write(c, bytes + from, size);
}

static void put_content(struct client *c, const struct item *item, const struct message *m) {
  size_t body = mail_body(m), size;
  if (item->kind == WHOLE) put_bytes(c, item, m->text, m->size);
  if (item->kind == HEADER) put_bytes(c, item, m->text, body);
  if (item->kind == TEXT) put_bytes(c, item, m->text + body, m->size - body);
  if (item->kind != FIELDS) return;
  char *fields = imap_fields(m, item->fields, item->not_in, &size);
  fields ? put_bytes(c, item, fields, size) : client_abort(c);
  free(fields);
}

static void put_date(struct client *c, time_t when) {
  char text[64];
  struct tm t;
  gmtime_r(&when, &t);
  strftime(text, sizeof text, "\"%d-%b-%Y %H:%M:%S +0000\"", &t);
  client_puts(c, text);
}

static void put_item(struct client *c, const struct item *item, struct imap_seen *seen) {
  struct imap_session *s = c->session;
  struct message *m = seen->message;
  if (!item->peek && !s->read_only) m->flags |= MAIL_SEEN;
  if (item->kind != FLAGS) client_printf(c, "%s ", item->label);
  switch (item->kind) {
  case FLAGS:
    imap_put_flags(c, imap_flags_of(seen));
    seen->told = m->flags;
    break;
  case UID: client_printf(c, "%u", (unsigned)m->uid); break;
  case SIZE: client_printf(c, "%zu", m->size); break;
  case DATE: put_date(c, m->arrived); break;
  case ENVELOPE: imap_put_envelope(c, m); break;
  case STRUCTURE: imap_put_structure(c, m, false); break;
  case BODYSTRUCTURE: imap_put_structure(c, m, true); break;
  default: put_content(c, item, m); break;
  }
}

static bool is_wanted(const struct imap_session *s, const struct imap_fetch *f) {
  const struct imap_seen *seen = &s->view[f->message];
  return f->by_uid ? imap_set_has(&f->set, seen->message->uid, imap_last_uid(s))
                   : imap_set_has(&f->set, (uint32_t)f->message + 1, (uint32_t)s->count);
}

void imap_fetch_more(struct client *c) {
  struct imap_session *s = c->session;
  struct imap_fetch *f = s->fetch;
  while (f->message < s->count && client_pending(c) < AT_ONCE) {
    if (!f->within && !is_wanted(s, f)) {
      f->message++;
      continue;
    }
    f->within ? client_puts(c, " ") : client_printf(c, "* %zu FETCH (", f->message + 1);
    f->within = true;
    put_item(c, &f->items[f->item++], &s->view[f->message]);
    if (f->item < f->item_count) continue;
    client_puts(c, ")\r\n");
    f->within = false;
    f->item = 0;
    f->message++;
  }
  if (f->message < s->count) return;
  imap_fetch_end(s);
  client_produce(c, false);
  client_hold(c, false);
  imap_tell(c, false); /* what has been seen now */
  imap_answer(c, "OK", "That is all");
}
