/* Calls, argument by argument, as strace(1) prints them. */
#define _GNU_SOURCE
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { RESULT_COLUMN = 40 };

static const struct {
  const char *name;
  int classes;
  uint8_t types[TRACE_ARGUMENTS];
} calls[CALLS] = {
#define ROW(kernel, linux_name, class, ...) [CALL_##kernel] = {linux_name, class, {__VA_ARGS__}},
    TRACE_CALLS(ROW)
#undef ROW
};

/* A call as Linux's libc would have made it. */
struct shape {
  const char *name, *more; /* more: constant arguments at the end */
  uint8_t types[TRACE_ARGUMENTS];
  int count;
  int buffer; /* of a vector with one buffer: which; else -1 */
};

int call_classes(int call) { return calls[call].classes; }

/* The only buffer of a vector that is not empty; -1: there are more. */
static int only_buffer(const struct trace_record *r) {
  bool out = calls[r->call].types[1] == T_IOV_OUT;
  const struct trace_piece *p = record_piece(r, 1, out, TRACE_VECTOR);
  if (!p) return r->arguments[2] == 1 ? 0 : -1;
  int found = 0, filled = 0;
  for (size_t i = 0; i < p->length / sizeof(struct iovec); i++) {
    struct iovec v;
    memcpy(&v, (const char *)piece_bytes(p) + i * sizeof v, sizeof v);
    if (v.iov_len && !filled++) found = (int)i;
  }
  return filled > 1 || (uint64_t)p->length < p->full ? -1 : found;
}

static void as_buffer(struct shape *s, int buffer) {
  static const struct name single[] = {{CALL_fd_write, "write"},
                                       {CALL_fd_read, "read"},
                                       {CALL_fd_pwrite, "pwrite64"},
                                       {CALL_fd_pread, "pread64"},
                                       {0, NULL}};
  for (const struct name *n = single; n->name; n++)
    if (!strcmp(s->name, calls[n->value].name)) s->name = n->name;
  s->buffer = buffer;
}

static struct shape shape_of(const struct trace_record *r) {
  struct shape s = {.name = calls[r->call].name, .more = "", .buffer = -1};
  if (!s.name) s.name = "?";
  memcpy(s.types, calls[r->call].types, sizeof s.types);
  while (s.count < TRACE_ARGUMENTS && s.types[s.count])
    s.count++;
  switch (r->call) {
  case CALL_accept4:
    if (!r->arguments[3]) s.name = "accept", s.count = 3;
    break;
  case CALL_epoll_pwait:
    if (!r->arguments[4]) s.name = "epoll_wait", s.count = 4;
    break;
  case CALL_open:
    if (!(r->arguments[1] & O_CREAT)) s.count = 2;
    break;
  case CALL_openat:
    if (!(r->arguments[2] & O_CREAT)) s.count = 3;
    break;
  case CALL_fcntl64:
    if (r->arguments[1] == F_GETFL || r->arguments[1] == F_GETFD || r->arguments[1] == F_GETOWN)
      s.count = 2;
    break;
  case CALL_fd_seek: s.count = 3; break;
  case CALL_rt_sigaction:
  case CALL_rt_sigprocmask:
  case CALL_rt_sigtimedwait:
  case CALL_rt_sigpending:
  case CALL_rt_sigsuspend: s.more = ", 8"; break;
  case CALL_fd_write:
  case CALL_fd_read:
  case CALL_fd_pwrite:
  case CALL_fd_pread: {
    int buffer = only_buffer(r);
    if (buffer >= 0) as_buffer(&s, buffer);
  }
  }
  return s;
}

const char *call_name(const struct trace_record *r) { return shape_of(r).name; }

/* What is only known when the call returns. */
static bool is_out(enum trace_type type) {
  switch (type) {
  case T_BYTES_OUT:
  case T_STRING_OUT:
  case T_ADDRESS_OUT:
  case T_LENGTH_AT:
  case T_VALUE_OUT:
  case T_IOV_OUT:
  case T_MESSAGE_OUT:
  case T_MESSAGES_OUT:
  case T_TIMESPEC_OUT:
  case T_SIGSET_OUT:
  case T_ACTION_OUT:
  case T_INTS_OUT:
  case T_STATUS_OUT:
  case T_SIGINFO_OUT:
  case T_EVENTS_OUT:
  case T_ITIMERVAL_OUT:
  case T_ITIMERSPEC_OUT:
  case T_LIMIT_OUT:
  case T_STAT_OUT: return true;
  default: return false;
  }
}

/* --- arguments --- */

static void text_fd(struct text *t, const struct trace_record *r, int n,
                    const struct decode_options *o) {
  struct trace_socket s;
  text_add(t, "%lld", (long long)r->arguments[n]);
  if (o->sockets && !n && record_socket(r, TRACE_ABOUT_SOCKET, &s))
    text_socket(t, &s, o->sockets > 1);
}

/* The one buffer of a vector. */
static struct iovec buffer_of(const struct trace_record *r, const struct shape *s) {
  struct iovec v = {0};
  const struct trace_piece *p = record_piece(r, 1, s->types[1] == T_IOV_OUT, TRACE_VECTOR);
  if (!p) p = record_piece(r, 1, false, TRACE_VECTOR);
  if (p && p->length >= ((size_t)s->buffer + 1) * sizeof v)
    memcpy(&v, (const char *)piece_bytes(p) + (size_t)s->buffer * sizeof v, sizeof v);
  return v;
}

static void text_buffer(struct text *t, const struct trace_record *r, const struct shape *s,
                        const struct decode_options *o) {
  bool out = s->types[1] == T_IOV_OUT;
  const struct trace_piece *b = record_piece(r, 1, out, TRACE_BUFFER + s->buffer);
  struct iovec v = buffer_of(r, s);
  if (b)
    text_quoted(t, piece_bytes(b), b->length, (size_t)b->full, o->bytes);
  else if (!v.iov_len || (out && !r->result))
    text_add(t, "\"\"");
  else
    text_pointer(t, (int64_t)(uintptr_t)v.iov_base);
}

static void text_argument(struct text *t, const struct trace_record *r, const struct shape *s,
                          int n, const struct decode_options *o) {
  enum trace_type type = s->types[n];
  int64_t a = r->arguments[n];
  if (type == T_FD) {
    text_fd(t, r, n, o);
  } else if (type == T_DIRECTORY) {
    text_add(t, a == AT_FDCWD ? "AT_FDCWD" : "%lld", (long long)a);
  } else if (s->buffer >= 0 && n == 2) {
    text_add(t, "%llu", (unsigned long long)buffer_of(r, s).iov_len);
  } else if ((type == T_IOV || type == T_IOV_OUT) && n == 1) {
    if (s->buffer >= 0)
      text_buffer(t, r, s, o);
    else if (record_piece(r, n, type == T_IOV_OUT, TRACE_VECTOR))
      text_vector(t, r, n, type == T_IOV_OUT, 0, (size_t)r->arguments[2], o);
    else
      text_pointer(t, a);
  } else if (type == T_LENGTH_AT) {
    text_length_at(t, r, n);
  } else if (!text_value(t, r, n, type)) {
    const struct trace_piece *p = type > T_REFERS ? record_piece(r, n, is_out(type), 0) : NULL;
    const struct trace_piece *before = type == T_MESSAGE_OUT ? record_piece(r, n, false, 0) : NULL;
    struct msghdr m;
    if (!p && before && before->length == sizeof m)
      text_add(t, "{msg_namelen=%u}",
               (unsigned)((struct msghdr *)memcpy(&m, piece_bytes(before), sizeof m))->msg_namelen);
    else if (p)
      text_referred(t, r, n, type, p, o);
    else
      text_pointer(t, a);
  }
}

/* --- the whole --- */

/* The first argument that is not known on entry. */
static int first_out(const struct shape *s) {
  int n = 0;
  while (n < s->count && !is_out(s->types[n]))
    n++;
  return n;
}

static void text_arguments(struct text *t, const struct trace_record *r, const struct shape *s,
                           int from, int to, const struct decode_options *o) {
  for (int n = from; n < to; n++) {
    text_argument(t, r, s, n, o);
    if (n + 1 < s->count) text_add(t, ", ");
  }
}

int decode_count(const struct trace_record *r) { return shape_of(r).count; }

void decode_argument(struct text *t, const struct trace_record *r, int n,
                     const struct decode_options *o) {
  struct shape s = shape_of(r);
  if (r->kind != TRACE_CALL && is_out(s.types[n])) {
    text_pointer(t, r->arguments[n]);
  } else {
    text_argument(t, r, &s, n, o);
  }
}

void decode_entered(struct text *t, const struct trace_record *r, const struct decode_options *o) {
  struct shape s = shape_of(r);
  text_add(t, "%s(", s.name);
  text_arguments(t, r, &s, 0, first_out(&s), o);
}

void decode_left(struct text *t, const struct trace_record *r, const struct decode_options *o) {
  struct shape s = shape_of(r);
  text_arguments(t, r, &s, first_out(&s), s.count, o);
  text_add(t, "%s)", s.more);
}

static void text_select(struct text *t, const struct trace_record *r) {
  static const char *const names[] = {"", "in", "out", "except"};
  const char *between = " (";
  for (int n = 1; n < 4; n++) {
    const struct trace_piece *p = record_piece(r, n, true, 0);
    bool any = false;
    for (size_t i = 0; p && i < p->length; i++)
      any = any || ((const char *)piece_bytes(p))[i];
    if (!any) continue;
    text_add(t, "%s%s ", between, names[n]);
    text_fds(t, p, (int)r->arguments[0]);
    between = ", ";
  }
  if (*between == ',') text_add(t, ")");
}

/* What strace says behind the result of some calls. */
static void text_auxiliary(struct text *t, const struct trace_record *r) {
  const struct trace_piece *p;
  bool select = r->call == CALL__newselect || r->call == CALL_pselect6;
  bool poll = r->call == CALL_poll || r->call == CALL_ppoll;
  if ((select || poll) && !r->result) {
    text_add(t, " (Timeout)");
  } else if (select) {
    text_select(t, r);
  } else if (poll && (p = record_piece(r, 0, true, 0))) {
    text_add(t, " (");
    text_pollfds(t, p, true);
    text_add(t, ")");
  }
}

static void text_flags_result(struct text *t, const struct trace_record *r) {
  static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
  uint64_t flags = (uint64_t)r->result & ~(uint64_t)O_ACCMODE;
  if (r->arguments[1] == F_GETFD) {
    text_add(t, r->result ? "%#llx (flags FD_CLOEXEC)" : "0", (unsigned long long)r->result);
    return;
  }
  text_add(t, r->result ? "%#llx (flags %s" : "%llu (flags %s", (unsigned long long)r->result,
           modes[r->result & 3]);
  if (flags) text_add(t, "|");
  if (flags) text_flags(t, flags, open_flags, "O_???");
  text_add(t, ")");
}

void decode_result(struct text *t, const struct trace_record *r, const struct decode_options *o) {
  struct trace_socket s;
  const char *name = error_name((int)-r->result);
  if (r->kind == TRACE_GONE || r->kind == TRACE_WAITS) {
    text_add(t, "= ?");
  } else if (r->result == -TRACE_RESTARTS) {
    text_add(t, "= ? ERESTARTSYS (To be restarted if SA_RESTART is set)");
  } else if (r->result < 0 && r->result >= -4095) {
    text_add(t, name ? "= -1 %s (%s)" : "= -1 (errno %s%s)", name ? name : "",
             strerror((int)-r->result));
  } else if (r->call == CALL_fcntl64 &&
             (r->arguments[1] == F_GETFL || r->arguments[1] == F_GETFD)) {
    text_add(t, "= ");
    text_flags_result(t, r);
  } else if (r->call == CALL_fd_seek && record_piece(r, 3, true, 0)) {
    int64_t at;
    memcpy(&at, piece_bytes(record_piece(r, 3, true, 0)), sizeof at);
    text_add(t, "= %lld", (long long)at);
  } else if (r->call == CALL_umask) {
    text_add(t, "= 0%llo", (unsigned long long)r->result);
  } else {
    text_add(t, "= %lld", (long long)r->result);
    if (o->sockets && record_socket(r, TRACE_ABOUT_RESULT, &s)) text_socket(t, &s, o->sockets > 1);
    text_auxiliary(t, r);
  }
}

static void decode_start(struct text *t, const struct trace_record *r,
                         const struct decode_options *o) {
  const struct trace_piece *path = record_piece(r, 0, false, 0),
                           *list = record_piece(r, 1, false, 0);
  if (r->arguments[0] || !path || !list) {
    text_add(t, "strace: Process %d attached", (int)r->pid);
    return;
  }
  text_add(t, "execve(");
  text_quoted(t, piece_bytes(path), path->length, path->length, TRACE_BYTES);
  text_add(t, ", ");
  text_strings(t, list, o->bytes);
  text_add(t, r->result == 1 ? ", /* %lld var */)" : ", /* %lld vars */)", (long long)r->result);
  while (t->used < RESULT_COLUMN - 1)
    text_add(t, " ");
  text_add(t, " = 0");
}

static void decode_exit(struct text *t, int status) {
  if (status & 0x7f) {
    text_add(t, "+++ killed by ");
    text_signal(t, status & 0x7f);
    text_add(t, " +++");
  } else {
    text_add(t, "+++ exited with %d +++", status >> 8 & 0xff);
  }
}

static void decode_signal(struct text *t, const struct trace_record *r) {
  const struct trace_piece *p = record_piece(r, 0, false, 0);
  siginfo_t i;
  if (!p || p->length < sizeof i) return;
  memcpy(&i, piece_bytes(p), sizeof i);
  text_add(t, "--- ");
  text_signal(t, i.si_signo);
  text_add(t, " ");
  text_siginfo(t, &i);
  text_add(t, " ---");
}

void decode_line(struct text *t, const struct trace_record *r, const struct decode_options *o) {
  size_t begin = t->used;
  switch (r->kind) {
  case TRACE_START: decode_start(t, r, o); return;
  case TRACE_SIGNAL: decode_signal(t, r); return;
  case TRACE_EXIT: decode_exit(t, (int)r->result); return;
  case TRACE_LOST: text_add(t, "strace: %lld calls were lost", (long long)r->result); return;
  }
  decode_entered(t, r, o);
  if (r->kind == TRACE_WAITS) {
    text_add(t, " <unfinished ...>");
    return;
  }
  decode_left(t, r, o);
  do
    text_add(t, " ");
  while (t->used - begin < RESULT_COLUMN && t->used + 1 < t->room);
  decode_result(t, r, o);
}
