/* The mail of the lab's users, as smtp, pop3 and imap share it: a few built-in letters, kept in
 * memory, or the files of a spool folder, SPOOL/USER/NUMBER, one a message. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
  MAIL_MESSAGE_LIMIT = 256 * 1024, /* bytes of a message */
  MAIL_FOLDER_LIMIT = 2048 * 1024, /* ... of all messages of a folder */
  MAIL_COUNT_LIMIT = 1000,
  MAIL_FOLDERS = 4,
  MAIL_ACCOUNTS = 3
};

enum { /* flags of a message */
       MAIL_SEEN = 1,
       MAIL_ANSWERED = 2,
       MAIL_FLAGGED = 4,
       MAIL_DELETED = 8,
       MAIL_DRAFT = 16,
       MAIL_RECENT = 32 /* no session has been told of it yet */
};

struct message {
  uint32_t uid; /* rises within a folder; a spool file's name */
  unsigned flags;
  bool gone;   /* removed from its folder; lives until its last holder lets go */
  int holders; /* the folder is one */
  time_t arrived;
  size_t size;
  char *text; /* lines end in CRLF; a 0 follows the last */
};

struct folder {
  const char *name, *path; /* path: its folder in the spool, or NULL */
  uint32_t uid_validity, uid_next;
  struct message **messages; /* by uid */
  size_t count, bytes;
};

struct account {
  const char *user, *password, *name;
  struct folder folders[MAIL_FOLDERS]; /* the first is INBOX */
  bool locked;                         /* by a POP3 session */
};

extern struct account mail_accounts[MAIL_ACCOUNTS];

/* Before all else: fills the folders from a spool folder, which is made if it is not there, or if
 * that is NULL with the built-in letters. 0 or -errno. */
int mail_open(const char *spool);

/* NULL: no such user. The name is `size` characters in any case. */
struct account *mail_account(const char *user, size_t size);

/* NULL: no such folder. INBOX may be written in any case. */
struct folder *mail_folder(struct account *a, const char *name);

/* Takes in what is new in the spool, and removes what is gone from there. */
void mail_refresh(struct folder *f);

/* Copies `text` (LF and CRLF alike end its lines) to the end of a folder.
 * 0, -EFBIG: larger than a message may be, -ENOSPC: the folder is full, or another -errno. */
int mail_add(struct folder *f, const char *text, size_t size, unsigned flags, time_t arrived);
bool mail_is_full(const struct folder *f);

/* Removes a message from its folder, and from the spool. */
void mail_remove(struct folder *f, struct message *m);

struct message *mail_hold(struct message *m);
void mail_release(struct message *m);

/* Where the body begins, behind the empty line; the whole size if there is none. */
size_t mail_body(const struct message *m);

/* Writes a date as mail has it (RFC 5322); its length. */
size_t mail_date(time_t when, char *to, size_t size);

/* --- mail_letters.c: the built-in letters; the last has no user --- */

struct letter {
  const char *user, *folder;
  unsigned flags;
  time_t arrived;
  const char *text; /* without its Date; lines end in LF */
};
extern const struct letter mail_letters[];
