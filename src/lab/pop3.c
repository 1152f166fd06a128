/* A POP3 server (RFC 1939, RFC 2449) for the mailboxes of alice, bob and carol, whose password is
 * "harbour": pop3 [PORT [SPOOL]]. SPOOL: the folder where smtp keeps what it delivers; without it
 * there are a few letters, and what is deleted is there again when the server starts anew. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "mail.h"
#include "service.h"

enum {
  LINE_LIMIT = 255, /* RFC 2449 */
  PATIENCE = 600,   /* seconds, as RFC 1939 wants */
  ERRORS = 20,      /* in a row, until the client is sent away */
  GUESSES = 5       /* of a password */
};

enum state { AUTHORIZATION = 1, TRANSACTION = 2 }; /* also as a set */

struct session {
  enum state state;
  char user[LINE_LIMIT + 1];
  int errors, guesses;
  struct account *account;
  struct message **messages; /* as they were at PASS, held: the numbers stay what they are */
  bool *deleted;
  size_t count;
};

static void refuse(struct client *c, const char *reply) {
  struct session *s = c->session;
  client_puts(c, reply);
  if (++s->errors < ERRORS) return;
  client_puts(c, "-ERR Too many errors, closing\r\n");
  client_close(c);
}

/* --- the maildrop --- */

/* Sends lines that end in CRLF, and puts a dot before each that begins with one. */
static void send_lines(struct client *c, const char *text, size_t size) {
  while (size) {
    const char *end = memchr(text, '\n', size);
    size_t length = end ? (size_t)(end - text) + 1 : size;
    if (*text == '.') client_puts(c, ".");
    client_write(c, text, length);
    if (!end) client_puts(c, "\r\n");
    text += length;
    size -= length;
  }
}

static void let_go(struct session *s) {
  for (size_t i = 0; i < s->count; i++)
    mail_release(s->messages[i]);
  free(s->messages);
  free(s->deleted);
  if (s->account) s->account->locked = false;
  s->account = NULL;
  s->messages = NULL;
  s->deleted = NULL;
  s->count = 0;
}

static bool take_maildrop(struct session *s, struct account *a) {
  struct folder *inbox = &a->folders[0];
  mail_refresh(inbox);
  s->messages = calloc(inbox->count + 1, sizeof *s->messages);
  s->deleted = calloc(inbox->count + 1, sizeof *s->deleted);
  s->account = a;
  a->locked = true;
  if (!s->messages || !s->deleted) {
    let_go(s);
    return false;
  }
  while (s->count < inbox->count) {
    s->messages[s->count] = mail_hold(inbox->messages[s->count]);
    s->count++;
  }
  return true;
}

static void count_maildrop(const struct session *s, size_t *count, size_t *size) {
  *count = *size = 0;
  for (size_t i = 0; i < s->count; i++)
    if (!s->deleted[i]) ++*count, *size += s->messages[i]->size;
}

/* The number that `word` is, less one; says what is wrong if it is none of a message. */
static bool take_number(struct client *c, const char *word, size_t *index) {
  struct session *s = c->session;
  char *end;
  unsigned long n = word ? strtoul(word, &end, 10) : 0;
  if (!word || !isdigit((unsigned char)*word) || *end) {
    refuse(c, "-ERR Say the number of a message\r\n");
  } else if (!n || n > s->count) {
    refuse(c, "-ERR There is no such message\r\n");
  } else if (s->deleted[n - 1]) {
    refuse(c, "-ERR That message is marked as deleted\r\n");
  } else {
    *index = n - 1;
    return true;
  }
  return false;
}

/* --- commands: each with its first two arguments, or NULL --- */

static void do_user(struct client *c, const char *user, const char *more) {
  struct session *s = c->session;
  if (!user) {
    refuse(c, "-ERR Say USER alice\r\n");
    return;
  }
  strcpy(s->user, user);
  client_puts(c, "+OK And the password?\r\n");
}

static void do_pass(struct client *c, const char *password, const char *more) {
  struct session *s = c->session;
  struct account *a = mail_account(s->user, strlen(s->user));
  size_t count, size;
  if (!*s->user) {
    refuse(c, "-ERR Say USER first\r\n");
    return;
  }
  *s->user = 0;
  if (!a || !password || strcmp(password, a->password)) {
    client_log(c, "has not logged in");
    refuse(c, "-ERR No such user, or another password\r\n");
    if (++s->guesses == GUESSES) client_close(c);
  } else if (a->locked) {
    refuse(c, "-ERR [IN-USE] Another session has that mailbox open\r\n");
  } else if (!take_maildrop(s, a)) {
    refuse(c, "-ERR [SYS/TEMP] No memory for that\r\n");
  } else {
    s->state = TRANSACTION;
    client_log(c, "logged in as %s", a->user);
    count_maildrop(s, &count, &size);
    client_printf(c, "+OK %s has %zu messages of %zu bytes\r\n", a->name, count, size);
  }
}

static void do_stat(struct client *c, const char *first, const char *second) {
  size_t count, size;
  count_maildrop(c->session, &count, &size);
  client_printf(c, "+OK %zu %zu\r\n", count, size);
}

static void print_size(struct client *c, size_t i) {
  struct session *s = c->session;
  client_printf(c, "%zu %zu\r\n", i + 1, s->messages[i]->size);
}

static void print_uid(struct client *c, size_t i) {
  struct session *s = c->session;
  client_printf(c, "%zu %u.%u\r\n", i + 1, (unsigned)s->account->folders[0].uid_validity,
                (unsigned)s->messages[i]->uid);
}

/* One message's line, or all's. */
static void list(struct client *c, const char *number, void (*print)(struct client *, size_t)) {
  struct session *s = c->session;
  size_t i;
  if (number) {
    if (!take_number(c, number, &i)) return;
    client_puts(c, "+OK ");
    print(c, i);
    return;
  }
  client_puts(c, "+OK Here they are\r\n");
  for (i = 0; i < s->count; i++)
    if (!s->deleted[i]) print(c, i);
  client_puts(c, ".\r\n");
}

static void do_list(struct client *c, const char *number, const char *more) {
  list(c, number, print_size);
}

static void do_uidl(struct client *c, const char *number, const char *more) {
  list(c, number, print_uid);
}

static void do_retr(struct client *c, const char *number, const char *more) {
  struct session *s = c->session;
  size_t i;
  if (!take_number(c, number, &i)) return;
  client_printf(c, "+OK %zu bytes\r\n", s->messages[i]->size);
  send_lines(c, s->messages[i]->text, s->messages[i]->size);
  client_puts(c, ".\r\n");
  s->messages[i]->flags |= MAIL_SEEN;
}

static void do_top(struct client *c, const char *number, const char *lines) {
  struct session *s = c->session;
  size_t i;
  char *end;
  unsigned long left = lines ? strtoul(lines, &end, 10) : 0;
  if (!lines || !isdigit((unsigned char)*lines) || *end) {
    refuse(c, "-ERR Say the number of a message, and that of lines\r\n");
    return;
  }
  if (!take_number(c, number, &i)) return;
  const struct message *m = s->messages[i];
  size_t size = mail_body(m);
  for (const char *line; left && (line = memchr(m->text + size, '\n', m->size - size)); left--)
    size = (size_t)(line - m->text) + 1;
  client_puts(c, "+OK The top of it\r\n");
  send_lines(c, m->text, left ? m->size : size);
  client_puts(c, ".\r\n");
}

static void do_dele(struct client *c, const char *number, const char *more) {
  struct session *s = c->session;
  size_t i;
  if (!take_number(c, number, &i)) return;
  s->deleted[i] = true;
  client_puts(c, "+OK It will be deleted at QUIT\r\n");
}

static void do_rset(struct client *c, const char *first, const char *second) {
  struct session *s = c->session;
  memset(s->deleted, 0, s->count * sizeof *s->deleted);
  client_puts(c, "+OK Nothing will be deleted\r\n");
}

static void do_noop(struct client *c, const char *first, const char *second) {
  client_puts(c, "+OK\r\n");
}

static void do_capa(struct client *c, const char *first, const char *second) {
  client_puts(c, "+OK What there is\r\nTOP\r\nUIDL\r\nUSER\r\nRESP-CODES\r\nPIPELINING\r\n"
                 "EXPIRE NEVER\r\nIMPLEMENTATION Portside\r\n.\r\n");
}

/* The update state: only who says good-bye has messages deleted. */
static void do_quit(struct client *c, const char *first, const char *second) {
  struct session *s = c->session;
  size_t deleted = 0;
  for (size_t i = 0; i < s->count; i++) {
    if (!s->deleted[i]) continue;
    mail_remove(&s->account->folders[0], s->messages[i]);
    deleted++;
  }
  if (s->account) client_log(c, "deleted %zu messages", deleted);
  let_go(s);
  client_puts(c, "+OK Good-bye\r\n");
  client_close(c);
}

static const struct {
  const char *name;
  int states;
  void (*run)(struct client *, const char *first, const char *second);
} commands[] = {
    {"USER", AUTHORIZATION, do_user},
    {"PASS", AUTHORIZATION, do_pass},
    {"STAT", TRANSACTION, do_stat},
    {"LIST", TRANSACTION, do_list},
    {"RETR", TRANSACTION, do_retr},
    {"DELE", TRANSACTION, do_dele},
    {"RSET", TRANSACTION, do_rset},
    {"NOOP", TRANSACTION, do_noop},
    {"TOP", TRANSACTION, do_top},
    {"UIDL", TRANSACTION, do_uidl},
    {"CAPA", AUTHORIZATION | TRANSACTION, do_capa},
    {"QUIT", AUTHORIZATION | TRANSACTION, do_quit},
};

/* --- events --- */

static void connected(struct client *c) {
  struct session *s = c->session;
  s->state = AUTHORIZATION;
  client_puts(c, "+OK pop3.lab at your service\r\n");
}

static void line(struct client *c, char *text, size_t length) {
  struct session *s = c->session;
  char *rest = text, *command = strtok_r(rest, " ", &rest), *first;
  /* a password may have spaces */
  if (command && !strcasecmp(command, "PASS"))
    first = rest && *rest ? rest : NULL, rest = NULL;
  else
    first = command ? strtok_r(NULL, " ", &rest) : NULL;
  char *second = first && rest ? strtok_r(NULL, " ", &rest) : NULL;
  for (size_t i = 0; command && i < sizeof commands / sizeof *commands; i++) {
    if (strcasecmp(command, commands[i].name)) continue;
    if (!(commands[i].states & s->state)) {
      refuse(c, s->state == AUTHORIZATION ? "-ERR Log in first: USER, then PASS\r\n"
                                          : "-ERR You are logged in already\r\n");
      return;
    }
    int errors = s->errors;
    commands[i].run(c, first, second);
    if (s->errors == errors) s->errors = 0;
    return;
  }
  refuse(c, "-ERR There is no such command\r\n");
}

static void too_long(struct client *c) { refuse(c, "-ERR That line is too long\r\n"); }

static void gone(struct client *c) { let_go(c->session); }

static const struct service pop3 = {.session = sizeof(struct session),
                                    .line_limit = LINE_LIMIT,
                                    .patience = PATIENCE,
                                    .connected = connected,
                                    .line = line,
                                    .too_long = too_long,
                                    .gone = gone};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 2, 110, "pop3 [PORT [SPOOL]]");
  int error = mail_open(argc > 2 ? argv[2] : NULL);
  if (error) {
    fprintf(stderr, "pop3: %s: %s\n", argc > 2 ? argv[2] : "mail", strerror(-error));
    return EXIT_FAILURE;
  }
  service_open(port, &pop3, NULL);
  service_run();
}
