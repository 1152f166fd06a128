/* IMAP's commands: see imap_session.h. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

enum { GUESSES = 5, LOOK_AGAIN = 1000 /* ms, while a client idles */ };

/* --- in every state --- */

static void do_capability(struct client *c, struct imap_reader *r) {
  client_puts(c, "* CAPABILITY " IMAP_CAPABILITIES "\r\n");
  imap_answer(c, "OK", "That is all");
}

static void do_noop(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  if (s->folder) mail_refresh(s->folder);
  imap_tell(c, true);
  imap_answer(c, "OK", "Nothing done");
}

static void do_logout(struct client *c, struct imap_reader *r) {
  client_puts(c, "* BYE Good-bye\r\n");
  imap_answer(c, "OK", "Good-bye");
  client_close(c);
}

/* --- logging in --- */

static void log_in(struct client *c, const char *user, const char *password) {
  struct imap_session *s = c->session;
  struct account *a = mail_account(user, strlen(user));
  if (a && !strcmp(password, a->password)) {
    s->account = a;
    s->state = AUTHENTICATED;
    client_log(c, "logged in as %s", a->user);
    imap_answer(c, "OK", "Welcome");
    return;
  }
  client_log(c, "has not logged in");
  imap_answer(c, "NO", "No such user, or another password");
  if (++s->guesses == GUESSES) client_close(c);
}

static void do_login(struct client *c, struct imap_reader *r) {
  char user[IMAP_WORD_LIMIT], password[IMAP_WORD_LIMIT];
  if (imap_take_string(r, user, sizeof user) && imap_take(r, ' ') &&
      imap_take_string(r, password, sizeof password) && imap_at_end(r))
    log_in(c, user, password);
  else
    imap_answer(c, "BAD", "Say LOGIN alice harbour");
}

/* Base64 (RFC 4648). The size, or -1: it is none. */
static int decode(const char *text, char *to, size_t room) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t n = 0, length = strcspn(text, "="), padding = strlen(text) - length;
  unsigned bits = 0;
  if ((length + padding) % 4 || padding > 2 || strspn(text + length, "=") != padding) return -1;
  for (size_t i = 0; i < length; i++) {
    const char *digit = strchr(digits, text[i]);
    if (!digit || n == room) return -1;
    bits = bits << 6 | (unsigned)(digit - digits);
    if (i % 4) to[n++] = (char)(bits >> (6 - 2 * (i % 4)));
  }
  return (int)n;
}

/* What SASL's PLAIN sends (RFC 4616): whom to act as, 0, the user, 0, the password. */
static void log_in_plain(struct client *c, const char *text) {
  struct imap_session *s = c->session;
  char bytes[3 * IMAP_WORD_LIMIT + 1];
  int size = decode(text, bytes, sizeof bytes - 1);
  s->talk = COMMANDS;
  bytes[size < 0 ? 0 : size] = 0;
  const char *user = size < 0 ? NULL : memchr(bytes, 0, (size_t)size);
  const char *password = user ? memchr(user + 1, 0, (size_t)(bytes + size - user - 1)) : NULL;
  if (!password || password + 1 + strlen(password + 1) != bytes + size)
    imap_answer(c, "BAD", "That is not what PLAIN sends");
  else if (*bytes && strcasecmp(bytes, user + 1))
    imap_answer(c, "NO", "Nobody acts as somebody else here");
  else
    log_in(c, user + 1, password + 1);
}

static void do_authenticate(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  char how[32], initial[1024];
  if (!imap_take_word(r, how, sizeof how) || strcasecmp(how, "PLAIN")) {
    imap_answer(c, "NO", "Only PLAIN is there");
  } else if (imap_at_end(r)) {
    s->talk = PLAIN;
    client_puts(c, "+ \r\n");
  } else if (imap_take(r, ' ') && (size_t)(r->end - r->at) < sizeof initial) {
    memcpy(initial, r->at, (size_t)(r->end - r->at));
    initial[r->end - r->at] = 0;
    log_in_plain(c, initial);
  } else {
    imap_answer(c, "BAD", "That is too long");
  }
}

/* --- folders --- */

/* `*` stands for anything, `%` for anything within one level; here is but one level. */
static bool matches(const char *pattern, const char *name) {
  while (*pattern && *pattern != '*' && *pattern != '%')
    if (*pattern++ != *name++) return false;
  if (!*pattern) return !*name;
  pattern += strspn(pattern, "*%");
  if (!*pattern) return true;
  for (; *name; name++)
    if (matches(pattern, name)) return true;
  return false;
}

static void list(struct client *c, struct imap_reader *r, const char *command) {
  struct imap_session *s = c->session;
  char reference[IMAP_WORD_LIMIT], name[IMAP_WORD_LIMIT], pattern[2 * IMAP_WORD_LIMIT];
  if (!imap_take_string(r, reference, sizeof reference) || !imap_take(r, ' ') ||
      (!imap_take_atom(r, "%*]", name, sizeof name) && !imap_take_string(r, name, sizeof name)) ||
      !imap_at_end(r)) {
    imap_answer(c, "BAD", "Say LIST \"\" *");
    return;
  }
  snprintf(pattern, sizeof pattern, "%s%s", reference, name);
  if (strlen(pattern) > 100) {
    imap_answer(c, "NO", "That pattern is too long");
    return;
  }
  if (!*name) client_printf(c, "* %s (\\Noselect) \"/\" \"\"\r\n", command);
  for (int i = 0; *name && i < MAIL_FOLDERS; i++)
    if (matches(pattern, s->account->folders[i].name) || (!i && !strcasecmp(pattern, "INBOX")))
      client_printf(c, "* %s (\\Noinferiors) \"/\" %s\r\n", command, s->account->folders[i].name);
  imap_answer(c, "OK", "That is all");
}

static void do_list(struct client *c, struct imap_reader *r) { list(c, r, "LIST"); }
static void do_lsub(struct client *c, struct imap_reader *r) { list(c, r, "LSUB"); }

static size_t count_flag(const struct folder *f, unsigned flag, bool set) {
  size_t count = 0;
  for (size_t i = 0; i < f->count; i++)
    count += !(f->messages[i]->flags & flag) != set;
  return count;
}

static bool put_status(struct client *c, const struct folder *f, const char *item) {
  size_t value = !strcasecmp(item, "MESSAGES")      ? f->count
                 : !strcasecmp(item, "RECENT")      ? count_flag(f, MAIL_RECENT, true)
                 : !strcasecmp(item, "UNSEEN")      ? count_flag(f, MAIL_SEEN, false)
                 : !strcasecmp(item, "UIDNEXT")     ? f->uid_next
                 : !strcasecmp(item, "UIDVALIDITY") ? f->uid_validity
                                                    : SIZE_MAX;
  if (value == SIZE_MAX) return false;
  if (c) client_printf(c, "%s %zu", item, value);
  return true;
}

/* The list's items; with c NULL, only whether they are all good. */
static bool put_statuses(struct client *c, const struct folder *f, struct imap_reader r) {
  char item[32];
  if (!imap_take(&r, '(')) return false;
  for (const char *before = "";; before = " ") {
    if (c) client_puts(c, before);
    if (!imap_take_word(&r, item, sizeof item) || !put_status(c, f, item)) return false;
    if (!imap_take(&r, ' ')) return imap_take(&r, ')') && imap_at_end(&r);
  }
}

static void do_status(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  char name[IMAP_WORD_LIMIT];
  bool named = imap_take_string(r, name, sizeof name) && imap_take(r, ' ');
  struct folder *f = named ? mail_folder(s->account, name) : NULL;
  if (named && !f) {
    imap_answer(c, "NO", "There is no such folder");
    return;
  }
  if (!named || !put_statuses(NULL, f, *r)) {
    imap_answer(c, "BAD", "Say STATUS INBOX (MESSAGES UNSEEN), for example");
    return;
  }
  mail_refresh(f);
  client_printf(c, "* STATUS %s (", f->name);
  put_statuses(c, f, *r);
  client_puts(c, ")\r\n");
  imap_answer(c, "OK", "That is all");
}

static void do_subscribe(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  char name[IMAP_WORD_LIMIT];
  bool there = imap_take_string(r, name, sizeof name) && mail_folder(s->account, name);
  imap_answer(c, there ? "OK" : "NO",
              there ? "LSUB tells of all folders" : "There is no such folder");
}

static void do_create(struct client *c, struct imap_reader *r) {
  imap_answer(c, "NO", "The folders are what they are");
}

/* " 2-Mar-2026 07:40:00 +0100", in UTC; -1: it is none. */
static time_t read_date(const char *text) {
  char sign;
  int day, hour, minute, second, zone_hour, zone_minute, rest = 0;
  time_t date = imap_day(text, '-', &day);
  if (date < 0 || sscanf(text + day, " %2d:%2d:%2d %c%2d%2d%n", &hour, &minute, &second, &sign,
                         &zone_hour, &zone_minute, &rest) != 6)
    return -1;
  if (text[day + rest] || (sign != '+' && sign != '-')) return -1;
  int zone = 60 * (60 * zone_hour + zone_minute);
  return date + 60 * (60 * hour + minute) + second - (sign == '+' ? zone : -zone);
}

static void do_append(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  char name[IMAP_WORD_LIMIT], date[IMAP_WORD_LIMIT];
  const char *text;
  size_t size;
  unsigned flags = 0;
  time_t arrived = time(NULL);
  bool good = imap_take_string(r, name, sizeof name) && imap_take(r, ' ');
  if (good && !imap_at_end(r) && *r->at == '(')
    good = imap_take_flags(r, &flags) && imap_take(r, ' ');
  if (good && !imap_at_end(r) && *r->at == '"') {
    good = imap_take_string(r, date, sizeof date) && imap_take(r, ' ');
    if (good) arrived = read_date(date);
  }
  if (!good || arrived < 0 || !imap_take_literal(r, &text, &size) || !imap_at_end(r)) {
    imap_answer(c, "BAD", "Say APPEND Drafts (\\Seen) {5}, for example, then 5 bytes");
    return;
  }
  struct folder *f = mail_folder(s->account, name);
  if (!f) {
    imap_answer(c, "NO", "There is no such folder");
  } else if (!size || mail_add(f, text, size, flags | MAIL_RECENT, arrived)) {
    imap_answer(c, "NO", size ? "There is no room for it" : "There is nothing in it");
  } else {
    imap_tell(c, true);
    imap_answer(c, "OK", "Appended");
  }
}

/* --- the selected folder --- */

static void do_select(struct client *c, struct imap_reader *r) { imap_select(c, r, false); }
static void do_examine(struct client *c, struct imap_reader *r) { imap_select(c, r, true); }

static void do_unselect(struct client *c, struct imap_reader *r) {
  imap_deselect(c->session);
  imap_answer(c, "OK", "Closed");
}

static void do_close(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  if (!s->read_only) imap_expunge(s);
  do_unselect(c, r);
}

static void do_expunge(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  if (s->read_only) {
    imap_answer(c, "NO", "The folder is open for reading alone: SELECT it");
    return;
  }
  imap_expunge(s);
  imap_tell(c, true);
  imap_answer(c, "OK", "They are gone");
}

static void do_fetch(struct client *c, struct imap_reader *r) { imap_fetch(c, r, false); }
static void do_store(struct client *c, struct imap_reader *r) { imap_store(c, r, false); }
static void do_search(struct client *c, struct imap_reader *r) { imap_search(c, r, false); }
static void do_copy(struct client *c, struct imap_reader *r) { imap_copy(c, r, false); }

static void do_uid(struct client *c, struct imap_reader *r) {
  static const struct {
    const char *name;
    void (*run)(struct client *, struct imap_reader *, bool by_uid);
  } by_uid[] = {
      {"FETCH", imap_fetch}, {"STORE", imap_store}, {"SEARCH", imap_search}, {"COPY", imap_copy}};
  char name[32];
  bool named = imap_take_word(r, name, sizeof name) && imap_take(r, ' ');
  for (size_t i = 0; named && i < sizeof by_uid / sizeof *by_uid; i++) {
    if (strcasecmp(name, by_uid[i].name)) continue;
    by_uid[i].run(c, r, true);
    return;
  }
  imap_answer(c, "BAD", "UID goes with FETCH, STORE, SEARCH and COPY");
}

static void do_idle(struct client *c, struct imap_reader *r) {
  struct imap_session *s = c->session;
  s->talk = IDLING;
  client_puts(c, "+ Say DONE when you want to go on\r\n");
  imap_idle_alarm(c);
}

void imap_idle_alarm(struct client *c) {
  struct imap_session *s = c->session;
  if (s->talk != IDLING) return;
  if (s->folder) mail_refresh(s->folder);
  imap_tell(c, true);
  client_alarm(c, LOOK_AGAIN);
}

void imap_go_on(struct client *c, const char *line) {
  struct imap_session *s = c->session;
  bool plain = s->talk == PLAIN;
  s->talk = COMMANDS;
  if (plain && strcmp(line, "*")) {
    log_in_plain(c, line);
    return;
  }
  if (plain || strcasecmp(line, "DONE"))
    imap_answer(c, "BAD", plain ? "Then not" : "Only DONE ends it, in a line of its own");
  else
    imap_answer(c, "OK", "You idled well");
}

enum { LOGGED_IN = AUTHENTICATED | SELECTED, ANY = GREETED | LOGGED_IN };

static const struct {
  const char *name;
  unsigned states;
  bool arguments;
  void (*run)(struct client *, struct imap_reader *);
} commands[] = {
    {"CAPABILITY", ANY, false, do_capability},
    {"NOOP", ANY, false, do_noop},
    {"LOGOUT", ANY, false, do_logout},
    {"LOGIN", GREETED, true, do_login},
    {"AUTHENTICATE", GREETED, true, do_authenticate},
    {"LIST", LOGGED_IN, true, do_list},
    {"LSUB", LOGGED_IN, true, do_lsub},
    {"STATUS", LOGGED_IN, true, do_status},
    {"SELECT", LOGGED_IN, true, do_select},
    {"EXAMINE", LOGGED_IN, true, do_examine},
    {"CREATE", LOGGED_IN, true, do_create},
    {"DELETE", LOGGED_IN, true, do_create},
    {"RENAME", LOGGED_IN, true, do_create},
    {"SUBSCRIBE", LOGGED_IN, true, do_subscribe},
    {"UNSUBSCRIBE", LOGGED_IN, true, do_subscribe},
    {"APPEND", LOGGED_IN, true, do_append},
    {"IDLE", LOGGED_IN, false, do_idle},
    {"CHECK", SELECTED, false, do_noop},
    {"CLOSE", SELECTED, false, do_close},
    {"UNSELECT", SELECTED, false, do_unselect},
    {"EXPUNGE", SELECTED, false, do_expunge},
    {"FETCH", SELECTED, true, do_fetch},
    {"STORE", SELECTED, true, do_store},
    {"SEARCH", SELECTED, true, do_search},
    {"COPY", SELECTED, true, do_copy},
    {"UID", SELECTED, true, do_uid},
};

void imap_obey(struct client *c, const char *name, struct imap_reader *r) {
  struct imap_session *s = c->session;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcasecmp(name, commands[i].name)) continue;
    if (!(commands[i].states & s->state))
      imap_answer(c, "BAD",
                  s->state == GREETED              ? "Log in first: LOGIN alice harbour"
                  : commands[i].states == SELECTED ? "SELECT a folder first"
                                                   : "You are logged in already");
    else if (commands[i].arguments ? !imap_take(r, ' ') : !imap_at_end(r))
      imap_answer(c, "BAD",
                  commands[i].arguments ? "Something is to follow that"
                                        : "Nothing is to follow that");
    else
      commands[i].run(c, r);
    return;
  }
  imap_answer(c, "BAD", "There is no such command");
}
