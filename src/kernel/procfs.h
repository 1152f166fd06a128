/* What the files of /proc share: procfs.c has the tree, the others what is read of it. */
#ifndef PORTSIDE_PROCFS_H
#define PORTSIDE_PROCFS_H

#include "kernel.h"

/* What is read of a file, as it is made. */
struct text {
  char *bytes;
  size_t length, room;
  bool failed; /* no memory */
  const struct inode *of;
};
__attribute__((format(printf, 2, 3))) void text_put(struct text *t, const char *format, ...);
void text_bytes(struct text *t, const void *bytes, size_t n);

struct proc_file {
  const char *path;
  void (*text)(struct text *t);
};
extern const struct proc_file procnet_files[]; /* procnet.c; the last has no path */

/* A file or directory, of the process that `dir` is of. NULL: no space. */
struct inode *proc_add(struct inode *dir, const char *name, mode_t mode,
                       void (*text)(struct text *));
int procpid_init(struct inode *proc); /* /proc/self, and /proc/PID as processes come and go */

#endif
