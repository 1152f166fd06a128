/* Processes: ending them (spawn.c makes them, wait.c waits), and what they know of themselves.
 *
 * A process ends in one of two ways. Inside the kernel (it called exit, or a fatal signal woke its
 * sleeping call) the call unwinds, gives back what it holds, and ends the process itself. Outside,
 * running its own code, whoever kills it does all that in its place, and its Worker is terminated;
 * should it enter the kernel before that happens, syscall_enter keeps it there. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

_Thread_local struct proc *current;
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
  free(p->stack);
  free(p->tls);
  free(p->outgoing);
  signals_forget(p);
  inode_put(p->image);
  free(p);
}

/* Frees what nobody can ask for any more. Only the kernel Worker calls it, between calls, so that a
 * walk along the list never loses its place. */
void proc_sweep(void) {
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p->released && proc_gone(p)) proc_free(p);
  }
}

void proc_exit(struct proc *p, int status) {
  fd_close_all(p);
  rights_collect();
  inode_put(p->cwd);
  fs_image_end(p->image);
  timer_cancel(&p->alarm);
  p->state = PROC_ZOMBIE;
  p->status = status;
  p->report_sleep = false;
  for (struct proc *child = processes; child; child = child->next)
    if (child->parent == p) child->parent = NULL;
  event_post(EVENT_EXIT, p->pid, status, p->in_kernel, NULL, 0);
  proc_report(p);
}

void proc_kill(struct proc *p) {
  int sig = signal_fatal(p);
  if (sig && !p->in_kernel && p->state == PROC_RUNNING) proc_exit(p, sig);
}

void proc_release(int pid) {
  struct proc *p = proc_find(pid);
  if (p) p->released = true;
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
