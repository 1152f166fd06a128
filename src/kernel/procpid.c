/* /proc/PID (proc(5)): what processes know of those of their host. The directories are made when
 * somebody looks for them. */
#include "procfs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HERTZ = 100, COMM = 15, PATH_DEPTH = 32 };

static const char *program_name(const struct proc *p) {
  const char *path = p->argument_count ? p->arguments : "";
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static char state_of(const struct proc *p) {
  if (p->state == PROC_ZOMBIE) return 'Z';
  if (p->stopped) return 'T';
  for (const struct thread *t = p->threads; t; t = t->next)
    if (!t->ended && !t->asleep) return 'R';
  return 'S';
}

static void cmdline_text(struct text *t) {
  const struct proc *p = proc_find(t->of->pid);
  if (p && p->state == PROC_RUNNING) text_bytes(t, p->arguments, p->arguments_size);
}

static void comm_text(struct text *t) {
  const struct proc *p = proc_find(t->of->pid);
  if (p) text_put(t, "%.*s\n", COMM, program_name(p));
}

static void stat_text(struct text *t) {
  const struct proc *p = proc_find(t->of->pid);
  if (!p) return;
  text_put(t, "%d (%.*s) %c %d %d %d 0 %d 0", p->pid, COMM, program_name(p), state_of(p),
           p->parent ? p->parent->pid : 1, p->pgid, p->sid, p->pgid);
  const int64_t tick = 1000000000 / HERTZ;
  text_put(t, " 0 0 0 0 %lld 0 %lld 0 20 0 %d 0 %lld 0 0", (long long)(usage_of(p) / tick),
           (long long)(p->children_ran / tick), p->living, (long long)(p->threads->started / tick));
  for (int field = 25; field <= 52; field++)
    text_put(t, " 0");
  text_put(t, "\n");
}

static void status_text(struct text *t) {
  const struct proc *p = proc_find(t->of->pid);
  if (!p) return;
  const char state = state_of(p);
  text_put(t, "Name:\t%.*s\nUmask:\t%04o\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\n", COMM,
           program_name(p), (unsigned)p->umask, state,
           state == 'R'   ? "running"
           : state == 'S' ? "sleeping"
           : state == 'T' ? "stopped"
                          : "zombie",
           p->pid, p->pid, p->parent ? p->parent->pid : 1);
  text_put(t, "Uid:\t%d\t%d\t%d\t%d\nGid:\t%d\t%d\t%d\t%d\nThreads:\t%d\n", USER, USER, USER, USER,
           USER, USER, USER, USER, p->living);
}

/* --- descriptors --- */

static bool find_name(const struct inode *dir, const struct inode *i, char *to, size_t room,
                      int depth) {
  for (const struct entry *e = dir->entries; e && depth < PATH_DEPTH; e = e->next) {
    int n = snprintf(to, room, "/%s", e->name);
    if (n < 0 || (size_t)n >= room) continue;
    if (e->inode == i) return true;
    if (S_ISDIR(e->inode->mode) && !e->inode->refresh &&
        find_name(e->inode, i, to + n, room - (size_t)n, depth + 1))
      return true;
  }
  return false;
}

/* What the link of a descriptor says. */
static void describe(const struct file *f, char *to, size_t room) {
  struct stat s = {0};
  const struct inode *i = file_inode(f);
  if (i == fs_root)
    snprintf(to, room, "/");
  else if (i && !find_name(fs_root, i, to, room, 0))
    snprintf(to, room, "(deleted)");
  if (i) return;
  if (f->ops->stat) f->ops->stat((struct file *)f, &s);
  unsigned long long number = file_number(f);
  if (f->ops == &socket_ops)
    snprintf(to, room, "socket:[%llu]", number);
  else if (S_ISFIFO(s.st_mode))
    snprintf(to, room, "pipe:[%llu]", number);
  else if (file_is_tty(f))
    snprintf(to, room, "/dev/tty");
  else
    snprintf(to, room, "anon_inode:[%llu]", number);
}

static void set_link(struct inode *link, const char *target) {
  size_t n = strlen(target);
  if (link && !inode_resize(link, n) && n) memcpy(link->data, target, n);
}

static void clear(struct inode *dir) {
  while (dir->entries) {
    struct inode *i = dir->entries->inode;
    if (S_ISDIR(i->mode)) clear(i);
    dir_remove(dir, dir->entries->name);
  }
}

static void refresh_descriptors(struct inode *dir) {
  const struct proc *p = proc_find(dir->pid);
  char name[16], target[PATH_LIMIT];
  clear(dir);
  for (int fd = 0; p && p->state == PROC_RUNNING && fd < p->fd_count; fd++) {
    if (!p->files[fd]) continue;
    snprintf(name, sizeof name, "%d", fd);
    describe(p->files[fd], target, sizeof target);
    set_link(proc_add(dir, name, S_IFLNK | 0777, NULL), target);
  }
}

/* --- processes --- */

static bool listed(const struct proc *p) { return p->host == current->host && !proc_gone(p); }

static void add_process(struct inode *proc, const struct proc *p) {
  char name[16];
  snprintf(name, sizeof name, "%d", p->pid);
  if (dir_find(proc, name)) return;
  struct inode *dir = proc_add(proc, name, S_IFDIR | 0555, NULL);
  if (!dir) return;
  dir->pid = p->pid;
  dir->user = USER;
  proc_add(dir, "cmdline", S_IFREG | 0444, cmdline_text);
  proc_add(dir, "comm", S_IFREG | 0444, comm_text);
  proc_add(dir, "stat", S_IFREG | 0444, stat_text);
  proc_add(dir, "status", S_IFREG | 0444, status_text);
  struct inode *fds = proc_add(dir, "fd", S_IFDIR | 0555, NULL);
  if (fds) fds->refresh = refresh_descriptors;
}

/* Directories of processes that are of another host, or no more. */
static void forget_processes(struct inode *proc) {
  for (struct entry *e = proc->entries, *next; e; e = next) {
    next = e->next;
    const struct proc *p = e->inode->pid ? proc_find(e->inode->pid) : NULL;
    if (!e->inode->pid || (p && listed(p))) continue;
    clear(e->inode);
    dir_remove(proc, e->name);
  }
}

static void refresh_processes(struct inode *proc) {
  char self[16] = "";
  forget_processes(proc);
  if (current->host) { /* the kernel Worker sees none */
    for (const struct proc *p = processes; p; p = p->next)
      if (listed(p)) add_process(proc, p);
    snprintf(self, sizeof self, "%d", current->pid);
  }
  set_link(dir_find(proc, "self"), self);
}

int procpid_init(struct inode *proc) {
  if (!proc_add(proc, "self", S_IFLNK | 0777, NULL)) return -ENOSPC;
  proc->refresh = refresh_processes;
  return 0;
}
