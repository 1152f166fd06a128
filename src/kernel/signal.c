/* Signals: sending them, and what is done about those that are due. One for a process is for any of
 * its threads that does not block it. A handler runs when its thread next leaves the kernel; a
 * fatal signal ends the process at once. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define BIT(sig) (UINT64_C(1) << ((sig) - 1))
#define NEVER_BLOCKED (BIT(SIGKILL) | BIT(SIGSTOP) | BIT(SIGCANCEL))
#define STOPS (BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))
enum { FIRST_QUEUED = 32, QUEUE_LIMIT = 1024 }; /* real-time signals, and how many may wait */

/* A real-time signal that is pending, in the order in which they came. */
struct queued {
  struct queued *next;
  int sig;
  struct signal_info info;
};

static bool ignored_by_default(int sig) {
  return sig == SIGCHLD || sig == SIGURG || sig == SIGWINCH || sig == SIGCONT;
}

static bool ignored(const struct proc *p, int sig) {
  uptr handler = p->actions[sig].handler;
  return handler == (uptr)SIG_IGN || (handler == (uptr)SIG_DFL && ignored_by_default(sig));
}

/* For a thread, whether it blocks them or not. */
static uint64_t pending(const struct thread *t) { return t->pending.set | t->proc->pending.set; }

/* A stopped process is only to be killed. */
static uint64_t due(const struct thread *t) {
  if (t->ending) return BIT(SIGKILL);
  uint64_t masked = t->blocked;
  if (t->cancel == CANCEL_DISABLED || !(t->cancel_point || t->cancel == CANCEL_AT_ONCE))
    masked |= BIT(SIGCANCEL);
  return pending(t) & (t->proc->stopped ? BIT(SIGKILL) : ~masked);
}

bool signal_cancels(const struct thread *t) { return due(t) & BIT(SIGCANCEL); }

bool signal_due(const struct thread *t) { return due(t) != 0; }

static bool stops(const struct proc *p, int sig) {
  return BIT(sig) & STOPS && p->actions[sig].handler == (uptr)SIG_DFL;
}

int signal_fatal(const struct thread *t) {
  const struct proc *p = t->proc;
  for (uint64_t signals = due(t); signals; signals &= signals - 1) {
    int sig = __builtin_ctzll(signals) + 1;
    if (p->actions[sig].handler == (uptr)SIG_DFL && !ignored_by_default(sig) && !stops(p, sig))
      return sig;
  }
  return 0;
}

static void forget_queued(struct pending *p, uint64_t signals) {
  for (struct queued **at = &p->queued, *q; (q = *at);)
    if (signals & BIT(q->sig)) {
      *at = q->next;
      free(q);
      p->queue_length--;
    } else
      at = &q->next;
}

static void forget(struct pending *p, uint64_t signals) {
  p->set &= ~signals;
  forget_queued(p, signals);
}

void signals_forget(struct pending *p) { forget(p, ~UINT64_C(0)); }

/* Whether they were sent to the process or to one of its threads. */
static void forget_everywhere(struct proc *p, uint64_t signals) {
  forget(&p->pending, signals);
  for (struct thread *t = p->threads; t; t = t->next)
    forget(&t->pending, signals);
}

/* 0 or -EAGAIN: too many wait. One that is no real-time signal waits only once. */
static int add_pending(struct pending *p, int sig, const struct signal_info *info) {
  if (sig < FIRST_QUEUED) {
    if (!(p->set & BIT(sig))) p->infos[sig] = *info;
  } else {
    struct queued *q = p->queue_length < QUEUE_LIMIT ? malloc(sizeof *q) : NULL, **at = &p->queued;
    if (!q) return -EAGAIN;
    *q = (struct queued){NULL, sig, *info};
    while (*at)
      at = &(*at)->next;
    *at = q;
    p->queue_length++;
  }
  p->set |= BIT(sig);
  return 0;
}

/* It is no longer pending, or once less. */
static struct signal_info take_from(struct pending *p, int sig) {
  struct signal_info info = sig < FIRST_QUEUED ? p->infos[sig] : (struct signal_info){0};
  p->set &= ~BIT(sig);
  if (sig < FIRST_QUEUED) return info;
  struct queued **at = &p->queued, *first;
  while ((*at)->sig != sig)
    at = &(*at)->next;
  first = *at;
  info = first->info;
  *at = first->next;
  free(first);
  p->queue_length--;
  for (const struct queued *q = p->queued; q; q = q->next)
    if (q->sig == sig) p->set |= BIT(sig);
  return info;
}

/* By the caller: what was sent to itself before what was sent to its process. */
static struct signal_info take(int sig) {
  return take_from(caller->pending.set & BIT(sig) ? &caller->pending : &current->pending, sig);
}

static bool wants(const struct thread *t, int sig) {
  return !t->ended && (!(t->blocked & BIT(sig)) || t->awaited & BIT(sig));
}

/* The thread that is to see to a signal of its process, the first if it can; NULL: all block it. */
static struct thread *who_wants(const struct proc *p, int sig) {
  struct thread *t = p->threads;
  while (t && !wants(t, sig))
    t = t->next;
  return t;
}

/* Whether somebody waits for it who blocks it, too: then it is kept even where it is ignored. */
static bool kept(const struct thread *t, int sig) {
  return (t->blocked | t->awaited) & BIT(sig) && !t->ended;
}

static bool dropped(const struct proc *p, const struct thread *to, int sig) {
  if (!ignored(p, sig)) return false;
  for (const struct thread *t = p->threads; !to && t; t = t->next)
    if (kept(t, sig)) return false;
  return !to || !kept(to, sig);
}

/* to: NULL for whichever thread. */
static int send_to(struct proc *p, struct thread *to, int sig, const struct signal_info *info) {
  if (sig < 0 || sig >= _NSIG) return -EINVAL;
  if (!sig || p->state == PROC_ZOMBIE) return 0;
  if (sig == SIGCONT) {
    forget_everywhere(p, STOPS);
    proc_continue(p);
  }
  if (BIT(sig) & STOPS) forget_everywhere(p, BIT(SIGCONT));
  if (dropped(p, to, sig)) {
    if (p->traced) trace_signal(p, sig, info);
    return 0;
  }
  int error = add_pending(to ? &to->pending : &p->pending, sig, info);
  struct thread *t = to && wants(to, sig) ? to : to ? NULL : who_wants(p, sig);
  if (error || !t || !(signal_due(t) || t->awaited & BIT(sig))) return error;
  wake_thread(t);
  if (t != caller) thread_kill(t);
  return 0;
}

int signal_send_info(struct proc *p, int sig, const struct signal_info *info) {
  return send_to(p, NULL, sig, info);
}

int signal_send(struct proc *p, int sig) {
  return signal_send_info(p, sig, &(struct signal_info){.code = SI_KERNEL});
}

static int send_group(int pgid, int sig, const struct signal_info *info) {
  int found = -ESRCH;
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p->pgid != pgid || p->state == PROC_ZOMBIE) continue;
    found = 0;
    int error = signal_send_info(p, sig, info);
    if (error) return error;
  }
  return found;
}

int signal_group(int pgid, int sig) {
  return send_group(pgid, sig, &(struct signal_info){.code = SI_KERNEL});
}

/* Signals to be sent once lwIP has done its work: one that kills closes sockets. */
static struct {
  int owner, sig;
} put_off[16];
static int put_off_count;

void signal_later(int owner, int sig) {
  enum { ROOM = sizeof put_off / sizeof *put_off };
  for (int i = 0; i < put_off_count; i++)
    if (put_off[i].owner == owner && put_off[i].sig == sig) return;
  if (put_off_count == ROOM) return; /* so many owners at once are not told */
  put_off[put_off_count].owner = owner;
  put_off[put_off_count++].sig = sig;
  event_notify();
}

void signals_send(void) {
  while (put_off_count) {
    int owner = put_off[--put_off_count].owner, sig = put_off[put_off_count].sig;
    struct proc *p = owner > 0 ? proc_find(owner) : NULL;
    if (p)
      signal_send(p, sig);
    else if (owner < 0)
      signal_group(-owner, sig);
  }
}

/* As a program has it. */
siginfo_t signal_user_info(int sig, const struct signal_info *info) {
  siginfo_t i;
  memset(&i, 0, sizeof i);
  i.si_signo = sig;
  i.si_code = info->code;
  i.si_pid = info->pid;
  i.si_uid = info->uid;
  if (info->code == SI_QUEUE)
    i.si_value.sival_ptr = (void *)info->value;
  else
    i.si_status = info->status;
  return i;
}

/* Runs one handler with the lock given up, and with the signals blocked that its action names. What
 * is due beside it comes first, as on Linux, where the frame of the last handler is on top. */
static void run_handler(int sig, const struct signal_info *info) {
  struct action action = current->actions[sig];
  uint64_t blocked = caller->blocked;
  caller->blocked |= action.mask | (action.flags & (int)SA_NODEFER ? 0 : BIT(sig));
  if (action.flags & (int)SA_RESETHAND) current->actions[sig].handler = (uptr)SIG_DFL;
  siginfo_t i = signal_user_info(sig, info);
  signals_deliver();
  if (current->traced) trace_push();
  syscall_leave();
  machine_handler(action.handler, sig, action.flags & SA_SIGINFO ? &i : NULL);
  syscall_enter();
  if (current->traced) trace_pop();
  caller->blocked = blocked;
}

static void trace_fatal(int sig) {
  const struct pending *p = caller->pending.set & BIT(sig) ? &caller->pending : &current->pending;
  trace_signal(current, sig, &p->infos[sig < FIRST_QUEUED ? sig : 0]);
}

bool signals_deliver(void) {
  bool restart = true;
  for (uint64_t signals; (signals = due(caller));) {
    int fatal = caller->ending ? SIGKILL : signal_fatal(caller), sig = __builtin_ctzll(signals) + 1;
    if (fatal) {
      if (current->traced && fatal != SIGKILL) trace_fatal(fatal);
      if (caller->ending)
        thread_end(caller);
      else
        proc_exit(current, fatal);
      unlock();
      machine_exit(128 + fatal);
    }
    struct signal_info info = take(sig);
    if (current->traced) trace_signal(current, sig, &info);
    if (ignored(current, sig)) continue;
    if (stops(current, sig)) {
      proc_stop(sig);
      continue;
    }
    restart = restart && current->actions[sig].flags & SA_RESTART;
    run_handler(sig, &info);
  }
  return restart;
}

void cancel_point(void) {
  caller->cancel_point = true;
  if (signal_cancels(caller)) signals_deliver();
}

/* What it was. */
long sys_cancel_state(int state) {
  int before = caller->cancel;
  caller->cancel = state;
  return before;
}

static int send_all(int sig, const struct signal_info *info) {
  int found = -ESRCH;
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p == current || p->state == PROC_ZOMBIE) continue;
    found = 0;
    signal_send_info(p, sig, info);
  }
  return found;
}

static struct signal_info from_caller(int code) {
  return (struct signal_info){.code = code, .pid = current->pid, .uid = USER};
}

static long send_one(int pid, int sig, const struct signal_info *info) {
  struct proc *p = proc_find(pid);
  return p && !proc_gone(p) ? signal_send_info(p, sig, info) : -ESRCH;
}

long sys_kill(int pid, int sig) {
  struct signal_info info = from_caller(SI_USER);
  if (sig < 0 || sig >= _NSIG) return -EINVAL;
  if (pid > 0) return send_one(pid, sig, &info);
  if (pid < -1 || pid == 0) return send_group(pid ? -pid : current->pgid, sig, &info);
  return send_all(sig, &info);
}

long sys_tkill(int tid, int sig) {
  struct signal_info info = from_caller(SI_TKILL);
  struct thread *t = thread_find(tid);
  if (tid <= 0 || sig < 0 || sig >= _NSIG) return -EINVAL;
  return t ? send_to(t->proc, t, sig, &info) : -ESRCH;
}

/* sigqueue(3). */
long sys_rt_sigqueueinfo(int pid, int sig, uptr from) {
  siginfo_t i;
  if (copy_from_user(&i, from, sizeof i)) return -EFAULT;
  if (i.si_code >= 0 && pid != current->pid) return -EPERM;
  struct signal_info info = from_caller(i.si_code);
  info.value = (uptr)i.si_value.sival_ptr;
  return pid <= 0 || sig < 0 || sig >= _NSIG ? -EINVAL : send_one(pid, sig, &info);
}

/* struct sigaction as a program has it: handler, mask, flags. */
struct user_action {
  uptr handler;
  sigset_t mask;
  int flags;
  uptr restorer;
};

long sys_rt_sigaction(int sig, uptr action, uptr old) {
  if (sig < 1 || sig >= _NSIG) return -EINVAL;
  struct action *a = &current->actions[sig];
  struct user_action u = {.handler = a->handler, .flags = a->flags};
  *(uint64_t *)&u.mask = a->mask;
  if (old && copy_to_user(old, &u, sizeof u)) return -EFAULT;
  if (!action) return 0;
  if (copy_from_user(&u, action, sizeof u)) return -EFAULT;
  if (sig == SIGKILL || sig == SIGSTOP) return -EINVAL;
  *a = (struct action){u.handler, *(uint64_t *)&u.mask & ~(BIT(SIGKILL) | BIT(SIGSTOP)), u.flags};
  if (ignored(current, sig)) forget_everywhere(current, BIT(sig));
  return 0;
}

long sys_rt_sigprocmask(int how, uptr set, uptr old) {
  uint64_t mask, before = caller->blocked;
  if (set) {
    if (copy_from_user(&mask, set, sizeof mask)) return -EFAULT;
    if (how == SIG_BLOCK)
      mask |= before;
    else if (how == SIG_UNBLOCK)
      mask = before & ~mask;
    else if (how != SIG_SETMASK)
      return -EINVAL;
    caller->blocked = mask & ~NEVER_BLOCKED;
  }
  return old ? copy_to_user(old, &before, sizeof before) : 0;
}

long sys_rt_sigpending(uptr set) {
  uint64_t waiting = pending(caller) & caller->blocked;
  return copy_to_user(set, &waiting, sizeof waiting);
}

long sys_pause(void) {
  struct waitq nothing = {0};
  while (!signal_due(caller))
    sleep_on(&nothing, FOREVER);
  return -EINTR;
}

/* Waits with another mask; the handlers run under it, so it delivers them itself. */
long sys_rt_sigsuspend(uptr set) {
  uint64_t mask, before = caller->blocked;
  if (copy_from_user(&mask, set, sizeof mask)) return -EFAULT;
  caller->blocked = mask & ~NEVER_BLOCKED;
  sys_pause();
  signals_deliver();
  caller->blocked = before;
  return -EINTR;
}

/* The lowest pending signal of a set, whether blocked or not; it is taken, not handled. */
long sys_rt_sigtimedwait(uptr set, uptr to, uptr limit) {
  uint64_t mask;
  int64_t ns;
  if (copy_from_user(&mask, set, sizeof mask)) return -EFAULT;
  int error = timespec_in(limit, &ns);
  if (error) return error;
  int64_t deadline = deadline_in(ns);
  struct waitq nothing = {0};
  mask &= ~(BIT(SIGKILL) | BIT(SIGSTOP));
  while (!(pending(caller) & mask) && !error) {
    caller->awaited = mask;
    error = sleep_on(&nothing, deadline);
    caller->awaited = 0;
  }
  if (!(pending(caller) & mask)) return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
  int sig = __builtin_ctzll(pending(caller) & mask) + 1;
  struct signal_info info = take(sig);
  siginfo_t i = signal_user_info(sig, &info);
  return to && copy_to_user(to, &i, sizeof i) ? -EFAULT : sig;
}
