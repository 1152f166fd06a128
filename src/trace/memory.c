/* What arguments refer to in the memory of the program that made the call. */
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

void text_pointer(struct text *t, int64_t a) {
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
void text_pollfds(struct text *t, const struct trace_piece *p, bool returned) {
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

void text_fds(struct text *t, const struct trace_piece *p, int most) {
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

void text_strings(struct text *t, const struct trace_piece *p, size_t most) {
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
void text_length_at(struct text *t, const struct trace_record *r, int n) {
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

void text_referred(struct text *t, const struct trace_record *r, int n, enum trace_type type,
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
