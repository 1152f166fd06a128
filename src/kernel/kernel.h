/* The kernel's index: every function that crosses a file, grouped by the file that has it.
 *
 * One lock guards everything. Functions run with it held unless they say otherwise. They return a
 * value >= 0, or -errno; syscall.c is the only place where that meets a program.
 *
 * Here is what all share; process.h, file.h and socket.h, which come with it, have the rest.
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
struct signal_info;
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
/* The name of the call that the program made and the kernel does not have. */
void machine_missing(char *to, size_t room);
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

#include "process.h"
#include "file.h"
#include "socket.h"

#endif
