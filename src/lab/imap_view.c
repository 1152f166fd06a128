/* The selected folder, as the client knows it: see imap_session.h. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

unsigned imap_flags_of(const struct imap_seen *seen) {
  return (seen->message->flags & ~(unsigned)MAIL_RECENT) | (seen->recent ? MAIL_RECENT : 0);
}

uint32_t imap_last_uid(const struct imap_session *s) {
  return s->count ? s->view[s->count - 1].message->uid : 0;
}

/* Takes in what has come since. How many of it are recent: told on this connection first. */
static size_t take_in(struct imap_session *s) {
  const struct folder *f = s->folder;
  size_t recent = 0;
  for (size_t i = 0; i < f->count; i++) {
    struct message *m = f->messages[i];
    if (m->uid <= imap_last_uid(s)) continue;
    struct imap_seen *view = realloc(s->view, (s->count + 1) * sizeof *view);
    if (!view) break; /* another time */
    s->view = view;
    view[s->count++] = (struct imap_seen){mail_hold(m), m->flags, m->flags & MAIL_RECENT};
    recent += view[s->count - 1].recent;
    if (!s->read_only) m->flags &= ~(unsigned)MAIL_RECENT;
    view[s->count - 1].told = m->flags;
  }
  return recent;
}

static void put_counts(struct client *c) {
  struct imap_session *s = c->session;
  size_t recent = 0;
  for (size_t i = 0; i < s->count; i++)
    recent += s->view[i].recent;
  client_printf(c, "* %zu EXISTS\r\n* %zu RECENT\r\n", s->count, recent);
}

static void tell_gone(struct client *c) {
  struct imap_session *s = c->session;
  for (size_t i = 0; i < s->count;) {
    if (!s->view[i].message->gone) {
      i++;
      continue;
    }
    client_printf(c, "* %zu EXPUNGE\r\n", i + 1);
    mail_release(s->view[i].message);
    s->count--;
    memmove(s->view + i, s->view + i + 1, (s->count - i) * sizeof *s->view);
  }
}

void imap_tell(struct client *c, bool numbers_may_change) {
  struct imap_session *s = c->session;
  if (s->state != SELECTED) return;
  if (numbers_may_change) tell_gone(c);
  for (size_t i = 0; i < s->count; i++) {
    struct imap_seen *seen = &s->view[i];
    if (((seen->told ^ seen->message->flags) & ~(unsigned)MAIL_RECENT) == 0) continue;
    seen->told = seen->message->flags;
    client_printf(c, "* %zu FETCH (", i + 1);
    imap_put_flags(c, imap_flags_of(seen));
    client_puts(c, ")\r\n");
  }
  size_t count = s->count;
  take_in(s);
  if (s->count > count) put_counts(c);
}

/* --- SELECT and its end --- */

void imap_deselect(struct imap_session *s) {
  for (size_t i = 0; i < s->count; i++)
    mail_release(s->view[i].message);
  free(s->view);
  s->view = NULL;
  s->count = 0;
  s->folder = NULL;
  if (s->state == SELECTED) s->state = AUTHENTICATED;
}

void imap_select(struct client *c, struct imap_reader *r, bool read_only) {
  struct imap_session *s = c->session;
  char name[IMAP_WORD_LIMIT];
  imap_deselect(s);
  if (!imap_take_string(r, name, sizeof name) || !imap_at_end(r)) {
    imap_answer(c, "BAD", "Say SELECT INBOX");
    return;
  }
  s->folder = mail_folder(s->account, name);
  if (!s->folder) {
    imap_answer(c, "NO", "There is no such folder");
    return;
  }
  s->state = SELECTED;
  s->read_only = read_only;
  mail_refresh(s->folder);
  take_in(s);
  client_log(c, "opens %s", s->folder->name);
  client_puts(c, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n");
  client_printf(c, "* OK [PERMANENTFLAGS (%s)] Flags that can be changed\r\n",
                read_only ? "" : "\\Answered \\Flagged \\Deleted \\Seen \\Draft");
  put_counts(c);
  for (size_t i = 0; i < s->count; i++) {
    if (s->view[i].message->flags & MAIL_SEEN) continue;
    client_printf(c, "* OK [UNSEEN %zu] The first that is unseen\r\n", i + 1);
    break;
  }
  client_printf(c, "* OK [UIDVALIDITY %u] UIDs hold as long as this\r\n",
                (unsigned)s->folder->uid_validity);
  client_printf(c, "* OK [UIDNEXT %u] The next one\r\n", (unsigned)s->folder->uid_next);
  imap_answer(c, "OK", read_only ? "[READ-ONLY] Open" : "[READ-WRITE] Open");
}

/* --- on the messages --- */

void imap_expunge(struct imap_session *s) {
  for (size_t i = 0; i < s->count; i++)
    if (s->view[i].message->flags & MAIL_DELETED) mail_remove(s->folder, s->view[i].message);
}

/* Takes a set and a space. It answers the command if it cannot. */
static bool take_set(struct client *c, struct imap_reader *r, bool by_uid, struct imap_set *set) {
  struct imap_session *s = c->session;
  if (!imap_take_set(r, set) || !imap_take(r, ' ')) {
    imap_answer(c, "BAD", "Which messages? Such as 2 or 1:3 or 4:*");
    return false;
  }
  if (by_uid || imap_set_is_within(set, (uint32_t)s->count)) return true;
  imap_answer(c, "BAD", "There are no messages of such numbers");
  return false;
}

static bool is_in(const struct imap_session *s, const struct imap_set *set, bool by_uid, size_t i) {
  return by_uid ? imap_set_has(set, s->view[i].message->uid, imap_last_uid(s))
                : imap_set_has(set, (uint32_t)i + 1, (uint32_t)s->count);
}

static void put_stored(struct client *c, size_t i, bool by_uid) {
  struct imap_session *s = c->session;
  struct imap_seen *seen = &s->view[i];
  seen->told = seen->message->flags;
  client_printf(c, "* %zu FETCH (", i + 1);
  if (by_uid) client_printf(c, "UID %u ", (unsigned)seen->message->uid);
  imap_put_flags(c, imap_flags_of(seen));
  client_puts(c, ")\r\n");
}

void imap_store(struct client *c, struct imap_reader *r, bool by_uid) {
  struct imap_session *s = c->session;
  struct imap_set set;
  unsigned flags;
  char name[32];
  if (!take_set(c, r, by_uid, &set)) return;
  bool add = imap_take(r, '+'), take = !add && imap_take(r, '-');
  bool good = imap_take_word(r, name, sizeof name),
       silent = good && !strcasecmp(name, "FLAGS.SILENT");
  if (!good || (!silent && strcasecmp(name, "FLAGS")) || !imap_take(r, ' ') ||
      !imap_take_flags(r, &flags) || !imap_at_end(r)) {
    imap_answer(c, "BAD", "Say STORE 1 +FLAGS (\\Seen), for example");
    return;
  }
  if (s->read_only) {
    imap_answer(c, "NO", "The folder is open for reading alone: SELECT it");
    return;
  }
  for (size_t i = 0; i < s->count; i++) {
    struct message *m = s->view[i].message;
    if (!is_in(s, &set, by_uid, i)) continue;
    m->flags = add ? m->flags | flags : take ? m->flags & ~flags : (m->flags & MAIL_RECENT) | flags;
    if (silent)
      s->view[i].told = m->flags;
    else
      put_stored(c, i, by_uid);
  }
  imap_answer(c, "OK", "Stored");
}

/* All of the messages or none. */
static int copy(struct imap_session *s, const struct imap_set *set, bool by_uid,
                struct folder *to) {
  mail_refresh(to);
  uint32_t first = to->uid_next;
  for (size_t i = 0; i < s->count; i++) {
    const struct message *m = s->view[i].message;
    int error = is_in(s, set, by_uid, i)
                    ? mail_add(to, m->text, m->size, m->flags | MAIL_RECENT, m->arrived)
                    : 0;
    if (!error) continue;
    while (to->count && to->messages[to->count - 1]->uid >= first)
      mail_remove(to, to->messages[to->count - 1]);
    return error;
  }
  return 0;
}

void imap_copy(struct client *c, struct imap_reader *r, bool by_uid) {
  struct imap_session *s = c->session;
  struct imap_set set;
  char name[IMAP_WORD_LIMIT];
  if (!take_set(c, r, by_uid, &set)) return;
  if (!imap_take_string(r, name, sizeof name) || !imap_at_end(r)) {
    imap_answer(c, "BAD", "Say COPY 1:2 Archive, for example");
    return;
  }
  struct folder *to = mail_folder(s->account, name);
  if (!to)
    imap_answer(c, "NO", "There is no such folder");
  else if (copy(s, &set, by_uid, to))
    imap_answer(c, "NO", "There is no room for them");
  else
    imap_answer(c, "OK", "Copied");
}
