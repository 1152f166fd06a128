/* Signals: sending them, and what a process does about those that are due. A handler runs when its
 * process next leaves the kernel; a fatal signal ends it at once. */
#include "kernel.h"
#include <sys/time.h>
#include <time.h>

#define BIT(sig) (UINT64_C(1) << ((sig) - 1))

static bool ignored_by_default(int sig) {
  /* Stop signals are ignored too: a process cannot be stopped yet. */
  return sig == SIGCHLD || sig == SIGURG || sig == SIGWINCH || sig == SIGCONT || sig == SIGSTOP ||
         sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

static bool ignored(const struct proc *p, int sig) {
  uptr handler = p->actions[sig].handler;
  return handler == (uptr)SIG_IGN || (handler == (uptr)SIG_DFL && ignored_by_default(sig));
}

static uint64_t due(const struct proc *p) { return p->pending & ~p->blocked; }

bool signal_due(const struct proc *p) { return due(p) != 0; }

/* The due signal whose default action ends the process, or 0. */
int signal_fatal(const struct proc *p) {
  for (uint64_t signals = due(p); signals; signals &= signals - 1) {
    int sig = __builtin_ctzll(signals) + 1;
    if (p->actions[sig].handler == (uptr)SIG_DFL && !ignored_by_default(sig)) return sig;
  }
  return 0;
}

int signal_send(struct proc *p, int sig) {
  if (sig < 0 || sig >= _NSIG) return -EINVAL;
  if (!sig || p->state == PROC_ZOMBIE || (ignored(p, sig) && !(p->blocked & BIT(sig)))) return 0;
  p->pending |= BIT(sig);
  if (!signal_due(p)) return 0;
  wake_proc(p);
  if (p != current) proc_kill(p);
  return 0;
}

int signal_group(int pgid, int sig) {
  int found = -ESRCH;
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p->pgid != pgid || p->state == PROC_ZOMBIE) continue;
    found = 0;
    int error = signal_send(p, sig);
    if (error) return error;
  }
  return found;
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

/* Runs one handler with the lock given up, and with the signals blocked that its action names. */
static void run_handler(int sig) {
  struct action action = current->actions[sig];
  uint64_t blocked = current->blocked;
  current->blocked |= action.mask | (action.flags & (int)SA_NODEFER ? 0 : BIT(sig));
  if (action.flags & (int)SA_RESETHAND) current->actions[sig].handler = (uptr)SIG_DFL;
  current->in_kernel = false;
  unlock();
  machine_handler(action.handler, sig);
  syscall_enter();
  current->blocked = blocked;
}

bool signals_deliver(void) {
  bool restart = true;
  for (uint64_t signals; (signals = due(current));) {
    int fatal = signal_fatal(current), sig = __builtin_ctzll(signals) + 1;
    if (fatal) {
      proc_exit(current, fatal);
      unlock();
      machine_exit(128 + fatal);
    }
    current->pending &= ~BIT(sig);
    if (ignored(current, sig)) continue;
    restart = restart && current->actions[sig].flags & SA_RESTART;
    run_handler(sig);
  }
  return restart;
}

long sys_kill(int pid, int sig) {
  if (sig < 0 || sig >= _NSIG) return -EINVAL;
  if (pid > 0) {
    struct proc *p = proc_find(pid);
    return p && !proc_gone(p) ? signal_send(p, sig) : -ESRCH;
  }
  if (pid < -1 || pid == 0) return signal_group(pid ? -pid : current->pgid, sig);
  int found = -ESRCH;
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p == current || p->state == PROC_ZOMBIE) continue;
    found = 0;
    signal_send(p, sig);
  }
  return found;
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
  if (ignored(current, sig)) current->pending &= ~BIT(sig);
  return 0;
}

long sys_rt_sigprocmask(int how, uptr set, uptr old) {
  uint64_t mask, before = current->blocked;
  if (set) {
    if (copy_from_user(&mask, set, sizeof mask)) return -EFAULT;
    if (how == SIG_BLOCK)
      mask |= before;
    else if (how == SIG_UNBLOCK)
      mask = before & ~mask;
    else if (how != SIG_SETMASK)
      return -EINVAL;
    current->blocked = mask & ~(BIT(SIGKILL) | BIT(SIGSTOP));
  }
  return old ? copy_to_user(old, &before, sizeof before) : 0;
}

long sys_rt_sigpending(uptr set) {
  uint64_t pending = current->pending & current->blocked;
  return copy_to_user(set, &pending, sizeof pending);
}

long sys_pause(void) {
  struct waitq nothing = {0};
  while (!signal_due(current))
    sleep_on(&nothing, FOREVER);
  return -EINTR;
}

/* Waits with another mask; the handlers run under it, so it delivers them itself. */
long sys_rt_sigsuspend(uptr set) {
  uint64_t mask, before = current->blocked;
  if (copy_from_user(&mask, set, sizeof mask)) return -EFAULT;
  current->blocked = mask & ~(BIT(SIGKILL) | BIT(SIGSTOP));
  sys_pause();
  signals_deliver();
  current->blocked = before;
  return -EINTR;
}

static int64_t timeval_ns(struct timeval t) { return time_ns(t.tv_sec, t.tv_usec, 1000); }
static struct timeval ns_timeval(int64_t ns) {
  return (struct timeval){.tv_sec = ns / 1000000000,
                          .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};
}

long sys_getitimer(int which, uptr value) {
  if (which != ITIMER_REAL)
    return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
  int64_t left = current->alarm.armed ? current->alarm.at - now_ns() : 0;
  struct itimerval v = {ns_timeval(current->alarm_interval), ns_timeval(left < 0 ? 1000 : left)};
  return copy_to_user(value, &v, sizeof v);
}

long sys_setitimer(int which, uptr value, uptr old) {
  if (which != ITIMER_REAL)
    return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
  struct itimerval v;
  if (copy_from_user(&v, value, sizeof v)) return -EFAULT;
  if (v.it_value.tv_sec < 0 || v.it_interval.tv_sec < 0) return -EINVAL;
  if (v.it_value.tv_usec < 0 || v.it_value.tv_usec > 999999 || v.it_interval.tv_usec < 0 ||
      v.it_interval.tv_usec > 999999)
    return -EINVAL;
  if (old && sys_getitimer(which, old)) return -EFAULT;
  timer_cancel(&current->alarm);
  current->alarm_interval = timeval_ns(v.it_interval);
  if (timeval_ns(v.it_value)) timer_set(&current->alarm, now_ns() + timeval_ns(v.it_value));
  return 0;
}
