/* Processes: making, ending and waiting for them.
 *
 * A process ends in one of two ways. Inside the kernel (it called exit, or a fatal signal woke its
 * sleeping call) the call unwinds, gives back what it holds, and ends the process itself. Outside,
 * running its own code, whoever kills it does all that in its place, and its Worker is terminated;
 * should it enter the kernel before that happens, syscall_enter keeps it there. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

enum { STACK_SIZE = 65536, TLS_SIZE = 4096 };

_Thread_local struct proc *current;
struct proc *processes;
static int last_pid;

struct proc *proc_find(int pid) {
  for (struct proc *p = processes; p; p = p->next)
    if (p->pid == pid) return p;
  return NULL;
}

static void alarm_fire(struct timer *t) {
  struct proc *p = (struct proc *)((char *)t - offsetof(struct proc, alarm));
  signal_send(p, SIGALRM);
  if (p->alarm_interval) timer_set(t, now_ns() + p->alarm_interval);
}

static void proc_free(struct proc *p) {
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
  free(p);
}

/* Everything that can fail for want of memory, so that the rest of proc_spawn cannot. */
static struct proc *proc_new(size_t arguments, size_t environment) {
  struct proc *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->files = calloc(FD_LIMIT, sizeof *p->files);
  p->cloexec = calloc(FD_LIMIT, 1);
  p->arguments = malloc(arguments + 1);
  p->environment = malloc(environment + 1);
  p->stack = malloc(STACK_SIZE);
  p->tls = calloc(1, TLS_SIZE);
  if (p->files && p->cloexec && p->arguments && p->environment && p->stack && p->tls) return p;
  proc_free(p);
  return NULL;
}

static int count_strings(const char *strings, size_t size) {
  int n = 0;
  for (size_t i = 0; i < size; i++)
    n += !strings[i];
  return n;
}

static void inherit(struct proc *p, const struct proc *parent) {
  p->parent = parent == &kernel_proc ? NULL : (struct proc *)parent;
  p->pgid = p->parent ? parent->pgid : p->pid;
  p->sid = p->parent ? parent->sid : p->pid;
  p->umask = p->parent ? parent->umask : 022;
  p->blocked = parent->blocked;
  strcpy(p->cwd, p->parent ? parent->cwd : "/");
  for (int sig = 1; sig < _NSIG; sig++)
    if (parent->actions[sig].handler == (uptr)SIG_IGN) p->actions[sig] = parent->actions[sig];
}

/* What the new Worker needs, as EVENT_SPAWN hands it over. */
struct spawn { uptr proc, stack, tls, image; uint32_t image_size, version; };

/* Starts the program in the file at `path`, as a child of the caller. io: its first three
 * descriptors (NULL: the caller's own descriptors that are not close-on-exec). Returns its pid. */
int proc_spawn(const char *path, const char *arguments, size_t size, const char *environment,
               size_t environment_size, struct host *host, struct file *const io[3]) {
  const uint8_t *image;
  size_t image_size;
  uint32_t version;
  int error = fs_image(current->cwd, path, &image, &image_size, &version), running = 0;
  if (error) return error;
  if (image_size < 8 || memcmp(image, "\0asm", 4)) return -ENOEXEC;
  for (struct proc *p = processes; p; p = p->next)
    running++;
  if (running >= PROC_LIMIT) return -EAGAIN;
  struct proc *p = proc_new(size, environment_size);
  if (!p) return -ENOMEM;
  p->pid = ++last_pid;
  p->host = host;
  p->started = now_ns();
  p->alarm.fire = alarm_fire;
  memcpy(p->arguments, arguments, size);
  memcpy(p->environment, environment, environment_size);
  p->arguments_size = size;
  p->environment_size = environment_size;
  p->argument_count = count_strings(arguments, size);
  p->environment_count = count_strings(environment, environment_size);
  inherit(p, current);
  for (int fd = 0; fd < (io ? 3 : FD_LIMIT); fd++) {
    struct file *f = io ? io[fd] : current->cloexec[fd] ? NULL : current->files[fd];
    if ((p->files[fd] = f)) f->references++;
  }
  p->state = PROC_RUNNING;
  p->next = processes;
  processes = p;
  struct spawn s = {(uptr)p, (uptr)p->stack + STACK_SIZE, (uptr)p->tls, (uptr)image, (uint32_t)image_size, version};
  event_post(EVENT_SPAWN, p->pid, 0, 0, &s, sizeof s);
  return p->pid;
}

/* Joins a vector of a program's strings: *to is to be freed. Returns the size, or -errno. */
static long join_strings(uptr vector, char **to) {
  enum { LIMIT = 131072 };
  size_t size = 0, capacity = 0;
  *to = NULL;
  for (;; vector += sizeof(uptr)) {
    uptr string;
    if (copy_from_user(&string, vector, sizeof string)) return -EFAULT;
    if (!string) return (long)size;
    for (char c = 1; c; size++) {
      if (size == LIMIT) return -E2BIG;
      if (size == capacity) {
        char *larger = realloc(*to, capacity = capacity ? 2 * capacity : 256);
        if (!larger) return -ENOMEM;
        *to = larger;
      }
      if (copy_from_user(&c, string++, 1)) return -EFAULT;
      (*to)[size] = c;
    }
  }
}

long sys_posix_spawn(uptr path, uptr argv, uptr envp) {
  char name[PATH_LIMIT], *arguments, *environment = NULL;
  int error = user_path(name, path);
  if (error < 0) return error;
  long size = join_strings(argv, &arguments);
  long environment_size = size < 0 ? size : join_strings(envp, &environment);
  long result = environment_size < 0 ? environment_size
                                     : proc_spawn(name, arguments, (size_t)size, environment,
                                                  (size_t)environment_size, current->host, NULL);
  free(arguments);
  free(environment);
  return result;
}

/* Frees what nobody can ask for any more. Only the kernel Worker calls it, between calls, so that a
 * walk along the list never loses its place. */
void proc_sweep(void) {
  for (struct proc *p = processes, *next; p; p = next) {
    next = p->next;
    if (p->released && p->state == PROC_ZOMBIE && !p->parent) proc_free(p);
  }
}

void proc_exit(struct proc *p, int status) {
  for (int fd = 0; fd < FD_LIMIT; fd++)
    if (p->files[fd]) fd_close(p, fd);
  timer_cancel(&p->alarm);
  p->state = PROC_ZOMBIE;
  p->status = status;
  p->report_sleep = false;
  for (struct proc *child = processes; child; child = child->next)
    if (child->parent == p) child->parent = NULL;
  event_post(EVENT_EXIT, p->pid, status, p->in_kernel, NULL, 0);
  if (!p->parent) return;
  wake(&p->parent->children);
  signal_send(p->parent, SIGCHLD);
}

void proc_kill(struct proc *p) {
  int sig = signal_fatal(p);
  if (sig && !p->in_kernel && p->state == PROC_RUNNING) proc_exit(p, sig);
}

void proc_release(int pid) {
  struct proc *p = proc_find(pid);
  if (p) p->released = true;
}

static bool waited_for(const struct proc *child, int pid) {
  if (child->parent != current) return false;
  if (pid > 0) return child->pid == pid;
  return pid == -1 || child->pgid == (pid ? -pid : current->pgid);
}

/* POSIX waitpid; the resource usage is all zero. */
long sys_wait4(int pid, uptr status, int options, uptr rusage) {
  if (options & ~(WNOHANG | WUNTRACED | WCONTINUED)) return -EINVAL;
  for (;;) {
    bool any = false;
    for (struct proc *p = processes; p; p = p->next) {
      if (!waited_for(p, pid)) continue;
      any = true;
      if (p->state != PROC_ZOMBIE) continue;
      struct rusage none = {0};
      if (status && copy_to_user(status, &p->status, sizeof p->status)) return -EFAULT;
      if (rusage && copy_to_user(rusage, &none, sizeof none)) return -EFAULT;
      int found = p->pid;
      p->parent = NULL;
      return found;
    }
    if (!any) return -ECHILD;
    if (options & WNOHANG) return 0;
    int error = sleep_on(&current->children, FOREVER);
    if (error) return error;
  }
}

long sys_getpid(void) { return current->pid; }
long sys_getppid(void) { return current->parent ? current->parent->pid : 0; }

long sys_getpgid(int pid) {
  struct proc *p = pid ? proc_find(pid) : current;
  return p ? p->pgid : -ESRCH;
}

long sys_getsid(int pid) {
  struct proc *p = pid ? proc_find(pid) : current;
  return p ? p->sid : -ESRCH;
}

long sys_setpgid(int pid, int pgid) {
  struct proc *p = pid ? proc_find(pid) : current;
  if (pgid < 0) return -EINVAL;
  if (!p || (p != current && p->parent != current)) return -ESRCH;
  if (p->sid == p->pid || p->sid != current->sid) return -EPERM;
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
  struct utsname u = {.sysname = "Linux", .release = "6.1.0-portside", .version = "#1 Portside", .machine = "wasm32"};
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
