/* The kernel's exports as a program and the kernel Worker call them. A program's addresses are
 * pointers of the test. */
#ifndef PORTSIDE_CALLS_H
#define PORTSIDE_CALLS_H

#include "kernel.h"

#define U(pointer) ((uptr)(pointer))

void k_boot(void);
void *k_buffer(void);
void k_attach(struct proc *p);
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
void k_release(int pid);
int k_install(const void *bytes, size_t n, int mode);
void k_gateway_connected(int fd);
void k_gateway_failed(int fd);
void k_gateway_end(int fd);
double k_tick(void);
struct event *k_event(void);
int k_missing(const char *name, int is_wasi);

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

long __syscall_posix_spawn(uptr path, uptr argv, uptr envp, uptr actions, uptr attributes);
long __syscall_wait4(int pid, uptr status, int options, uptr usage);
#endif
