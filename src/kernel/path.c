/* What a path leads to. Nothing here sleeps, so the inodes found are borrowed: they stay as long as
 * the lock is held and nothing is removed. */
#include "kernel.h"
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_LIMIT = 40 };

struct inode *fs_root;

static bool is_dir(const struct inode *i) { return i && S_ISDIR(i->mode); }

/* Puts a symbolic link's target before what is left of the path. */
static int expand(char *path, const char *left, const struct inode *link) {
  size_t rest = strlen(left);
  if (link->size + rest >= PATH_LIMIT) return -ENAMETOOLONG;
  memmove(path + link->size, left, rest + 1);
  memcpy(path, link->data, link->size);
  return 0;
}

/* One name of a path, which is not empty: as long as it may be, and in a directory to be searched.
 */
static int step(struct place *at, const char *name, size_t length) {
  if (!at->inode) return -ENOENT;
  if (!is_dir(at->inode)) return -ENOTDIR;
  if (!inode_allows(at->inode, X_OK)) return -EACCES;
  if (length > NAME_MAX) return -ENAMETOOLONG;
  memcpy(at->name, name, length);
  at->name[length] = 0;
  at->dir = at->inode;
  if (at->dir->refresh) at->dir->refresh(at->dir);
  at->inode = dir_find(at->dir, at->name);
  return 0;
}

/* base: where a relative path begins. It is not an error if there is nothing by the last name. */
int path_walk(struct inode *base, const char *path, enum follow follow, struct place *to) {
  char left[PATH_LIMIT], *p = left;
  int links = 0;
  if (!*path) return -ENOENT;
  strcpy(left, path);
  *to = (struct place){.dir = base, .inode = base};
  for (;;) {
    if (*p == '/' && !to->slash) *to = (struct place){.dir = fs_root, .inode = fs_root};
    p += strspn(p, "/");
    if (!*p) return 0;
    size_t length = strcspn(p, "/");
    int error = step(to, p, length);
    if (error) return error;
    p += length;
    to->slash = *p == '/';
    bool last = !p[strspn(p, "/")];
    if (!to->inode || !S_ISLNK(to->inode->mode)) continue;
    if (last && (follow == PARENT || (follow == NOFOLLOW && !to->slash))) continue;
    if (++links > LINKS_LIMIT) return -ELOOP;
    error = expand(left, p, to->inode);
    if (error) return error;
    p = left;
    *to = (struct place){.dir = to->dir, .inode = to->dir};
  }
}

static int place_inode(const struct place *at, struct inode **to) {
  *to = at->inode;
  if (!at->inode) return -ENOENT;
  return at->slash && !is_dir(at->inode) ? -ENOTDIR : 0;
}

int path_find(struct inode *base, const char *path, enum follow follow, struct inode **to) {
  struct place at;
  int error = path_walk(base, path, follow, &at);
  return error ? error : place_inode(&at, to);
}

/* Whether something may be made there. */
int place_free(const struct place *at, bool for_dir) {
  if (at->inode) return -EEXIST;
  if (!inode_named(at->dir) || (at->slash && !for_dir)) return -ENOENT;
  return inode_allows(at->dir, W_OK | X_OK) ? 0 : -EACCES;
}

struct inode *fs_cwd(void) { return current->cwd ? current->cwd : fs_root; }

/* dir: the descriptor of a directory, or AT_FDCWD; an absolute path does without. */
int path_base(int dir, const char *path, struct inode **base) {
  struct file *f = dir == AT_FDCWD || *path == '/' ? NULL : file_get(dir);
  *base = f ? file_inode(f) : fs_cwd();
  if (dir == AT_FDCWD || *path == '/') return 0;
  return !f ? -EBADF : is_dir(*base) ? 0 : -ENOTDIR;
}

int user_walk(int dir, uptr path, enum follow follow, struct place *to) {
  char name[PATH_LIMIT];
  struct inode *base;
  int error = user_path(name, path);
  if (error < 0) return error;
  error = path_base(dir, name, &base);
  return error ? error : path_walk(base, name, follow, to);
}

int user_find(int dir, uptr path, enum follow follow, struct inode **to) {
  struct place at;
  int error = user_walk(dir, path, follow, &at);
  return error ? error : place_inode(&at, to);
}

/* The path of a directory, written to end at `end`: where it begins, or NULL when it has none. */
static char *write_path(const struct inode *dir, char *start, char *end) {
  char *p = end;
  *--p = 0;
  for (; dir != fs_root; dir = dir->parent) {
    const char *name = dir_name(dir);
    size_t length = name ? strlen(name) : 0;
    if (!name || (size_t)(p - start) < length + 1) return NULL;
    p -= length;
    memcpy(p, name, length);
    *--p = '/';
  }
  if (!*p) *--p = '/';
  return p;
}

/* Linux getcwd: returns the size of the path with its NUL. */
long sys_getcwd(uptr to, size_t size) {
  char path[PATH_LIMIT], *end = path + sizeof path, *p = write_path(fs_cwd(), path, end);
  if (!p) return -ENOENT;
  if ((size_t)(end - p) > size) return -ERANGE;
  return copy_to_user(to, p, (size_t)(end - p)) ? -EFAULT : end - p;
}

static int change_dir(struct inode *dir) {
  if (!is_dir(dir)) return -ENOTDIR;
  if (!inode_allows(dir, X_OK)) return -EACCES;
  inode_hold(dir);
  inode_put(current->cwd);
  current->cwd = dir;
  return 0;
}

long sys_chdir(uptr path) {
  struct inode *dir;
  int error = user_find(AT_FDCWD, path, FOLLOW, &dir);
  return error ? error : change_dir(dir);
}

long sys_fchdir(int fd) {
  struct file *f = file_get(fd);
  return f ? change_dir(file_inode(f)) : -EBADF;
}
