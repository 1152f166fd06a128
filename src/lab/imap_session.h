/* An IMAP session (RFC 3501), between the files that serve it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mail.h"
#include "service.h"

enum { IMAP_TAG_LIMIT = 64, IMAP_WORD_LIMIT = 256, IMAP_LINE_LIMIT = 8192 };

/* --- imap_text.c: the parts of a command, and of an answer --- */

struct imap_reader { /* what of a command has not been read yet */
  const char *at, *end;
};

/* Each takes something if it comes next, and says whether it did. What is copied has a 0 behind
 * it, and is not taken if it needs more than `room`. */
bool imap_take(struct imap_reader *r, char c);
bool imap_take_word(struct imap_reader *r, char *to, size_t room); /* letters, digits, dots, - */
bool imap_take_atom(struct imap_reader *r, const char *also, char *to, size_t room);
bool imap_take_string(struct imap_reader *r, char *to, size_t room); /* an astring */
bool imap_take_literal(struct imap_reader *r, const char **bytes, size_t *size);
bool imap_take_number(struct imap_reader *r, uint32_t *number);
bool imap_take_flags(struct imap_reader *r, unsigned *flags); /* in parentheses, or bare */
bool imap_at_end(const struct imap_reader *r);

struct imap_set { /* such as 1,3:5,9:* */
  const char *text;
  size_t size;
};

bool imap_take_set(struct imap_reader *r, struct imap_set *to);
/* last: what `*` is. */
bool imap_set_has(const struct imap_set *set, uint32_t number, uint32_t last);
bool imap_set_is_within(const struct imap_set *set, uint32_t last);

void imap_put_string(struct client *c, const char *text, size_t size);
void imap_put_flags(struct client *c, unsigned flags);

/* --- imap_message.c: what a message is made of --- */

/* The value of the header's field, unfolded, to be freed; NULL: there is none, or no memory. */
char *imap_field(const struct message *m, const char *name);
/* The header's fields that are (or are not) in the list, as they stand, to be freed. */
char *imap_fields(const struct message *m, const char *list, bool not_in, size_t *size);
void imap_put_envelope(struct client *c, const struct message *m);
/* Its limit: every message is shown as one part, of text. */
void imap_put_structure(struct client *c, const struct message *m, bool extended);

/* --- imap.c --- */

struct imap_seen { /* a message as the client knows it */
  struct message *message;
  unsigned told; /* its flags */
  bool recent;
};

struct imap_session {
  enum { GREETED = 1, AUTHENTICATED = 2, SELECTED = 4 } state; /* also as a set */
  struct account *account;
  struct folder *folder;
  bool read_only;
  struct imap_seen *view; /* the messages by number, which change only when that is told */
  size_t count;

  char tag[IMAP_TAG_LIMIT];
  char *command; /* as it came, with its literals */
  size_t size, room;
  size_t literal; /* bytes of one that are to come */
  bool refused;   /* the command is too large: it is passed over */
  enum { COMMANDS, PLAIN, IDLING } talk;
  int errors, guesses;
  struct imap_fetch *fetch; /* under way */
};

/* The end of a command: OK, NO or BAD, and a text. */
void imap_answer(struct client *c, const char *how, const char *text);

/* --- imap_commands.c --- */

#define IMAP_CAPABILITIES "IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ IDLE UNSELECT"

/* r: what follows the command's name */
void imap_obey(struct client *c, const char *name, struct imap_reader *r);
/* A line that is no command: the end of IDLE, or what AUTHENTICATE waits for. */
void imap_go_on(struct client *c, const char *line);
void imap_idle_alarm(struct client *c);

/* --- imap_view.c: the selected folder, as the client knows it --- */

unsigned imap_flags_of(const struct imap_seen *seen);
uint32_t imap_last_uid(const struct imap_session *s);
/* Tells what has changed; of messages that are gone only if their numbers may change now. */
void imap_tell(struct client *c, bool numbers_may_change);
void imap_select(struct client *c, struct imap_reader *r, bool read_only);
void imap_deselect(struct imap_session *s);
/* Removes what is marked as deleted. */
void imap_expunge(struct imap_session *s);
void imap_store(struct client *c, struct imap_reader *r, bool by_uid);
void imap_copy(struct client *c, struct imap_reader *r, bool by_uid);

/* --- imap_fetch.c --- */

/* Begins to answer a FETCH; it goes on in imap_fetch_more whenever there is room, until it answers
 * the command. */
void imap_fetch(struct client *c, struct imap_reader *r, bool by_uid);
void imap_fetch_more(struct client *c);
void imap_fetch_end(struct imap_session *s); /* also in its middle */

/* --- imap_search.c --- */

void imap_search(struct client *c, struct imap_reader *r, bool by_uid);
/* The day that the text begins with, such as 2-Mar-2026, and how much of it that is; -1: none. */
time_t imap_day(const char *text, char between, int *length);
