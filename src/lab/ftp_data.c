/* FTP's data connections, and what goes over them: see ftp_session.h. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "ftp_session.h"

enum { AT_ONCE = 8192, WAIT = 30000 /* ms, for a data connection */, PATIENCE = 60 /* seconds */ };

static const struct service data_service;

/* The session that the data connection is of, or NULL. */
static struct client *control_of(const struct client *data) {
  for (struct client *c = NULL; (c = client_next(c));) {
    struct ftp_session *s = c->session;
    if (c->service != data->service && s->data == data) return c;
  }
  return NULL;
}

/* --- before a transfer --- */

/* The address as IPv6 has it: IPv4's behind ::ffff: */
static struct in6_addr address_of(const struct sockaddr_storage *a) {
  struct in6_addr six = {{{[10] = 255, [11] = 255}}};
  if (a->ss_family == AF_INET6) return ((const struct sockaddr_in6 *)a)->sin6_addr;
  memcpy(&six.s6_addr[12], &((const struct sockaddr_in *)a)->sin_addr, 4);
  return six;
}

bool ftp_is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b) {
  struct in6_addr one = address_of(a), other = address_of(b);
  return !memcmp(&one, &other, sizeof one);
}

static void forget_data(struct ftp_session *s) {
  if (s->passive) listener_close(s->passive);
  s->passive = NULL;
  s->active_length = 0;
  struct client *data = s->data;
  s->data = NULL;
  s->connected = false;
  if (data) client_abort(data);
}

void ftp_active(struct client *c, const struct sockaddr_storage *to, socklen_t length) {
  struct ftp_session *s = c->session;
  forget_data(s);
  s->active = *to;
  s->active_length = length;
}

int ftp_passive(struct client *c) {
  struct ftp_session *s = c->session;
  forget_data(s);
  s->passive = listener_open(0, &data_service, c);
  return s->passive ? listener_port(s->passive) : -1;
}

bool ftp_can_transfer(const struct ftp_session *s) {
  return s->data || s->passive || s->active_length;
}

/* --- a transfer --- */

static void free_transfer(struct ftp_session *s) {
  if (s->transfer == FTP_SEND || s->transfer == FTP_RECEIVE) tree->close(&s->file);
  free(s->text);
  s->text = NULL;
  s->text_size = s->text_room = 0;
  s->transfer = FTP_NONE;
  s->restart = s->at = 0;
  s->after_cr = false;
}

void ftp_end(struct client *c, const char *reply) {
  struct ftp_session *s = c->session;
  free_transfer(s);
  forget_data(s);
  client_alarm(c, FTP_PATIENCE);
  if (reply) client_puts(c, reply);
  if (s->quitting) ftp_leave(c);
}

void ftp_give_up(struct client *c) {
  struct ftp_session *s = c->session;
  if (s->transfer && !s->connected) ftp_end(c, "425 The data connection has not come\r\n");
}

static void set_off(struct ftp_session *s) {
  client_hold(s->data, false);
  client_produce(s->data, s->transfer != FTP_RECEIVE);
}

/* The port that data connections are made from is the one before that of the control connection. */
static int data_port(const struct client *c) {
  struct sockaddr_storage here = {0};
  socklen_t length = sizeof here;
  getsockname(c->fd, (struct sockaddr *)&here, &length);
  return ntohs(here.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&here)->sin6_port
                                          : ((struct sockaddr_in *)&here)->sin_port) -
         1;
}

void ftp_begin(struct client *c, enum ftp_transfer transfer, const char *what) {
  struct ftp_session *s = c->session;
  s->transfer = transfer;
  s->at = s->restart;
  if (s->active_length) {
    s->data = client_connect(data_port(c), (struct sockaddr *)&s->active, s->active_length,
                             &data_service, c);
    s->active_length = 0;
    if (!s->data) {
      ftp_end(c, "425 You cannot be reached there\r\n");
      return;
    }
  }
  client_printf(c, "150 %s: over the data connection\r\n", what);
  client_alarm(c, WAIT);
  if (s->connected) set_off(s);
}

/* --- events of a data connection --- */

static void connected(struct client *data) {
  struct client *c = data->context; /* it is there: its end would have closed listener and data */
  struct ftp_session *s = c->session;
  client_hold(data, true);
  if (data != s->data) { /* it came to the listener */
    if (s->data || !ftp_is_same_host(&data->address, &c->address)) {
      client_log(data, "has no business here");
      client_abort(data);
      return;
    }
    s->data = data;
    listener_close(s->passive);
    s->passive = NULL;
  }
  s->connected = true;
  if (s->transfer) set_off(s);
}

/* Puts a CR before each LF that has none. */
static void send_ascii(struct ftp_session *s, const char *bytes, size_t size) {
  for (size_t i = 0; i < size;) {
    const char *end = memchr(bytes + i, '\n', size - i);
    size_t length = end ? (size_t)(end - bytes) - i : size - i;
    if (length)
      client_write(s->data, bytes + i, length), s->after_cr = bytes[i + length - 1] == '\r';
    if (end && !s->after_cr) client_puts(s->data, "\r");
    if (end) client_puts(s->data, "\n"), s->after_cr = false;
    i += length + (end != NULL);
  }
}

/* Puts out some more. The size; 0: there is no more; or -errno. */
static ssize_t send_more(struct ftp_session *s) {
  char bytes[AT_ONCE];
  if (s->transfer == FTP_TEXT) {
    size_t size = s->text_size - (size_t)s->at < AT_ONCE ? s->text_size - (size_t)s->at : AT_ONCE;
    if (size) client_write(s->data, s->text + s->at, size);
    s->at += (off_t)size;
    return (ssize_t)size;
  }
  ssize_t n = tree->read(&s->file, s->at, bytes, sizeof bytes);
  if (n <= 0) return n;
  s->at += n;
  if (s->binary)
    client_write(s->data, bytes, (size_t)n);
  else
    send_ascii(s, bytes, (size_t)n);
  return n;
}

/* The end is told once all has been given to the system. */
static void room(struct client *data) {
  struct client *c = control_of(data);
  struct ftp_session *s = c ? c->session : NULL;
  ssize_t n = s ? send_more(s) : -1;
  if (n > 0 || (!n && client_pending(data))) return;
  if (s && !n) {
    s->data = NULL;
    client_close(data);
  }
  if (s) ftp_end(c, n ? "451 It cannot be read\r\n" : "226 That was all\r\n");
}

static ssize_t write_all(struct ftp_session *s, const char *bytes, size_t size) {
  while (size) {
    ssize_t n = tree->write(&s->file, s->at, bytes, size);
    if (n < 0) return n;
    bytes += n;
    size -= (size_t)n;
    s->at += n;
  }
  return 0;
}

/* Writes what has come, in ASCII mode with LF for each CRLF. 0 or -errno. */
static ssize_t take_ascii(struct ftp_session *s, const char *bytes, size_t size) {
  char lines[AT_ONCE];
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    if (s->after_cr && bytes[i] != '\n') lines[n++] = '\r';
    s->after_cr = bytes[i] == '\r';
    if (!s->after_cr) lines[n++] = bytes[i];
  }
  return write_all(s, lines, n);
}

static size_t take_bytes(struct client *data, const char *bytes, size_t size) {
  struct client *c = control_of(data);
  struct ftp_session *s = c ? c->session : NULL;
  if (!s || s->transfer != FTP_RECEIVE) return size; /* nothing was to come */
  if (size > AT_ONCE / 2) size = AT_ONCE / 2;
  ssize_t error = s->binary ? write_all(s, bytes, size) : take_ascii(s, bytes, size);
  if (error)
    ftp_end(c, error == -ENOSPC || error == -EFBIG ? "552 There is no room for it\r\n"
                                                   : "451 It cannot be written\r\n");
  return size;
}

static void ended(struct client *data) {
  struct client *c = control_of(data);
  struct ftp_session *s = c ? c->session : NULL;
  if (!s || s->transfer != FTP_RECEIVE) return;
  ssize_t error = s->after_cr ? write_all(s, "\r", 1) : 0;
  ftp_end(c, error ? "451 It cannot be written\r\n" : "226 It is here\r\n");
}

static void gone(struct client *data) {
  struct client *c = control_of(data);
  struct ftp_session *s = c ? c->session : NULL;
  if (!s) return;
  bool lost = s->connected;
  s->data = NULL;
  s->connected = false;
  if (s->transfer)
    ftp_end(c,
            lost ? "426 The data connection is lost\r\n" : "425 You cannot be reached there\r\n");
}

static const struct service data_service = {.patience = PATIENCE,
                                            .raw = true,
                                            .connected = connected,
                                            .bytes = take_bytes,
                                            .room = room,
                                            .ended = ended,
                                            .gone = gone};
