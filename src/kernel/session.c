/* Whose a terminal is (POSIX, General Terminal Interface): the session that it controls, the
 * process group in its foreground, and what the others may do with it. */
#include "tty.h"

struct tty *session_tty(void) {
  struct tty *t = ttys;
  while (t && t->session != current->sid)
    t = t->next;
  return t;
}

static bool blocked(int sig) {
  return caller->blocked >> (sig - 1) & 1 || current->actions[sig].handler == (uptr)SIG_IGN;
}

/* A group in the background gets the signal, unless it would not heed it: then it may write, but
 * not read. */
int session_check(struct tty *t, int sig) {
  if (t->session != current->sid || !t->foreground || t->foreground == current->pgid) return 0;
  if (blocked(sig)) return sig == SIGTTIN ? -EIO : 0;
  if (proc_orphaned(current->pgid)) return -EIO;
  signal_group(current->pgid, sig);
  return -ERESTARTSYS;
}

void session_adopt(struct tty *t) {
  if (t->session || current->sid != current->pid || session_tty()) return;
  t->session = current->sid;
  t->foreground = current->pgid;
  wake(&t->changed);
}

static void tell(int group) {
  if (!group) return;
  signal_group(group, SIGHUP);
  signal_group(group, SIGCONT);
}

/* POSIX _exit, Consequences of Process Termination. */
void session_orphan(const struct proc *ended, int group) {
  bool stopped = false;
  for (const struct proc *p = processes; p; p = p->next)
    stopped = stopped || (p->pgid == group && p->sid == ended->sid && p->stopped);
  if (stopped && group != ended->pgid && proc_orphaned(group)) tell(group);
}

static void give_up(struct tty *t) {
  t->session = t->foreground = 0;
  wake(&t->changed);
}

void session_hangup(struct tty *t) {
  struct proc *leader = t->session ? proc_find(t->session) : NULL;
  int foreground = t->foreground;
  give_up(t);
  if (!leader || leader->state == PROC_ZOMBIE) return;
  leader->hung_up = foreground;
  int pid = leader->pid;
  signal_send(leader, SIGHUP);
  leader = proc_find(pid); /* that may have ended it */
  if (leader && leader->state != PROC_ZOMBIE) signal_send(leader, SIGCONT);
}

void session_end(struct proc *leader) {
  int foreground = leader->hung_up;
  if (leader->sid != leader->pid) return;
  for (struct tty *t = ttys; t; t = t->next)
    if (t->session == leader->sid) {
      foreground = t->foreground;
      give_up(t);
    }
  tell(foreground);
}

/* A shell tells of its foreground job, as soon as it has waited for it. */
bool tty_shell_tells(const struct proc *p) {
  struct file *errors = p->files[2];
  if (!p->parent || !errors || !file_is_tty(errors)) return false;
  const struct tty *t = errors->object;
  return p->parent->pid == t->session && p->pgid == t->foreground;
}

static int set_controlling(struct tty *t) {
  bool leader = current->sid == current->pid;
  if (leader && t->session == current->sid) return 0;
  if (!leader || t->session || session_tty()) return -EPERM;
  session_adopt(t);
  return 0;
}

/* The session that a process group is in, or 0. */
static int session_of(int group) {
  for (const struct proc *p = processes; p; p = p->next)
    if (p->pgid == group && !proc_gone(p)) return p->sid;
  return 0;
}

static int set_foreground(struct tty *t, uptr from) {
  int group, forbidden = session_check(t, SIGTTOU);
  if (forbidden == -EIO || (!forbidden && t->session != current->sid)) return -ENOTTY;
  if (forbidden) return forbidden;
  if (copy_from_user(&group, from, sizeof group)) return -EFAULT;
  if (group < 0) return -EINVAL;
  if (!session_of(group)) return -ESRCH;
  if (session_of(group) != current->sid) return -EPERM;
  t->foreground = group;
  wake(&t->changed);
  return 0;
}

int session_ioctl(struct tty *t, unsigned request, uptr argument) {
  bool own = t->session == current->sid;
  switch (request) {
  case TIOCSCTTY: return set_controlling(t);
  case TIOCNOTTY:
    if (!own) return -ENOTTY;
    if (current->sid == current->pid) session_end(current);
    return 0;
  case TIOCGPGRP:
    return own ? copy_to_user(argument, &t->foreground, sizeof t->foreground) : -ENOTTY;
  case TIOCSPGRP: return set_foreground(t, argument);
  case TIOCGSID: return own ? copy_to_user(argument, &t->session, sizeof t->session) : -ENOTTY;
  }
  return -ENOTTY;
}
