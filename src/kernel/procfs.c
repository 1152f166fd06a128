/* Files of /proc: what is read of them is made at that moment, for the host of the caller; and so
 * are the directories of its processes. procnet.c has /proc/net, procpid.c what processes have. */
#include "procfs.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- text --- */

static bool text_room(struct text *t, size_t n) {
  if (t->length + n < t->room) return true;
  size_t room = t->room ? t->room : 1024;
  while (room <= t->length + n)
    room *= 2;
  char *larger = t->failed ? NULL : realloc(t->bytes, room);
  if (!larger) return t->failed = true, false;
  t->bytes = larger;
  t->room = room;
  return true;
}

void text_bytes(struct text *t, const void *bytes, size_t n) {
  if (!text_room(t, n)) return;
  memcpy(t->bytes + t->length, bytes, n);
  t->length += n;
}

void text_put(struct text *t, const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  text_bytes(t, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

/* All that the kernel has allocated counts as Slab, where Linux has its sockets and files. */
static void meminfo_text(struct text *t) {
  size_t used = machine_memory_used() / 1024, total = machine_memory_most() / 1024;
  text_put(t, "MemTotal: %14zu kB\nMemFree: %15zu kB\nMemAvailable: %10zu kB\nSlab: %18zu kB\n",
           total, total - used, total - used, used);
}

/* tcp(7): all of a receive buffer is window, none is for the kernel's own use. */
static void window_scale_text(struct text *t) { text_put(t, "31\n"); }

static const struct proc_file files[] = {
    {"/proc/net/if_inet6", interface_text},
    {"/proc/meminfo", meminfo_text},
    {"/proc/sys/net/ipv4/tcp_adv_win_scale", window_scale_text},
    {NULL, NULL}};

/* --- as files --- */

static ssize_t proc_read(struct file *f, struct uio *to, int64_t offset) {
  struct text t = {.of = f->object};
  ssize_t n = 0;
  if (offset < 0) return -EINVAL;
  t.of->text(&t);
  if (t.failed)
    n = -ENOMEM;
  else if ((uint64_t)offset < t.length)
    n = (ssize_t)(t.length - (size_t)offset);
  if (n > (ssize_t)to->left) n = (ssize_t)to->left;
  if (n > 0 && uio_put(to, t.bytes + offset, (size_t)n)) n = -EFAULT;
  free(t.bytes);
  return n;
}

static int64_t proc_seek(struct file *f, int64_t offset, int whence) {
  if (whence == SEEK_CUR)
    offset += f->offset;
  else if (whence != SEEK_SET)
    return -EINVAL;
  return offset < 0 ? -EINVAL : (f->offset = offset);
}

const struct file_ops proc_ops = {
    .pread = proc_read, .seek = proc_seek, .stat = inode_stat, .close = inode_close};

struct inode *proc_add(struct inode *dir, const char *name, mode_t mode,
                       void (*text)(struct text *)) {
  struct inode *i = inode_new(mode);
  if (dir_add(dir, name, i)) return NULL;
  i->text = text;
  i->pid = dir->pid;
  return i;
}

static int add_files(const struct proc_file *f) {
  for (; f->path; f++) {
    struct place at;
    path_walk(fs_root, f->path, PARENT, &at);
    if (!proc_add(at.dir, at.name, S_IFREG | 0444, f->text)) return -ENOSPC;
  }
  return 0;
}

int procfs_init(void) {
  struct place at;
  int error = add_files(files);
  if (!error) error = add_files(procnet_files);
  if (error) return error;
  path_walk(fs_root, "/proc/net", PARENT, &at);
  return procpid_init(at.dir);
}
