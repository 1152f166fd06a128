/* Calls, argument by argument, as strace(1) prints them. */
#define _GNU_SOURCE
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

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

/* --- what arguments refer to --- */

static void text_pointer(struct text *t, int64_t a) {
  text_add(t, a ? "%#llx" : "NULL", (unsigned long long)(uintptr_t)a);
}

static void text_time(struct text *t, const struct timespec *time) {
  text_add(t, "{tv_sec=%lld, tv_nsec=%lld}", (long long)time->tv_sec, (long long)time->tv_nsec);
}

static void text_timeval(struct text *t, const struct timeval *time) {
  text_add(t, "{tv_sec=%lld, tv_usec=%lld}", (long long)time->tv_sec, (long long)time->tv_usec);
}

static void text_interval(struct text *t, const void *bytes) {
  struct itimerval i;
  memcpy(&i, bytes, sizeof i);
  text_add(t, "{it_interval=");
  text_timeval(t, &i.it_interval);
  text_add(t, ", it_value=");
  text_timeval(t, &i.it_value);
  text_add(t, "}");
}

static void text_fine_interval(struct text *t, const void *bytes) {
  struct itimerspec i;
  memcpy(&i, bytes, sizeof i);
  text_add(t, "{it_interval=");
  text_time(t, &i.it_interval);
  text_add(t, ", it_value=");
  text_time(t, &i.it_value);
  text_add(t, "}");
}

/* returned: the revents of those that have some. */
static void text_pollfds(struct text *t, const struct trace_piece *p, bool returned) {
  const char *between = "";
  text_add(t, "[");
  for (size_t at = 0; at + sizeof(struct pollfd) <= p->length; at += sizeof(struct pollfd)) {
    struct pollfd f;
    memcpy(&f, (const char *)piece_bytes(p) + at, sizeof f);
    if (returned && !f.revents) continue;
    text_add(t, returned ? "%s{fd=%d, revents=" : "%s{fd=%d, events=", between, f.fd);
    text_flags(t, (uint16_t)(returned ? f.revents : f.events), poll_events, "POLL???");
    text_add(t, "}");
    between = ", ";
  }
  text_add(t, "]");
}

static void text_fds(struct text *t, const struct trace_piece *p, int most) {
  const unsigned char *bytes = piece_bytes(p);
  const char *between = "";
  text_add(t, "[");
  for (int fd = 0; fd < most && (size_t)fd / 8 < p->length; fd++)
    if (bytes[fd / 8] >> fd % 8 & 1) {
      text_add(t, "%s%d", between, fd);
      between = " ";
    }
  text_add(t, "]");
}

static void text_events(struct text *t, const struct trace_piece *p, bool list) {
  if (list) text_add(t, "[");
  for (size_t at = 0; at + sizeof(struct epoll_event) <= p->length;
       at += sizeof(struct epoll_event)) {
    struct epoll_event e;
    memcpy(&e, (const char *)piece_bytes(p) + at, sizeof e);
    text_add(t, at ? ", {events=" : "{events=");
    text_flags(t, e.events, epoll_events, "EPOLL???");
    text_add(t, ", data={u32=%u, u64=%llu}}", (unsigned)e.data.u32, (unsigned long long)e.data.u64);
  }
  if (list) text_add(t, "]");
}

static void text_action(struct text *t, const void *bytes) {
  static const struct name flags[] = {NAME(SA_RESTART),   NAME(SA_SIGINFO), NAME(SA_NOCLDSTOP),
                                      NAME(SA_NOCLDWAIT), NAME(SA_NODEFER), NAME(SA_RESETHAND),
                                      NAME(SA_ONSTACK),   {0, NULL}};
  struct {
    uintptr_t handler;
    sigset_t mask;
    int flags;
  } a;
  uint64_t mask;
  memcpy(&a, bytes, sizeof a);
  memcpy(&mask, &a.mask, sizeof mask);
  text_add(t, "{sa_handler=");
  if (a.handler == (uintptr_t)SIG_DFL)
    text_add(t, "SIG_DFL");
  else if (a.handler == (uintptr_t)SIG_IGN)
    text_add(t, "SIG_IGN");
  else
    text_pointer(t, (int64_t)a.handler);
  text_add(t, ", sa_mask=");
  text_sigset(t, mask);
  text_add(t, ", sa_flags=");
  text_flags(t, (uint32_t)a.flags, flags, "SA_???");
  text_add(t, "}");
}

static void text_limit(struct text *t, const void *bytes) {
  uint64_t l[2];
  memcpy(l, bytes, sizeof l);
  text_add(t, "{rlim_cur=");
  text_add(t, l[0] == UINT64_MAX ? "RLIM64_INFINITY" : "%llu", (unsigned long long)l[0]);
  text_add(t, l[1] == UINT64_MAX ? ", rlim_max=RLIM64_INFINITY}" : ", rlim_max=%llu}",
           (unsigned long long)l[1]);
}

static void text_stat(struct text *t, const void *bytes) {
  static const struct name kinds[] = {NAME(S_IFREG), NAME(S_IFDIR),  NAME(S_IFCHR), NAME(S_IFLNK),
                                      NAME(S_IFIFO), NAME(S_IFSOCK), {0, NULL}};
  struct stat s;
  memcpy(&s, bytes, sizeof s);
  text_add(t, "{st_mode=");
  text_name(t, s.st_mode & S_IFMT, kinds, "S_IF???");
  text_add(t, "|0%o", (unsigned)s.st_mode & 07777);
  if (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode)) text_add(t, ", st_size=%lld", (long long)s.st_size);
  text_add(t, ", ...}");
}

static void text_strings(struct text *t, const struct trace_piece *p, size_t most) {
  const char *at = piece_bytes(p), *end = at + p->length;
  text_add(t, "[");
  for (const char *between = ""; at < end; between = ", ") {
    size_t n = strnlen(at, (size_t)(end - at));
    text_add(t, "%s", between);
    text_quoted(t, at, n, n, most);
    at += n + 1;
  }
  text_add(t, "]");
}

static void text_messages(struct text *t, const struct trace_record *r, int n, bool after,
                          int64_t count, const struct decode_options *o) {
  text_add(t, "[");
  for (int i = 0; i < count; i++) {
    int part = i * TRACE_PARTS;
    if (!record_piece(r, n, after, part)) {
      text_add(t, ", ...");
      break;
    }
    text_add(t, i ? ", {msg_hdr=" : "{msg_hdr=");
    text_message(t, r, n, after, part, o);
    text_add(t, "}");
  }
  text_add(t, "]");
}

/* One that has one size, from its piece. False: it is none of them, or too short. */
static bool text_fixed(struct text *t, const struct trace_piece *p, enum trace_type type) {
  const void *bytes = piece_bytes(p);
  struct timespec time;
  struct timeval coarse;
  uint64_t set;
  int ints[2];
#define HAS(size) (p->length >= (size))
  if ((type == T_TIMESPEC || type == T_TIMESPEC_OUT) && HAS(sizeof time))
    text_time(t, memcpy(&time, bytes, sizeof time));
  else if (type == T_TIMEVAL && HAS(sizeof coarse))
    text_timeval(t, memcpy(&coarse, bytes, sizeof coarse));
  else if ((type == T_SIGSET || type == T_SIGSET_OUT) && HAS(sizeof set))
    text_sigset(t, *(uint64_t *)memcpy(&set, bytes, sizeof set));
  else if ((type == T_ACTION || type == T_ACTION_OUT) && HAS(sizeof(sigset_t)))
    text_action(t, bytes);
  else if (type == T_INTS_OUT && HAS(sizeof ints)) {
    memcpy(ints, bytes, sizeof ints);
    text_add(t, "[%d, %d]", ints[0], ints[1]);
  } else if (type == T_STATUS_OUT && HAS(sizeof(int)))
    text_status(t, *(int *)memcpy(ints, bytes, sizeof(int)));
  else if (type == T_SIGINFO_OUT && HAS(sizeof(siginfo_t)))
    text_siginfo(t, bytes);
  else if ((type == T_ITIMERVAL || type == T_ITIMERVAL_OUT) && HAS(sizeof(struct itimerval)))
    text_interval(t, bytes);
  else if ((type == T_ITIMERSPEC || type == T_ITIMERSPEC_OUT) && HAS(sizeof(struct itimerspec)))
    text_fine_interval(t, bytes);
  else if ((type == T_LIMIT || type == T_LIMIT_OUT) && HAS(2 * sizeof(uint64_t)))
    text_limit(t, bytes);
  else if (type == T_STAT_OUT && HAS(sizeof(struct stat)))
    text_stat(t, bytes);
  else
    return false;
  return true;
}

/* A socklen_t: [16], or [28 => 16] when the call has changed it. */
static void text_length_at(struct text *t, const struct trace_record *r, int n) {
  const struct trace_piece *before = record_piece(r, n, false, 0),
                           *after = record_piece(r, n, true, 0);
  unsigned was = 0, is;
  if (!before || before->length != sizeof was) {
    text_pointer(t, r->arguments[n]);
    return;
  }
  memcpy(&was, piece_bytes(before), sizeof was);
  is = was;
  if (after && after->length == sizeof is) memcpy(&is, piece_bytes(after), sizeof is);
  text_add(t, was == is ? "[%u]" : "[%u => %u]", was, is);
}

static void text_referred(struct text *t, const struct trace_record *r, int n, enum trace_type type,
                          const struct trace_piece *p, const struct decode_options *o) {
  const void *bytes = piece_bytes(p);
  switch (type) {
  case T_PATH:
  case T_STRING_OUT: text_quoted(t, bytes, p->length, p->length, TRACE_BYTES); return;
  case T_BYTES:
  case T_BYTES_OUT: text_quoted(t, bytes, p->length, (size_t)p->full, o->bytes); return;
  case T_ADDRESS:
  case T_ADDRESS_OUT: text_address(t, bytes, p->length); return;
  case T_VALUE:
  case T_VALUE_OUT:
    text_option_value(t, (int)r->arguments[1], (int)r->arguments[2], bytes, p->length,
                      (size_t)p->full, o);
    return;
  case T_MESSAGE:
  case T_MESSAGE_OUT: text_message(t, r, n, type == T_MESSAGE_OUT, 0, o); return;
  case T_MESSAGES: text_messages(t, r, n, false, r->arguments[n + 1], o); return;
  case T_MESSAGES_OUT: text_messages(t, r, n, true, r->result, o); return;
  case T_POLLFDS: text_pollfds(t, p, false); return;
  case T_FDSET: text_fds(t, p, (int)r->arguments[0]); return;
  case T_EVENT: text_events(t, p, false); return;
  case T_EVENTS_OUT: text_events(t, p, true); return;
  case T_STRINGS: text_strings(t, p, o->bytes); return;
  case T_ENVIRONMENT:
    text_pointer(t, r->arguments[n]);
    text_add(t, p->full == 1 ? " /* %llu var */" : " /* %llu vars */", (unsigned long long)p->full);
    return;
  default:
    if (!text_fixed(t, p, type)) text_pointer(t, r->arguments[n]);
  }
}

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
