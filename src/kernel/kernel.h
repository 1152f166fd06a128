/* The kernel's index: every function that crosses a file, grouped by the file that has it.
 *
 * One lock guards everything. Functions run with it held unless they say otherwise. They return a
 * value >= 0, or -errno; syscall.c is the only place where that meets a program.
 */
#ifndef PORTSIDE_KERNEL_H
#define PORTSIDE_KERNEL_H

#define _GNU_SOURCE /* POLLRDHUP and the like */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <limits.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name), used))
#else
#define EXPORT(name)
#endif

typedef uintptr_t uptr;                   /* an address in the calling program's memory */
enum { FOREVER = -1, ERESTARTSYS = 512 }; /* -ERESTARTSYS: EINTR, or once more under SA_RESTART */
/* how many descriptors a process may have, and setrlimit may let it have */
enum { FD_LIMIT = 1024, FD_MOST = 1 << 20 };
enum { PIPE_SIZE = 65536, PATH_LIMIT = 4096, PROC_LIMIT = 512, THREAD_LIMIT = 128 };

struct file;
struct proc;
struct thread;
struct socket;
struct host;
struct inode;
struct tty;
struct text;

/* machine_wasm.c, machine_native.c: what the kernel stands on */
void lock(void);
void machine_unlock(void);                         /* unlock (sched.c) does more */
int futex_wait(int *word, int seen, int64_t ns);   /* 0 or -ETIMEDOUT; ns FOREVER for no limit */
void futex_wake(int *word);                        /* wakes all */
int64_t now_ns(void);                              /* CLOCK_MONOTONIC */
int64_t realtime_ns(void);                         /* CLOCK_REALTIME */
int copy_from_user(void *to, uptr from, size_t n); /* 0 or -EFAULT */
int copy_to_user(uptr to, const void *from, size_t n);
void machine_random(void *to, size_t n);
/* Where in the program the call was made: byte offsets in its wasm, innermost first. How many. */
int machine_stack(uint32_t *to, int room);
size_t machine_memory_used(void);        /* bytes that malloc has given out */
size_t machine_memory_most(void);        /* that it could have */
void machine_notify(void);               /* the kernel Worker has something to do */
_Noreturn void machine_exit(int status); /* leaves the program; lock not held */
/* Runs a program's handler; lock not held. info: NULL if it has not asked for it. */
void machine_handler(uptr handler, int signal, const siginfo_t *info);
_Noreturn void machine_exec(void); /* leaves the program for the one of the last EVENT_EXEC */
_Noreturn void machine_park(void); /* a dead process's call never returns */
_Noreturn void panic(const char *format, ...);

/* user.c: a program's memory, piece by piece */
struct user_iovec {
  uptr base;
  size_t length;
};
enum { IOV_LIMIT = 1024 };
struct uio {                   /* where the bytes of one read or write go to or come from */
  struct user_iovec one, *iov; /* iov is &one, or allocated */
  int count;                   /* pieces left */
  size_t done, left;           /* bytes moved, bytes to go */
  bool kernel;                 /* addresses are the kernel's own: the caller is the kernel Worker */
};
int uio_one(struct uio *u, uptr base, size_t n);
int uio_vector(struct uio *u, uptr iov, int count); /* to be followed by uio_free */
void uio_kernel(struct uio *u, void *base, size_t n);
void uio_free(struct uio *u);
int uio_get(struct uio *u, void *to, size_t n); /* n <= left; 0 or -EFAULT */
int uio_put(struct uio *u, const void *from, size_t n);
int uio_look(const struct uio *u, void *to, size_t n); /* as uio_get, but they stay to be got */
void uio_skip(struct uio *u, size_t n);
int user_string(char *to, uptr from, size_t size); /* its length, -EFAULT or -ENAMETOOLONG */
int user_path(char *to, uptr from);                /* the same for a char[PATH_LIMIT] */

/* ring.c: a queue of bytes */
struct ring {
  uint8_t *data;
  size_t size, head, used;
};
int ring_init(struct ring *r, size_t size); /* 0 or -ENOMEM */
void ring_free(struct ring *r);
size_t ring_space(const struct ring *r);
ssize_t ring_from(struct ring *r, struct uio *from); /* as much as fits: bytes or -EFAULT */
ssize_t ring_to(struct ring *r, struct uio *to);     /* as much as there is */

/* sched.c: sleeping and waking */
struct waiter {
  struct waiter *next, **slot;
  struct thread *thread;
  void (*woken)(struct waiter *, int events);
};
struct waitq {
  struct waiter *first;
};
void wait_add(struct waitq *q, struct waiter *w); /* sets w's place; thread, woken by the caller */
void wait_remove(struct waiter *w);
void wake_for(struct waitq *q,
              int events);  /* POLLIN...: what has become possible; 0: perhaps anything */
void wake(struct waitq *q); /* for anything */
void wake_thread(struct thread *t);
void unlock(void);                 /* and notifies those who were woken meanwhile */
int sleep_until(int64_t deadline); /* 0 woken, -ERESTARTSYS a signal is due, -ETIMEDOUT */
int sleep_on(struct waitq *q, int64_t deadline);
int sleep_for(struct thread *t, int seen, int64_t ns); /* until it is woken; lock not held */
int64_t deadline_in(int64_t ns);                       /* FOREVER stays FOREVER */

/* timer.c: what the kernel does at a time of its own choosing */
struct timer {
  struct timer *next;
  int64_t at;
  void (*fire)(struct timer *);
  bool armed;
};
void timer_set(struct timer *t, int64_t at);
void timer_cancel(struct timer *t);
void timers_run(void);     /* fires what is due */
int64_t timers_next(void); /* when the first is due, or FOREVER */

/* proc.c: processes */
enum proc_state { PROC_RUNNING, PROC_ZOMBIE };
struct action {
  uptr handler;
  uint64_t mask;
  int flags;
};
struct signal_info { /* of siginfo_t what there is to know */
  int code, pid, status;
  unsigned uid;
  uptr value;
};
struct limit {
  uint64_t soft, hard;
};
struct pending {                /* signals that wait */
  uint64_t set;                 /* bit (number - 1) */
  struct signal_info infos[32]; /* of those below 32; the others' are queued */
  struct queued *queued;
  int queue_length;
};
struct thread {
  struct thread *next; /* of its process; the first thread comes first */
  struct proc *proc;
  int tid, worker; /* worker: its first tid, by which the kernel Worker knows it */
  int event;       /* the futex word; counts wake-ups */
  bool in_kernel, asleep;
  bool inside;            /* the Worker may have the lock, or waits for it */
  bool ending, ended;     /* it is to end when it leaves the kernel; it makes no more calls */
  bool idle;              /* it has ended, and its Worker waits for another to run */
  bool released;          /* its Worker is gone */
  bool cancel_point;      /* it is in a call at which it may be cancelled */
  int cancel;             /* enum cancel */
  uptr argument;          /* of the thread that an idle Worker is to run */
  bool parked, soon;      /* sched.c: it waits on its futex; its last sleep was short */
  bool closing;           /* in close(2), which may wait */
  struct pending pending; /* for it alone */
  uint64_t blocked;
  uint64_t awaited; /* by sigtimedwait */
  int64_t started;
  char *stack, *tls;
  uint8_t *outgoing; /* what it sends, on its way to TCP; NULL: none yet */
  struct tracing *tracing;
};
struct sleeper;
struct proc {
  struct proc *next;
  enum proc_state state;
  int pid, pgid, sid;
  struct proc *parent; /* NULL: the kernel Worker */
  struct thread *threads;
  int living;               /* of them, those that have not ended */
  struct thread *alone;     /* the one that is to stay when the others have ended: execve */
  struct sleeper *sleepers; /* futex.c */
  bool report_sleep;
  bool ending; /* with `status`, once its last thread has ended */
  int hung_up; /* a session leader whose terminal is gone: the group in its foreground */
  int status;  /* as wait() gives it */
  struct host *host;
  struct file **files; /* by number; fd_count of them, and of cloexec */
  uint8_t *cloexec;
  int fd_count, fd_first;        /* no number below fd_first is free */
  char *arguments, *environment; /* strings, each ended by NUL */
  size_t arguments_size, environment_size;
  int argument_count, environment_count;
  struct inode *cwd, *image; /* working directory, NULL: the root; what it runs */
  int umask;
  struct limit limits[16]; /* getrlimit(2); of them only RLIMIT_NOFILE, the first number of no
                              descriptor, and RLIMIT_NPROC have force */
  struct pending pending;  /* signals for any of its threads */
  int stopped;             /* by which signal, or 0 */
  bool changed;            /* stopped, or gone on, and the parent has not been told by wait() */
  struct action actions[_NSIG];
  struct timer alarm;
  int64_t alarm_interval, started;
  struct waitq children; /* woken when a child ends */
  uint32_t traced;       /* trace.c: a bit for each trace that it is in */
};
extern _Thread_local struct proc *current; /* whose call it is */
extern _Thread_local struct thread *caller;
extern struct proc *processes;
struct proc *proc_find(int pid);
bool proc_gone(const struct proc *p); /* ended, and waited for if anybody had to */
/* Ends its threads: at once the caller and those that run their own code, the others when they
 * leave the kernel. With the last one it becomes a zombie, its files closed. */
void proc_exit(struct proc *p, int status);
void proc_end(struct proc *p); /* its last thread has ended */
void proc_sweep(void);
void proc_free(struct proc *p);
long sys_getpid(void);
long sys_getppid(void);
long sys_getpgid(int pid);
long sys_setpgid(int pid, int pgid);
long sys_getsid(int pid);
long sys_setsid(void);
long sys_umask(int mask);
long sys_uname(uptr to);
long sys_strings_sizes(bool arguments, uptr count, uptr size);
long sys_strings(bool arguments, uptr vector, uptr buffer);

/* thread.c */
struct thread *thread_new(struct proc *p); /* not yet among p's; NULL: no memory */
void thread_end(struct thread *t);         /* the caller, or one that runs its own code */
void thread_kill(
    struct thread *t); /* a fatal signal is due: the process ends, if t runs its own code */
void threads_let_go(struct proc *p); /* the Workers that are idle */
void thread_release(int worker);     /* its Worker is gone */
bool thread_inside(int worker);
void thread_free(struct thread *t);
int thread_alone(
    void); /* ends the other threads: 0, or -ERESTARTSYS, the caller is to end itself */
long sys_gettid(void);
long sys_thread_create(uptr argument);
long sys_thread_exit(uptr word);
struct thread *thread_find(int tid);       /* of those that have not ended; NULL */
uptr thread_stack(const struct thread *t); /* where its kernel stack begins */

/* futex.c */
long sys_futex_wait(uptr word, int seen, int clock, int64_t ns, bool cancel);
long sys_futex_wake(uptr word, int count);

/* spawn.c */
struct program { /* strings: each ended by NUL */
  const char *path, *arguments, *environment;
  size_t arguments_size, environment_size;
};
extern int last_pid;
int proc_spawn(const struct program *program, struct host *host, struct file *const io[3]);
/* A vector of a program's strings, in one piece: *to is to be freed. The size, or -errno. */
long join_strings(uptr vector, char **to);
void proc_strings(struct proc *p, size_t arguments, size_t environment); /* it has new ones */
long sys_posix_spawn(uptr path, uptr argv, uptr envp, uptr actions, uptr attributes);
long sys_fork(int copy);

/* exec.c */
int script_resolve(char name[PATH_LIMIT], char **arguments, long *size);
long sys_execve(uptr path, uptr argv, uptr envp);

/* ids.c: one user, and what it may use */
long sys_getids(uptr real, uptr effective, uptr saved);
long sys_setid(int id);
long sys_getgroups(int size, uptr list);
long sys_getrusage(int who, uptr to);
long sys_sysinfo(uptr to);
void limits_init(struct proc *p);
long sys_prlimit(int pid, int resource, uptr new, uptr old);

/* wait.c */
void proc_report(struct proc *p); /* it has ended, stopped or gone on: its parent is told */
void proc_stop(int sig);          /* the caller, until it is to go on or to end */
void proc_stay_stopped(void);     /* the caller, as long as its process is */
void proc_continue(struct proc *p);
bool proc_orphaned(int pgid); /* nobody of its session could make that group go on */
long sys_wait4(int pid, uptr status, int options, uptr rusage);
long sys_waitid(int which, int id, uptr info, int options, uptr rusage);

/* signal.c */
int signal_send(struct proc *p, int sig); /* from the kernel */
int signal_send_info(struct proc *p, int sig, const struct signal_info *info);
void signals_forget(struct pending *p);
siginfo_t signal_user_info(int sig, const struct signal_info *info);
int signal_group(int pgid, int sig);   /* 0 or -ESRCH */
void signal_later(int owner, int sig); /* from where nobody may be killed: a process, or -group */
void signals_send(void);               /* those that were put off */
/* Cancellation (pthread_cancel): a signal that is due only at a cancellation point */
enum cancel { CANCEL_DEFERRED, CANCEL_DISABLED, CANCEL_AT_ONCE };
enum { SIGCANCEL = 33 };
bool signal_cancels(const struct thread *t); /* it is due */
void cancel_point(void);                     /* the call that begins is one */
long sys_cancel_state(int state);
bool signal_due(const struct thread *t);
int signal_fatal(const struct thread *t); /* the one that is due and ends its process, or 0 */
bool signals_deliver(void); /* runs handlers; true: a restartable call is to be made again */
long sys_kill(int pid, int sig);
long sys_tkill(int tid, int sig);
long sys_rt_sigqueueinfo(int pid, int sig, uptr info);
long sys_rt_sigaction(int sig, uptr action, uptr old);
long sys_rt_sigprocmask(int how, uptr set, uptr old);
long sys_rt_sigpending(uptr set);
long sys_rt_sigsuspend(uptr set);
long sys_rt_sigtimedwait(uptr set, uptr info, uptr limit);
long sys_pause(void);

/* itimer.c */
long sys_setitimer(int which, uptr value, uptr old);
long sys_getitimer(int which, uptr value);

/* file.c: descriptors, and what every kind of file has in common */
struct poller;
struct file_ops { /* NULL: the kind does not have it */
  ssize_t (*read)(struct file *, struct uio *, bool nonblock);
  ssize_t (*write)(struct file *, struct uio *, bool nonblock);
  int (*poll)(struct file *,
              struct poller *); /* what is ready: POLLIN... ; registers with poll_wait */
  int (*ioctl)(struct file *, unsigned request, uptr argument);
  int (*stat)(struct file *, void *struct_stat);
  void (*close)(struct file *); /* the last descriptor is gone */
  ssize_t (*pread)(struct file *, struct uio *,
                   int64_t offset); /* a seekable file's read and write */
  ssize_t (*pwrite)(struct file *, struct uio *, int64_t offset);
  int64_t (*seek)(struct file *, int64_t offset, int whence); /* its offset then, or -errno */
};
struct file {
  const struct file_ops *ops;
  void *object;
  int references, flags; /* flags: O_ACCMODE, O_NONBLOCK, O_APPEND, ... */
  int owner;             /* fcntl(2), F_SETOWN: a process, -group, 0 nobody */
  int64_t offset;
  struct item *watched; /* by epolls */
};
struct file *file_new(const struct file_ops *ops, void *object, int flags); /* NULL: no memory */
struct file *file_get(int fd); /* borrowed, NULL: EBADF; take a reference before sleeping */
void file_put(struct file *f); /* gives a reference up */
/* At its offset if it has one; it has write or pwrite, and the caller a reference. */
ssize_t file_give(struct file *f, struct uio *u);
int fd_limit(const struct proc *p);     /* RLIMIT_NOFILE */
int fd_grow(struct proc *p, int count); /* has room for that many: 0 or -ENOMEM */
int fd_find(struct proc *p, int least); /* what fd_alloc gives: -EMFILE, -ENOMEM */
/* Takes the reference over, even when it fails. */
int fd_alloc(struct proc *p, struct file *f, int least, bool cloexec);
int fd_close(struct proc *p, int fd);
void fd_close_all(struct proc *p);
void fd_close_on_exec(struct proc *p);
long sys_close(int fd);
long sys_dup(int fd);
long sys_dup3(int from, int to, int flags);
long sys_fcntl(int fd, int command, uptr arguments);
long sys_ioctl(int fd, unsigned request, uptr arguments);
long sys_read(int fd, uptr buffer, size_t n);
long sys_write(int fd, uptr buffer, size_t n);
long sys_readv(int fd, uptr iov, int count);
long sys_writev(int fd, uptr iov, int count);
long sys_preadv(int fd, uptr iov, int count, int64_t offset);
long sys_pwritev(int fd, uptr iov, int count, int64_t offset);
long sys_isatty(int fd);
long sys_fdstat(int fd, uptr to); /* WASI fd_fdstat_get */

/* sendfile.c */
long sys_sendfile(int out, int in, uptr offset, size_t count);

/* poll.c */
struct poller {
  struct poll_entry *entries;
  int count, capacity;
  bool failed;
  void (*add)(struct poller *, struct waitq *);
};
void poll_wait(struct poller *p, struct waitq *q); /* p may be NULL: only asking */
struct masked {
  bool set;
  uint64_t before;
}; /* a call under another signal mask */
int mask_begin(struct masked *m, uptr set, size_t size);
long mask_end(const struct masked *m, long result);
long sys_poll(uptr fds, unsigned n, int64_t timeout_ns);
long sys_ppoll(uptr fds, unsigned n, uptr timespec, uptr mask, size_t mask_size);
long sys_select(int n, uptr read, uptr write, uptr except, int64_t timeout_ns);
long sys_newselect(int n, uptr read, uptr write, uptr except, uptr timeval);
long sys_pselect6(int n, uptr read, uptr write, uptr except, uptr timespec, uptr mask);

/* epoll.c */
void epoll_forget(struct file *f); /* f is closed: nobody watches it any more */
long sys_epoll_create1(int flags);
long sys_epoll_ctl(int epoll, int operation, int fd, uptr event);
long sys_epoll_wait(int epoll, uptr events, int most, int64_t timeout_ns);
long sys_epoll_pwait(int epoll, uptr events, int most, int64_t timeout_ns, uptr mask,
                     size_t mask_size);

/* eventfd.c, timerfd.c */
long sys_eventfd2(unsigned value, int flags);
long sys_timerfd_create(int clock, int flags);
long sys_timerfd_settime(int fd, int flags, uptr new, uptr old);
long sys_timerfd_gettime(int fd, uptr to);

/* pipe.c */
int pipe_new(struct file *ends[2], int flags); /* [0] to read from, [1] to write to */
long sys_pipe2(uptr fds, int flags);

/* pty.c: terminals (tty.h) */
struct file *tty_new(int columns, int rows, struct file **slave); /* the master; NULL: no memory */
void tty_resize(struct file *master, int columns, int rows);
int tty_foreground(struct file *master); /* its foreground process group, 0: none */
bool file_is_tty(const struct file *f);
void tty_adopt(
    struct file *f); /* if it is a terminal, and free, it becomes the caller's session's */
enum { PTS_MAJOR = 136, FIRST_PTS = 1000 }; /* of /dev/pts/0: its device, as inode.c has them */
int ptmx_open(int flags, struct file **to);

/* compiler.c: 0 or -errno */
int compiler_open(int flags, struct file **to);
int pts_open(int number, int flags, struct file **to); /* -1: /dev/tty */

/* session.c */
void session_orphan(const struct proc *ended,
                    int group);        /* if it is orphaned by that, and stopped */
void session_end(struct proc *leader); /* gives its terminal up; others are not affected */

/* time.c */
int64_t time_ns(int64_t seconds, int64_t parts,
                int64_t unit); /* in ns; unit: ns in a part; any numbers */
/* A program's struct timespec as ns, FOREVER if there is none: 0, -EFAULT or -EINVAL. */
int timespec_in(uptr from, int64_t *ns);
long sys_clock_gettime(int clock, uptr ns64);
long sys_clock_getres(int clock, uptr ns64);
long sys_clock_nanosleep(int clock, int flags, uptr request, uptr remain);
long sys_getrandom(uptr to, size_t n, unsigned flags);

/* inode.c: what is stored, in memory: files, directories, symbolic links. One tree for all hosts */
enum { FS_LIMIT = 256 << 20, USER = 1000 }; /* bytes in all; the number of the one user */
struct entry {
  struct entry *next;
  struct inode *inode;
  int64_t place;
  char name[];
};
struct inode {
  ino_t number;
  mode_t mode;
  uid_t user;     /* its owner; the group has the same number */
  unsigned links; /* its names; a directory's also those of its ".", and its directories' ".." */
  int references; /* those who hold it */
  int running, writers; /* processes that run it, open files that write to it: never both */
  int64_t accessed, modified, changed; /* ns since 1970 */
  uint8_t *data;                       /* a file's bytes, a symbolic link's target */
  size_t size, capacity;
  uint32_t version;      /* another one whenever the bytes change, and never the same twice */
  struct entry *entries; /* of a directory, and the one it is in, which it holds */
  struct inode *parent;
  int device;                         /* which */
  struct socket *socket;              /* bound to it, or NULL */
  void (*text)(struct text *);        /* a file of /proc: makes what is read of it (procfs.h) */
  void (*refresh)(struct inode *dir); /* a directory of /proc: makes its entries */
  int pid;                            /* of /proc/PID and what is in it */
  int offered;                        /* its bytes are not there yet: the page's number for it */
  size_t offered_size;
  bool wanted, refused; /* they have been asked for, and could not be had */
  struct waitq arrival;
};
extern size_t inode_bytes;            /* what they all take */
struct inode *inode_new(mode_t mode); /* held by nobody; NULL: no space */
struct inode *inode_hold(struct inode *i);
void inode_put(struct inode *i);
bool inode_named(const struct inode *i);
bool inode_owned(const struct inode *i);              /* by the caller */
bool inode_allows(const struct inode *i, int wanted); /* R_OK, W_OK, X_OK */
void inode_modified(struct inode *i);
size_t inode_room(const struct inode *i);        /* the most it can hold now */
int inode_reserve(struct inode *i, size_t size); /* 0, -EFBIG, -ENOSPC */
int inode_resize(struct inode *i, size_t size);
struct inode *dir_find(struct inode *dir, const char *name); /* NULL: not there */
int dir_add(struct inode *dir, const char *name, struct inode *i);
void dir_remove(struct inode *dir, const char *name);
int dir_move(struct inode *from, const char *name, struct inode *to, const char *new_name);
const struct entry *dir_after(const struct inode *dir, int64_t place);
const char *dir_name(const struct inode *dir);

/* path.c: what a path leads to. `base` is where it begins if it is relative */
struct place {
  struct inode *dir, *inode; /* where the last name is, and what has it: NULL if nothing */
  char name[256];            /* the last name; "" for the root */
  bool slash;                /* a slash was behind it */
};
enum follow {
  PARENT,
  NOFOLLOW,
  FOLLOW
}; /* a symbolic link at the end: never, before a slash, always */
extern struct inode *fs_root;
struct inode *fs_cwd(void);
int path_walk(struct inode *base, const char *path, enum follow follow, struct place *to);
int path_find(struct inode *base, const char *path, enum follow follow, struct inode **to);
int path_base(int dir, const char *path, struct inode **base); /* dir: a descriptor or AT_FDCWD */
int place_free(const struct place *at, bool for_dir);
int user_walk(int dir, uptr path, enum follow follow, struct place *to);
int user_find(int dir, uptr path, enum follow follow, struct inode **to);
long sys_getcwd(uptr to, size_t size);
long sys_chdir(uptr path);
long sys_fchdir(int fd);

/* procfs.c */
extern const struct file_ops proc_ops;
int procfs_init(void); /* 0 or -errno */

/* open.c: open files and directories */
int fs_open(struct inode *base, const char *path, int flags, mode_t mode, struct file **to);
struct inode *file_inode(const struct file *f); /* NULL: it is none of the tree's */
void inode_close(struct file *f);
long sys_openat(int dir, uptr path, int flags, mode_t mode);
long sys_lseek(int fd, int64_t offset, int whence, uptr to);
long sys_getdents64(int fd, uptr to, size_t room);
long sys_truncate(uptr path, int64_t size);
long sys_ftruncate(int fd, int64_t size);
long sys_fallocate(int fd, int mode, int64_t offset, int64_t length);
long sys_fsync(int fd);
long sys_fadvise(int fd, int advice);

/* stat.c: what is known of a file beside its bytes */
int inode_stat(struct file *f, void *to);
ino_t file_number(const struct file *f); /* of one that is not in the tree */
long sys_fstat(int fd, uptr to);
long sys_fstatat(int dir, uptr path, uptr to, int flags);
long sys_faccessat(int dir, uptr path, int wanted, int flags);
long sys_fchmodat(int dir, uptr path, mode_t mode);
long sys_fchmod(int fd, mode_t mode);
long sys_fchownat(int dir, uptr path, uid_t user, gid_t group, int flags);
long sys_fchown(int fd, uid_t user, gid_t group);
long sys_utimensat(int dir, uptr path, uptr times, int flags);
long sys_statfs(uptr path, size_t size, uptr to);
long sys_fstatfs(int fd, size_t size, uptr to);

/* names.c: giving and taking names */
long sys_mkdirat(int dir, uptr path, mode_t mode);
long sys_mknodat(int dir, uptr path, mode_t mode);
long sys_symlinkat(uptr target, int dir, uptr path);
long sys_readlinkat(int dir, uptr path, uptr to, int size);
long sys_linkat(int from_dir, uptr from, int to_dir, uptr to, int flags);
long sys_unlinkat(int dir, uptr path, int flags);
long sys_renameat(int from_dir, uptr from, int to_dir, uptr to);
int fs_socket_bind(const char *path, struct socket *s,
                   struct inode **to); /* ends with fs_socket_end */
int fs_socket_find(const char *path, struct socket **to);
void fs_socket_end(struct inode *i);

/* dev.c: /dev */
int devices_init(void);
int device_open(struct inode *i, int flags, struct file **to);
dev_t device_number(const struct inode *i);

/* offer.c: programs whose bytes come when they are first used */
int offer(int number, const char *path, size_t size, int count, const char *names);
int offer_await(struct inode *i);
void offer_deliver(struct inode *i, const void *bytes, size_t n);

/* fs.c: the tree as it begins, and what the kernel itself does with it */
int fs_init(void);
int fs_write(const char *path, const void *bytes, size_t n,
             mode_t mode);                          /* makes its directories */
int fs_host(const char *name, const char *address); /* adds it to /etc/hosts */
int fs_image(const char *path,
             struct inode **image);                /* what is run there; ends with fs_image_end */
struct inode *fs_image_again(struct inode *image); /* held by one more */
void fs_image_end(struct inode *image);

/* keep.c: what the page keeps. The files below a directory, but for programs and what has more
 * bytes than `limit`: the length of a block, as 4 bytes, and the block; of malloc. NULL: there is
 * no such directory, or no memory. */
void *fs_files(const char *path, size_t limit);

/* worker.c: the kernel Worker's side. Events are what it must do, in order */
enum event_type {
  EVENT_SPAWN = 1, /* a, b: of which process it is which copy, or 0, 0 */
  EVENT_EXIT,      /* a: a process's status, as wait() gives it */
  EVENT_SLEPT,
  EVENT_READY,
  EVENT_CONNECT,
  EVENT_LOG,
  EVENT_EXEC,
  EVENT_THREAD, /* a, b: of which process, its argument */
  EVENT_END,    /* a thread that runs its own code: its Worker is to be terminated */
  EVENT_WANTED, /* offer.c: bytes of the file whose address comes with it */
  EVENT_ASKED   /* what is asked comes by this descriptor, and the answer goes there */
};
struct event {
  uint32_t type;
  int32_t id, a, b;
  uptr pointer;
  uint32_t length;
};
void event_post(enum event_type type, int id, int a, int b, const void *bytes, size_t n);
void proc_run(struct thread *t, enum event_type how, int of, int copy); /* spawn.c: posts it */
void event_notify(void); /* the kernel Worker comes, once however often it is called */
void klog(const char *format, ...);
extern struct proc kernel_proc; /* process 0: owns the Worker's descriptors */
extern struct thread kernel_thread;
int worker_ask(struct file *f); /* the Worker has its end of a stream: EVENT_ASKED. 0 or -errno */
void worker_watch(int fd);      /* EVENT_READY when what poll says of it changes */

/* syscall.c: the boundary */
void syscall_enter(void);
void syscall_leave(void); /* gives the lock up */
bool syscall_again(long *result);

/* trace.c: who traces whom (trace.h); the first eight: of the caller, who is traced */
void trace_enter(int call, const int64_t arguments[6]);
void trace_leave(long result);
void trace_value(long value); /* what the call's result is, though it gives that by address */
void trace_gone(int status);  /* it exits */
int64_t trace_sleeps(void);   /* what trace_wakes is to be given */
void trace_wakes(int64_t since);
void trace_push(void); /* what it calls until trace_pop is within a call */
void trace_pop(void);
void trace_inherit(struct proc *p); /* the caller is its maker */
void trace_signal(const struct proc *p, int sig, const struct signal_info *info);
/* It runs a program, or, path being "", its parent's. */
void trace_start(struct proc *p, const char *path, int parent);
void trace_exit(struct proc *p, int status);
void trace_free(struct thread *t);
int trace_open(int flags, struct file **to); /* 0 or -errno */

/* socket.c: what all families share */
enum { SOCKADDR_LIMIT = 128 };
struct msg;
struct sock_ops {
  int (*bind)(struct socket *, const void *address, int length);
  int (*listen)(struct socket *, int backlog);
  int (*accept)(struct socket *, bool nonblock, struct socket **to);
  int (*connect)(struct socket *, const void *address, int length, bool nonblock);
  ssize_t (*send)(struct socket *, struct uio *, struct msg *);
  ssize_t (*receive)(struct socket *, struct uio *, struct msg *);
  int (*name)(struct socket *, bool peer, void *address); /* its length */
  int (*shutdown)(struct socket *, int how);
  int (*get)(struct socket *, int level, int option, void *value, int *length);
  int (*set)(struct socket *, int level, int option, const void *value, int length);
  void (*option)(struct socket *, int option); /* one of SOL_SOCKET has changed */
  int (*poll)(struct socket *);
  int (*ioctl)(struct socket *, unsigned request, uptr argument);
  void (*close)(struct socket *); /* frees it */
};
struct socket {
  const struct sock_ops *ops;
  struct file *file; /* that it is; NULL: not yet */
  int domain, type, protocol;
  struct host *host;
  struct waitq changed;
  int error; /* SO_ERROR, positive */
  bool listening;
  int64_t receive_timeout, send_timeout; /* ns, FOREVER */
  int reuse, reuse_port, broadcast, keepalive, oob_inline, dont_route, timestamp, no_check, mark,
      priority;
  int receive_size, send_size, receive_low; /* SO_RCVBUF, SO_SNDBUF, SO_RCVLOWAT */
  struct linger linger;
  int pass_credentials; /* SO_PASSCRED, SO_PEERCRED */
  struct ucred peer_credentials;
  int device;              /* SO_BINDTODEVICE: the number of an interface, 0: none */
  struct gateway *outside; /* a connection that leaves the lab */
  uint32_t listed;         /* by which list of procnet.c's */
};
struct msg { /* what goes with the bytes of one send or receive */
  uint8_t address[SOCKADDR_LIMIT];
  int address_length, flags, flags_out; /* flags_out: msg_flags */
  bool nonblock;
  const void *control; /* sending: the program's control messages, a copy; read with msg_next */
  size_t control_length;
  uptr control_to; /* receiving: where msg_put puts them */
  size_t control_room, control_used;
};
extern const struct file_ops socket_ops;
void socket_init(struct socket *s, int domain, int type, int protocol);
struct file *socket_open(struct socket *s, int flags); /* frees it on failure: NULL */
int socket_file(struct socket *s, int flags); /* a descriptor for it; frees it on failure */
int socket_pair(int domain, int type, int protocol, struct socket *s[2]); /* 0 or -errno */
void socket_changed(struct socket *s,
                    int events);               /* wakes as wake_for; SIGIO for who asked for it */
void socket_signal(struct socket *s, int sig); /* to its owner, if it has one */
void socket_error(struct socket *s, int error);
int socket_take_error(struct socket *s); /* -errno, once */
struct socket *socket_get(int fd, int *error,
                          struct file **file); /* NULL: *error says why; file may be NULL */
bool socket_nonblocking(const struct file *f, int flags);               /* flags: MSG_DONTWAIT */
ssize_t socket_send(struct socket *s, struct uio *from, struct msg *m); /* SIGPIPE too */
ssize_t socket_receive(struct socket *s, struct uio *to, struct msg *m);
int socket_address_in(void *to, uptr from, unsigned length); /* `to` has SOCKADDR_LIMIT bytes */
int socket_address_out(const void *from, int length, uptr to, uptr to_length);
int socket_sleep_on(struct waitq *q, int64_t deadline,
                    bool nonblock); /* its calls' sleep: -EAGAIN too late */
int socket_sleep(struct socket *s, int64_t deadline,
                 bool nonblock); /* 0, or why not: -EAGAIN, -ERESTARTSYS */
long sys_socket(int domain, int type, int protocol);
long sys_socketpair(int domain, int type, int protocol, uptr fds);
long sys_bind(int fd, uptr address, unsigned length);
long sys_listen(int fd, int backlog);
long sys_accept4(int fd, uptr address, uptr length, int flags);
long sys_connect(int fd, uptr address, unsigned length);
long sys_getsockname(int fd, uptr address, uptr length);
long sys_getpeername(int fd, uptr address, uptr length);
long sys_shutdown(int fd, int how);
long sys_getsockopt(int fd, int level, int option, uptr value, uptr length);
long sys_setsockopt(int fd, int level, int option, uptr value, unsigned length);

/* sockopt.c: level SOL_SOCKET. Both give -errno; getting, the value's length */
int socket_get_option(struct socket *s, int option, void *value,
                      int room); /* value has 256 bytes */
int socket_set_option(struct socket *s, int option, const void *value, size_t length);

/* message.c: sending and receiving, and the control messages (cmsg) that go with the bytes */
struct control {
  int level, type;
  const void *data;
  size_t length;
};
int msg_next(const struct msg *m, size_t *at,
             struct control *to); /* 1, 0 after the last, -EINVAL; *at: 0 at first */
void msg_put(struct msg *m, int level, int type, const void *data,
             size_t n); /* MSG_CTRUNC if it does not fit */
long sys_sendto(int fd, uptr buffer, size_t n, int flags, uptr address, unsigned length);
long sys_recvfrom(int fd, uptr buffer, size_t n, int flags, uptr address, uptr length);
long sys_sendmsg(int fd, uptr msg, int flags);
long sys_recvmsg(int fd, uptr msg, int flags);
long sys_sendmmsg(int fd, uptr messages, unsigned n, int flags);
long sys_recvmmsg(int fd, uptr messages, unsigned n, int flags, uptr timeout);

/* unix.c: sockets of AF_UNIX */
int unix_socket(int domain, int type, int protocol, struct socket **to);
void unix_pair(struct socket *a, struct socket *b);
void rights_collect(void); /* unix_rights.c: closes sockets that are in flight and out of reach */

/* packet.c: sockets of AF_PACKET */
int packet_socket(int domain, int type, int protocol, struct socket **to);

/* net.c: hosts, their interfaces, and the network between them (with lwIP) */
struct host *host_new(const char *name,
                      uint32_t address);  /* address in host order; NULL: no memory */
struct host *host_find(const char *name); /* NULL name: the first */
const char *host_name(const struct host *h);
int net_device(const char *name);        /* an interface's number, from 1 on; 0: no such name */
const char *net_device_name(int number); /* NULL: no such number */
void net_init(void);
void net_run(void); /* delivers what is on its way now */
/* A host's link to the others: ns, ns, of a million frames (3), bits a second. */
int net_link(const char *host, int64_t delay, int64_t jitter, uint32_t loss, uint32_t duplicate,
             uint32_t reorder, uint32_t rate, bool cut);
struct file *
capture_open(void);             /* every frame from now on, as pcapng; NULL: there is one already */
uint64_t capture_dropped(void); /* frames that nobody read in time */

/* record.c: the last frames, as pcapng */
int record_begin(void);                    /* from now on; 0 or -ENOMEM */
size_t record_read(uint8_t *to, size_t n); /* whole blocks; n: at least 128 KiB */
uint64_t record_dropped(void);             /* frames that were overwritten */

/* hold.c: the network held. Frames stay on their way, and TCP's clocks stand; programs go on */
void net_hold(bool on);
void net_step(void);       /* while held: the next frame arrives, or TCP's clock goes on to it */
unsigned net_on_way(void); /* frames */

/* socket_list.c: all sockets, as struct socket_record (socket_list.h); how many of them */
size_t socket_list(void *to, size_t room);

/* inet.c: sockets of AF_INET and AF_INET6; tcp.c, udp.c, raw.c, ping.c: of each kind */
int inet_socket(int domain, int type, int protocol, struct socket **to);
struct socket *tcp_socket(int domain, int protocol); /* NULL: no memory */
struct socket *udp_socket(int domain, int protocol);
struct socket *raw_socket(int domain, int protocol);
struct socket *ping_socket(int domain, int protocol);

/* interface.c: what programs learn of interfaces */
int interface_ioctl(const struct socket *s, unsigned request,
                    uptr argument);  /* -ENOTTY: none of them */
void interface_text(struct text *t); /* /proc/net/if_inet6 of the caller's host */

/* tcp.c, gateway.c: SOCK_STREAM, in the lab and outside */
int tcp_get(struct socket *s, int level, int option, void *value, int *length);
int tcp_set(struct socket *s, int level, int option, const void *value, int length);
void tcp_close_socket(struct socket *s);
int tcp_name(struct socket *s, bool peer, void *to);
int gateway_connect(struct socket *s, uint32_t address, uint16_t port, bool nonblock);
void gateway_connected(int fd);
void gateway_failed(int fd, const char *error);
void gateway_end(int fd); /* the outside sends no more */

#endif
