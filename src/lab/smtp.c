/* An SMTP server (RFC 5321) that takes mail for alice, bob and carol: smtp [PORT [SPOOL]].
 *
 * It says on its output what it has delivered and keeps it in memory, or in the folder SPOOL, from
 * where pop3 and imap hand it out. It passes no mail on to anybody else.
 * Its limit: a line that ends in LF alone is a line too, where the RFC wants CRLF. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "mail.h"
#include "service.h"

enum {
  LINE_LIMIT = 2048,
  PATH_LIMIT = 256,
  RECIPIENTS = 100,
  TRACE = 1024, /* bytes that are put before a message */
  SIZE_LIMIT = MAIL_MESSAGE_LIMIT - TRACE,
  PATIENCE = 300, /* seconds */
  ERRORS = 20     /* in a row, until the client is sent away */
};
#define NAME "smtp.lab"

enum state { UNGREETED, READY, SENDER, RECIPIENT, DATA };

struct session {
  enum state state;
  bool extended; /* it said EHLO */
  char greeting[PATH_LIMIT], from[PATH_LIMIT];
  struct account *to[MAIL_ACCOUNTS];
  int to_count, recipients, errors;
  char *text; /* of the message, with room for `room` bytes */
  size_t size, room;
  int failure; /* a reply instead of the 250 at the end of the text, or 0 */
};

static void refuse(struct client *c, const char *reply) {
  struct session *s = c->session;
  client_puts(c, reply);
  if (++s->errors < ERRORS) return;
  client_puts(c, "421 " NAME " Too many errors, closing\r\n");
  client_close(c);
}

static void forget_text(struct session *s) {
  free(s->text);
  s->text = NULL;
  s->size = s->room = 0;
}

static void reset(struct session *s) {
  forget_text(s);
  s->to_count = s->recipients = s->failure = 0;
  *s->from = 0;
  if (s->state > READY) s->state = READY;
}

/* --- paths --- */

/* Copies "<alice@portside.lab>" without its brackets, and what is before the ':' of a route.
 * What follows it, or NULL: this is no path. */
static char *take_path(char *text, char to[PATH_LIMIT]) {
  bool quoted = false;
  text += strspn(text, " ");
  if (*text++ != '<') return NULL;
  char *end = text;
  for (; *end && (quoted || *end != '>'); end++) {
    if (*end == '\\' && end[1])
      end++;
    else if (*end == '"')
      quoted = !quoted;
    else if (iscntrl((unsigned char)*end) || (*end == ' ' && !quoted))
      return NULL;
  }
  if (*end != '>') return NULL;
  if (*text == '@') {
    char *colon = memchr(text, ':', (size_t)(end - text));
    if (!colon) return NULL;
    text = colon + 1;
  }
  if (end - text >= PATH_LIMIT) return NULL;
  memcpy(to, text, (size_t)(end - text));
  to[end - text] = 0;
  return end + 1;
}

static bool is_ours(const char *domain) {
  size_t length = strlen(domain);
  if (!strcasecmp(domain, "lab") || !strcasecmp(domain, "localhost")) return true;
  return length > 4 && !strcasecmp(domain + length - 4, ".lab");
}

/* NULL: nobody of that name; *foreign: not a name of ours at all. */
static struct account *find_account(const char *path, bool *foreign) {
  const char *at = strrchr(path, '@');
  size_t length = at ? (size_t)(at - path) : strlen(path);
  *foreign = at && !is_ours(at + 1);
  if (*foreign) return NULL;
  if (length == 10 && !strncasecmp(path, "postmaster", 10)) return mail_account("carol", 5);
  return at ? mail_account(path, length) : NULL;
}

/* --- commands: each is given what follows its name --- */

static void greet(struct client *c, char *rest, bool extended) {
  struct session *s = c->session;
  rest[strcspn(rest, " ")] = 0;
  if (!*rest || strlen(rest) >= PATH_LIMIT) {
    refuse(c, "501 Say who you are: EHLO your.name\r\n");
    return;
  }
  strcpy(s->greeting, rest);
  s->state = READY;
  s->extended = extended;
  reset(s);
  if (extended)
    client_printf(
        c, "250-%s Hello %s\r\n250-PIPELINING\r\n250-SIZE %d\r\n250-8BITMIME\r\n250 HELP\r\n", NAME,
        s->greeting, SIZE_LIMIT);
  else
    client_printf(c, "250 %s Hello %s\r\n", NAME, s->greeting);
}

static void do_ehlo(struct client *c, char *rest) { greet(c, rest, true); }
static void do_helo(struct client *c, char *rest) { greet(c, rest, false); }

/* The parameters behind MAIL's path. A reply, or NULL: all are well. */
static const char *check_parameters(char *rest) {
  char *word;
  while ((word = strtok_r(rest, " ", &rest))) {
    if (!strncasecmp(word, "SIZE=", 5)) {
      char *end;
      unsigned long long size = strtoull(word + 5, &end, 10);
      if (!isdigit((unsigned char)word[5]) || *end) return "501 SIZE is a number\r\n";
      if (size > SIZE_LIMIT) return "552 That is larger than a message may be\r\n";
    } else if (strcasecmp(word, "BODY=7BIT") && strcasecmp(word, "BODY=8BITMIME"))
      return "555 There is no such parameter\r\n";
  }
  return NULL;
}

static void do_mail(struct client *c, char *rest) {
  struct session *s = c->session;
  char from[PATH_LIMIT];
  if (s->state != READY) {
    refuse(c,
           s->state == UNGREETED ? "503 Say EHLO first\r\n" : "503 There is a sender already\r\n");
    return;
  }
  char *more = strncasecmp(rest, "FROM:", 5) ? NULL : take_path(rest + 5, from);
  if (!more || (*more && *more != ' ') || (*more && !s->extended)) {
    refuse(c, "501 Say MAIL FROM:<you@your.name>\r\n");
    return;
  }
  const char *reply = check_parameters(more);
  if (reply) {
    refuse(c, reply);
    return;
  }
  strcpy(s->from, from);
  s->state = SENDER;
  client_puts(c, "250 Sender taken\r\n");
}

static void add_recipient(struct session *s, struct account *a) {
  s->state = RECIPIENT;
  s->recipients++;
  for (int i = 0; i < s->to_count; i++)
    if (s->to[i] == a) return;
  s->to[s->to_count++] = a;
}

static void do_rcpt(struct client *c, char *rest) {
  struct session *s = c->session;
  char to[PATH_LIMIT];
  bool foreign = false;
  char *more = strncasecmp(rest, "TO:", 3) ? NULL : take_path(rest + 3, to);
  struct account *a = more && !*more ? find_account(to, &foreign) : NULL;
  if (s->state < SENDER) {
    refuse(c, "503 Say MAIL first\r\n");
  } else if (!more || !*to) {
    refuse(c, "501 Say RCPT TO:<alice@portside.lab>\r\n");
  } else if (*more) {
    refuse(c, "555 There is no such parameter\r\n");
  } else if (foreign) {
    refuse(c, "550 We deliver to names of the lab alone\r\n");
  } else if (!a) {
    refuse(c, "550 There is nobody of that name\r\n");
  } else if (s->recipients == RECIPIENTS) {
    refuse(c, "452 Too many recipients, send it to the rest later\r\n");
  } else if (mail_is_full(&a->folders[0])) {
    refuse(c, "452 That mailbox is full\r\n");
  } else {
    add_recipient(s, a);
    client_printf(c, "250 %s will get it\r\n", a->name);
  }
}

static void do_data(struct client *c, char *rest) {
  struct session *s = c->session;
  if (*rest) {
    refuse(c, "501 DATA stands alone\r\n");
  } else if (s->state != RECIPIENT) {
    refuse(c,
           s->state == SENDER ? "554 Nobody is to get it\r\n" : "503 Say MAIL and RCPT first\r\n");
  } else {
    s->state = DATA;
    client_puts(c, "354 Go on; a line with a dot alone ends it\r\n");
  }
}

static void do_rset(struct client *c, char *rest) {
  if (*rest) {
    refuse(c, "501 RSET stands alone\r\n");
    return;
  }
  reset(c->session);
  client_puts(c, "250 All forgotten\r\n");
}

static void do_noop(struct client *c, char *rest) { client_puts(c, "250 Nothing done\r\n"); }

static void do_vrfy(struct client *c, char *rest) {
  bool foreign = false;
  char path[PATH_LIMIT];
  if (!*rest || strlen(rest) >= PATH_LIMIT) {
    refuse(c, "501 Say VRFY alice\r\n");
    return;
  }
  if (!take_path(rest, path)) strcpy(path, rest);
  struct account *a = mail_account(path, strlen(path));
  if (!a) a = find_account(path, &foreign);
  if (a)
    client_printf(c, "250 %s <%s@portside.lab>\r\n", a->name, a->user);
  else
    refuse(c,
           foreign ? "252 Not one of ours; who knows\r\n" : "550 There is nobody of that name\r\n");
}

static void do_expn(struct client *c, char *rest) { refuse(c, "502 There are no lists\r\n"); }

static void do_help(struct client *c, char *rest) {
  client_puts(c, "214-Write to alice, bob or carol at portside.lab:\r\n"
                 "214-  EHLO your.name\r\n"
                 "214-  MAIL FROM:<you@your.name>\r\n"
                 "214-  RCPT TO:<alice@portside.lab>, for each who is to get it\r\n"
                 "214-  DATA, then the header, an empty line, the text, and a dot alone\r\n"
                 "214 and RSET, NOOP, VRFY, HELP, QUIT.\r\n");
}

static void do_quit(struct client *c, char *rest) {
  client_puts(c, "221 " NAME " Good-bye\r\n");
  client_close(c);
}

static const struct {
  const char *name;
  void (*run)(struct client *, char *rest);
} commands[] = {{"EHLO", do_ehlo}, {"HELO", do_helo}, {"MAIL", do_mail}, {"RCPT", do_rcpt},
                {"DATA", do_data}, {"RSET", do_rset}, {"NOOP", do_noop}, {"VRFY", do_vrfy},
                {"EXPN", do_expn}, {"HELP", do_help}, {"QUIT", do_quit}};

static void obey(struct client *c, char *line) {
  struct session *s = c->session;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strncasecmp(line, commands[i].name, 4) || (line[4] && line[4] != ' ')) continue;
    char *rest = line + 4 + strspn(line + 4, " ");
    for (size_t n = strlen(rest); n && rest[n - 1] == ' '; n--)
      rest[n - 1] = 0;
    int errors = s->errors;
    commands[i].run(c, rest);
    if (s->errors == errors) s->errors = 0;
    return;
  }
  refuse(c, "500 There is no such command; HELP tells which there are\r\n");
}

/* --- the text of a message --- */

static bool append(struct session *s, const char *bytes, size_t size) {
  if (s->size + size > s->room) {
    size_t room = 2 * (s->size + size) + TRACE;
    char *text = realloc(s->text, room);
    if (!text) return false;
    s->text = text;
    s->room = room;
  }
  memcpy(s->text + s->size, bytes, size);
  s->size += size;
  return true;
}

/* What the text begins with: who sent it, and the way that it came. */
static void begin_text(struct client *c) {
  struct session *s = c->session;
  char trace[TRACE], date[64];
  mail_date(time(NULL), date, sizeof date);
  int n = snprintf(trace, sizeof trace,
                   "Return-Path: <%s>\r\nReceived: from %s (%s)\r\n\tby %s with %s; %s\r\n",
                   s->from, s->greeting, c->name, NAME, s->extended ? "ESMTP" : "SMTP", date);
  if (n < 0 || (size_t)n >= sizeof trace || !append(s, trace, (size_t)n)) s->failure = 451;
}

static void take_text(struct client *c, const char *line, size_t length) {
  struct session *s = c->session;
  if (!s->text && !s->failure) begin_text(c);
  if (s->failure) return;
  if (*line == '.') line++, length--;
  if (s->size + length + 2 > MAIL_MESSAGE_LIMIT)
    s->failure = 552;
  else if (!append(s, line, length) || !append(s, "\r\n", 2))
    s->failure = 451;
  if (s->failure) forget_text(s);
}

/* If one mailbox cannot take it, the client is to send it again, and others may get it twice:
 * better than not at all. */
static void deliver(struct client *c) {
  struct session *s = c->session;
  if (!s->text && !s->failure) begin_text(c);
  for (int i = 0; i < s->to_count && !s->failure; i++)
    if (mail_add(&s->to[i]->folders[0], s->text, s->size, MAIL_RECENT, time(NULL)))
      s->failure = 452;
    else
      client_log(c, "delivered from <%s> to <%s>, %zu bytes", s->from, s->to[i]->user, s->size);
  switch (s->failure) {
  case 0: client_puts(c, "250 Delivered\r\n"); break;
  case 452: refuse(c, "452 There is no room for it\r\n"); break;
  case 500: refuse(c, "500 It has a line that is too long\r\n"); break;
  case 552: refuse(c, "552 It is larger than a message may be\r\n"); break;
  default: refuse(c, "451 Try again later\r\n"); break;
  }
  reset(s);
}

/* --- events --- */

static void connected(struct client *c) {
  client_puts(c, "220 " NAME " ESMTP at your service\r\n");
}

static void line(struct client *c, char *text, size_t length) {
  struct session *s = c->session;
  if (s->state != DATA)
    obey(c, text);
  else if (length == 1 && *text == '.')
    deliver(c);
  else
    take_text(c, text, length);
}

static void too_long(struct client *c) {
  struct session *s = c->session;
  if (s->state != DATA) {
    refuse(c, "500 That line is too long\r\n");
    return;
  }
  s->failure = 500;
  forget_text(s);
}

static void idle(struct client *c) { client_puts(c, "421 " NAME " You are silent, closing\r\n"); }

static void gone(struct client *c) { forget_text(c->session); }

static const struct service smtp = {.session = sizeof(struct session),
                                    .line_limit = LINE_LIMIT,
                                    .patience = PATIENCE,
                                    .connected = connected,
                                    .line = line,
                                    .too_long = too_long,
                                    .idle = idle,
                                    .gone = gone};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 2, 25, "smtp [PORT [SPOOL]]");
  int error = mail_open(argc > 2 ? argv[2] : NULL);
  if (error) {
    fprintf(stderr, "smtp: %s: %s\n", argc > 2 ? argv[2] : "mail", strerror(-error));
    return EXIT_FAILURE;
  }
  service_open(port, &smtp, NULL);
  service_run();
}
