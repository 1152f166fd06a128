/* The files below a directory as one block of bytes, which the page can keep and install again. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* before each file's path, which is counted from the directory, and its bytes */
struct header {
  uint32_t path, mode, size;
};

static bool kept(const struct inode *i, size_t limit) {
  bool program = i->size >= 4 && !memcmp(i->data, "\0asm", 4);
  return S_ISREG(i->mode) && !i->text && i->size <= limit && !program;
}

/* Puts what is below `dir` at `to`, unless that is NULL. path: of dir, `length` bytes, for
 * PATH_LIMIT. Returns how many bytes it takes. */
static size_t collect(const struct inode *dir, char *path, size_t length, size_t limit,
                      uint8_t *to) {
  size_t all = 0;
  for (const struct entry *e = dir->entries; e; e = e->next) {
    const struct inode *i = e->inode;
    size_t n = length + strlen(e->name);
    if (n + 1 >= PATH_LIMIT) continue;
    memcpy(path + length, e->name, n - length);
    if (S_ISDIR(i->mode)) {
      path[n] = '/';
      all += collect(i, path, n + 1, limit, to ? to + all : NULL);
    } else if (kept(i, limit)) {
      struct header h = {(uint32_t)n, i->mode & 07777, (uint32_t)i->size};
      if (to) {
        memcpy(to + all, &h, sizeof h);
        memcpy(to + all + sizeof h, path, n);
        if (i->size) memcpy(to + all + sizeof h + n, i->data, i->size);
      }
      all += sizeof h + n + i->size;
    }
  }
  return all;
}

void *fs_files(const char *path, size_t limit) {
  char below[PATH_LIMIT];
  struct inode *dir;
  if (path_find(fs_root, path, FOLLOW, &dir) || !S_ISDIR(dir->mode)) return NULL;
  uint32_t n = (uint32_t)collect(dir, below, 0, limit, NULL);
  uint8_t *block = malloc(sizeof n + n);
  if (!block) return NULL;
  memcpy(block, &n, sizeof n);
  collect(dir, below, 0, limit, block + sizeof n);
  return block;
}
