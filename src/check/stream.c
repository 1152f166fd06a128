/* TCP and stream sockets of AF_UNIX, as the other side uses them. */
#include "internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 64, RETRY_MS = 5, BYTE_MS = 1, TEXTS = 8, AFTER_MS = 50 };

union address {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  struct sockaddr_un un;
};

bool somebody_listened;

/* --- addresses --- */

static socklen_t local(union address *a, int family, const char *port) {
  in_port_t number = htons((in_port_t)atoi(port));
  memset(a, 0, sizeof *a);
  a->any.sa_family = (sa_family_t)family;
  if (family == AF_INET) {
    a->in.sin_port = number;
    a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof a->in;
  }
  a->in6.sin6_port = number;
  a->in6.sin6_addr = in6addr_loopback;
  return sizeof a->in6;
}

static socklen_t named(union address *a, const char *path) {
  memset(a, 0, sizeof *a);
  a->un.sun_family = AF_UNIX;
  snprintf(a->un.sun_path, sizeof a->un.sun_path, "%s", path);
  return sizeof a->un;
}

static const char *port_text(int port) {
  static char texts[TEXTS][8];
  static int next;
  char *text = texts[next++ % TEXTS];
  snprintf(text, sizeof texts[0], "%d", port & 0xffff);
  return text;
}

const char *port_of(int fd) {
  union address a;
  socklen_t size = sizeof a;
  if (failed() || getsockname(fd, &a.any, &size) == -1) return "";
  return port_text(ntohs(a.any.sa_family == AF_INET6 ? a.in6.sin6_port : a.in.sin_port));
}

/* A socket bound there, or -1. */
static int bound(int type, const union address *a, socklen_t size) {
  int yes = 1, fd = socket(a->any.sa_family, type | SOCK_CLOEXEC, 0);
  if (fd == -1) return -1;
  if (a->any.sa_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, &a->any, size) == 0) return fd;
  close(fd);
  return -1;
}

const char *free_port(void) {
  union address a;
  for (int tries = 0; tries < 100 && !failed(); tries++) {
    int stream = bound(SOCK_STREAM, &a, local(&a, AF_INET, "0"));
    const char *port = stream == -1 ? "0" : port_of(stream);
    int datagram = bound(SOCK_DGRAM, &a, local(&a, AF_INET, port));
    close(stream);
    close(datagram);
    if (stream != -1 && datagram != -1) return port;
  }
  fail("the checker finds no free port");
  return "";
}

/* --- listening and calling --- */

static int listen_at(const union address *a, socklen_t size) {
  if (failed()) return -1;
  int fd = bound(SOCK_STREAM | SOCK_NONBLOCK, a, size);
  if (fd == -1 || listen(fd, BACKLOG) == -1) fail("the checker cannot listen: %s", strerror(errno));
  return failed() ? -1 : fd;
}

int listen_tcp(void) {
  union address a;
  return listen_at(&a, local(&a, AF_INET, "0"));
}

int listen_tcp6(void) {
  union address a;
  return listen_at(&a, local(&a, AF_INET6, "0"));
}

int listen_unix(const char *path) {
  union address a;
  if (failed()) return -1;
  remove_later(path);
  return listen_at(&a, named(&a, path));
}

/* Each piece goes out in a segment of its own. */
static int ready(int fd) {
  int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* AF_UNIX has none */
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fd;
}

int caller(int listener) {
  long until = patience_end();
  while (!failed()) {
    const struct program *over = all_ended();
    int fd = accept(listener, NULL, NULL);
    if (fd != -1) return ready(fd);
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      fail("accept: %s", strerror(errno));
    else if (over != NULL)
      fail("%s before it connected", how_ended(over));
    else if (!attend(listener, POLLIN, until))
      fail("%s has not connected after %s", who(), in_words(patience_ms));
  }
  return -1;
}

/* connect, with its errno as the result. */
static int connect_until(int fd, const union address *a, socklen_t size, long until) {
  if (connect(fd, &a->any, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  struct pollfd p = {.fd = fd, .events = POLLOUT};
  while (poll(&p, 1, 0) == 0)
    if (!attend(fd, POLLOUT, until)) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

static int dial_to(const union address *a, socklen_t size, const char *where) {
  long until = patience_end();
  while (!failed()) {
    const struct program *over = all_ended();
    int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = fd == -1 ? errno : connect_until(fd, a, size, until);
    if (error == 0) somebody_listened = true;
    if (error == 0) return ready(fd);
    close(fd);
    bool early = error == ECONNREFUSED || error == ENOENT || error == EAGAIN;
    if (early && over == NULL && now_ms() < until) {
      pause_ms(RETRY_MS);
    } else if (over != NULL) {
      fail(somebody_listened ? "%s, and no longer listens %s" : "%s before it listened %s",
           how_ended(over), where);
    } else if (early) {
      fail("%s does not listen %s after %s", who(), where, in_words(patience_ms));
    } else {
      fail("connecting to %s %s: %s", who(), where, strerror(error));
    }
  }
  return -1;
}

static int dial_port(int family, const char *host, const char *port) {
  union address a;
  char where[64];
  snprintf(where, sizeof where, "at %s port %s", host, port);
  return dial_to(&a, local(&a, family, port), where);
}

int dial(const char *port) { return dial_port(AF_INET, "127.0.0.1", port); }
int dial6(const char *port) { return dial_port(AF_INET6, "::1", port); }

int dial_unix(const char *path) {
  union address a;
  char where[128];
  snprintf(where, sizeof where, "at %s", path);
  return dial_to(&a, named(&a, path), where);
}

/* --- saying --- */

static void send_all(int fd, const char *byte, size_t n) {
  long until = patience_end();
  while (n > 0 && !failed()) {
    ssize_t sent = send(fd, byte, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      byte += sent;
      n -= (size_t)sent;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      fail("%s closed the connection before it had heard everything", who());
    } else if (errno != EAGAIN && errno != EINTR) {
      fail("send: %s", strerror(errno));
    } else if (!attend(fd, POLLOUT, until)) {
      fail("%s does not read what is sent to it: %zu bytes are left after %s", who(), n,
           in_words(patience_ms));
    }
  }
}

void say_bytes(int fd, const void *bytes, size_t n) {
  if (failed()) return;
  note_sent(bytes, n, "");
  send_all(fd, bytes, n);
}

void say_bytes_slowly(int fd, const void *bytes, size_t n) {
  const char *byte = bytes;
  if (failed()) return;
  note_sent(bytes, n, ", byte by byte");
  for (size_t i = 0; i < n && !failed(); i++) {
    send_all(fd, &byte[i], 1);
    pause_ms(BYTE_MS);
  }
}

void say(int fd, const char *text) { say_bytes(fd, text, strlen(text)); }
void say_slowly(int fd, const char *text) { say_bytes_slowly(fd, text, strlen(text)); }

/* --- hearing --- */

enum heard { SOME, END, RESET, LATE };

/* What comes next, 1 to `most` bytes. flags: recv's. */
static enum heard receive(int fd, void *to, size_t most, int flags, long until, size_t *n) {
  *n = 0;
  while (!failed()) {
    ssize_t got = recv(fd, to, most, flags | MSG_DONTWAIT);
    if (got > 0) *n = (size_t)got;
    if (got >= 0) return got > 0 ? SOME : END;
    if (errno == ECONNRESET) return RESET;
    if (errno != EAGAIN && errno != EINTR) {
      fail("recv: %s", strerror(errno));
    } else if (!attend(fd, POLLIN, until)) {
      return LATE;
    }
  }
  return LATE;
}

static const char *in_a_sentence(enum heard heard) {
  static char late[64];
  if (heard == END) return "closed the connection";
  if (heard == RESET) return "reset the connection";
  snprintf(late, sizeof late, "said nothing more for %s", in_words(patience_ms));
  return late;
}

/* Fails with got, and what else has come by now. */
static void heard_wrong(int fd, char *got, size_t n, size_t room, const void *wanted, size_t size,
                        const char *why) {
  size_t more;
  long until = now_ms() + AFTER_MS;
  while (n < room && receive(fd, got + n, room - n, 0, until, &more) == SOME)
    n += more;
  size_t at = first_difference(got, wanted, n < size ? n : size);
  differ(shown_at(got, n, at), shown_at(wanted, size, at), "%s %s", who(), why);
}

void hear_bytes(int fd, const void *wanted, size_t size) {
  long until = patience_end();
  size_t room = size + LINE_LIMIT, n = 0, more;
  if (failed()) return;
  char *got = malloc(room);
  if (got == NULL) abort();
  while (n < size && !failed()) {
    enum heard heard = receive(fd, got + n, size - n, 0, until, &more);
    size_t same = first_difference(got + n, (const char *)wanted + n, more);
    n += more;
    if (failed()) break;
    if (same < more)
      heard_wrong(fd, got, n, room, wanted, size, "says something else than is wanted");
    else if (heard != SOME)
      heard_wrong(fd, got, n, n, wanted, size, in_a_sentence(heard));
  }
  free(got);
}

void hear(int fd, const char *wanted) { hear_bytes(fd, wanted, strlen(wanted)); }

const char *hear_line(int fd) {
  static char lines[TEXTS][LINE_LIMIT];
  static int next;
  char *line = lines[next++ % TEXTS];
  size_t n = 0, more;
  long until = patience_end();
  while (!failed()) {
    enum heard heard = receive(fd, line + n, LINE_LIMIT - 1 - n, MSG_PEEK, until, &more);
    const char *end = memchr(line + n, '\n', more);
    if (failed()) break;
    if (heard != SOME)
      differ(shown(line, n), "a line, with `\\n` at its end", "%s %s", who(), in_a_sentence(heard));
    more = end != NULL ? (size_t)(end - line) + 1 - n : more;
    if (more > 0) recv(fd, line + n, more, MSG_DONTWAIT);
    n += more;
    if (end != NULL) {
      n -= n > 1 && line[n - 2] == '\r' ? 2 : 1;
      line[n] = 0;
      return line;
    }
    if (n == LINE_LIMIT - 1) differ(shown(line, n), NULL, "%s says a line without end", who());
  }
  return "";
}

size_t hear_some(int fd, void *to, size_t most) {
  size_t n;
  if (failed()) return 0;
  enum heard heard = receive(fd, to, most, 0, patience_end(), &n);
  if (heard == RESET || heard == LATE) fail("%s %s", who(), in_a_sentence(heard));
  return failed() ? 0 : n;
}

size_t hear_all(int fd, void *to, size_t most) {
  char *text = to;
  size_t n = 0, more;
  long until = patience_end();
  while (!failed()) {
    char extra;
    enum heard heard =
        receive(fd, n < most ? text + n : &extra, n < most ? most - n : 1, 0, until, &more);
    if (failed()) break;
    if (heard == END) return n;
    if (heard == SOME && n == most)
      fail("%s says more than %zu bytes", who(), most);
    else if (heard != SOME)
      differ(shown(text, n), "this, and then the end of the connection", "%s %s", who(),
             in_a_sentence(heard));
    n += more;
  }
  return 0;
}

static void end_comes(int fd, bool reset_too) {
  char got[LINE_LIMIT];
  size_t n;
  if (failed()) return;
  enum heard heard = receive(fd, got, sizeof got, 0, patience_end(), &n);
  if (failed() || heard == END || (heard == RESET && reset_too)) return;
  if (heard == SOME)
    differ(shown(got, n), "the end of the connection", "%s says more than is wanted", who());
  else if (heard == RESET)
    fail("%s reset the connection: it closed it before it had read everything", who());
  else
    fail("%s has not closed the connection after %s", who(), in_words(patience_ms));
}

void hear_end(int fd) { end_comes(fd, false); }
void hear_gone(int fd) { end_comes(fd, true); }

void hear_nothing(int fd, int ms) {
  char got[LINE_LIMIT];
  size_t n;
  if (failed()) return;
  enum heard heard = receive(fd, got, sizeof got, 0, now_ms() + ms, &n);
  if (failed() || heard == LATE) return;
  if (heard == SOME)
    differ(shown(got, n), "nothing yet", "%s says something too early", who());
  else
    fail("%s %s too early", who(), in_a_sentence(heard));
}

/* --- ending --- */

void end_sending(int fd) {
  if (!failed()) shutdown(fd, SHUT_WR);
}

void hang_up(int fd) {
  if (!failed()) close(fd);
}

void hang_up_rudely(int fd) {
  struct linger none = {.l_onoff = 1, .l_linger = 0};
  if (failed()) return;
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(fd);
}
