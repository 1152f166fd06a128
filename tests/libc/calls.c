/* One function for each of POSIX's and Linux's that must reach the kernel, with the names of the
 * calls that it makes there: swallowed.test.js links each alone and looks at its imports. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define REACHES(function, calls, ...)                                                              \
  void call_##function(void);                                                                      \
  void call_##function(void) { used += (__VA_ARGS__, 1); }

volatile int used;
static char buffer[256], *words[2];
static struct sockaddr_storage address;
static socklen_t length;
static struct msghdr message;
static struct mmsghdr messages[2];
static struct iovec iov[2];
static struct pollfd fds[2];
static struct epoll_event event;
static struct itimerspec timer;
static struct itimerval interval;
static struct timespec moment;
static struct timeval duration;
static struct sigaction action;
static struct stat status;
static struct rusage usage;
static struct rlimit limit;
static struct utsname system_name;
static struct termios terminal;
static struct tms spent;
static siginfo_t info;
static sigset_t signals;
static fd_set set;
static int pair[2];

REACHES(socket, "socket", socket(AF_INET, SOCK_STREAM, 0))
REACHES(socketpair, "socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
REACHES(bind, "bind", bind(0, (void *)&address, length))
REACHES(listen, "listen", listen(0, 1))
REACHES(accept, "accept4", accept(0, (void *)&address, &length))
REACHES(accept4, "accept4", accept4(0, (void *)&address, &length, 0))
REACHES(connect, "connect", connect(0, (void *)&address, length))
REACHES(getsockname, "getsockname", getsockname(0, (void *)&address, &length))
REACHES(getpeername, "getpeername", getpeername(0, (void *)&address, &length))
REACHES(send, "sendto", send(0, buffer, 1, 0))
REACHES(sendto, "sendto", sendto(0, buffer, 1, 0, (void *)&address, length))
REACHES(sendmsg, "sendmsg", sendmsg(0, &message, 0))
REACHES(sendmmsg, "sendmmsg", sendmmsg(0, messages, 2, 0))
REACHES(recv, "recvfrom", recv(0, buffer, 1, 0))
REACHES(recvfrom, "recvfrom", recvfrom(0, buffer, 1, 0, (void *)&address, &length))
REACHES(recvmsg, "recvmsg", recvmsg(0, &message, 0))
REACHES(recvmmsg, "recvmmsg", recvmmsg(0, messages, 2, 0, &moment))
REACHES(shutdown, "shutdown", shutdown(0, SHUT_WR))
REACHES(getsockopt, "getsockopt", getsockopt(0, SOL_SOCKET, SO_ERROR, buffer, &length))
REACHES(setsockopt, "setsockopt", setsockopt(0, SOL_SOCKET, SO_REUSEADDR, buffer, length))
REACHES(sockatmark, "ioctl", sockatmark(0))

REACHES(select, "_newselect", select(1, &set, NULL, NULL, &duration))
REACHES(pselect, "pselect6", pselect(1, &set, NULL, NULL, &moment, &signals))
REACHES(poll, "poll", poll(fds, 2, 1))
REACHES(ppoll, "ppoll", ppoll(fds, 2, &moment, &signals))
REACHES(epoll_create, "epoll_create1", epoll_create(1))
REACHES(epoll_create1, "epoll_create1", epoll_create1(0))
REACHES(epoll_ctl, "epoll_ctl", epoll_ctl(0, EPOLL_CTL_ADD, 0, &event))
REACHES(epoll_wait, "epoll_pwait", epoll_wait(0, &event, 1, 1))
REACHES(epoll_pwait, "epoll_pwait", epoll_pwait(0, &event, 1, 1, &signals))
REACHES(eventfd, "eventfd2", eventfd(0, 0))
REACHES(timerfd_create, "timerfd_create", timerfd_create(CLOCK_MONOTONIC, 0))
REACHES(timerfd_settime, "timerfd_settime", timerfd_settime(0, 0, &timer, &timer))
REACHES(timerfd_gettime, "timerfd_gettime", timerfd_gettime(0, &timer))

REACHES(read, "fd_read", read(0, buffer, 1))
REACHES(write, "fd_write", write(0, buffer, 1))
REACHES(readv, "fd_read", readv(0, iov, 2))
REACHES(writev, "fd_write", writev(0, iov, 2))
REACHES(pread, "fd_pread", pread(0, buffer, 1, 0))
REACHES(pwrite, "fd_pwrite", pwrite(0, buffer, 1, 0))
REACHES(lseek, "fd_seek", lseek(0, 0, SEEK_SET))
REACHES(close, "fd_close", close(0))
REACHES(fsync, "fd_sync", fsync(0))
REACHES(open, "open|openat", open(buffer, O_RDONLY))
REACHES(openat, "openat", openat(0, buffer, O_RDONLY))
REACHES(creat, "open|openat", creat(buffer, 0))
REACHES(fcntl, "fcntl64", fcntl(0, F_SETFL, O_NONBLOCK))
REACHES(ioctl, "ioctl", ioctl(0, FIONBIO, pair))
REACHES(isatty, "ioctl", isatty(0))
REACHES(setuid, "setuid32", setuid(1000))
REACHES(setegid, "setgid32", setegid(1000))
REACHES(sendfile, "sendfile", sendfile(0, 0, NULL, 1))
REACHES(flock, "flock", flock(0, LOCK_EX))
REACHES(dup, "dup", dup(0))
REACHES(dup2, "dup3", dup2(0, 1))
REACHES(dup3, "dup3", dup3(0, 1, 0))
REACHES(pipe, "pipe", pipe(pair))
REACHES(pipe2, "pipe2", pipe2(pair, O_NONBLOCK))
REACHES(stat, "stat64", stat(buffer, &status))
REACHES(fstat, "fstat64", fstat(0, &status))
REACHES(lstat, "lstat64", lstat(buffer, &status))
REACHES(access, "faccessat", access(buffer, R_OK))
REACHES(chmod, "chmod", chmod(buffer, 0))
REACHES(ftruncate, "ftruncate64", ftruncate(0, 0))
REACHES(mkdir, "mkdir|mkdirat", mkdir(buffer, 0))
REACHES(rmdir, "rmdir|unlinkat", rmdir(buffer))
REACHES(unlink, "unlink|unlinkat", unlink(buffer))
REACHES(rename, "rename|renameat", rename(buffer, buffer))
REACHES(chdir, "chdir", chdir(buffer))
REACHES(getcwd, "getcwd", getcwd(buffer, sizeof buffer))
REACHES(opendir, "open|openat", opendir(buffer))
REACHES(readdir, "getdents64", readdir((void *)buffer))
REACHES(umask, "umask", umask(0))
REACHES(chroot, "chroot", chroot(buffer))
REACHES(tcgetattr, "ioctl", tcgetattr(0, &terminal))
REACHES(tcsetattr, "ioctl", tcsetattr(0, TCSANOW, &terminal))
REACHES(tcgetpgrp, "ioctl", tcgetpgrp(0))

REACHES(getpid, "getpid", getpid())
REACHES(getppid, "getppid", getppid())
REACHES(gettid, "gettid", gettid())
REACHES(getpgid, "getpgid", getpgid(0))
REACHES(setpgid, "setpgid", setpgid(0, 0))
REACHES(getsid, "getsid", getsid(0))
REACHES(setsid, "setsid", setsid())
REACHES(getuid, "getuid32", getuid())
REACHES(geteuid, "geteuid32", geteuid())
REACHES(getgid, "getgid32", getgid())
REACHES(setgroups, "setgroups32", setgroups(0, NULL))
REACHES(fork, "fork", fork())
REACHES(execve, "execve", execve(buffer, words, words))
REACHES(execvp, "execve", execvp(buffer, words))
REACHES(posix_spawn, "posix_spawn", posix_spawn(pair, buffer, NULL, NULL, words, words))
REACHES(posix_spawnp, "posix_spawn", posix_spawnp(pair, buffer, NULL, NULL, words, words))
REACHES(system, "posix_spawn wait4", system(buffer))
REACHES(popen, "posix_spawn pipe2", popen(buffer, "r"))
REACHES(wait, "wait4", wait(pair))
REACHES(waitpid, "wait4", waitpid(0, pair, WNOHANG))
REACHES(wait3, "wait4", wait3(pair, 0, &usage))
REACHES(wait4, "wait4", wait4(0, pair, 0, &usage))
REACHES(waitid, "waitid", waitid(P_ALL, 0, &info, WEXITED))
REACHES(sched_yield, "sched_yield", sched_yield())
REACHES(getrusage, "getrusage", getrusage(RUSAGE_SELF, &usage))
REACHES(getrlimit, "prlimit64", getrlimit(RLIMIT_NOFILE, &limit))
REACHES(setrlimit, "prlimit64", setrlimit(RLIMIT_NOFILE, &limit))
REACHES(uname, "uname", uname(&system_name))
REACHES(gethostname, "uname", gethostname(buffer, sizeof buffer))
REACHES(sethostname, "sethostname", sethostname(buffer, sizeof buffer))
REACHES(exit, "proc_exit", exit(0))
REACHES(_exit, "proc_exit", _exit(0))
REACHES(abort, "tkill", abort())

REACHES(kill, "kill", kill(1, SIGTERM))
REACHES(killpg, "kill", killpg(1, SIGTERM))
REACHES(raise, "tkill", raise(SIGTERM))
REACHES(signal, "rt_sigaction", signal(SIGTERM, SIG_IGN))
REACHES(sigaction, "rt_sigaction", sigaction(SIGTERM, &action, NULL))
REACHES(sigprocmask, "rt_sigprocmask", sigprocmask(SIG_BLOCK, &signals, NULL))
REACHES(sigpending, "rt_sigpending", sigpending(&signals))
REACHES(sigsuspend, "rt_sigsuspend", sigsuspend(&signals))
REACHES(sigwait, "rt_sigtimedwait", sigwait(&signals, pair))
REACHES(sigtimedwait, "rt_sigtimedwait", sigtimedwait(&signals, &info, &moment))
REACHES(pause, "pause", pause())
REACHES(alarm, "setitimer", alarm(1))
REACHES(ualarm, "setitimer", ualarm(1, 1))
REACHES(setitimer, "setitimer", setitimer(ITIMER_REAL, &interval, NULL))
REACHES(getitimer, "getitimer", getitimer(ITIMER_REAL, &interval))

REACHES(clock_gettime, "clock_time_get", clock_gettime(CLOCK_MONOTONIC, &moment))
REACHES(clock_getres, "clock_res_get", clock_getres(CLOCK_MONOTONIC, &moment))
REACHES(gettimeofday, "clock_time_get", gettimeofday(&duration, NULL))
REACHES(time, "clock_time_get", time(NULL))
REACHES(clock, "clock_time_get", clock())
REACHES(times, "clock_time_get", times(&spent))
REACHES(nanosleep, "clock_nanosleep", nanosleep(&moment, &moment))
REACHES(clock_nanosleep, "clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, &moment))
REACHES(usleep, "clock_nanosleep", usleep(1))
REACHES(sleep, "clock_nanosleep", sleep(1))
REACHES(getrandom, "getrandom", getrandom(buffer, 1, 0))
REACHES(getentropy, "getrandom", getentropy(buffer, 1))

REACHES(fopen, "open|openat", fopen(buffer, "r"))
REACHES(fgets, "fd_read", fgets(buffer, sizeof buffer, stdin))
REACHES(puts, "fd_write", puts(buffer))
REACHES(perror, "fd_write", perror(buffer))
REACHES(getpwuid, "open|openat fd_read", getpwuid(0))
REACHES(getpwnam, "open|openat fd_read", getpwnam(buffer))
REACHES(getgrgid, "open|openat fd_read", getgrgid(0))
REACHES(getservbyname, "open|openat fd_read", getservbyname(buffer, NULL))
REACHES(gethostbyname, "open|openat fd_read", gethostbyname(buffer))
REACHES(gethostbyaddr, "open|openat fd_read", gethostbyaddr(buffer, 4, AF_INET))
REACHES(getaddrinfo, "open|openat fd_read socket", getaddrinfo(buffer, buffer, NULL, (void *)words))
REACHES(getnameinfo, "open|openat fd_read",
        getnameinfo((void *)&address, length, buffer, 1, NULL, 0, 0))

int main(void) { return 0; }
