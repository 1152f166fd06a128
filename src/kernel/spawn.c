/* Making a process: as posix_spawn does, of a program from a file, or as fork does, of its maker.
 */
#include "kernel.h"
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int last_pid = 1; /* init, the parent of those who have lost theirs */

static void alarm_fire(struct timer *t) {
  struct proc *p = (struct proc *)((char *)t - offsetof(struct proc, alarm));
  if (p->alarm_interval) timer_set(t, now_ns() + p->alarm_interval);
  signal_send(p, SIGALRM); /* may end it, and with it the timer */
}

/* Everything that can fail for want of memory, so that the rest of proc_spawn cannot. */
static struct proc *proc_new(size_t arguments, size_t environment, int descriptors) {
  struct proc *p = calloc(1, sizeof *p);
  if (!p) return NULL;
  p->report_sleep = true;
  p->arguments = malloc(arguments + 1);
  p->environment = malloc(environment + 1);
  p->threads = thread_new(p);
  if (!fd_grow(p, descriptors) && p->arguments && p->environment && p->threads) return p;
  proc_free(p);
  return NULL;
}

static int count_strings(const char *strings, size_t size) {
  int n = 0;
  for (size_t i = 0; i < size; i++)
    n += !strings[i];
  return n;
}

void proc_strings(struct proc *p, size_t arguments, size_t environment) {
  p->arguments_size = arguments;
  p->environment_size = environment;
  p->argument_count = count_strings(p->arguments, arguments);
  p->environment_count = count_strings(p->environment, environment);
}

static int proc_count(void) {
  int n = 0;
  for (struct proc *p = processes; p; p = p->next)
    n++;
  return n;
}

/* RLIMIT_NPROC, and the lab's own limit. */
static bool may_make(void) {
  int count = proc_count();
  return count < PROC_LIMIT && (uint64_t)count < current->limits[RLIMIT_NPROC].soft;
}

/* A child of the caller, complete but for its descriptors; it does not run yet. Takes the image
 * over. 0 or -errno. */
static int proc_make(struct inode *image, const struct program *program, struct host *host,
                     struct proc **to) {
  struct proc *p = NULL;
  int error = may_make() ? -ENOMEM : -EAGAIN;
  if (error == -ENOMEM)
    p = proc_new(program->arguments_size, program->environment_size, current->fd_count);
  if (!p) {
    fs_image_end(image);
    return error;
  }
  *to = p;
  p->image = inode_hold(image);
  p->pid = p->threads->tid = p->threads->worker = ++last_pid;
  p->living = 1;
  p->host = host;
  p->started = now_ns();
  p->alarm.fire = alarm_fire;
  if (program->arguments_size) memcpy(p->arguments, program->arguments, program->arguments_size);
  if (program->environment_size)
    memcpy(p->environment, program->environment, program->environment_size);
  proc_strings(p, program->arguments_size, program->environment_size);
  bool first = current == &kernel_proc;
  p->parent = first ? NULL : current;
  p->pgid = first ? p->pid : current->pgid;
  p->sid = first ? p->pid : current->sid;
  p->umask = first ? 022 : current->umask;
  memcpy(p->limits, current->limits, sizeof p->limits);
  p->threads->blocked = caller->blocked;
  p->cwd = inode_hold(current->cwd);
  for (int sig = 1; sig < _NSIG; sig++)
    if (current->actions[sig].handler == (uptr)SIG_IGN) p->actions[sig] = current->actions[sig];
  return 0;
}

/* What a Worker needs to run a program, as EVENT_SPAWN and EVENT_EXEC hand it over. */
struct spawn {
  uptr thread, stack, tls, image;
  uint32_t image_size, version;
};

void proc_run(struct thread *t, enum event_type how, int of, int copy) {
  const struct proc *p = t->proc;
  struct spawn s = {(uptr)t,
                    thread_stack(t),
                    (uptr)t->tls,
                    (uptr)p->image->data,
                    (uint32_t)p->image->size,
                    p->image->version};
  event_post(how, t->worker, of, copy, &s, sizeof s);
}

/* As a copy of another process, or of none: 0, 0. */
static int proc_start(struct proc *p, const char *path, int of, int copy) {
  p->state = PROC_RUNNING;
  trace_inherit(p);
  if (p->traced) trace_start(p, path, of);
  p->next = processes;
  processes = p;
  proc_run(p->threads, EVENT_SPAWN, of, copy);
  return p->pid;
}

/* A process that was made but cannot be started. */
static void proc_unmake(struct proc *p) {
  fd_close_all(p);
  inode_put(p->cwd);
  fs_image_end(p->image);
  proc_free(p);
}

/* The caller's descriptors. */
static void inherit_files(struct proc *p) {
  for (int fd = 0; fd < current->fd_count; fd++)
    if (current->files[fd] && (p->files[fd] = current->files[fd])) {
      p->files[fd]->references++;
      p->cloexec[fd] = current->cloexec[fd];
    }
}

/* Starts a program on a host, with those descriptors. Returns its pid. */
int proc_spawn(const struct program *program, struct host *host, struct file *const io[3]) {
  struct proc *p;
  struct inode *image;
  int error = fs_image(program->path, &image);
  if (!error) error = proc_make(image, program, host, &p);
  if (error) return error;
  for (int fd = 0; fd < 3; fd++)
    if ((p->files[fd] = io[fd])) io[fd]->references++;
  struct proc *worker = current;
  current = p;
  tty_adopt(io[0]);
  current = worker;
  return proc_start(p, program->path, 0, 0);
}

long join_strings(uptr vector, char **to) {
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

/* What the C library makes of posix_spawn_file_actions_t (src/libc/spawn.c). */
enum operation { ACTION_CLOSE = 1, ACTION_DUP2, ACTION_OPEN, ACTION_CHDIR, ACTION_FCHDIR };
struct user_action {
  int operation, fd, source, flags;
  unsigned mode;
  uptr path;
};

/* Acts as the child, on names in the caller's memory. */
static long act(const struct user_action *a) {
  switch (a->operation) {
  case ACTION_CLOSE: sys_close(a->fd); return 0; /* POSIX: one that is not open is no error */
  case ACTION_DUP2:
    if (a->fd != a->source) return sys_dup3(a->source, a->fd, 0);
    if (!file_get(a->fd)) return -EBADF;
    current->cloexec[a->fd] = 0;
    return 0;
  case ACTION_CHDIR: return sys_chdir(a->path);
  case ACTION_FCHDIR: return sys_fchdir(a->fd);
  case ACTION_OPEN: break;
  default: return -EINVAL;
  }
  long fd = sys_openat(AT_FDCWD, a->path, a->flags & ~O_CLOEXEC, a->mode);
  if (fd < 0 || fd == a->fd) return fd;
  long result = sys_dup3((int)fd, a->fd, 0);
  sys_close((int)fd);
  return result;
}

static long act_all(uptr actions) {
  int count = 0;
  long error = actions && copy_from_user(&count, actions, sizeof count) ? -EFAULT : 0;
  uptr at = actions + (sizeof(uptr) > sizeof count ? sizeof(uptr) : sizeof count);
  for (int i = 0; error >= 0 && i < count; i++, at += sizeof(struct user_action)) {
    struct user_action a;
    error = copy_from_user(&a, at, sizeof a) ? -EFAULT : act(&a);
  }
  return error < 0 ? error : 0;
}

/* posix_spawnattr_t as a program has it. */
struct user_attributes {
  int flags, group;
  sigset_t defaults, mask;
};

static long attribute(struct proc *p, uptr attributes) {
  struct user_attributes a;
  if (!attributes) return 0;
  if (copy_from_user(&a, attributes, sizeof a)) return -EFAULT;
  if (a.flags & POSIX_SPAWN_SETPGROUP) p->pgid = a.group ? a.group : p->pid;
  if (a.flags & POSIX_SPAWN_SETSID) p->sid = p->pgid = p->pid;
  if (a.flags & POSIX_SPAWN_SETSIGMASK)
    memcpy(&p->threads->blocked, &a.mask, sizeof a.mask < 8 ? sizeof a.mask : 8);
  for (int sig = 1; a.flags & POSIX_SPAWN_SETSIGDEF && sig < _NSIG; sig++)
    if (*(uint64_t *)&a.defaults >> (sig - 1) & 1) p->actions[sig] = (struct action){0};
  return 0;
}

/* POSIX posix_spawn: its own descriptors that are not close-on-exec, then attributes, then actions.
 */
static long spawn_child(const struct program *program, uptr actions, uptr attributes) {
  struct proc *p, *parent = current;
  struct inode *image;
  long error = fs_image(program->path, &image);
  if (!error) error = proc_make(image, program, parent->host, &p);
  if (error) return error;
  inherit_files(p);
  error = attribute(p, attributes);
  current = p;
  if (!error) error = act_all(actions);
  current = parent;
  if (error) {
    proc_unmake(p);
    return error;
  }
  fd_close_on_exec(p);
  return proc_start(p, program->path, 0, 0);
}

long sys_posix_spawn(uptr path, uptr argv, uptr envp, uptr actions, uptr attributes) {
  char name[PATH_LIMIT], *arguments, *environment = NULL;
  int error = user_path(name, path);
  if (error < 0) return error;
  long size = join_strings(argv, &arguments);
  long environment_size = size < 0 ? size : join_strings(envp, &environment);
  long result = environment_size < 0 ? environment_size : script_resolve(name, &arguments, &size);
  struct program program = {name, arguments, environment, (size_t)size, (size_t)environment_size};
  if (!result) result = spawn_child(&program, actions, attributes);
  free(arguments);
  free(environment);
  return result;
}

/* POSIX fork, as far as the kernel goes: the Worker that calls has given a copy of the program's
 * memory to the kernel Worker before, by that number. */
long sys_fork(int copy) {
  struct proc *p, *parent = current;
  struct program same = {.arguments = parent->arguments,
                         .environment = parent->environment,
                         .arguments_size = parent->arguments_size,
                         .environment_size = parent->environment_size};
  int error = proc_make(fs_image_again(parent->image), &same, parent->host, &p);
  if (error) return error;
  inherit_files(p);
  memcpy(p->actions, parent->actions, sizeof p->actions);
  return proc_start(p, "", parent->pid, copy);
}
