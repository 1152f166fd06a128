/* Names: giving a file another, taking one away, directories and symbolic links. */
#include "kernel.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "", "." and ".." are ways to a directory, and no names in it. */
static bool is_name(const struct place *at) {
  return strcmp(at->name, "") && strcmp(at->name, ".") && strcmp(at->name, "..");
}

static mode_t masked(mode_t mode) { return mode & ~(mode_t)current->umask; }

long sys_mkdirat(int dir, uptr path, mode_t mode) {
  struct place at;
  int error = user_walk(dir, path, PARENT, &at);
  if (!error) error = place_free(&at, true);
  return error ? error : dir_add(at.dir, at.name, inode_new(S_IFDIR | masked(mode & 01777)));
}

/* A regular file: nobody may make devices, and the tree has no named pipes. */
long sys_mknodat(int dir, uptr path, mode_t mode) {
  struct place at;
  mode_t type = mode & S_IFMT;
  if (type && type != S_IFREG) return -EPERM;
  int error = user_walk(dir, path, PARENT, &at);
  if (!error) error = place_free(&at, false);
  return error ? error : dir_add(at.dir, at.name, inode_new(S_IFREG | masked(mode & 07777)));
}

long sys_symlinkat(uptr target, int dir, uptr path) {
  char text[PATH_LIMIT];
  struct place at;
  int length = user_path(text, target);
  if (length < 0) return length;
  int error = user_walk(dir, path, PARENT, &at);
  if (!error) error = place_free(&at, false);
  if (error) return error;
  struct inode *i = inode_new(S_IFLNK | 0777);
  if (i && inode_resize(i, (size_t)length)) {
    inode_put(inode_hold(i));
    return -ENOSPC;
  }
  if (i) memcpy(i->data, text, (size_t)length);
  return dir_add(at.dir, at.name, i);
}

long sys_readlinkat(int dir, uptr path, uptr to, int size) {
  struct inode *i;
  if (size <= 0) return -EINVAL;
  int error = user_find(dir, path, NOFOLLOW, &i);
  if (error) return error;
  if (!S_ISLNK(i->mode)) return -EINVAL;
  size_t n = i->size < (size_t)size ? i->size : (size_t)size;
  return copy_to_user(to, i->data, n) ? -EFAULT : (long)n;
}

long sys_linkat(int from_dir, uptr from, int to_dir, uptr to, int flags) {
  struct inode *i;
  struct place at;
  if (flags & ~AT_SYMLINK_FOLLOW) return -EINVAL;
  int error = user_find(from_dir, from, flags ? FOLLOW : NOFOLLOW, &i);
  if (!error) error = user_walk(to_dir, to, PARENT, &at);
  if (!error) error = place_free(&at, false);
  if (error) return error;
  return S_ISDIR(i->mode) ? -EPERM : dir_add(at.dir, at.name, i);
}

/* Whether a name that there is may be taken out of its directory. */
static int may_remove(const struct place *at) {
  if (!inode_allows(at->dir, W_OK | X_OK)) return -EACCES;
  bool sticky = at->dir->mode & S_ISVTX && !inode_owned(at->dir) && !inode_owned(at->inode);
  return sticky ? -EPERM : 0;
}

static int unlink_at(const struct place *at) {
  if (!is_name(at)) return -EISDIR;
  if (!at->inode) return -ENOENT;
  bool dir = S_ISDIR(at->inode->mode);
  if (at->slash) return dir ? -EISDIR : -ENOTDIR;
  int error = may_remove(at);
  if (error) return error;
  if (dir) return -EISDIR;
  dir_remove(at->dir, at->name);
  return 0;
}

static int rmdir_at(const struct place *at) {
  if (!strcmp(at->name, "")) return -EBUSY;
  if (!strcmp(at->name, ".")) return -EINVAL;
  if (!strcmp(at->name, "..")) return -ENOTEMPTY;
  if (!at->inode) return -ENOENT;
  int error = may_remove(at);
  if (error) return error;
  if (!S_ISDIR(at->inode->mode)) return -ENOTDIR;
  if (at->inode->entries) return -ENOTEMPTY;
  dir_remove(at->dir, at->name);
  return 0;
}

long sys_unlinkat(int dir, uptr path, int flags) {
  struct place at;
  if (flags & ~AT_REMOVEDIR) return -EINVAL;
  int error = user_walk(dir, path, PARENT, &at);
  if (error) return error;
  return flags ? rmdir_at(&at) : unlink_at(&at);
}

static bool is_above(const struct inode *dir, const struct inode *i) {
  for (; i; i = i->parent)
    if (i == dir) return true;
  return false;
}

/* Linux rename, in Linux's order of complaints. */
static int may_rename(const struct place *from, const struct place *to) {
  if (!is_name(from) || !is_name(to)) return -EBUSY;
  if (!from->inode) return -ENOENT;
  bool dir = S_ISDIR(from->inode->mode);
  if (!dir && (from->slash || to->slash)) return -ENOTDIR;
  if (dir && is_above(from->inode, to->dir)) return -EINVAL;
  if (to->inode && S_ISDIR(to->inode->mode) && is_above(to->inode, from->dir)) return -ENOTEMPTY;
  if (to->inode == from->inode) return 0;
  int error = may_remove(from);
  if (!error && !to->inode) error = place_free(to, dir);
  if (!error && to->inode) error = may_remove(to);
  if (error) return error;
  if (to->inode && dir && !S_ISDIR(to->inode->mode)) return -ENOTDIR;
  if (to->inode && !dir && S_ISDIR(to->inode->mode)) return -EISDIR;
  if (dir && from->dir != to->dir && !inode_allows(from->inode, W_OK)) return -EACCES;
  return to->inode && to->inode->entries ? -ENOTEMPTY : 0;
}

long sys_renameat(int from_dir, uptr from, int to_dir, uptr to) {
  struct place old, new;
  int error = user_walk(from_dir, from, PARENT, &old);
  if (!error) error = user_walk(to_dir, to, PARENT, &new);
  if (!error) error = may_rename(&old, &new);
  if (error || old.inode == new.inode) return error;
  return dir_move(old.dir, old.name, new.dir, new.name);
}

/* Names of sockets: bind makes one, connect and send look for it. The socket holds the inode, and
 * leaves it with fs_socket_end. */
int fs_socket_bind(const char *path, struct socket *s, struct inode **to) {
  struct place at;
  int error = path_walk(fs_cwd(), path, PARENT, &at);
  if (!error) error = place_free(&at, false);
  if (error) return error == -EEXIST ? -EADDRINUSE : error;
  struct inode *i = inode_new(S_IFSOCK | masked(0777));
  error = dir_add(at.dir, at.name, i);
  if (error) return error;
  i->socket = s;
  *to = inode_hold(i);
  return 0;
}

int fs_socket_find(const char *path, struct socket **to) {
  struct inode *i;
  int error = path_find(fs_cwd(), path, FOLLOW, &i);
  if (error) return error;
  if (!inode_allows(i, W_OK)) return -EACCES;
  *to = S_ISSOCK(i->mode) ? i->socket : NULL;
  return *to ? 0 : -ECONNREFUSED;
}

void fs_socket_end(struct inode *i) {
  i->socket = NULL;
  inode_put(i);
}
