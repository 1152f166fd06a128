/* What a parent learns of its children: that they ended, were stopped, or go on. */
#include "kernel.h"
#include <sys/resource.h>
#include <sys/wait.h>

/* POSIX: children of a parent that ignores their end are not waited for. */
static bool wants_no_wait(const struct proc *parent) {
  const struct action *a = &parent->actions[SIGCHLD];
  return a->handler == (uptr)SIG_IGN || a->flags & SA_NOCLDWAIT;
}

/* How it is now, as the siginfo_t of SIGCHLD and of waitid says it. */
static struct signal_info told(const struct proc *p) {
  struct signal_info i = {.pid = p->pid, .uid = USER};
  if (p->state == PROC_ZOMBIE) {
    bool exited = WIFEXITED(p->status);
    i.code = exited ? CLD_EXITED : WCOREDUMP(p->status) ? CLD_DUMPED : CLD_KILLED;
    i.status = exited ? WEXITSTATUS(p->status) : WTERMSIG(p->status);
  } else {
    i.code = p->stopped ? CLD_STOPPED : CLD_CONTINUED;
    i.status = p->stopped ? p->stopped : SIGCONT;
  }
  return i;
}

void proc_report(struct proc *p) {
  struct proc *parent = p->parent;
  if (!parent) return;
  struct signal_info info = told(p);
  bool ended = p->state == PROC_ZOMBIE;
  if (ended && wants_no_wait(parent)) p->parent = NULL;
  wake(&parent->children);
  if (ended || !(parent->actions[SIGCHLD].flags & SA_NOCLDSTOP))
    signal_send_info(parent, SIGCHLD, &info);
}

/* Then only SIGSTOP stops it. */
bool proc_orphaned(int pgid) {
  for (const struct proc *p = processes; p; p = p->next)
    if (p->pgid == pgid && p->state != PROC_ZOMBIE && p->parent && p->parent->pgid != pgid &&
        p->parent->sid == p->sid)
      return false;
  return true;
}

void proc_stop(int sig) {
  struct proc *p = current;
  if (sig != SIGSTOP && proc_orphaned(p->pgid)) return;
  p->stopped = sig;
  p->changed = true;
  proc_report(p);
  proc_stay_stopped();
}

void proc_stay_stopped(void) {
  struct waitq nothing = {0};
  while (current->stopped && !signal_due(caller))
    sleep_on(&nothing, FOREVER);
}

void proc_continue(struct proc *p) {
  if (!p->stopped) return;
  p->stopped = 0;
  p->changed = true;
  for (struct thread *t = p->threads; t; t = t->next)
    if (!t->ended) wake_thread(t);
  proc_report(p);
}

static bool waited_for(const struct proc *child, idtype_t which, int id) {
  if (child->parent != current) return false;
  return which == P_ALL || (which == P_PID ? child->pid : child->pgid) == id;
}

/* Whether there is something to be told of it that is asked for. */
static bool news(const struct proc *p, int options) {
  if (p->state == PROC_ZOMBIE) return options & WEXITED;
  return p->changed && options & (p->stopped ? WSTOPPED : WCONTINUED);
}

/* The child that there is news of: 0 or -errno. *to: NULL if there is none yet (WNOHANG). */
static int wait_for(idtype_t which, int id, int options, struct proc **to) {
  for (;;) {
    bool any = false;
    for (*to = processes; *to; *to = (*to)->next) {
      if (!waited_for(*to, which, id)) continue;
      if (news(*to, options)) return 0;
      any = true;
    }
    if (!any) return -ECHILD;
    if (options & WNOHANG) return 0;
    int error = sleep_on(&current->children, FOREVER);
    if (error) return error;
  }
}

static void heard(struct proc *p) {
  p->changed = false;
  if (p->state != PROC_ZOMBIE) return;
  p->parent = NULL;
  current->children_ran += usage_of(p) + p->children_ran;
}

static int status_of(const struct proc *p) {
  if (p->state == PROC_ZOMBIE) return p->status;
  return p->stopped ? p->stopped << 8 | 0x7f : 0xffff;
}

static int put_usage(const struct proc *p, uptr to) {
  return to ? usage_put(p ? usage_of(p) + p->children_ran : 0, to) : 0;
}

/* POSIX waitpid. */
long sys_wait4(int pid, uptr status, int options, uptr rusage) {
  if (options & ~(WNOHANG | WUNTRACED | WCONTINUED)) return -EINVAL;
  idtype_t which = pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
  struct proc *p;
  int id = pid > 0 ? pid : pid ? -pid : current->pgid;
  int error = wait_for(which, id, options | WEXITED, &p);
  if (error || !p) return error;
  int s = status_of(p), found = p->pid;
  if ((status && copy_to_user(status, &s, sizeof s)) || put_usage(p, rusage)) return -EFAULT;
  heard(p);
  return found;
}

long sys_waitid(int which, int id, uptr info, int options, uptr rusage) {
  enum { WHAT = WEXITED | WSTOPPED | WCONTINUED };
  if (options & ~(WHAT | WNOHANG | WNOWAIT) || !(options & WHAT)) return -EINVAL;
  if (which < P_ALL || which > P_PGID || id < 0 || (which == P_PID && !id)) return -EINVAL;
  struct proc *p;
  int error = wait_for((idtype_t)which, which == P_PGID && !id ? current->pgid : id, options, &p);
  if (error) return error;
  struct signal_info i = p ? told(p) : (struct signal_info){0};
  siginfo_t user = signal_user_info(p ? SIGCHLD : 0, &i);
  if ((info && copy_to_user(info, &user, sizeof user)) || put_usage(p, rusage)) return -EFAULT;
  if (p && !(options & WNOWAIT)) heard(p);
  return 0;
}
