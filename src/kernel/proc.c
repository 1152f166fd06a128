/* Processes: ending them (spawn.c makes them, wait.c waits), and what they know of themselves.
 * A process ends with the last of its threads (thread.c). */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

struct proc *processes;

struct proc *proc_find(int pid) {
  for (struct proc *p = processes; p; p = p->next)
    if (p->pid == pid) return p;
  return NULL;
}

bool proc_gone(const struct proc *p) { return p->state == PROC_ZOMBIE && !p->parent; }

/* Takes it off the list, if it is there. */
void proc_free(struct proc *p) {
  struct proc **slot = &processes;
  while (*slot && *slot != p)
    slot = &(*slot)->next;
  if (*slot) *slot = p->next;
  free(p->files);
  free(p->cloexec);
  free(p->arguments);
  free(p->environment);
  for (struct thread *t = p->threads, *following; t; t = following) {
    following = t->next;
    thread_free(t);
  }
  signals_forget(&p->pending);
  inode_put(p->image);
  free(p);
}

/* Takes those off the list that have ended and whose Workers are gone, but for the last. */
static void sweep_threads(struct proc *p) {
  for (struct thread **at = &p->threads, *t; (t = *at);)
    if (t->ended && t->released && (t->next || at != &p->threads)) {
      *at = t->next;
      thread_free(t);
    } else
      at = &t->next;
}

/* Frees what nobody can ask for any more. Only the kernel Worker calls it, between calls, so that a
 * walk along the list never loses its place. */
void proc_sweep(void) {
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    sweep_threads(p);
    if (proc_gone(p) && p->threads->released && !p->threads->next) proc_free(p);
  }
}

/* Its last thread has ended. */
void proc_end(struct proc *p) {
  if (p->traced) trace_exit(p, p->status);
  p->ending = true;
  threads_let_go(p);
  fd_close_all(p);
  rights_collect();
  inode_put(p->cwd);
  fs_image_end(p->image);
  timer_cancel(&p->alarm);
  p->state = PROC_ZOMBIE;
  p->report_sleep = false;
  session_end(p);
  for (struct proc *child = processes; child; child = child->next)
    if (child->parent == p) {
      child->parent = NULL;
      session_orphan(p, child->pgid);
    }
  event_post(EVENT_EXIT, p->pid, p->status, 0, NULL, 0);
  proc_report(p);
}

void proc_exit(struct proc *p, int status) {
  if (!p->ending) p->status = status;
  p->ending = true;
  for (struct thread *t = p->threads, *following; t; t = following) {
    following = t->next;
    t->ending = true;
    if (t->ended) continue;
    if (t == caller || !t->in_kernel)
      thread_end(t);
    else
      wake_thread(t);
  }
}

long sys_getpid(void) { return current->pid; }
long sys_getppid(void) { return current->parent ? current->parent->pid : 1; }

long sys_getpgid(int pid) {
  struct proc *p = pid ? proc_find(pid) : current;
  return p ? p->pgid : -ESRCH;
}

long sys_getsid(int pid) {
  struct proc *p = pid ? proc_find(pid) : current;
  return p ? p->sid : -ESRCH;
}

static bool group_exists(int pgid, int sid) {
  for (struct proc *p = processes; p; p = p->next)
    if (p->pgid == pgid && p->sid == sid && !proc_gone(p)) return true;
  return false;
}

long sys_setpgid(int pid, int pgid) {
  struct proc *p = pid ? proc_find(pid) : current;
  if (pgid < 0) return -EINVAL;
  if (!p || (p != current && p->parent != current)) return -ESRCH;
  if (p->sid == p->pid || p->sid != current->sid) return -EPERM;
  if (pgid && pgid != p->pid && !group_exists(pgid, p->sid)) return -EPERM;
  p->pgid = pgid ? pgid : p->pid;
  return 0;
}

long sys_setsid(void) {
  if (current->pgid == current->pid) return -EPERM;
  return current->sid = current->pgid = current->pid;
}

long sys_umask(int mask) {
  int old = current->umask;
  current->umask = mask & 0777;
  return old;
}

long sys_uname(uptr to) {
  struct utsname u = {.sysname = "Linux",
                      .release = "6.1.0-portside",
                      .version = "#1 Portside",
                      .machine = "wasm32"};
  strcpy(u.nodename, host_name(current->host));
  return copy_to_user(to, &u, sizeof u);
}

/* WASI args_sizes_get and environ_sizes_get. */
long sys_strings_sizes(bool arguments, uptr count, uptr size) {
  uint32_t n = (uint32_t)(arguments ? current->argument_count : current->environment_count);
  uint32_t bytes = (uint32_t)(arguments ? current->arguments_size : current->environment_size);
  return copy_to_user(count, &n, sizeof n) ? -EFAULT : copy_to_user(size, &bytes, sizeof bytes);
}

/* WASI args_get and environ_get: the strings at `buffer`, their addresses at `vector`. */
long sys_strings(bool arguments, uptr vector, uptr buffer) {
  const char *strings = arguments ? current->arguments : current->environment;
  size_t size = arguments ? current->arguments_size : current->environment_size;
  for (size_t i = 0; i < size; i += strlen(strings + i) + 1, vector += sizeof(uptr)) {
    uptr address = buffer + i;
    if (copy_to_user(vector, &address, sizeof address)) return -EFAULT;
  }
  return copy_to_user(buffer, strings, size);
}
