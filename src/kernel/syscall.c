/* The boundary: every system call that a program can make, a row each. A program's imports are
 * these exports, under the names that Emscripten's libc calls them by: `__syscall_*` takes and
 * gives C longs and answers -errno, WASI's calls answer errno and give their value by address. */
#include "kernel.h"
#include "trace.h"

/* programs import these: C declares them nowhere */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#include <string.h>
#include <time.h>

/* The kernel's libc makes calls too, before there is a process. */
static inline bool traced(void) { return current && current->traced; }

/* Killed on its way here: to be terminated. */
static _Noreturn void stay(void) {
  __atomic_store_n(&caller->inside, false, __ATOMIC_SEQ_CST);
  machine_park();
}

void syscall_enter(void) {
  __atomic_store_n(&caller->inside, true, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&caller->ended, __ATOMIC_SEQ_CST)) stay();
  lock();
  if (caller->ended) {
    unlock();
    stay();
  }
  caller->in_kernel = true;
}

void syscall_leave(void) {
  caller->in_kernel = false;
  unlock();
  __atomic_store_n(&caller->inside, false, __ATOMIC_SEQ_CST);
}

/* The way out: frames are delivered, signals too. True when the call is to be made again. */
bool syscall_again(long *result) {
  net_run();
  if (*result != -ERESTARTSYS) caller->cancel_point = false;
  if (current->stopped) proc_stay_stopped();
  if (traced()) trace_leave(*result);
  if (signal_due(caller) && signals_deliver() && *result == -ERESTARTSYS) return true;
  if (*result == -ERESTARTSYS) *result = -EINTR;
  caller->cancel_point = false;
  syscall_leave();
  return false;
}

/* A call that is a cancellation point: POSIX, XSH 2.9.5. */
#define CANCELS(call) (cancel_point(), (call))

/* What a call answers, as the trace sees it: its name, its arguments, what does it. */
#define BODY(name, arguments, call)                                                                \
  {                                                                                                \
    long result;                                                                                   \
    syscall_enter();                                                                               \
    do {                                                                                           \
      if (traced()) trace_enter(CALL_##name, (const int64_t[TRACE_ARGUMENTS])arguments);           \
      result = (call);                                                                             \
    } while (syscall_again(&result));                                                              \
    return result;                                                                                 \
  }
#define THESE(...) {__VA_ARGS__}

#define LIBC0(name, call) EXPORT(__syscall_##name) long __syscall_##name(void) BODY(name, {0}, call)
#define LIBC1(name, A, call)                                                                       \
  EXPORT(__syscall_##name) long __syscall_##name(A a) BODY(name, THESE(a), call)
#define LIBC2(name, A, B, call)                                                                    \
  EXPORT(__syscall_##name) long __syscall_##name(A a, B b) BODY(name, THESE(a, b), call)
#define LIBC3(name, A, B, C, call)                                                                 \
  EXPORT(__syscall_##name) long __syscall_##name(A a, B b, C c) BODY(name, THESE(a, b, c), call)
#define LIBC4(name, A, B, C, D, call)                                                              \
  EXPORT(__syscall_##name)                                                                         \
  long __syscall_##name(A a, B b, C c, D d) BODY(name, THESE(a, b, c, d), call)
#define LIBC5(name, A, B, C, D, E, call)                                                           \
  EXPORT(__syscall_##name)                                                                         \
  long __syscall_##name(A a, B b, C c, D d, E e) BODY(name, THESE(a, b, c, d, e), call)
#define LIBC6(name, A, B, C, D, E, F, call)                                                        \
  EXPORT(__syscall_##name)                                                                         \
  long __syscall_##name(A a, B b, C c, D d, E e, F f) BODY(name, THESE(a, b, c, d, e, f), call)
/* Emscripten passes the socket calls six words, whatever they use. */
#define SOCKET(name, A, B, C, D, E, F, call)                                                       \
  LIBC6(name, A, B, C, D, E, F, ((void)b, (void)c, (void)d, (void)e, (void)f, call))

SOCKET(socket, int, int, int, long, long, long, sys_socket(a, b, c))
SOCKET(socketpair, int, int, int, uptr, long, long, sys_socketpair(a, b, c, d))
SOCKET(bind, int, uptr, unsigned, long, long, long, sys_bind(a, b, c))
SOCKET(listen, int, int, long, long, long, long, sys_listen(a, b))
SOCKET(accept4, int, uptr, uptr, int, long, long, CANCELS(sys_accept4(a, b, c, d)))
SOCKET(connect, int, uptr, unsigned, long, long, long, CANCELS(sys_connect(a, b, c)))
SOCKET(getsockname, int, uptr, uptr, long, long, long, sys_getsockname(a, b, c))
SOCKET(getpeername, int, uptr, uptr, long, long, long, sys_getpeername(a, b, c))
SOCKET(sendto, int, uptr, size_t, int, uptr, unsigned, CANCELS(sys_sendto(a, b, c, d, e, f)))
SOCKET(recvfrom, int, uptr, size_t, int, uptr, uptr, CANCELS(sys_recvfrom(a, b, c, d, e, f)))
SOCKET(sendmsg, int, uptr, int, long, long, long, CANCELS(sys_sendmsg(a, b, c)))
SOCKET(recvmsg, int, uptr, int, long, long, long, CANCELS(sys_recvmsg(a, b, c)))
SOCKET(shutdown, int, int, long, long, long, long, sys_shutdown(a, b))
SOCKET(getsockopt, int, int, int, uptr, uptr, long, sys_getsockopt(a, b, c, d, e))
SOCKET(setsockopt, int, int, int, uptr, unsigned, long, sys_setsockopt(a, b, c, d, e))
LIBC4(sendmmsg, int, uptr, unsigned, int, CANCELS(sys_sendmmsg(a, b, c, d)))
LIBC5(recvmmsg, int, uptr, unsigned, int, uptr, CANCELS(sys_recvmmsg(a, b, c, d, e)))

static int64_t milliseconds(int ms) { return ms < 0 ? FOREVER : ms * INT64_C(1000000); }
LIBC3(poll, uptr, unsigned, int, CANCELS(sys_poll(a, b, milliseconds(c))))
LIBC5(_newselect, int, uptr, uptr, uptr, uptr, CANCELS(sys_newselect(a, b, c, d, e)))
LIBC6(pselect6, int, uptr, uptr, uptr, uptr, uptr, CANCELS(sys_pselect6(a, b, c, d, e, f)))
LIBC5(ppoll, uptr, unsigned, uptr, uptr, size_t, CANCELS(sys_ppoll(a, b, c, d, e)))
LIBC1(epoll_create1, int, sys_epoll_create1(a))
LIBC4(epoll_ctl, int, int, int, uptr, sys_epoll_ctl(a, b, c, d))
LIBC6(epoll_pwait, int, uptr, int, int, uptr, size_t,
      CANCELS(sys_epoll_pwait(a, b, c, milliseconds(d), e, f)))
LIBC2(eventfd2, unsigned, int, sys_eventfd2(a, b))
LIBC2(timerfd_create, int, int, sys_timerfd_create(a, b))
LIBC4(timerfd_settime, int, int, uptr, uptr, sys_timerfd_settime(a, b, c, d))
LIBC2(timerfd_gettime, int, uptr, sys_timerfd_gettime(a, b))

LIBC1(dup, int, sys_dup(a))
LIBC3(dup3, int, int, int, sys_dup3(a, b, c))
LIBC1(pipe, uptr, sys_pipe2(a, 0))
LIBC2(pipe2, uptr, int, sys_pipe2(a, b))
LIBC3(fcntl64, int, int, uptr, CANCELS(sys_fcntl(a, b, c)))
LIBC4(sendfile, int, int, uptr, size_t, sys_sendfile(a, b, c, d))
LIBC3(ioctl, int, unsigned, uptr, sys_ioctl(a, b, c))

/* Files by name. openat has the address of its variable argument. */
static long open_at(int dir, uptr path, int flags, uptr arguments) {
  mode_t mode = 0;
  if (arguments && copy_from_user(&mode, arguments, sizeof mode)) return -EFAULT;
  return sys_openat(dir, path, flags, mode);
}
LIBC3(open, uptr, int, uptr, CANCELS(open_at(AT_FDCWD, a, b, c)))
LIBC4(openat, int, uptr, int, uptr, CANCELS(open_at(a, b, c, d)))
LIBC2(stat64, uptr, uptr, sys_fstatat(AT_FDCWD, a, b, 0))
LIBC2(lstat64, uptr, uptr, sys_fstatat(AT_FDCWD, a, b, AT_SYMLINK_NOFOLLOW))
LIBC2(fstat64, int, uptr, sys_fstat(a, b))
LIBC4(fstatat64, int, uptr, uptr, int, sys_fstatat(a, b, c, d))
LIBC4(newfstatat, int, uptr, uptr, int, sys_fstatat(a, b, c, d)) /* 3.1.69's name */
LIBC3(getdents64, int, uptr, size_t, sys_getdents64(a, b, c))
LIBC2(getcwd, uptr, size_t, sys_getcwd(a, b))
LIBC1(chdir, uptr, sys_chdir(a))
LIBC1(fchdir, int, sys_fchdir(a))
LIBC2(mkdir, uptr, mode_t, sys_mkdirat(AT_FDCWD, a, b))
LIBC3(mkdirat, int, uptr, mode_t, sys_mkdirat(a, b, c))
LIBC3(mknod, uptr, mode_t, int, ((void)c, sys_mknodat(AT_FDCWD, a, b)))
LIBC4(mknodat, int, uptr, mode_t, int, ((void)d, sys_mknodat(a, b, c)))
LIBC1(rmdir, uptr, sys_unlinkat(AT_FDCWD, a, AT_REMOVEDIR))
LIBC1(unlink, uptr, sys_unlinkat(AT_FDCWD, a, 0))
LIBC3(unlinkat, int, uptr, int, sys_unlinkat(a, b, c))
LIBC2(link, uptr, uptr, sys_linkat(AT_FDCWD, a, AT_FDCWD, b, 0))
LIBC5(linkat, int, uptr, int, uptr, int, sys_linkat(a, b, c, d, e))
LIBC2(symlink, uptr, uptr, sys_symlinkat(a, AT_FDCWD, b))
LIBC3(symlinkat, uptr, int, uptr, sys_symlinkat(a, b, c))
LIBC3(readlink, uptr, uptr, int, sys_readlinkat(AT_FDCWD, a, b, c))
LIBC4(readlinkat, int, uptr, uptr, int, sys_readlinkat(a, b, c, d))
LIBC2(rename, uptr, uptr, sys_renameat(AT_FDCWD, a, AT_FDCWD, b))
LIBC4(renameat, int, uptr, int, uptr, sys_renameat(a, b, c, d))
LIBC2(access, uptr, int, sys_faccessat(AT_FDCWD, a, b, 0))
LIBC4(faccessat, int, uptr, int, int, sys_faccessat(a, b, c, d))
LIBC2(chmod, uptr, mode_t, sys_fchmodat(AT_FDCWD, a, b))
LIBC2(fchmod, int, mode_t, sys_fchmod(a, b))
LIBC4(fchmodat, int, uptr, mode_t, uptr, ((void)d, sys_fchmodat(a, b, c)))
LIBC4(fchmodat2, int, uptr, mode_t, int, d ? -EOPNOTSUPP : sys_fchmodat(a, b, c))
LIBC3(chown32, uptr, uid_t, gid_t, sys_fchownat(AT_FDCWD, a, b, c, 0))
LIBC3(lchown32, uptr, uid_t, gid_t, sys_fchownat(AT_FDCWD, a, b, c, AT_SYMLINK_NOFOLLOW))
LIBC3(fchown32, int, uid_t, gid_t, sys_fchown(a, b, c))
LIBC5(fchownat, int, uptr, uid_t, gid_t, int, sys_fchownat(a, b, c, d, e))
LIBC4(utimensat, int, uptr, uptr, int, sys_utimensat(a, b, c, d))
LIBC3(statfs64, uptr, size_t, uptr, sys_statfs(a, b, c))
LIBC3(fstatfs64, int, size_t, uptr, sys_fstatfs(a, b, c))
LIBC1(fdatasync, int, sys_fsync(a))
LIBC0(sync, 0)

/* Emscripten 3.1.6 passes 64 bits as two words, the lower one first; 3.1.69 as they are. */
#if defined __wasm__ && __EMSCRIPTEN_tiny__ == 6
static int64_t joined(long low, long high) {
  return (int64_t)((uint64_t)high << 32 | (uint32_t)low);
}
EXPORT(__syscall_truncate64)
long __syscall_truncate64(uptr a, long b, long c)
    BODY(truncate64, THESE(a, joined(b, c)), sys_truncate(a, joined(b, c)))
EXPORT(__syscall_ftruncate64)
long __syscall_ftruncate64(int a, long b, long c)
    BODY(ftruncate64, THESE(a, joined(b, c)), sys_ftruncate(a, joined(b, c)))
EXPORT(__syscall_fallocate)
long __syscall_fallocate(int a, int b, long c, long d, long e, long f)
    BODY(fallocate, THESE(a, b, joined(c, d), joined(e, f)),
         sys_fallocate(a, b, joined(c, d), joined(e, f)))
EXPORT(__syscall_fadvise64_64)
long __syscall_fadvise64_64(int a, long b, long c, long d, long e, int f)
    BODY(fadvise64, THESE(a, joined(b, c), joined(d, e), f), sys_fadvise(a, f))
#else
LIBC2(truncate64, uptr, int64_t, sys_truncate(a, b))
LIBC2(ftruncate64, int, int64_t, sys_ftruncate(a, b))
LIBC4(fallocate, int, int, int64_t, int64_t, sys_fallocate(a, b, c, d))
LIBC4(fadvise64, int, int64_t, int64_t, int, ((void)b, (void)c, sys_fadvise(a, d)))
#endif

LIBC0(getpid, sys_getpid())
LIBC0(getppid, sys_getppid())
LIBC0(gettid, sys_gettid())
LIBC1(thread_create, uptr, sys_thread_create(a))
LIBC1(thread_exit, uptr, sys_thread_exit(a))
LIBC1(cancel_state, int, sys_cancel_state(a))
LIBC5(futex_wait, uptr, int, int, int64_t, int, sys_futex_wait(a, b, c, d, e))
LIBC2(futex_wake, uptr, int, sys_futex_wake(a, b))
LIBC0(getpgrp, sys_getpgid(0))
LIBC1(getpgid, int, sys_getpgid(a))
LIBC2(setpgid, int, int, sys_setpgid(a, b))
LIBC1(getsid, int, sys_getsid(a))
LIBC0(setsid, sys_setsid())
LIBC1(umask, int, sys_umask(a))
LIBC1(uname, uptr, sys_uname(a))
LIBC4(wait4, int, uptr, int, uptr, CANCELS(sys_wait4(a, b, c, d)))
LIBC5(posix_spawn, uptr, uptr, uptr, uptr, uptr, sys_posix_spawn(a, b, c, d, e))
LIBC5(waitid, int, int, uptr, int, uptr, CANCELS(sys_waitid(a, b, c, d, e)))
LIBC1(fork, int, sys_fork(a)) /* its Worker's number for it */
LIBC3(execve, uptr, uptr, uptr, sys_execve(a, b, c))
LIBC0(sched_yield, 0)

LIBC0(getuid32, USER)
LIBC0(geteuid32, USER)
LIBC0(getgid32, USER)
LIBC0(getegid32, USER)
LIBC3(getresuid32, uptr, uptr, uptr, sys_getids(a, b, c))
LIBC3(getresgid32, uptr, uptr, uptr, sys_getids(a, b, c))
LIBC1(setuid32, int, sys_setid(a))
LIBC1(setgid32, int, sys_setid(a))
LIBC2(getgroups32, int, uptr, sys_getgroups(a, b))
LIBC2(getrusage, int, uptr, sys_getrusage(a, b))
LIBC1(sysinfo, uptr, sys_sysinfo(a))
LIBC4(prlimit64, int, int, uptr, uptr, sys_prlimit(a, b, c, d))

LIBC2(kill, int, int, sys_kill(a, b))
LIBC2(tkill, int, int, sys_tkill(a, b))
LIBC3(rt_sigqueueinfo, int, int, uptr, sys_rt_sigqueueinfo(a, b, c))
LIBC3(rt_sigtimedwait, uptr, uptr, uptr, CANCELS(sys_rt_sigtimedwait(a, b, c)))
LIBC3(rt_sigaction, int, uptr, uptr, sys_rt_sigaction(a, b, c))
LIBC3(rt_sigprocmask, int, uptr, uptr, sys_rt_sigprocmask(a, b, c))
LIBC1(rt_sigpending, uptr, sys_rt_sigpending(a))
LIBC1(rt_sigsuspend, uptr, CANCELS(sys_rt_sigsuspend(a)))
LIBC0(pause, CANCELS(sys_pause()))
LIBC3(setitimer, int, uptr, uptr, sys_setitimer(a, b, c))
LIBC2(getitimer, int, uptr, sys_getitimer(a, b))

LIBC4(clock_nanosleep, int, int, uptr, uptr, CANCELS(sys_clock_nanosleep(a, b, c, d)))
LIBC3(getrandom, uptr, size_t, unsigned, sys_getrandom(a, b, c))

/* WASI: 0 or a positive errno. */
static long wasi(long result) { return result < 0 && result != -ERESTARTSYS ? -result : result; }
static long wasi_count(long result, uptr to) {
  if (result < 0) return wasi(result);
  uint32_t count = (uint32_t)result;
  if (traced()) trace_value(result);
  return wasi(copy_to_user(to, &count, sizeof count));
}

/* syscall_again makes -ERESTARTSYS -EINTR only then, so WASI's sign is put right behind it. */
static int made_positive(long result) { return (int)(result == -EINTR ? EINTR : result); }
#define WASI(name, parameters, arguments, call)                                                    \
  static long answer_##name parameters BODY(name, THESE arguments, call)                           \
  EXPORT(name) int wasi_##name parameters { return made_positive(answer_##name arguments); }

WASI(fd_write, (int fd, uptr iov, int count, uptr written), (fd, iov, count, written),
     wasi_count(CANCELS(sys_writev(fd, iov, count)), written))
WASI(fd_read, (int fd, uptr iov, int count, uptr got), (fd, iov, count, got),
     wasi_count(CANCELS(sys_readv(fd, iov, count)), got))
WASI(fd_pwrite, (int fd, uptr iov, int count, int64_t offset, uptr written),
     (fd, iov, count, offset, written),
     wasi_count(CANCELS(sys_pwritev(fd, iov, count, offset)), written))
WASI(fd_pread, (int fd, uptr iov, int count, int64_t offset, uptr got),
     (fd, iov, count, offset, got), wasi_count(CANCELS(sys_preadv(fd, iov, count, offset)), got))
WASI(fd_close, (int fd), (fd), wasi(CANCELS(sys_close(fd))))
WASI(fd_seek, (int fd, int64_t offset, int whence, uptr to), (fd, offset, whence, to),
     wasi(sys_lseek(fd, offset, whence, to)))
WASI(fd_sync, (int fd), (fd), wasi(sys_fsync(fd)))
WASI(fd_fdstat_get, (int fd, uptr to), (fd, to), wasi(sys_fdstat(fd, to)))
WASI(clock_time_get, (int clock, int64_t precision, uptr to), (clock, precision, to),
     ((void)precision, wasi(sys_clock_gettime(clock, to))))
WASI(clock_res_get, (int clock, uptr to), (clock, to), wasi(sys_clock_getres(clock, to)))
WASI(args_sizes_get, (uptr count, uptr size), (count, size),
     wasi(sys_strings_sizes(true, count, size)))
WASI(args_get, (uptr vector, uptr to), (vector, to), wasi(sys_strings(true, vector, to)))
WASI(environ_sizes_get, (uptr count, uptr size), (count, size),
     wasi(sys_strings_sizes(false, count, size)))
WASI(environ_get, (uptr vector, uptr to), (vector, to), wasi(sys_strings(false, vector, to)))
WASI(random_get, (uptr to, size_t n), (to, n), (sys_getrandom(to, n, 0) < 0 ? EFAULT : 0))

EXPORT(proc_exit) _Noreturn void wasi_proc_exit(int status) {
  syscall_enter();
  if (traced()) trace_gone(status);
  proc_exit(current, (status & 0xff) << 8);
  net_run();
  unlock();
  machine_exit(status);
}

/* A call that the kernel does not have: the runtime puts this in its place, and knows its name. The
 * answer is as its module gives errors. */
EXPORT(k_missing) int k_missing(int is_wasi) {
  char name[80];
  syscall_enter();
  machine_missing(name, sizeof name);
  klog("pid %d called %s, which the kernel does not have", current->pid, name);
  long result = is_wasi ? ENOSYS : -ENOSYS;
  syscall_again(&result);
  return (int)result;
}

/* Whether the Worker that asks is inside a call: then a trap is the kernel's own. */
EXPORT(k_in_kernel) int k_in_kernel(void) { return caller->in_kernel; }
