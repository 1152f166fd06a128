/* What a trace of system calls is made of: the calls, and the records that are read from a trace.
 * The kernel writes them (trace.c), src/trace/ reads them; nobody else needs to know.
 *
 * A trace is opened as /dev/trace by a program, or by k_trace for the page. Lines written to it say
 * what is traced:
 *
 *   children     the processes that the writer starts from now on
 *   pid NUMBER   a process
 *   all          every process of every host
 *   follow       the children of those that are traced, too
 *   bytes N      keep the first N bytes (at most 1024) of a buffer; 32 unless told
 *   stack        keep where in the program each call was made
 *
 * What is read is a sequence of records. If the reader is so slow that they do not fit into the
 * trace's buffer, new ones are lost, and a TRACE_LOST says how many were.
 *
 * A record is a struct trace_record and pieces, each a struct trace_piece and its bytes; both are
 * multiples of 8 bytes long. The bytes are as they were in the program's memory, with the sizes and
 * byte order of its machine. A call that waits is told twice: a TRACE_WAITS when it first does, and
 * the TRACE_CALL when it returns. */
#ifndef PORTSIDE_TRACE_H
#define PORTSIDE_TRACE_H

#include <stdint.h>

enum trace_kind {
  TRACE_CALL = 1, /* a call has returned */
  TRACE_WAITS,    /* a call waits: as it was entered */
  TRACE_GONE,     /* a call that does not return: as it was entered */
  TRACE_START,    /* a program begins: its path is piece 0, its arguments (strings) piece 1; result:
                     how many strings its environment has; arguments[0]: of fork, the parent, or 0 */
  TRACE_SIGNAL,   /* is delivered: piece 0 is its siginfo_t */
  TRACE_EXIT,     /* result: the status, as wait() gives it */
  TRACE_LOST      /* result: how many records */
};
enum { TRACE_ARGUMENTS = 6, TRACE_HOST = 32, TRACE_FRAMES = 32, TRACE_BYTES = 1024 };
enum { TRACE_RESTARTS = 512 }; /* -result of a call that a signal interrupted: ERESTARTSYS */

struct trace_record {
  uint32_t size; /* with its pieces */
  uint16_t kind, call;
  int32_t pid, tid;
  uint32_t image, pieces;         /* the version of the program's file; how many follow */
  int64_t entered, left, blocked; /* ns: since 1970; asleep in the kernel between them */
  int64_t arguments[TRACE_ARGUMENTS], result;
  char host[TRACE_HOST];
};

/* What an argument refers to. */
struct trace_piece {
  uint8_t argument; /* 0 to 5, or a TRACE_ABOUT... */
  uint8_t after;    /* 1: as the call left it; 0: as it found it */
  uint16_t part;    /* 0: at the address itself; others: enum trace_part */
  uint32_t length;  /* bytes here; then zeros up to a multiple of 8 */
  uint64_t full;    /* bytes that there are */
};
enum {
  TRACE_ABOUT_SOCKET = 16, /* struct trace_socket: of the call's first argument */
  TRACE_ABOUT_RESULT,      /* struct trace_socket: of the descriptor that it gave */
  TRACE_ABOUT_STACK        /* uint32_t each: byte offsets in the program's wasm, innermost first */
};
/* The parts of what a struct msghdr or an array of struct iovec refers to; of the message m of a
 * struct mmsghdr's array they are m * TRACE_PARTS higher. */
enum trace_part { TRACE_NAME = 1, TRACE_CONTROL, TRACE_VECTOR, TRACE_BUFFER, TRACE_PARTS = 32 };

struct trace_socket {
  uint64_t inode; /* as fstat has it, and /proc/net/tcp */
  int32_t domain, type, protocol;
  uint32_t local_length, peer_length; /* 0: it has none */
  uint8_t local[112], peer[112];      /* struct sockaddr_... */
  uint32_t reserved;
};

/* What an argument is. The kernel keeps what it refers to; src/trace/ knows how it is written. */
enum trace_type {
  T_NONE,
  T_FD,
  T_INT,
  T_SIZE,
  T_POINTER,
  T_OCTAL,
  T_OFFSET,
  T_PID,
  T_SIGNAL,
  T_MILLISECONDS,
  T_DOMAIN,
  T_SOCKET_TYPE,
  T_PROTOCOL,
  T_MESSAGE_FLAGS,
  T_HOW,
  T_LEVEL,
  T_OPTION,
  T_ACCEPT_FLAGS,
  T_DIRECTORY,
  T_OPEN_FLAGS,
  T_PIPE_FLAGS,
  T_AT_FLAGS,
  T_ACCESS,
  T_WHENCE,
  T_FCNTL,
  T_IOCTL,
  T_MASK_HOW,
  T_WAIT_OPTIONS,
  T_EPOLL_OPERATION,
  T_EPOLL_FLAGS,
  T_EVENT_FLAGS,
  T_TIMER_FLAGS,
  T_CLOCK,
  T_WHICH_TIMER,
  T_RESOURCE,
  T_RANDOM_FLAGS,
  T_IDTYPE,
  T_LENGTH, /* of the address before it */

  T_REFERS, /* from here on: to memory; "out": as the call left it */
  T_PATH,
  T_BYTES,       /* as many as the next argument says */
  T_BYTES_OUT,   /* as many as the result says */
  T_STRING_OUT,  /* the same of a string */
  T_ADDRESS,     /* the next argument has its length */
  T_ADDRESS_OUT, /* the next argument refers to its length */
  T_LENGTH_AT,   /* a socklen_t, before and after */
  T_VALUE,       /* of a socket's option, as T_ADDRESS */
  T_VALUE_OUT,   /* as T_ADDRESS_OUT */
  T_IOV,         /* the next argument: how many */
  T_IOV_OUT,     /* the result: how many bytes */
  T_MESSAGE,     /* struct msghdr */
  T_MESSAGE_OUT,
  T_MESSAGES, /* struct mmsghdr, as many as the next argument says */
  T_MESSAGES_OUT,
  T_POLLFDS, /* as many as the next argument says; before and after */
  T_FDSET,   /* the first argument: its bits; before and after */
  T_TIMEVAL,
  T_TIMESPEC,
  T_TIMESPEC_OUT,
  T_SIGSET,
  T_SIGSET_OUT,
  T_ACTION,
  T_ACTION_OUT,
  T_INTS_OUT,   /* two */
  T_STATUS_OUT, /* of wait */
  T_SIGINFO_OUT,
  T_EVENT,      /* struct epoll_event */
  T_EVENTS_OUT, /* as many as the result says */
  T_ITIMERVAL,
  T_ITIMERVAL_OUT,
  T_ITIMERSPEC,
  T_ITIMERSPEC_OUT,
  T_LIMIT,
  T_LIMIT_OUT,
  T_STAT_OUT,
  T_VARIABLE, /* refers to a word that is the argument: of open, fcntl, ioctl */
  T_STRINGS,  /* argv */
  T_ENVIRONMENT,
  T_POSITION /* of llseek: a 64-bit result */
};

/* What `strace -e trace=` calls it. */
enum trace_class {
  CLASS_NETWORK = 1,
  CLASS_DESC = 2,
  CLASS_FILE = 4,
  CLASS_PROCESS = 8,
  CLASS_SIGNAL = 16,
  CLASS_CLOCK = 32,
  CLASS_CREDS = 64,
  CLASS_HIDDEN = 128 /* a call that Linux has no need of */
};

#define NET (CLASS_NETWORK)
#define DESC (CLASS_DESC)
#define FIL (CLASS_FILE)
#define PROC (CLASS_PROCESS)
#define SIG (CLASS_SIGNAL)
#define HIDE (CLASS_HIDDEN)

/* X(the kernel's name, Linux's name, class, the types of its arguments) */
#define TRACE_CALLS(X)                                                                             \
  X(socket, "socket", NET, T_DOMAIN, T_SOCKET_TYPE, T_PROTOCOL)                                    \
  X(socketpair, "socketpair", NET, T_DOMAIN, T_SOCKET_TYPE, T_PROTOCOL, T_INTS_OUT)                \
  X(bind, "bind", NET, T_FD, T_ADDRESS, T_LENGTH)                                                  \
  X(listen, "listen", NET, T_FD, T_INT)                                                            \
  X(accept4, "accept4", NET, T_FD, T_ADDRESS_OUT, T_LENGTH_AT, T_ACCEPT_FLAGS)                     \
  X(connect, "connect", NET, T_FD, T_ADDRESS, T_LENGTH)                                            \
  X(getsockname, "getsockname", NET, T_FD, T_ADDRESS_OUT, T_LENGTH_AT)                             \
  X(getpeername, "getpeername", NET, T_FD, T_ADDRESS_OUT, T_LENGTH_AT)                             \
  X(sendto, "sendto", NET, T_FD, T_BYTES, T_SIZE, T_MESSAGE_FLAGS, T_ADDRESS, T_LENGTH)            \
  X(recvfrom, "recvfrom", NET, T_FD, T_BYTES_OUT, T_SIZE, T_MESSAGE_FLAGS, T_ADDRESS_OUT,          \
    T_LENGTH_AT)                                                                                   \
  X(sendmsg, "sendmsg", NET, T_FD, T_MESSAGE, T_MESSAGE_FLAGS)                                     \
  X(recvmsg, "recvmsg", NET, T_FD, T_MESSAGE_OUT, T_MESSAGE_FLAGS)                                 \
  X(shutdown, "shutdown", NET, T_FD, T_HOW)                                                        \
  X(getsockopt, "getsockopt", NET, T_FD, T_LEVEL, T_OPTION, T_VALUE_OUT, T_LENGTH_AT)              \
  X(setsockopt, "setsockopt", NET, T_FD, T_LEVEL, T_OPTION, T_VALUE, T_LENGTH)                     \
  X(sendmmsg, "sendmmsg", NET, T_FD, T_MESSAGES, T_INT, T_MESSAGE_FLAGS)                           \
  X(recvmmsg, "recvmmsg", NET, T_FD, T_MESSAGES_OUT, T_INT, T_MESSAGE_FLAGS, T_TIMESPEC)           \
  X(poll, "poll", DESC, T_POLLFDS, T_INT, T_MILLISECONDS)                                          \
  X(_newselect, "select", DESC, T_INT, T_FDSET, T_FDSET, T_FDSET, T_TIMEVAL)                       \
  X(pselect6, "pselect6", DESC, T_INT, T_FDSET, T_FDSET, T_FDSET, T_TIMESPEC, T_POINTER)           \
  X(ppoll, "ppoll", DESC, T_POLLFDS, T_INT, T_TIMESPEC, T_SIGSET, T_SIZE)                          \
  X(epoll_create1, "epoll_create1", DESC, T_EPOLL_FLAGS)                                           \
  X(epoll_ctl, "epoll_ctl", DESC, T_FD, T_EPOLL_OPERATION, T_FD, T_EVENT)                          \
  X(epoll_pwait, "epoll_pwait", DESC, T_FD, T_EVENTS_OUT, T_INT, T_MILLISECONDS, T_SIGSET, T_SIZE) \
  X(eventfd2, "eventfd2", DESC, T_INT, T_EVENT_FLAGS)                                              \
  X(timerfd_create, "timerfd_create", DESC, T_CLOCK, T_TIMER_FLAGS)                                \
  X(timerfd_settime, "timerfd_settime", DESC, T_FD, T_INT, T_ITIMERSPEC, T_ITIMERSPEC_OUT)         \
  X(timerfd_gettime, "timerfd_gettime", DESC, T_FD, T_ITIMERSPEC_OUT)                              \
  X(dup, "dup", DESC, T_FD)                                                                        \
  X(dup3, "dup3", DESC, T_FD, T_FD, T_PIPE_FLAGS)                                                  \
  X(sendfile, "sendfile", DESC | NET, T_FD, T_FD, T_POINTER, T_SIZE)                               \
  X(pipe, "pipe", DESC, T_INTS_OUT)                                                                \
  X(pipe2, "pipe2", DESC, T_INTS_OUT, T_PIPE_FLAGS)                                                \
  X(fcntl64, "fcntl", DESC, T_FD, T_FCNTL, T_VARIABLE)                                             \
  X(ioctl, "ioctl", DESC, T_FD, T_IOCTL, T_VARIABLE)                                               \
  X(open, "open", DESC | FIL, T_PATH, T_OPEN_FLAGS, T_VARIABLE)                                    \
  X(openat, "openat", DESC | FIL, T_DIRECTORY, T_PATH, T_OPEN_FLAGS, T_VARIABLE)                   \
  X(stat64, "stat", FIL, T_PATH, T_STAT_OUT)                                                       \
  X(lstat64, "lstat", FIL, T_PATH, T_STAT_OUT)                                                     \
  X(fstat64, "fstat", DESC, T_FD, T_STAT_OUT)                                                      \
  X(fstatat64, "newfstatat", DESC | FIL, T_DIRECTORY, T_PATH, T_STAT_OUT, T_AT_FLAGS)              \
  X(newfstatat, "newfstatat", DESC | FIL, T_DIRECTORY, T_PATH, T_STAT_OUT, T_AT_FLAGS)             \
  X(getdents64, "getdents64", DESC, T_FD, T_POINTER, T_SIZE)                                       \
  X(getcwd, "getcwd", FIL, T_STRING_OUT, T_SIZE)                                                   \
  X(chdir, "chdir", FIL, T_PATH)                                                                   \
  X(fchdir, "fchdir", DESC, T_FD)                                                                  \
  X(mkdir, "mkdir", FIL, T_PATH, T_OCTAL)                                                          \
  X(mkdirat, "mkdirat", DESC | FIL, T_DIRECTORY, T_PATH, T_OCTAL)                                  \
  X(mknod, "mknod", FIL, T_PATH, T_OCTAL, T_INT)                                                   \
  X(mknodat, "mknodat", DESC | FIL, T_DIRECTORY, T_PATH, T_OCTAL, T_INT)                           \
  X(rmdir, "rmdir", FIL, T_PATH)                                                                   \
  X(unlink, "unlink", FIL, T_PATH)                                                                 \
  X(unlinkat, "unlinkat", DESC | FIL, T_DIRECTORY, T_PATH, T_AT_FLAGS)                             \
  X(link, "link", FIL, T_PATH, T_PATH)                                                             \
  X(linkat, "linkat", DESC | FIL, T_DIRECTORY, T_PATH, T_DIRECTORY, T_PATH, T_AT_FLAGS)            \
  X(symlink, "symlink", FIL, T_PATH, T_PATH)                                                       \
  X(symlinkat, "symlinkat", DESC | FIL, T_PATH, T_DIRECTORY, T_PATH)                               \
  X(readlink, "readlink", FIL, T_PATH, T_BYTES_OUT, T_SIZE)                                        \
  X(readlinkat, "readlinkat", DESC | FIL, T_DIRECTORY, T_PATH, T_BYTES_OUT, T_SIZE)                \
  X(rename, "rename", FIL, T_PATH, T_PATH)                                                         \
  X(renameat, "renameat", DESC | FIL, T_DIRECTORY, T_PATH, T_DIRECTORY, T_PATH)                    \
  X(access, "access", FIL, T_PATH, T_ACCESS)                                                       \
  X(faccessat, "faccessat", DESC | FIL, T_DIRECTORY, T_PATH, T_ACCESS, T_AT_FLAGS)                 \
  X(chmod, "chmod", FIL, T_PATH, T_OCTAL)                                                          \
  X(fchmod, "fchmod", DESC, T_FD, T_OCTAL)                                                         \
  X(fchmodat, "fchmodat", DESC | FIL, T_DIRECTORY, T_PATH, T_OCTAL)                                \
  X(fchmodat2, "fchmodat2", DESC | FIL, T_DIRECTORY, T_PATH, T_OCTAL, T_AT_FLAGS)                  \
  X(chown32, "chown", FIL, T_PATH, T_INT, T_INT)                                                   \
  X(lchown32, "lchown", FIL, T_PATH, T_INT, T_INT)                                                 \
  X(fchown32, "fchown", DESC, T_FD, T_INT, T_INT)                                                  \
  X(fchownat, "fchownat", DESC | FIL, T_DIRECTORY, T_PATH, T_INT, T_INT, T_AT_FLAGS)               \
  X(utimensat, "utimensat", DESC | FIL, T_DIRECTORY, T_PATH, T_POINTER, T_AT_FLAGS)                \
  X(statfs64, "statfs", FIL, T_PATH, T_SIZE, T_POINTER)                                            \
  X(fstatfs64, "fstatfs", DESC, T_FD, T_SIZE, T_POINTER)                                           \
  X(fdatasync, "fdatasync", DESC, T_FD)                                                            \
  X(sync, "sync", 0, T_NONE)                                                                       \
  X(truncate64, "truncate", FIL, T_PATH, T_OFFSET)                                                 \
  X(ftruncate64, "ftruncate", DESC, T_FD, T_OFFSET)                                                \
  X(fallocate, "fallocate", DESC, T_FD, T_INT, T_OFFSET, T_OFFSET)                                 \
  X(fadvise64, "fadvise64", DESC, T_FD, T_OFFSET, T_OFFSET, T_INT)                                 \
  X(getpid, "getpid", 0, T_NONE)                                                                   \
  X(getppid, "getppid", 0, T_NONE)                                                                 \
  X(gettid, "gettid", 0, T_NONE)                                                                   \
  X(thread_create, "clone", PROC, T_POINTER)                                                       \
  X(thread_exit, "exit", PROC, T_POINTER)                                                          \
  X(cancel_state, "cancel_state", HIDE, T_INT)                                                     \
  X(futex_wait, "futex", HIDE, T_POINTER, T_INT, T_CLOCK, T_OFFSET, T_INT)                         \
  X(futex_wake, "futex", HIDE, T_POINTER, T_INT)                                                   \
  X(getpgrp, "getpgrp", 0, T_NONE)                                                                 \
  X(getpgid, "getpgid", 0, T_PID)                                                                  \
  X(setpgid, "setpgid", 0, T_PID, T_PID)                                                           \
  X(getsid, "getsid", 0, T_PID)                                                                    \
  X(setsid, "setsid", 0, T_NONE)                                                                   \
  X(umask, "umask", 0, T_OCTAL)                                                                    \
  X(uname, "uname", 0, T_POINTER)                                                                  \
  X(wait4, "wait4", PROC, T_PID, T_STATUS_OUT, T_WAIT_OPTIONS, T_POINTER)                          \
  X(posix_spawn, "posix_spawn", PROC, T_PATH, T_STRINGS, T_ENVIRONMENT, T_POINTER, T_POINTER)      \
  X(waitid, "waitid", PROC, T_IDTYPE, T_PID, T_SIGINFO_OUT, T_WAIT_OPTIONS, T_POINTER)             \
  X(fork, "fork", PROC, T_NONE)                                                                    \
  X(execve, "execve", PROC, T_PATH, T_STRINGS, T_ENVIRONMENT)                                      \
  X(exit_group, "exit_group", PROC, T_INT)                                                         \
  X(sched_yield, "sched_yield", 0, T_NONE)                                                         \
  X(getuid32, "getuid", CLASS_CREDS, T_NONE)                                                       \
  X(geteuid32, "geteuid", CLASS_CREDS, T_NONE)                                                     \
  X(getgid32, "getgid", CLASS_CREDS, T_NONE)                                                       \
  X(getegid32, "getegid", CLASS_CREDS, T_NONE)                                                     \
  X(getresuid32, "getresuid", CLASS_CREDS, T_POINTER, T_POINTER, T_POINTER)                        \
  X(getresgid32, "getresgid", CLASS_CREDS, T_POINTER, T_POINTER, T_POINTER)                        \
  X(setuid32, "setuid", CLASS_CREDS, T_INT)                                                        \
  X(setgid32, "setgid", CLASS_CREDS, T_INT)                                                        \
  X(getgroups32, "getgroups", CLASS_CREDS, T_INT, T_POINTER)                                       \
  X(getrusage, "getrusage", 0, T_INT, T_POINTER)                                                   \
  X(sysinfo, "sysinfo", 0, T_POINTER)                                                              \
  X(prlimit64, "prlimit64", 0, T_PID, T_RESOURCE, T_LIMIT, T_LIMIT_OUT)                            \
  X(kill, "kill", SIG | PROC, T_PID, T_SIGNAL)                                                     \
  X(tkill, "tkill", SIG | PROC, T_PID, T_SIGNAL)                                                   \
  X(rt_sigqueueinfo, "rt_sigqueueinfo", SIG, T_PID, T_SIGNAL, T_POINTER)                           \
  X(rt_sigtimedwait, "rt_sigtimedwait", SIG, T_SIGSET, T_SIGINFO_OUT, T_TIMESPEC)                  \
  X(rt_sigaction, "rt_sigaction", SIG, T_SIGNAL, T_ACTION, T_ACTION_OUT)                           \
  X(rt_sigprocmask, "rt_sigprocmask", SIG, T_MASK_HOW, T_SIGSET, T_SIGSET_OUT)                     \
  X(rt_sigpending, "rt_sigpending", SIG, T_SIGSET_OUT)                                             \
  X(rt_sigsuspend, "rt_sigsuspend", SIG, T_SIGSET)                                                 \
  X(pause, "pause", SIG, T_NONE)                                                                   \
  X(setitimer, "setitimer", 0, T_WHICH_TIMER, T_ITIMERVAL, T_ITIMERVAL_OUT)                        \
  X(getitimer, "getitimer", 0, T_WHICH_TIMER, T_ITIMERVAL_OUT)                                     \
  X(clock_nanosleep, "clock_nanosleep", CLASS_CLOCK, T_CLOCK, T_INT, T_TIMESPEC, T_TIMESPEC_OUT)   \
  X(getrandom, "getrandom", 0, T_BYTES_OUT, T_SIZE, T_RANDOM_FLAGS)                                \
  X(fd_write, "writev", DESC, T_FD, T_IOV, T_INT)                                                  \
  X(fd_read, "readv", DESC, T_FD, T_IOV_OUT, T_INT)                                                \
  X(fd_pwrite, "pwritev", DESC, T_FD, T_IOV, T_INT, T_OFFSET)                                      \
  X(fd_pread, "preadv", DESC, T_FD, T_IOV_OUT, T_INT, T_OFFSET)                                    \
  X(fd_close, "close", DESC, T_FD)                                                                 \
  X(fd_seek, "lseek", DESC, T_FD, T_OFFSET, T_WHENCE, T_POSITION)                                  \
  X(fd_sync, "fsync", DESC, T_FD)                                                                  \
  X(fd_fdstat_get, "fd_fdstat_get", HIDE, T_FD, T_POINTER)                                         \
  X(clock_time_get, "clock_gettime", HIDE, T_CLOCK)                                                \
  X(clock_res_get, "clock_getres", CLASS_CLOCK, T_CLOCK, T_POINTER)                                \
  X(args_sizes_get, "args_sizes_get", HIDE, T_POINTER, T_POINTER)                                  \
  X(args_get, "args_get", HIDE, T_POINTER, T_POINTER)                                              \
  X(environ_sizes_get, "environ_sizes_get", HIDE, T_POINTER, T_POINTER)                            \
  X(environ_get, "environ_get", HIDE, T_POINTER, T_POINTER)                                        \
  X(random_get, "getrandom", 0, T_POINTER, T_SIZE)

#define TRACE_ENUM(name, ...) CALL_##name,
enum trace_call { CALL_none, TRACE_CALLS(TRACE_ENUM) CALLS };

#endif
