/* Files of /proc: what is read of them is made at that moment, for the host of the caller. */
#include "kernel.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 4096 };

/* All that the kernel has allocated counts as Slab, where Linux has its sockets and files. */
static size_t meminfo_text(char *to, size_t room) {
  size_t used = machine_memory_used() / 1024, total = machine_memory_most() / 1024;
  int n = snprintf(
      to, room, "MemTotal: %14zu kB\nMemFree: %15zu kB\nMemAvailable: %10zu kB\nSlab: %18zu kB\n",
      total, total - used, total - used, used);
  return (size_t)n;
}

/* tcp(7): all of a receive buffer is window, none is for the kernel's own use. */
static size_t window_scale_text(char *to, size_t room) {
  return (size_t)snprintf(to, room, "31\n");
}

static const struct {
  const char *path;
  size_t (*text)(char *to, size_t room); /* its length; cut off at room */
} files[] = {{"/proc/net/if_inet6", interface_text},
             {"/proc/meminfo", meminfo_text},
             {"/proc/sys/net/ipv4/tcp_adv_win_scale", window_scale_text}};

static ssize_t proc_read(struct file *f, struct uio *to, int64_t offset) {
  static char text[ROOM]; /* under the lock */
  size_t length = ((struct inode *)f->object)->text(text, sizeof text);
  if (offset < 0) return -EINVAL;
  if ((uint64_t)offset >= length) return 0;
  size_t n = length - (size_t)offset;
  if (n > to->left) n = to->left;
  int error = uio_put(to, text + offset, n);
  return error ? error : (ssize_t)n;
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

int procfs_init(void) {
  int error = 0;
  for (size_t n = 0; n < sizeof files / sizeof *files && !error; n++) {
    struct place at;
    struct inode *i = inode_new(S_IFREG | 0444);
    path_walk(fs_root, files[n].path, PARENT, &at);
    error = dir_add(at.dir, at.name, i);
    if (!error) i->text = files[n].text;
  }
  return error;
}
