/* What is known of a file beside its bytes: stat, permissions, times. */
#include "kernel.h"
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, TMPFS = 0x01021994 };

static struct timespec to_timespec(int64_t ns) {
  return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static void describe(const struct inode *i, struct stat *s) {
  bool dir = S_ISDIR(i->mode);
  size_t size = i->offered ? i->offered_size : i->size;
  s->st_dev = 1;
  s->st_ino = i->number;
  s->st_mode = i->mode;
  s->st_nlink = inode_named(i) ? i->links : 0;
  s->st_uid = s->st_gid = i->user;
  s->st_rdev = S_ISCHR(i->mode) ? device_number(i) : 0;
  s->st_size = (off_t)(dir ? 40 : size);
  s->st_blksize = BLOCK;
  s->st_blocks = dir ? 0 : (blkcnt_t)((size + BLOCK - 1) / BLOCK * (BLOCK / 512));
  s->st_atim = to_timespec(i->accessed);
  s->st_mtim = to_timespec(i->modified);
  s->st_ctim = to_timespec(i->changed);
}

/* The stat operation of every file that is in the tree. */
int inode_stat(struct file *f, void *to) {
  describe(f->object, to);
  return 0;
}

ino_t file_number(const struct file *f) { return (ino_t)((uptr)f->object / sizeof(uint64_t)); }

long sys_fstat(int fd, uptr to) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  struct stat s = {.st_nlink = 1, .st_blksize = BLOCK, .st_uid = USER, .st_gid = USER};
  s.st_dev = 2;
  s.st_ino = file_number(f);
  if (f->ops->stat) f->ops->stat(f, &s);
  return copy_to_user(to, &s, sizeof s);
}

long sys_fstatat(int dir, uptr path, uptr to, int flags) {
  struct inode *i;
  char first;
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) return -EINVAL;
  if (flags & AT_EMPTY_PATH && dir != AT_FDCWD) {
    if (copy_from_user(&first, path, 1)) return -EFAULT;
    if (!first) return sys_fstat(dir, to);
  }
  int error = user_find(dir, path, flags & AT_SYMLINK_NOFOLLOW ? NOFOLLOW : FOLLOW, &i);
  if (error) return error;
  struct stat s = {0};
  describe(i, &s);
  return copy_to_user(to, &s, sizeof s);
}

long sys_faccessat(int dir, uptr path, int wanted, int flags) {
  struct inode *i;
  if (wanted & ~(R_OK | W_OK | X_OK) || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW)) return -EINVAL;
  int error = user_find(dir, path, flags & AT_SYMLINK_NOFOLLOW ? NOFOLLOW : FOLLOW, &i);
  if (error) return error;
  return inode_allows(i, wanted) ? 0 : -EACCES;
}

static int change_mode(struct inode *i, mode_t mode) {
  if (!inode_owned(i)) return -EPERM;
  i->mode = (i->mode & S_IFMT) | (mode & 07777);
  i->changed = realtime_ns();
  return 0;
}

long sys_fchmodat(int dir, uptr path, mode_t mode) {
  struct inode *i;
  int error = user_find(dir, path, FOLLOW, &i);
  return error ? error : change_mode(i, mode);
}

/* What is no file of the tree (a pipe, a socket) takes a mode and does nothing with it. */
long sys_fchmod(int fd, mode_t mode) {
  struct file *f = file_get(fd);
  if (!f || f->flags & O_PATH) return -EBADF;
  return file_inode(f) ? change_mode(file_inode(f), mode) : 0;
}

/* Only root may give files away, and there is no root. -1: as it is. */
static int change_owner(struct inode *i, uid_t user, gid_t group) {
  bool same = (user == (uid_t)-1 || user == i->user) && (group == (gid_t)-1 || group == i->user);
  if (!same || (!inode_owned(i) && (user != (uid_t)-1 || group != (gid_t)-1))) return -EPERM;
  i->changed = realtime_ns();
  return 0;
}

long sys_fchownat(int dir, uptr path, uid_t user, gid_t group, int flags) {
  struct inode *i;
  if (flags & ~AT_SYMLINK_NOFOLLOW) return -EINVAL;
  int error = user_find(dir, path, flags ? NOFOLLOW : FOLLOW, &i);
  return error ? error : change_owner(i, user, group);
}

long sys_fchown(int fd, uid_t user, gid_t group) {
  struct file *f = file_get(fd);
  if (!f || f->flags & O_PATH) return -EBADF;
  return file_inode(f) ? change_owner(file_inode(f), user, group) : 0;
}

/* One of utimensat's times, in ns. *now and *omit gather what both have in common. */
static int read_time(struct timespec t, int64_t now_is, int64_t *to, bool *now, bool *omit) {
  *now = *now && t.tv_nsec == UTIME_NOW;
  *omit = *omit && t.tv_nsec == UTIME_OMIT;
  if (t.tv_nsec == UTIME_OMIT) return 0;
  if (t.tv_nsec != UTIME_NOW && (t.tv_nsec < 0 || t.tv_nsec > 999999999)) return -EINVAL;
  *to = t.tv_nsec == UTIME_NOW ? now_is : time_ns(t.tv_sec, t.tv_nsec, 1);
  return 0;
}

static int change_times(struct inode *i, const struct timespec times[2]) {
  int64_t now = realtime_ns(), accessed = i->accessed, modified = i->modified;
  bool both_now = true, both_omit = true;
  if (read_time(times[0], now, &accessed, &both_now, &both_omit) ||
      read_time(times[1], now, &modified, &both_now, &both_omit))
    return -EINVAL;
  if (both_omit) return 0;
  if (!inode_owned(i) && !(both_now && inode_allows(i, W_OK))) return both_now ? -EACCES : -EPERM;
  i->accessed = accessed;
  i->modified = modified;
  i->changed = now;
  return 0;
}

/* No path: the descriptor itself. */
long sys_utimensat(int dir, uptr path, uptr times, int flags) {
  struct timespec t[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
  struct inode *i = NULL;
  if (times && copy_from_user(t, times, sizeof t)) return -EFAULT;
  if (flags & ~AT_SYMLINK_NOFOLLOW) return -EINVAL;
  if (path) {
    int error = user_find(dir, path, flags ? NOFOLLOW : FOLLOW, &i);
    if (error) return error;
  } else {
    struct file *f = file_get(dir);
    if (!f) return dir == AT_FDCWD ? -EFAULT : -EBADF;
    if (flags) return -EINVAL;
    if (!(i = file_inode(f))) return 0;
  }
  return change_times(i, t);
}

static int describe_fs(uptr to, size_t size) {
  struct statfs s = {.f_type = TMPFS, .f_bsize = BLOCK, .f_frsize = BLOCK, .f_namelen = NAME_MAX};
  if (size != sizeof s) return -EINVAL;
  s.f_blocks = FS_LIMIT / BLOCK;
  s.f_bfree = s.f_bavail = (FS_LIMIT - inode_bytes) / BLOCK;
  s.f_files = FS_LIMIT / sizeof(struct inode);
  s.f_ffree = (FS_LIMIT - inode_bytes) / sizeof(struct inode);
  return copy_to_user(to, &s, sizeof s);
}

long sys_statfs(uptr path, size_t size, uptr to) {
  struct inode *i;
  int error = user_find(AT_FDCWD, path, FOLLOW, &i);
  return error ? error : describe_fs(to, size);
}

long sys_fstatfs(int fd, size_t size, uptr to) {
  return file_get(fd) ? describe_fs(to, size) : -EBADF;
}
