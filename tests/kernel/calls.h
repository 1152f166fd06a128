/* The kernel's exports as a program and the kernel Worker call them. A program's addresses are
 * pointers of the test. */
#ifndef PORTSIDE_CALLS_H
#define PORTSIDE_CALLS_H

#include "kernel.h"

#define U(...) ((uptr)(__VA_ARGS__))

void k_boot(void);
void *k_buffer(void);
void k_attach(struct thread *t);
int k_host(const char *name, uint32_t address);
int k_pty(int columns, int rows);
void k_pty_resize(int fd, int columns, int rows);
int k_pty_foreground(int fd);
int k_pipe(int program_reads);
long k_read(int fd, void *bytes, size_t n);
long k_write(int fd, void *bytes, size_t n);
int k_poll(int fd);
void k_close(int fd);
int k_spawn(int arguments, int environment, int in, int out, int err);
int k_kill(int pid, int sig);
void k_crashed(int pid, int sig);
void k_release(int worker);
int k_install(const void *bytes, size_t n, int mode);
void k_gateway_connected(int fd);
void k_gateway_failed(int fd);
void k_gateway_end(int fd);
double k_tick(void);
struct event *k_event(void);
int k_missing(int is_wasi);

_Noreturn void wasi_proc_exit(int status);
int wasi_fd_write(int fd, uptr iov, int count, uptr written);
int wasi_fd_read(int fd, uptr iov, int count, uptr got);
int wasi_fd_pread(int fd, uptr iov, int count, int64_t offset, uptr got);
int wasi_fd_pwrite(int fd, uptr iov, int count, int64_t offset, uptr written);
int wasi_fd_seek(int fd, int64_t offset, int whence, uptr to);
int wasi_fd_close(int fd);
int wasi_args_sizes_get(uptr count, uptr size);
int wasi_args_get(uptr vector, uptr to);

long __syscall_openat(int dir, uptr path, int flags, uptr mode);
long __syscall_fstat64(int fd, uptr to);
long __syscall_fstatat64(int dir, uptr path, uptr to, int flags);
long __syscall_getdents64(int fd, uptr to, size_t room);
long __syscall_getcwd(uptr to, size_t size);
long __syscall_chdir(uptr path);
long __syscall_fchdir(int fd);
long __syscall_mkdirat(int dir, uptr path, mode_t mode);
long __syscall_mknodat(int dir, uptr path, mode_t mode, int device);
long __syscall_unlinkat(int dir, uptr path, int flags);
long __syscall_linkat(int from_dir, uptr from, int to_dir, uptr to, int flags);
long __syscall_symlinkat(uptr target, int dir, uptr path);
long __syscall_readlinkat(int dir, uptr path, uptr to, int size);
long __syscall_renameat(int from_dir, uptr from, int to_dir, uptr to);
long __syscall_faccessat(int dir, uptr path, int wanted, int flags);
long __syscall_chmod(uptr path, mode_t mode);
long __syscall_fchmod(int fd, mode_t mode);
long __syscall_fchownat(int dir, uptr path, uid_t user, gid_t group, int flags);
long __syscall_utimensat(int dir, uptr path, uptr times, int flags);
long __syscall_truncate64(uptr path, int64_t size);
long __syscall_ftruncate64(int fd, int64_t size);
long __syscall_fallocate(int fd, int mode, int64_t offset, int64_t length);
long __syscall_statfs64(uptr path, size_t size, uptr to);
long __syscall_umask(int mask);

long __syscall_dup(int fd);
long __syscall_dup3(int from, int to, int flags);
long __syscall_fcntl64(int fd, int command, uptr arguments);
long __syscall_ioctl(int fd, unsigned request, uptr arguments);
long __syscall_pipe2(uptr fds, int flags);
long __syscall_poll(uptr fds, unsigned n, int ms);
long __syscall__newselect(int n, uptr read, uptr write, uptr except, uptr timeval);
long __syscall_epoll_create1(int flags);
long __syscall_epoll_ctl(int epoll, int operation, int fd, uptr event);
long __syscall_epoll_pwait(int epoll, uptr events, int most, int ms, uptr mask, size_t mask_size);
long __syscall_eventfd2(unsigned value, int flags);
long __syscall_timerfd_create(int clock, int flags);
long __syscall_timerfd_settime(int fd, int flags, uptr to, uptr old);
long __syscall_pselect6(int n, uptr read, uptr write, uptr except, uptr timespec, uptr mask);

long __syscall_posix_spawn(uptr path, uptr argv, uptr envp, uptr actions, uptr attributes);
long __syscall_wait4(int pid, uptr status, int options, uptr usage);
long __syscall_getpid(void);
long __syscall_getppid(void);
long __syscall_getpgid(int pid);
long __syscall_setpgid(int pid, int pgid);
long __syscall_getsid(int pid);
long __syscall_setsid(void);

long __syscall_kill(int pid, int sig);
long __syscall_rt_sigaction(int sig, uptr action, uptr old);
long __syscall_rt_sigprocmask(int how, uptr set, uptr old);
long __syscall_rt_sigpending(uptr set);
long __syscall_rt_sigsuspend(uptr set);
long __syscall_pause(void);
long __syscall_setitimer(int which, uptr value, uptr old);
long __syscall_clock_nanosleep(int clock, int flags, uptr request, uptr remain);

long __syscall_socket(int domain, int type, int protocol, long, long, long);
long __syscall_socketpair(int domain, int type, int protocol, uptr fds, long, long);
long __syscall_sendmsg(int fd, uptr msg, int flags, long, long, long);
long __syscall_recvmsg(int fd, uptr msg, int flags, long, long, long);
long __syscall_bind(int fd, uptr address, unsigned length, long, long, long);
long __syscall_listen(int fd, int backlog, long, long, long, long);
long __syscall_accept4(int fd, uptr address, uptr length, int flags, long, long);
long __syscall_connect(int fd, uptr address, unsigned length, long, long, long);
long __syscall_getsockname(int fd, uptr address, uptr length, long, long, long);
long __syscall_getpeername(int fd, uptr address, uptr length, long, long, long);
long __syscall_sendto(int fd, uptr from, size_t n, int flags, uptr address, unsigned length);
long __syscall_recvfrom(int fd, uptr to, size_t n, int flags, uptr address, uptr length);
long __syscall_shutdown(int fd, int how, long, long, long, long);
long __syscall_getsockopt(int fd, int level, int option, uptr value, uptr length, long);
long __syscall_setsockopt(int fd, int level, int option, uptr value, unsigned length, long);
long __syscall_prlimit64(int pid, int resource, uptr new, uptr old);
#endif
