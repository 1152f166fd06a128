/* What the lab's servers share: one loop that polls, and clients, each with lines or bytes coming
 * in and buffered output going out, so that no client waits for another.
 *
 * A server fills in a struct service and, in main, calls
 *   service_open(service_port(argc, argv, 1, 7, "echo [PORT]"), &echo, NULL);
 *   service_run();
 * All else happens in the functions of the struct, which the loop calls and which never wait. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct client;
struct listener;

/* What a server does at each event. NULL: nothing, unless told otherwise. */
struct service {
  size_t session;    /* bytes that it keeps for each client, in client->session: zero at first */
  size_t line_limit; /* the longest line that it takes, without its end */
  int patience;      /* seconds in which neither a byte comes in nor one goes out; 0: no limit */
  bool raw;          /* begin with bytes, not with lines */

  void (*connected)(struct client *);
  /* A line, that ended in CRLF or LF. Without its end, but with a 0 after it; there may be more of
   * them in it. It may be written to, and is gone after the call. */
  void (*line)(struct client *, char *line, size_t length);
  /* One longer than line_limit; nothing of it is passed on. */
  void (*too_long)(struct client *);
  /* In raw mode: what has come. Answers how many it took; the rest comes again with what comes
   * next, or at once if it took some. Of 4096 it must take some. */
  size_t (*bytes)(struct client *, const char *bytes, size_t size);
  /* While client_produce is on: there is room for output. */
  void (*room)(struct client *);
  /* The client sends no more, and all it sent was passed on. NULL: client_close. */
  void (*ended)(struct client *);
  void (*alarm)(struct client *); /* see client_alarm */
  void (*idle)(struct client *);  /* patience is over: time for a last word, client_close follows */
  void (*gone)(struct client *);  /* however it ended; no calls follow, and the client is freed */
};

/* To be read, not written, but for what the session holds. */
struct client {
  int fd;
  const struct service *service;
  void *session;
  void *context; /* as given to listener_open or client_connect */
  struct sockaddr_storage address;
  char name[64]; /* as text: 10.0.0.1:49153 or [fd00::1]:49153 */
  int error;     /* an errno: why the connection was lost, or was never made; else 0 */

  /* service.c's own */
  struct client *next;
  enum { CONNECTING, OPEN, DRAINING, LINGERING, DEAD } state;
  bool raw, held, producing, skipping, in_ended, end_told;
  char *in, *out;
  size_t in_used, in_limit, out_sent, out_size, out_room;
  int64_t active, alarm; /* ms */
  int polled;
};

/* ---- set-up ---- */

/* The port of the command line, NAME [PORT [...]] with at most `most` words after the name; ends
 * the program with the usage if that is not what it says. */
int service_port(int argc, char **argv, int most, int standard, const char *usage);

/* Listens on a port (0: any free one) and says so: "NAME: waiting on port N". With `datagram`, on
 * the UDP port of the same number too; it is called when there is something to receive. Ends the
 * program if it cannot. */
struct listener *service_open(int port, const struct service *, void (*datagram)(int socket));

_Noreturn void service_run(void);

/* ---- datagrams ---- */

/* Receives one, without waiting. Its size; -1: there is none to answer. One from a service's own
 * port (below 1024) is not to be answered either: two servers would go on answering each other. */
ssize_t datagram_receive(int socket, void *to, size_t size, struct sockaddr_storage *from);
void datagram_answer(int socket, const void *data, size_t size, const struct sockaddr_storage *to);

/* ---- more connections, such as FTP's ---- */

/* NULL and errno: not possible. `context` is for the clients that come. */
struct listener *listener_open(int port, const struct service *, void *context);
int listener_port(const struct listener *);
void listener_close(struct listener *);

/* Connects, from the port `from` of this host if that may be had (0: any); `connected` is called
 * when that is done, or `gone` when it failed. NULL and errno: it failed at once. */
struct client *client_connect(int from, const struct sockaddr *to, socklen_t length,
                              const struct service *, void *context);

/* ---- a client ---- */

/* Output is kept until it can be sent. While more than 64 KB are kept, nothing of the client's is
 * passed on; one that would make it more than 1 MB has its connection cut. */
void client_write(struct client *, const void *data, size_t size);
void client_puts(struct client *, const char *text);
__attribute__((format(printf, 2, 3))) void client_printf(struct client *, const char *format, ...);
size_t client_pending(const struct client *); /* bytes that are kept */

void client_raw(struct client *, bool on);     /* bytes instead of lines, from the next byte on */
void client_hold(struct client *, bool on);    /* nothing of the client's is passed on until off */
void client_produce(struct client *, bool on); /* call `room` whenever less than 32 KB are kept */
void client_alarm(struct client *, int ms);    /* call `alarm` then, once; 0: not any more */
void client_close(struct client *);            /* once all its output has been sent */
void client_abort(struct client *);            /* now */

/* A line of the log about the client; what cannot be printed is shown as '?'. */
__attribute__((format(printf, 2, 3))) void client_log(struct client *, const char *format, ...);

/* All clients: begin with NULL, until NULL. */
struct client *client_next(struct client *);
