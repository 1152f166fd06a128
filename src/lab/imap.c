/* An IMAP server (RFC 3501) for the mailboxes of alice, bob and carol, whose password is "harbour":
 * imap [PORT [SPOOL]]. SPOOL: the folder where smtp keeps what it delivers, which is INBOX then;
 * all else, flags too, is kept in memory. Here are events and input; see imap_session.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

enum {
  COMMAND_LIMIT = MAIL_MESSAGE_LIMIT + 2 * IMAP_LINE_LIMIT, /* with its literals */
  EARLY_LIMIT = 1024, /* ... before the client has logged in */
  PATIENCE = 1800,    /* seconds, as RFC 3501 wants */
  ERRORS = 20
};

void imap_answer(struct client *c, const char *how, const char *text) {
  struct imap_session *s = c->session;
  client_printf(c, "%s %s %s\r\n", *s->tag ? s->tag : "*", how, text);
  s->errors = strcmp(how, "BAD") ? 0 : s->errors + 1;
  if (s->errors < ERRORS) return;
  client_puts(c, "* BYE Too many errors\r\n");
  client_close(c);
}

/* --- commands, from lines and literals --- */

static bool append(struct imap_session *s, const char *bytes, size_t size) {
  if (s->size + size > (s->state == GREETED ? EARLY_LIMIT + IMAP_LINE_LIMIT : COMMAND_LIMIT))
    return false;
  if (s->size + size + 1 > s->room) {
    size_t room = 2 * (s->size + size) + 1;
    char *command = realloc(s->command, room);
    if (!command) return false;
    s->command = command;
    s->room = room;
  }
  memcpy(s->command + s->size, bytes, size);
  s->size += size;
  s->command[s->size] = 0;
  return true;
}

/* The command is forgotten, and what is left of it passed over. */
static void refuse(struct client *c, const char *how, const char *text) {
  struct imap_session *s = c->session;
  struct imap_reader r = {s->command, s->command + s->size};
  if (!s->size || !imap_take_atom(&r, "]", s->tag, sizeof s->tag)) *s->tag = 0;
  imap_answer(c, how, text);
  s->refused = true;
}

/* Whether the line ends in {N} or {N+}; a client that says + sends the bytes unasked. */
static bool announces_literal(const char *line, size_t length, uint32_t *size, bool *unasked) {
  const char *open = line + length;
  if (!length || *--open != '}') return false;
  while (open > line && *open != '{')
    open--;
  struct imap_reader r = {open, line + length};
  if (!imap_take(&r, '{') || !imap_take_number(&r, size)) return false;
  *unasked = imap_take(&r, '+');
  return imap_take(&r, '}') && imap_at_end(&r);
}

static void obey(struct client *c) {
  struct imap_session *s = c->session;
  struct imap_reader r = {s->command, s->command + s->size};
  char name[32];
  *s->tag = 0;
  if (!imap_take_atom(&r, "]", s->tag, sizeof s->tag) || strchr(s->tag, '+') ||
      !imap_take(&r, ' ') || !imap_take_word(&r, name, sizeof name)) {
    imap_answer(c, "BAD", "Say a tag, a space and a command, such as: a1 CAPABILITY");
    return;
  }
  imap_obey(c, name, &r);
}

static void begin_command(struct imap_session *s) {
  s->size = 0;
  s->refused = false;
  if (s->room <= IMAP_LINE_LIMIT) return; /* a large one's memory is given back */
  free(s->command);
  s->command = NULL;
  s->room = 0;
}

static void line(struct client *c, char *text, size_t length) {
  struct imap_session *s = c->session;
  uint32_t size = 0;
  bool unasked = false,
       literal = s->talk == COMMANDS && announces_literal(text, length, &size, &unasked);
  if (s->talk != COMMANDS) {
    imap_go_on(c, text);
    return;
  }
  if (!s->refused && !append(s, text, length)) refuse(c, "NO", "That is too much");
  bool fits = size <= COMMAND_LIMIT && append(s, "\r\n", literal ? 2 : 0) &&
              s->size + size <= (s->state == GREETED ? (size_t)EARLY_LIMIT : (size_t)COMMAND_LIMIT);
  if (literal && !s->refused && !fits) refuse(c, "NO", "[TOOBIG] That is too much");
  if (literal && (unasked || !s->refused)) {
    if (!unasked) client_puts(c, "+ Go on\r\n");
    s->literal = size;
    client_raw(c, size);
    return;
  }
  if (!s->refused) obey(c);
  if (!s->fetch) begin_command(s);
}

static size_t bytes(struct client *c, const char *from, size_t size) {
  struct imap_session *s = c->session;
  if (size > s->literal) size = s->literal;
  if (!s->refused && !append(s, from, size)) refuse(c, "NO", "[TOOBIG] That is too much");
  s->literal -= size;
  if (!s->literal) client_raw(c, false);
  return size;
}

static void too_long(struct client *c) {
  struct imap_session *s = c->session;
  *s->tag = 0;
  if (!s->refused) imap_answer(c, "BAD", "That line is too long");
  s->talk = COMMANDS;
  begin_command(s);
}

static void room(struct client *c) {
  struct imap_session *s = c->session;
  imap_fetch_more(c);
  if (!s->fetch) begin_command(s);
}

/* --- other events --- */

static void connected(struct client *c) {
  struct imap_session *s = c->session;
  s->state = GREETED;
  client_puts(c, "* OK [CAPABILITY " IMAP_CAPABILITIES "] imap.lab at your service\r\n");
}

static void idle(struct client *c) { client_puts(c, "* BYE You are silent\r\n"); }

static void gone(struct client *c) {
  struct imap_session *s = c->session;
  imap_deselect(s);
  imap_fetch_end(s);
  free(s->command);
}

static const struct service imap = {.session = sizeof(struct imap_session),
                                    .line_limit = IMAP_LINE_LIMIT,
                                    .patience = PATIENCE,
                                    .connected = connected,
                                    .line = line,
                                    .too_long = too_long,
                                    .bytes = bytes,
                                    .room = room,
                                    .alarm = imap_idle_alarm,
                                    .idle = idle,
                                    .gone = gone};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 2, 143, "imap [PORT [SPOOL]]");
  int error = mail_open(argc > 2 ? argv[2] : NULL);
  if (error) {
    fprintf(stderr, "imap: %s: %s\n", argc > 2 ? argv[2] : "mail", strerror(-error));
    return EXIT_FAILURE;
  }
  service_open(port, &imap, NULL);
  service_run();
}
