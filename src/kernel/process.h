/* The part of the kernel's index (kernel.h) on processes, their threads, signals and clocks. */
#ifndef PORTSIDE_PROCESS_H
#define PORTSIDE_PROCESS_H

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
  int64_t patience;       /* ns for which its next sleep looks for a wake-up first; 0: as usual */
  bool closing;           /* in close(2), which may wait */
  struct pending pending; /* for it alone */
  uint64_t blocked;
  uint64_t awaited; /* by sigtimedwait */
  int64_t started;
  int64_t ran, running_since; /* usage.c; 0: it sleeps, or does not run yet or any more */
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
  int64_t ran, children_ran; /* usage.c: threads that have ended; children waited for, and theirs */
  struct waitq children;     /* woken when a child ends */
  uint32_t traced;           /* trace.c: a bit for each trace that it is in */
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

/* usage.c: ns of running */
void usage_begin(struct thread *t);
void usage_pause(struct thread *t);
void usage_end(struct thread *t);
int64_t thread_usage(void); /* the caller's */
int64_t usage_of(const struct proc *p);
int usage_put(int64_t ns, uptr to); /* as struct rusage; 0 or -EFAULT */
long sys_getrusage(int who, uptr to);

/* ids.c: one user, and what it may use */
long sys_getids(uptr real, uptr effective, uptr saved);
long sys_setid(int id);
long sys_getgroups(int size, uptr list);
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

#endif
