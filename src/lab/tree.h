/* The files that a server hands out: a built-in tree, kept in memory, or a folder of the disk.
 * A path begins with '/' and has no part that is empty, "." or ".."; tree_path makes it so. What
 * can fail answers -errno. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

enum { TREE_PATH_LIMIT = 512 };

struct tree_status {
  bool folder;
  off_t size;
  time_t changed;
};

struct tree_file { /* an open file */
  int fd;
  struct tree_node *node;
};

enum tree_how { TREE_READ, TREE_WRITE, TREE_RESUME }; /* WRITE empties it, RESUME does not */

typedef void tree_each(void *arg, const char *name, const struct tree_status *status);

struct tree {
  int (*status)(const char *path, struct tree_status *to);
  int (*list)(const char *path, tree_each *each, void *arg); /* by name */
  int (*open)(const char *path, enum tree_how how, struct tree_file *to);
  ssize_t (*read)(struct tree_file *f, off_t at, void *to, size_t size);
  ssize_t (*write)(struct tree_file *f, off_t at, const void *from, size_t size);
  void (*close)(struct tree_file *f);
  int (*make_folder)(const char *path);
  int (*remove)(const char *path, bool folder);
  int (*rename)(const char *from, const char *to);
};

/* The tree that is served: after tree_start, of the folder, or the built-in one if that is NULL. */
extern const struct tree *tree;
int tree_start(const char *folder);

/* `given` as seen from `base`; never above the root. 0 or -ENAMETOOLONG. */
int tree_path(const char *base, const char *given, char to[TREE_PATH_LIMIT]);

/* --- tree_files.c: the built-in files; text NULL: a folder; the last has no path --- */

struct tree_builtin {
  const char *path, *text;
  time_t changed;
};
extern const struct tree_builtin tree_builtins[];

/* --- tree_disk.c --- */

int tree_disk_start(const char *folder);
extern const struct tree tree_disk;
