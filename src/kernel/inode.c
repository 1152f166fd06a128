/* What is stored, in memory: files, directories and symbolic links; one tree for the whole lab.
 *
 * An inode lives as long as it has a name, or somebody holds it: an open file, a process whose
 * working directory or program it is, a directory in it. */
#include "kernel.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t inode_bytes;
static uint32_t last_version;
static ino_t last_number;

/* Every byte that the tree takes is counted, its own bookkeeping too. */
static int charge(size_t n) {
  if (n > FS_LIMIT - inode_bytes) return -ENOSPC;
  inode_bytes += n;
  return 0;
}

static void *allocate(size_t n) {
  if (charge(n)) return NULL;
  void *p = calloc(1, n);
  if (!p) inode_bytes -= n;
  return p;
}

static void release(void *p, size_t n) {
  free(p);
  inode_bytes -= n;
}

struct inode *inode_new(mode_t mode) {
  struct inode *i = allocate(sizeof *i);
  if (!i) return NULL;
  i->number = ++last_number;
  i->mode = mode;
  i->user = current == &kernel_proc ? 0 : USER;
  i->links = S_ISDIR(mode); /* its own "." */
  i->accessed = i->modified = i->changed = realtime_ns();
  return i;
}

bool inode_named(const struct inode *i) { return S_ISDIR(i->mode) ? i->links > 1 : i->links > 0; }

static void drop_if_unused(struct inode *i) {
  while (i && !i->references && !inode_named(i)) {
    struct inode *parent = i->parent;
    release(i->data, i->capacity);
    release(i, sizeof *i);
    if (parent) parent->references--;
    i = parent;
  }
}

struct inode *inode_hold(struct inode *i) {
  if (i) i->references++;
  return i;
}

void inode_put(struct inode *i) {
  if (!i) return;
  i->references--;
  drop_if_unused(i);
}

bool inode_owned(const struct inode *i) { return current == &kernel_proc || i->user == USER; }

/* wanted: R_OK, W_OK, X_OK. The kernel Worker may do everything, as root would. */
bool inode_allows(const struct inode *i, int wanted) {
  if (current == &kernel_proc) return true;
  int bits = (int)(i->user == USER ? i->mode >> 6 : i->mode) & 7;
  return (bits & wanted) == wanted;
}

void inode_modified(struct inode *i) {
  i->modified = i->changed = realtime_ns();
  i->version = ++last_version;
}

size_t inode_room(const struct inode *i) { return i->capacity + (FS_LIMIT - inode_bytes); }

/* Makes room for `size` bytes. A file that grows gets half as much again, if there is as much. */
int inode_reserve(struct inode *i, size_t size) {
  if (size <= i->capacity) return 0;
  if (size > FS_LIMIT) return -EFBIG;
  size_t most = inode_room(i), capacity = i->capacity + i->capacity / 2;
  if (size > most) return -ENOSPC;
  if (capacity < size) capacity = size;
  if (capacity > most) capacity = most;
  uint8_t *data = realloc(i->data, capacity);
  if (!data && capacity > size) data = realloc(i->data, capacity = size);
  if (!data) return -ENOSPC;
  inode_bytes += capacity - i->capacity;
  i->data = data;
  i->capacity = capacity;
  return 0;
}

int inode_resize(struct inode *i, size_t size) {
  int error = inode_reserve(i, size);
  if (error) return error;
  if (size > i->size) memset(i->data + i->size, 0, size - i->size);
  i->size = size;
  if (size < i->capacity / 2) {
    uint8_t *smaller = size ? realloc(i->data, size) : NULL;
    if (!size) free(i->data);
    if (!size || smaller) {
      i->data = smaller;
      inode_bytes -= i->capacity - size;
      i->capacity = size;
    }
  }
  inode_modified(i);
  return 0;
}

/* Directories. Entries are in the order in which they were made, and `place` tells where a reader
 * was even when others have gone. "." and ".." are not among them, but have the first two places.
 */
static struct entry **slot_of(struct inode *dir, const char *name) {
  struct entry **slot = &dir->entries;
  while (*slot && strcmp((*slot)->name, name))
    slot = &(*slot)->next;
  return slot;
}

static struct entry *entry_new(struct inode *dir, const char *name) {
  struct entry *e = allocate(sizeof *e + strlen(name) + 1), **slot = &dir->entries;
  if (!e) return NULL;
  strcpy(e->name, name);
  e->place = 3;
  for (; *slot; slot = &(*slot)->next)
    e->place = (*slot)->place + 1;
  return *slot = e;
}

static void entry_remove(struct inode *dir, const char *name) {
  struct entry **slot = slot_of(dir, name), *e = *slot;
  *slot = e->next;
  release(e, sizeof *e + strlen(e->name) + 1);
}

static void attach(struct inode *dir, struct inode *i) {
  i->links++;
  if (S_ISDIR(i->mode)) {
    struct inode *before = i->parent;
    dir->links++;
    i->parent = inode_hold(dir);
    inode_put(before);
  }
  dir->modified = dir->changed = i->changed = realtime_ns();
}

/* A directory keeps its parent even so: ".." still leads there. */
static void detach(struct inode *dir, struct inode *i) {
  i->links--;
  if (S_ISDIR(i->mode)) dir->links--;
  dir->modified = dir->changed = i->changed = realtime_ns();
}

struct inode *dir_find(struct inode *dir, const char *name) {
  if (!strcmp(name, ".")) return dir;
  if (!strcmp(name, "..")) return dir->parent ? dir->parent : dir;
  struct entry *e = *slot_of(dir, name);
  return e ? e->inode : NULL;
}

/* Gives `i` that name; what had it before loses it. i: NULL, when there was no memory for it, is
 * ENOSPC too; an inode that nobody holds is gone when this fails. */
int dir_add(struct inode *dir, const char *name, struct inode *i) {
  struct entry *e = *slot_of(dir, name);
  struct inode *old = e ? inode_hold(e->inode) : NULL;
  if (i && !e) e = entry_new(dir, name);
  if (!i || !e) {
    inode_put(old);
    drop_if_unused(i);
    return -ENOSPC;
  }
  if (old) detach(dir, old);
  e->inode = i;
  attach(dir, i);
  inode_put(old);
  return 0;
}

void dir_remove(struct inode *dir, const char *name) {
  struct inode *i = dir_find(dir, name);
  entry_remove(dir, name);
  detach(dir, i);
  drop_if_unused(i);
}

/* Gives what is at `name` another place and name, instead of what had that name. */
int dir_move(struct inode *from, const char *name, struct inode *to, const char *new_name) {
  struct inode *i = dir_find(from, name);
  int error = dir_add(to, new_name, i);
  if (!error) dir_remove(from, name);
  return error;
}

/* The first entry behind that place, or NULL. */
const struct entry *dir_after(const struct inode *dir, int64_t place) {
  const struct entry *e = dir->entries;
  while (e && e->place <= place)
    e = e->next;
  return e;
}

/* The name of a directory in its parent; NULL when it was removed. */
const char *dir_name(const struct inode *dir) {
  const struct entry *e = dir->parent->entries;
  while (e && e->inode != dir)
    e = e->next;
  return e ? e->name : NULL;
}
