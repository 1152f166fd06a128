/* What the files of AF_UNIX share: unix.c has the sockets and their names, unix_data.c what is sent
 * between them, unix_rights.c the descriptors that go with it. */
#ifndef PORTSIDE_UNIX_H
#define PORTSIDE_UNIX_H

#include "kernel.h"
#include <sys/socket.h>
#include <sys/un.h>

enum { CLOSED_RECEIVE = 1, CLOSED_SEND = 2, CLOSED_BOTH = 3 };
enum { UNNAMED = offsetof(struct sockaddr_un, sun_path) }; /* the length of no name */

/* Descriptors on their way (SCM_RIGHTS); it holds the files. */
enum { RIGHTS_LIMIT = 253 };
struct rights {
  struct rights *next;
  int count;
  struct file *files[];
};

/* What goes with the bytes. */
struct cargo {
  struct rights *rights; /* or NULL */
  struct ucred credentials;
};

struct packet {
  struct packet *next;
  struct local *from; /* held, and charged for the packet */
  struct cargo cargo;
  size_t length, taken; /* taken: a stream's bytes that were received */
  uint8_t bytes[];
};

struct local_name {
  int references, length;
  uint8_t address[SOCKADDR_LIMIT]; /* struct sockaddr_un, and a NUL behind it */
};

enum local_state { LOCAL_IDLE, LOCAL_LISTENING, LOCAL_CONNECTED };

/* It lives as long as somebody refers to it: its file, its peer, a packet that it sent. */
struct local {
  struct socket s;
  struct local *next, **slot;             /* all of them */
  struct local *next_bound, **bound_slot; /* those with abstract names */
  int references;
  enum local_state state;
  bool dead;   /* closed */
  bool embryo; /* connected, and not yet accepted */
  int closed;  /* CLOSED_ bits */
  struct local *peer;
  struct local_name *name; /* NULL: none. An accepted socket has its listener's */
  struct inode *inode;     /* bound there */
  struct packet *first, **last;
  struct packet *urgent; /* one of them (MSG_OOB), a byte that was not yet fetched; or NULL */
  struct local *pending, *next_pending; /* a listener's embryos */
  int queued, most;                     /* packets or embryos; more than `most` is full */
  struct waitq drained;                 /* woken when there is room for one more, or it is dead */
  struct waiter relay;                  /* on the peer's `drained`, for those who poll this one */
  int sent;                             /* bytes of its packets that were not yet received */
  int in_flight;                        /* these three are the collector's: unix_rights.c */
  bool reached;
  struct local *work;
};

/* unix.c */
extern struct local *locals;
struct local *local_hold(struct local *u);
void local_put(struct local *u);
int local_find(struct local *u, const void *address, int length, struct local **to);
int local_autobind(struct local *u);
bool local_connects(const struct local *u); /* SOCK_STREAM, SOCK_SEQPACKET */
bool local_full(const struct local *u);
bool local_writable(const struct local *u);
void local_watch_peer(struct local *u); /* POLLOUT when its full peer has room */
void local_disconnected(struct local *u, struct local *from);

/* unix_data.c */
ssize_t local_send(struct socket *s, struct uio *from, struct msg *m);
ssize_t local_receive(struct socket *s, struct uio *to, struct msg *m);
size_t local_readable(const struct local *u); /* as FIONREAD has it */
bool local_at_mark(const struct local *u);    /* as SIOCATMARK has it */
bool local_unread(const struct local *u);     /* closing it now is a reset */
void local_purge(struct local *u);            /* throws away what it has not received */

/* unix_rights.c */
int cargo_take(struct cargo *c, const struct msg *m); /* from the sender's control messages */
void cargo_give(struct cargo *c, struct msg *m, bool credentials, bool keep);
void rights_free(struct rights *r); /* may close sockets; r may be NULL */

#endif
