/* Numbers that have names. */
#define _GNU_SOURCE
#include "parts.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void text_name(struct text *t, int64_t value, const struct name *names, const char *unknown) {
  while (names->name && names->value != value)
    names++;
  if (names->name)
    text_add(t, "%s", names->name);
  else
    text_add(t, "%#llx /* %s */", (unsigned long long)value, unknown);
}

void text_flags(struct text *t, uint64_t value, const struct name *names, const char *unknown) {
  const char *between = "";
  uint64_t left = value;
  for (; names->name; names++) {
    uint64_t flag = (uint64_t)names->value;
    if (flag ? (left & flag) != flag : value != 0) continue;
    text_add(t, "%s%s", between, names->name);
    between = "|";
    left &= ~flag;
  }
  if (left && *between)
    text_add(t, "|%#llx", (unsigned long long)left);
  else if (left)
    text_add(t, "%#llx /* %s */", (unsigned long long)left, unknown);
  else if (!*between)
    text_add(t, "0");
}

#define END {0, NULL}
const struct name domains[] = {NAME(AF_UNSPEC),
                               NAME(AF_UNIX),
                               NAME(AF_INET),
                               NAME(AF_INET6),
                               NAME(AF_PACKET),
                               NAME(AF_NETLINK),
                               END};
static const struct name types[] = {NAME(SOCK_STREAM), NAME(SOCK_DGRAM),     NAME(SOCK_RAW),
                                    NAME(SOCK_RDM),    NAME(SOCK_SEQPACKET), END};
static const struct name type_flags[] = {NAME(SOCK_CLOEXEC), NAME(SOCK_NONBLOCK), END};
static const struct name protocols[] = {
    NAME(IPPROTO_IP),     NAME(IPPROTO_ICMP), NAME(IPPROTO_IGMP),
    NAME(IPPROTO_TCP),    NAME(IPPROTO_UDP),  NAME(IPPROTO_IPV6),
    NAME(IPPROTO_ICMPV6), NAME(IPPROTO_RAW),  END};
const struct name message_flags[] = {
    NAME(MSG_OOB),        NAME(MSG_PEEK),         NAME(MSG_DONTROUTE),
    NAME(MSG_CTRUNC),     NAME(MSG_TRUNC),        NAME(MSG_EOR),
    NAME(MSG_WAITALL),    NAME(MSG_DONTWAIT),     NAME(MSG_ERRQUEUE),
    NAME(MSG_CONFIRM),    NAME(MSG_NOSIGNAL),     NAME(MSG_MORE),
    NAME(MSG_WAITFORONE), NAME(MSG_CMSG_CLOEXEC), END};
static const struct name hows[] = {NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR), END};
const struct name socket_levels[] = {
    NAME(SOL_SOCKET),         {IPPROTO_IP, "SOL_IP"},   {IPPROTO_IPV6, "SOL_IPV6"},
    {IPPROTO_TCP, "SOL_TCP"}, {IPPROTO_UDP, "SOL_UDP"}, {IPPROTO_ICMPV6, "SOL_ICMPV6"},
    {IPPROTO_RAW, "SOL_RAW"}, {263, "SOL_PACKET"},      END};
const struct name open_flags[] = {NAME(O_CREAT),    NAME(O_EXCL),
                                  NAME(O_NOCTTY),   NAME(O_TRUNC),
                                  NAME(O_APPEND),   NAME(O_NONBLOCK),
                                  NAME(O_SYNC),     NAME(O_DSYNC),
                                  NAME(O_ASYNC),    NAME(O_DIRECTORY),
                                  NAME(O_NOFOLLOW), NAME(O_CLOEXEC),
                                  NAME(O_PATH),     END};
static const struct name access_modes[] = {NAME(O_RDONLY), NAME(O_WRONLY), NAME(O_RDWR), END};
static const struct name at_flags[] = {{AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"},
                                       {AT_REMOVEDIR, "AT_REMOVEDIR"},
                                       {AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"},
                                       {AT_EMPTY_PATH, "AT_EMPTY_PATH"},
                                       END};
static const struct name accesses[] = {NAME(F_OK), NAME(R_OK), NAME(W_OK), NAME(X_OK), END};
static const struct name whences[] = {NAME(SEEK_SET), NAME(SEEK_CUR), NAME(SEEK_END), END};
static const struct name fcntls[] = {NAME(F_DUPFD),         NAME(F_GETFD),
                                     NAME(F_SETFD),         NAME(F_GETFL),
                                     NAME(F_SETFL),         NAME(F_GETLK),
                                     NAME(F_SETLK),         NAME(F_SETLKW),
                                     NAME(F_SETOWN),        NAME(F_GETOWN),
                                     NAME(F_SETSIG),        NAME(F_GETSIG),
                                     NAME(F_DUPFD_CLOEXEC), END};
static const struct name ioctls[] = {{0x5401, "TCGETS"},         {0x5402, "TCSETS"},
                                     {0x5403, "TCSETSW"},        {0x5404, "TCSETSF"},
                                     {0x540f, "TIOCGPGRP"},      {0x5410, "TIOCSPGRP"},
                                     {0x5413, "TIOCGWINSZ"},     {0x5414, "TIOCSWINSZ"},
                                     {0x541b, "FIONREAD"},       {0x5421, "FIONBIO"},
                                     {0x5452, "FIOASYNC"},       {0x8905, "SIOCATMARK"},
                                     {0x8912, "SIOCGIFCONF"},    {0x8913, "SIOCGIFFLAGS"},
                                     {0x8915, "SIOCGIFADDR"},    {0x8919, "SIOCGIFBRDADDR"},
                                     {0x891b, "SIOCGIFNETMASK"}, {0x8921, "SIOCGIFMTU"},
                                     {0x8927, "SIOCGIFHWADDR"},  {0x8933, "SIOCGIFINDEX"},
                                     {0x8910, "SIOCGIFNAME"},    END};
static const struct name mask_hows[] = {NAME(SIG_BLOCK), NAME(SIG_UNBLOCK), NAME(SIG_SETMASK), END};
static const struct name wait_options[] = {NAME(WNOHANG),        NAME(WUNTRACED),
                                           {WEXITED, "WEXITED"}, NAME(WCONTINUED),
                                           {WNOWAIT, "WNOWAIT"}, END};
static const struct name epoll_operations[] = {NAME(EPOLL_CTL_ADD), NAME(EPOLL_CTL_DEL),
                                               NAME(EPOLL_CTL_MOD), END};
static const struct name event_flags[] = {NAME(EFD_CLOEXEC), NAME(EFD_NONBLOCK),
                                          NAME(EFD_SEMAPHORE), END};
static const struct name timer_flags[] = {
    {O_CLOEXEC, "TFD_CLOEXEC"}, {O_NONBLOCK, "TFD_NONBLOCK"}, END};
static const struct name clocks[] = {NAME(CLOCK_REALTIME), NAME(CLOCK_MONOTONIC),
                                     NAME(CLOCK_PROCESS_CPUTIME_ID), NAME(CLOCK_BOOTTIME), END};
static const struct name timers[] = {NAME(ITIMER_REAL), NAME(ITIMER_VIRTUAL), NAME(ITIMER_PROF),
                                     END};
static const struct name resources[] = {NAME(RLIMIT_CPU),   NAME(RLIMIT_FSIZE),
                                        NAME(RLIMIT_DATA),  NAME(RLIMIT_STACK),
                                        NAME(RLIMIT_CORE),  NAME(RLIMIT_RSS),
                                        NAME(RLIMIT_NPROC), NAME(RLIMIT_NOFILE),
                                        NAME(RLIMIT_AS),    END};
static const struct name random_flags[] = {NAME(GRND_NONBLOCK), NAME(GRND_RANDOM), END};
static const struct name id_types[] = {NAME(P_ALL), NAME(P_PID), NAME(P_PGID), END};
const struct name poll_events[] = {NAME(POLLIN),     NAME(POLLPRI),    NAME(POLLOUT),
                                   NAME(POLLERR),    NAME(POLLHUP),    NAME(POLLNVAL),
                                   NAME(POLLRDNORM), NAME(POLLRDBAND), NAME(POLLWRNORM),
                                   NAME(POLLWRBAND), NAME(POLLRDHUP),  END};
const struct name epoll_events[] = {NAME(EPOLLIN),
                                    NAME(EPOLLPRI),
                                    NAME(EPOLLOUT),
                                    NAME(EPOLLERR),
                                    NAME(EPOLLHUP),
                                    NAME(EPOLLRDNORM),
                                    NAME(EPOLLRDBAND),
                                    NAME(EPOLLWRNORM),
                                    NAME(EPOLLWRBAND),
                                    NAME(EPOLLRDHUP),
                                    NAME(EPOLLONESHOT),
                                    {(int64_t)(uint32_t)EPOLLET, "EPOLLET"},
                                    END};
const struct name signals[] = {
    NAME(SIGHUP),    NAME(SIGINT),  NAME(SIGQUIT),  NAME(SIGILL),  NAME(SIGTRAP), NAME(SIGABRT),
    NAME(SIGBUS),    NAME(SIGFPE),  NAME(SIGKILL),  NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),
    NAME(SIGPIPE),   NAME(SIGALRM), NAME(SIGTERM),  NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),
    NAME(SIGTSTP),   NAME(SIGTTIN), NAME(SIGTTOU),  NAME(SIGURG),  NAME(SIGXCPU), NAME(SIGXFSZ),
    NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGWINCH), NAME(SIGIO),   NAME(SIGSYS),  END};

static void text_open_flags(struct text *t, int64_t value) {
  enum { LARGEFILE = 0x8000 }; /* musl's libc adds it to every call */
  value &= ~(int64_t)LARGEFILE;
  text_name(t, value & O_ACCMODE, access_modes, "O_???");
  if (!(value & ~(int64_t)O_ACCMODE)) return;
  text_add(t, "|");
  text_flags(t, (uint64_t)value & ~(uint64_t)O_ACCMODE, open_flags, "O_???");
}

static void text_socket_type(struct text *t, int64_t value) {
  enum { FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK };
  text_name(t, value & ~(int64_t)FLAGS, types, "SOCK_???");
  if (!(value & FLAGS)) return;
  text_add(t, "|");
  text_flags(t, (uint64_t)value & FLAGS, type_flags, "SOCK_???");
}

static void text_protocol(struct text *t, int64_t domain, int64_t value) {
  if (domain == AF_INET || domain == AF_INET6)
    text_name(t, value, protocols, "IPPROTO_???");
  else if (domain == AF_PACKET)
    text_add(t, value == 0x300 ? "htons(ETH_P_ALL)" : "htons(%#x)",
             (unsigned)((value & 0xff) << 8 | (value >> 8 & 0xff)));
  else
    text_add(t, "%lld", (long long)value);
}

void text_signal(struct text *t, int sig) {
  const struct name *s = signals;
  while (s->name && s->value != sig)
    s++;
  if (s->name)
    text_add(t, "%s", s->name);
  else if (sig >= 32 && sig <= 64)
    text_add(t, "SIGRT_%d", sig - 32);
  else
    text_add(t, "%d", sig);
}

void text_sigset(struct text *t, uint64_t set) {
  const char *between = "";
  bool most = __builtin_popcountll(set) > 42; /* then those that are not in it */
  if (most) set = ~set;
  text_add(t, most ? "~[" : "[");
  for (int sig = 1; sig <= 64; sig++) {
    char name[24];
    struct text n;
    if (!(set >> (sig - 1) & 1)) continue;
    text_begin(&n, name, sizeof name);
    text_signal(&n, sig);
    text_add(t, "%s%s", between, name + (strncmp(name, "SIG", 3) ? 0 : 3));
    between = " ";
  }
  text_add(t, "]");
}

void text_status(struct text *t, int status) {
  text_add(t, "[{");
  if (WIFSTOPPED(status)) {
    text_add(t, "WIFSTOPPED(s) && WSTOPSIG(s) == ");
    text_signal(t, WSTOPSIG(status));
  } else if (WIFEXITED(status)) {
    text_add(t, "WIFEXITED(s) && WEXITSTATUS(s) == %d", WEXITSTATUS(status));
  } else if (WIFSIGNALED(status)) {
    text_add(t, "WIFSIGNALED(s) && WTERMSIG(s) == ");
    text_signal(t, WTERMSIG(status));
  } else {
    text_add(t, "WIFCONTINUED(s)");
  }
  text_add(t, "}]");
}

static void text_code(struct text *t, int sig, int code) {
  static const struct name codes[] = {NAME(SI_USER),  NAME(SI_KERNEL), NAME(SI_QUEUE),
                                      NAME(SI_TIMER), NAME(SI_TKILL),  END};
  static const struct name child[] = {NAME(CLD_EXITED),  NAME(CLD_KILLED),    NAME(CLD_DUMPED),
                                      NAME(CLD_STOPPED), NAME(CLD_CONTINUED), END};
  text_name(t, code, sig == SIGCHLD && code > 0 ? child : codes, "SI_???");
}

void text_siginfo(struct text *t, const void *info) {
  siginfo_t i;
  memcpy(&i, info, sizeof i);
  text_add(t, "{si_signo=");
  text_signal(t, i.si_signo);
  text_add(t, ", si_code=");
  text_code(t, i.si_signo, i.si_code);
  if (i.si_code != SI_KERNEL && (i.si_pid || i.si_code <= 0 || i.si_signo == SIGCHLD))
    text_add(t, ", si_pid=%d, si_uid=%u", (int)i.si_pid, (unsigned)i.si_uid);
  if (i.si_signo == SIGCHLD && i.si_code > 0) {
    text_add(t, ", si_status=");
    if (i.si_code == CLD_EXITED)
      text_add(t, "%d", i.si_status);
    else
      text_signal(t, i.si_status);
    text_add(t, ", si_utime=0, si_stime=0");
  }
  text_add(t, "}");
}

/* What fcntl's third argument is to its second. */
static void text_variable(struct text *t, const struct trace_record *r, int n) {
  int64_t value = r->arguments[n], before = r->arguments[n - 1];
  if (r->call == CALL_open || r->call == CALL_openat)
    text_add(t, value ? "0%llo" : "000", (unsigned long long)value);
  else if (r->call == CALL_ioctl || before == F_GETLK || before == F_SETLK || before == F_SETLKW)
    text_add(t, "%#llx", (unsigned long long)value);
  else if (before == F_SETFL)
    text_open_flags(t, value);
  else if (before == F_SETFD)
    text_add(t, value == FD_CLOEXEC ? "FD_CLOEXEC" : "%#llx", (unsigned long long)value);
  else if (before == F_SETSIG)
    text_signal(t, (int)value);
  else
    text_add(t, "%d", (int)value);
}

static const struct {
  const struct name *names;
  const char *unknown;
  bool flags;
} lists[T_REFERS] = {
    [T_DOMAIN] = {domains, "AF_???", false},
    [T_MESSAGE_FLAGS] = {message_flags, "MSG_???", true},
    [T_HOW] = {hows, "SHUT_???", false},
    [T_LEVEL] = {socket_levels, "SOL_???", false},
    [T_ACCEPT_FLAGS] = {type_flags, "SOCK_???", true},
    [T_PIPE_FLAGS] = {open_flags, "O_???", true},
    [T_AT_FLAGS] = {at_flags, "AT_???", true},
    [T_ACCESS] = {accesses, "?_OK", true},
    [T_WHENCE] = {whences, "SEEK_???", false},
    [T_FCNTL] = {fcntls, "F_???", false},
    [T_IOCTL] = {ioctls, "ioctl", false},
    [T_MASK_HOW] = {mask_hows, "SIG_???", false},
    [T_WAIT_OPTIONS] = {wait_options, "W???", true},
    [T_EPOLL_OPERATION] = {epoll_operations, "EPOLL_CTL_???", false},
    [T_EPOLL_FLAGS] = {(const struct name[]){{O_CLOEXEC, "EPOLL_CLOEXEC"}, END}, "EPOLL_???", true},
    [T_EVENT_FLAGS] = {event_flags, "EFD_???", true},
    [T_TIMER_FLAGS] = {timer_flags, "TFD_???", true},
    [T_CLOCK] = {clocks, "CLOCK_???", false},
    [T_WHICH_TIMER] = {timers, "ITIMER_???", false},
    [T_RESOURCE] = {resources, "RLIMIT_???", false},
    [T_RANDOM_FLAGS] = {random_flags, "GRND_???", true},
    [T_IDTYPE] = {id_types, "P_???", false},
};

bool text_value(struct text *t, const struct trace_record *r, int n, enum trace_type type) {
  int64_t a = r->arguments[n];
  if (type < T_REFERS && lists[type].names) {
    if (lists[type].flags)
      text_flags(t, (uint32_t)a, lists[type].names, lists[type].unknown);
    else
      text_name(t, a, lists[type].names, lists[type].unknown);
    return true;
  }
  switch (type) {
  case T_INT:
  case T_PID:
  case T_MILLISECONDS:
  case T_OFFSET:
  case T_LENGTH: text_add(t, "%lld", (long long)a); return true;
  case T_SIZE: text_add(t, "%llu", (unsigned long long)a); return true;
  case T_OCTAL: text_add(t, a ? "0%llo" : "000", (unsigned long long)a); return true;
  case T_SIGNAL: text_signal(t, (int)a); return true;
  case T_SOCKET_TYPE: text_socket_type(t, a); return true;
  case T_PROTOCOL: text_protocol(t, r->arguments[0], a); return true;
  case T_OPTION: text_option(t, (int)r->arguments[n - 1], (int)a); return true;
  case T_OPEN_FLAGS: text_open_flags(t, a); return true;
  case T_VARIABLE: text_variable(t, r, n); return true;
  default: return false;
  }
}

const char *error_name(int error) {
#define E(n) {n, #n},
  static const struct name errors[] = {
      E(EPERM) E(ENOENT) E(ESRCH) E(EINTR) E(EIO) E(ENXIO) E(E2BIG) E(ENOEXEC) E(EBADF) E(ECHILD)
          E(EAGAIN) E(ENOMEM) E(EACCES) E(EFAULT) E(ENOTBLK) E(EBUSY) E(EEXIST) E(EXDEV) E(ENODEV)
              E(ENOTDIR) E(EISDIR) E(EINVAL) E(ENFILE) E(EMFILE) E(ENOTTY) E(ETXTBSY) E(EFBIG)
                  E(ENOSPC) E(ESPIPE) E(EROFS) E(EMLINK) E(EPIPE) E(EDOM) E(ERANGE) E(EDEADLK)
                      E(ENAMETOOLONG) E(ENOLCK) E(ENOSYS) E(ENOTEMPTY) E(ELOOP) E(EPROTO)
                          E(EOVERFLOW) E(EILSEQ) E(ENOTSOCK) E(EDESTADDRREQ) E(EMSGSIZE)
                              E(EPROTOTYPE) E(ENOPROTOOPT) E(EPROTONOSUPPORT) E(ESOCKTNOSUPPORT)
                                  E(EOPNOTSUPP) E(EPFNOSUPPORT) E(EAFNOSUPPORT) E(EADDRINUSE)
                                      E(EADDRNOTAVAIL) E(ENETDOWN) E(ENETUNREACH) E(ENETRESET)
                                          E(ECONNABORTED) E(ECONNRESET) E(ENOBUFS) E(EISCONN)
                                              E(ENOTCONN) E(ESHUTDOWN) E(ETIMEDOUT) E(ECONNREFUSED)
                                                  E(EHOSTDOWN) E(EHOSTUNREACH) E(EALREADY)
                                                      E(EINPROGRESS) E(ESTALE) E(ECANCELED) END};
#undef E
  const struct name *e = errors;
  while (e->name && e->value != error)
    e++;
  return e->name;
}
