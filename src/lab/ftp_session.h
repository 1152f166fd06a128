/* An FTP session (RFC 959), between the files that serve it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include "service.h"
#include "tree.h"

enum { FTP_PATIENCE = 300000 }; /* ms in which a client without a transfer may be silent */
enum ftp_transfer { FTP_NONE, FTP_TEXT, FTP_SEND, FTP_RECEIVE }; /* text: a list of files */

struct ftp_session {
  enum { NOBODY, ANONYMOUS, ALICE } who;
  bool guest, named;          /* what USER said: guest: anonymous; named: alice */
  bool binary, extended_only; /* TYPE I; EPSV ALL */
  bool quitting;              /* as soon as the transfer has ended */
  int guesses, errors;
  char folder[TREE_PATH_LIMIT], rename[TREE_PATH_LIMIT]; /* rename: what RNFR said, or "" */
  off_t restart;

  /* the data connection: where to connect to, or where it is waited for, or what it is */
  struct sockaddr_storage active;
  socklen_t active_length;
  struct listener *passive;
  struct client *data;
  bool connected; /* it is */

  enum ftp_transfer transfer; /* under way, or waiting for the data connection */
  char *text;
  size_t text_size, text_room;
  struct tree_file file;
  off_t at;
  bool after_cr; /* the last byte was a CR */
};

/* --- ftp.c --- */

/* Says good-bye. */
void ftp_leave(struct client *c);

/* --- ftp_data.c: data connections, and what goes over them --- */

void ftp_active(struct client *c, const struct sockaddr_storage *to, socklen_t length);
/* The port that is listened on; -1 and errno. */
int ftp_passive(struct client *c);
/* Whether both addresses are of one host, whatever their ports are. */
bool ftp_is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

/* Begins a transfer, with a reply; what it needs is in the session, which forgets it in the end.
 * There may be no data connection yet, but ftp_can_transfer must have said yes. */
bool ftp_can_transfer(const struct ftp_session *s);
void ftp_begin(struct client *c, enum ftp_transfer transfer, const char *what);
/* Ends it, closes the data connection or what was to become one, and says so if reply is not NULL.
 */
void ftp_end(struct client *c, const char *reply);
/* Time is over for the data connection to be there. */
void ftp_give_up(struct client *c);

/* --- ftp_list.c --- */

enum ftp_style { FTP_LIST, FTP_NLST, FTP_MLSD };

/* Fills session->text. 0 or -errno. */
int ftp_list(struct ftp_session *s, const char *path, enum ftp_style style);
/* The facts of RFC 3659 with a space behind them; at most 128 bytes. */
void ftp_facts(const struct ftp_session *s, const struct tree_status *status, char *to);
bool ftp_may_change(const struct ftp_session *s, const char *path);
