/* What the arguments of a traced call refer to in its program's memory, as the pieces of its record
 * (trace.h). What cannot be read is left out: the call itself says EFAULT. */
#include "trace_capture.h"
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

enum {
  PATH_KEPT = 1024,
  VECTOR_KEPT = 16,
  MESSAGES_KEPT = 8,
  ENTRIES_KEPT = 64,
  STRINGS_KEPT = 32
};

static const uint8_t types[CALLS][TRACE_ARGUMENTS] = {
#define ROW(name, shown, class, ...) [CALL_##name] = {__VA_ARGS__},
    TRACE_CALLS(ROW)
#undef ROW
};

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Room for a piece with `length` of `full` bytes; NULL: there is none. */
static uint8_t *piece(struct tracing *t, int argument, bool after, int part, size_t length,
                      size_t full) {
  size_t used = t->record.size - sizeof t->record, padded = (length + 7) & ~(size_t)7;
  struct trace_piece p = {.argument = (uint8_t)argument,
                          .after = after,
                          .part = (uint16_t)part,
                          .length = (uint32_t)length,
                          .full = full};
  if (used + sizeof p + padded > PIECES_ROOM) return NULL;
  uint8_t *at = t->pieces + used;
  memcpy(at, &p, sizeof p);
  memset(at + sizeof p, 0, padded);
  t->record.size += (uint32_t)(sizeof p + padded);
  t->record.pieces++;
  return at + sizeof p;
}

static void piece_drop(struct tracing *t, size_t length) {
  t->record.size -= (uint32_t)(sizeof(struct trace_piece) + ((length + 7) & ~(size_t)7));
  t->record.pieces--;
}

void trace_piece(struct tracing *t, int argument, bool after, int part, const void *from,
                 size_t n) {
  size_t length = smaller(n, t->bytes > 256 ? t->bytes : 256);
  uint8_t *to = piece(t, argument, after, part, length, n);
  if (to && length) memcpy(to, from, length);
}

/* `full` bytes of the program's, of which at most `kept` are. False: they cannot be read. */
static bool keep(struct tracing *t, int argument, bool after, int part, uptr from, size_t full,
                 size_t kept) {
  size_t length = smaller(full, kept);
  uint8_t *to = from ? piece(t, argument, after, part, length, full) : NULL;
  if (!to) return false;
  if (!copy_from_user(to, from, length)) return true;
  piece_drop(t, length);
  return false;
}

static void keep_string(struct tracing *t, int argument, bool after, uptr from) {
  char text[PATH_KEPT];
  int n = from ? user_string(text, from, sizeof text) : -EFAULT;
  if (n == -EFAULT) return;
  size_t length = n < 0 ? sizeof text : (size_t)n;
  uint8_t *to = piece(t, argument, after, 0, length, length);
  if (to) memcpy(to, text, length);
}

/* A call's argument that is a vector of strings: joined, each ended by NUL. */
static void keep_strings(struct tracing *t, int argument, uptr from) {
  char text[PATH_KEPT];
  size_t used = 0, count = 0;
  for (uptr string; from && !copy_from_user(&string, from, sizeof string) && string;
       from += sizeof string, count++) {
    int n = count < STRINGS_KEPT ? user_string(text + used, string, sizeof text - used) : -1;
    if (n >= 0) used += (size_t)n + 1;
  }
  uint8_t *to = piece(t, argument, false, 0, used, count);
  if (to) memcpy(to, text, used);
}

/* `most`: bytes that are in the buffers. */
static void keep_vector(struct tracing *t, int argument, bool after, int part, uptr iov,
                        size_t count, size_t most) {
  struct user_iovec v[VECTOR_KEPT];
  size_t n = smaller(count, VECTOR_KEPT), left = t->bytes;
  if (!keep(t, argument, after, part + TRACE_VECTOR, iov, count * sizeof *v, sizeof v)) return;
  if (copy_from_user(v, iov, n * sizeof *v)) return;
  for (size_t i = 0; i < n && most; i++) {
    size_t full = smaller(v[i].length, most);
    keep(t, argument, after, part + TRACE_BUFFER + (int)i, v[i].base, full, left);
    most -= full;
    left -= smaller(left, full);
  }
}

static void keep_message(struct tracing *t, int argument, bool after, int part, uptr from,
                         size_t most) {
  struct msghdr m;
  if (!keep(t, argument, after, part, from, sizeof m, sizeof m)) return;
  if (copy_from_user(&m, from, sizeof m)) return;
  keep(t, argument, after, part + TRACE_NAME, (uptr)m.msg_name, m.msg_namelen, SOCKADDR_LIMIT);
  keep(t, argument, after, part + TRACE_CONTROL, (uptr)m.msg_control, m.msg_controllen,
       TRACE_BYTES);
  keep_vector(t, argument, after, part, (uptr)m.msg_iov, (size_t)m.msg_iovlen, most);
}

static void keep_messages(struct tracing *t, int argument, bool after, uptr from, size_t count) {
  struct mmsghdr m;
  for (size_t i = 0; i < count && i < MESSAGES_KEPT; i++, from += sizeof m) {
    if (!from || copy_from_user(&m, from, sizeof m)) return;
    keep_message(t, argument, after, (int)i * TRACE_PARTS, from, after ? m.msg_len : SIZE_MAX);
  }
}

/* The value behind a pointer to a variable argument. */
static void take_variable(struct tracing *t, int argument) {
  int64_t *a = &t->record.arguments[argument];
  uptr value = 0;
  int word;
  if (*a && types[t->record.call][argument - 1] == T_OPEN_FLAGS) {
    if (!copy_from_user(&word, (uptr)*a, sizeof word)) value = (uptr)word;
  } else if (*a)
    copy_from_user(&value, (uptr)*a, sizeof value);
  *a = (int64_t)value;
}

static size_t length_at(uptr at) {
  unsigned length;
  return at && !copy_from_user(&length, at, sizeof length) ? length : 0;
}

/* Of types whose size is always the same. 0: it is none of them. */
static size_t fixed_size(enum trace_type type) {
  switch (type) {
  case T_LENGTH_AT: return sizeof(unsigned);
  case T_TIMEVAL: return sizeof(struct timeval);
  case T_TIMESPEC:
  case T_TIMESPEC_OUT: return sizeof(struct timespec);
  case T_SIGSET:
  case T_SIGSET_OUT: return sizeof(uint64_t);
  case T_ACTION:
  case T_ACTION_OUT: return 2 * sizeof(uptr) + sizeof(sigset_t) + sizeof(uptr);
  case T_INTS_OUT: return 2 * sizeof(int);
  case T_STATUS_OUT: return sizeof(int);
  case T_SIGINFO_OUT: return sizeof(siginfo_t);
  case T_EVENT: return sizeof(struct epoll_event);
  case T_ITIMERVAL:
  case T_ITIMERVAL_OUT: return sizeof(struct itimerval);
  case T_ITIMERSPEC:
  case T_ITIMERSPEC_OUT: return sizeof(struct itimerspec);
  case T_LIMIT:
  case T_LIMIT_OUT: return 2 * sizeof(uint64_t);
  case T_STAT_OUT: return sizeof(struct stat);
  case T_POSITION: return sizeof(int64_t);
  default: return 0;
  }
}

static void capture_before(struct tracing *t, int n, enum trace_type type) {
  uptr at = (uptr)t->record.arguments[n];
  size_t next = n + 1 < TRACE_ARGUMENTS ? (size_t)(uptr)t->record.arguments[n + 1] : 0;
  switch (type) {
  case T_PATH: keep_string(t, n, false, at); return;
  case T_BYTES: keep(t, n, false, 0, at, next, t->bytes); return;
  case T_ADDRESS:
  case T_VALUE: keep(t, n, false, 0, at, next, SOCKADDR_LIMIT); return;
  case T_IOV: keep_vector(t, n, false, 0, at, next, SIZE_MAX); return;
  case T_IOV_OUT: keep_vector(t, n, false, 0, at, next, 0); return;
  case T_MESSAGE: keep_message(t, n, false, 0, at, SIZE_MAX); return;
  case T_MESSAGE_OUT: keep(t, n, false, 0, at, sizeof(struct msghdr), SIZE_MAX); return;
  case T_MESSAGES: keep_messages(t, n, false, at, next); return;
  case T_STRINGS:
  case T_ENVIRONMENT: keep_strings(t, n, at); return;
  case T_VARIABLE: take_variable(t, n); return;
  case T_LENGTH_AT:
  case T_TIMEVAL:
  case T_TIMESPEC:
  case T_SIGSET:
  case T_ACTION:
  case T_EVENT:
  case T_ITIMERVAL:
  case T_ITIMERSPEC:
  case T_LIMIT: keep(t, n, false, 0, at, fixed_size(type), SIZE_MAX); return;
  default: return;
  }
}

static void capture_after(struct tracing *t, int n, enum trace_type type) {
  uptr at = (uptr)t->record.arguments[n];
  uptr next = n + 1 < TRACE_ARGUMENTS ? (uptr)t->record.arguments[n + 1] : 0;
  size_t result = (size_t)t->record.result;
  switch (type) {
  case T_BYTES_OUT: keep(t, n, true, 0, at, result, t->bytes); return;
  case T_STRING_OUT: keep_string(t, n, true, at); return;
  case T_ADDRESS_OUT:
  case T_VALUE_OUT: keep(t, n, true, 0, at, length_at(next), SOCKADDR_LIMIT); return;
  case T_IOV_OUT: keep_vector(t, n, true, 0, at, (size_t)next, result); return;
  case T_MESSAGE_OUT: keep_message(t, n, true, 0, at, result); return;
  case T_MESSAGES_OUT: keep_messages(t, n, true, at, result); return;
  case T_EVENTS_OUT: {
    size_t one = sizeof(struct epoll_event);
    keep(t, n, true, 0, at, result * one, ENTRIES_KEPT * one);
    return;
  }
  case T_LENGTH_AT:
  case T_TIMESPEC_OUT:
  case T_SIGSET_OUT:
  case T_ACTION_OUT:
  case T_INTS_OUT:
  case T_STATUS_OUT:
  case T_SIGINFO_OUT:
  case T_ITIMERVAL_OUT:
  case T_ITIMERSPEC_OUT:
  case T_LIMIT_OUT:
  case T_STAT_OUT:
  case T_POSITION: keep(t, n, true, 0, at, fixed_size(type), SIZE_MAX); return;
  default: return;
  }
}

/* What a call changes of what it was given. */
static void capture_both(struct tracing *t, int n, bool after, enum trace_type type) {
  uptr at = (uptr)t->record.arguments[n];
  if (type == T_POLLFDS) {
    size_t one = sizeof(struct pollfd);
    keep(t, n, after, 0, at, (size_t)(uptr)t->record.arguments[n + 1] * one, ENTRIES_KEPT * one);
  } else if (type == T_FDSET) {
    enum { BITS = 8 * sizeof(long) };
    int64_t bits = t->record.arguments[0];
    size_t words = bits < 0 ? 0 : (size_t)(bits + BITS - 1) / BITS;
    keep(t, n, after, 0, at, words * sizeof(long), sizeof(fd_set));
  }
}

/* The socket that a descriptor is, if it is one. */
static void capture_socket(struct tracing *t, int about, bool after, int fd) {
  int error;
  struct file *f;
  struct socket *s = socket_get(fd, &error, &f);
  if (!s) return;
  uint8_t address[SOCKADDR_LIMIT];
  struct trace_socket to = {
      .inode = file_number(f), .domain = s->domain, .type = s->type, .protocol = s->protocol};
  int n = s->ops->name ? s->ops->name(s, false, address) : -1;
  if (n > 0)
    memcpy(to.local, address, to.local_length = (uint32_t)smaller((size_t)n, sizeof to.local));
  n = s->ops->name ? s->ops->name(s, true, address) : -1;
  if (n > 0)
    memcpy(to.peer, address, to.peer_length = (uint32_t)smaller((size_t)n, sizeof to.peer));
  trace_piece(t, about, after, 0, &to, sizeof to);
}

static bool makes_socket(int call) { return call == CALL_socket || call == CALL_accept4; }

void trace_capture(struct tracing *t, bool after) {
  const struct trace_record *r = &t->record;
  const uint8_t *type = types[r->call];
  bool ok = r->result >= 0;
  for (int n = 0; n < TRACE_ARGUMENTS; n++) {
    if (type[n] < T_REFERS) continue;
    if (!after)
      capture_before(t, n, type[n]);
    else if (ok || type[n] == T_LENGTH_AT)
      capture_after(t, n, type[n]);
    if (!after || ok) capture_both(t, n, after, type[n]);
  }
  if (type[0] == T_FD && !(after && r->call == CALL_fd_close))
    capture_socket(t, TRACE_ABOUT_SOCKET, after, (int)r->arguments[0]);
  if (after && ok && makes_socket(r->call))
    capture_socket(t, TRACE_ABOUT_RESULT, after, (int)r->result);
}
