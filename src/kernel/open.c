/* Files and directories that are open: their operations, and open itself. */
#include "kernel.h"
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* musl's O_ACCMODE has O_PATH in it */
enum { ACCESS_MODE = O_RDONLY | O_WRONLY | O_RDWR, LARGE_FILE = 0100000 };

static bool writes(int flags) { return (flags & ACCESS_MODE) != O_RDONLY; }

static ssize_t regular_read(struct file *f, struct uio *to, int64_t offset) {
  struct inode *i = f->object;
  if (offset >= (int64_t)i->size) return 0;
  size_t n = i->size - (size_t)offset;
  if (n > to->left) n = to->left;
  if (uio_put(to, i->data + offset, n)) return -EFAULT;
  i->accessed = realtime_ns();
  return (ssize_t)n;
}

/* Writes as much as there is room for. */
static ssize_t regular_write(struct file *f, struct uio *from, int64_t offset) {
  struct inode *i = f->object;
  if (f->flags & O_APPEND) offset = (int64_t)i->size;
  size_t n = from->left, start = (size_t)offset, room = inode_room(i);
  if (!n) return 0;
  if (offset >= FS_LIMIT) return -EFBIG;
  if (start >= room) return -ENOSPC;
  if (n > room - start) n = room - start;
  int error = inode_reserve(i, start + n);
  if (error) return error;
  if (start > i->size) memset(i->data + i->size, 0, start - i->size);
  if (uio_get(from, i->data + start, n)) return -EFAULT;
  if (start + n > i->size) i->size = start + n;
  inode_modified(i);
  return (ssize_t)n;
}

static int64_t move_to(struct file *f, int64_t from, int64_t offset) {
  if (offset > INT64_MAX - from) return -EOVERFLOW;
  if (from + offset < 0) return -EINVAL;
  return f->offset = from + offset;
}

static int64_t regular_seek(struct file *f, int64_t offset, int whence) {
  enum { DATA = 3, HOLE = 4 }; /* there are no holes but the end */
  int64_t size = (int64_t)((struct inode *)f->object)->size;
  switch (whence) {
  case SEEK_SET: return move_to(f, 0, offset);
  case SEEK_CUR: return move_to(f, f->offset, offset);
  case SEEK_END: return move_to(f, size, offset);
  case DATA:
  case HOLE:
    return offset < 0 || offset >= size ? -ENXIO : move_to(f, 0, whence == DATA ? offset : size);
  }
  return -EINVAL;
}

static int regular_ioctl(struct file *f, unsigned request, uptr argument) {
  int64_t left = (int64_t)((struct inode *)f->object)->size - f->offset;
  int n = (int)left;
  return request == FIONREAD ? copy_to_user(argument, &n, sizeof n) : -ENOTTY;
}

static void regular_close(struct file *f) {
  struct inode *i = f->object;
  i->writers -= writes(f->flags);
  inode_put(i);
}

static const struct file_ops regular_ops = {.pread = regular_read,
                                            .pwrite = regular_write,
                                            .seek = regular_seek,
                                            .ioctl = regular_ioctl,
                                            .stat = inode_stat,
                                            .close = regular_close};

static ssize_t dir_read(struct file *f, struct uio *to, int64_t offset) {
  (void)f, (void)to, (void)offset;
  return -EISDIR;
}

/* Its offset is the place of the entry last read. */
static int64_t dir_seek(struct file *f, int64_t offset, int whence) {
  return whence == SEEK_SET || whence == SEEK_CUR ? regular_seek(f, offset, whence) : -EINVAL;
}

void inode_close(struct file *f) { inode_put(f->object); }

static const struct file_ops dir_ops = {
    .pread = dir_read, .seek = dir_seek, .stat = inode_stat, .close = inode_close};

/* O_PATH: a place in the tree, that can be neither read nor written */
static const struct file_ops path_ops = {.stat = inode_stat, .close = inode_close};

/* The inode of an open file, or NULL when it is no file of the tree. */
struct inode *file_inode(const struct file *f) {
  return f->ops->stat == inode_stat ? f->object : NULL;
}

static int file_for(struct inode *i, const struct file_ops *ops, int flags, struct file **to) {
  *to = file_new(ops, i, flags);
  if (!*to) return -ENOMEM;
  i->writers += ops == &regular_ops && writes(flags);
  inode_hold(i);
  return 0;
}

/* Whether an inode that there is may be opened so. */
static int may_open(const struct inode *i, int flags) {
  static const int wanted[] = {
      [O_RDONLY] = R_OK, [O_WRONLY] = W_OK, [O_RDWR] = R_OK | W_OK, R_OK | W_OK};
  int access = wanted[flags & ACCESS_MODE] | (flags & O_TRUNC ? W_OK : 0);
  if (flags & O_CREAT && flags & O_EXCL) return -EEXIST;
  if (S_ISDIR(i->mode) && (access & W_OK || flags & O_CREAT)) return -EISDIR;
  if (flags & O_DIRECTORY && !S_ISDIR(i->mode)) return -ENOTDIR;
  if (S_ISLNK(i->mode)) return -ELOOP;
  if (!inode_allows(i, access)) return -EACCES;
  if (S_ISSOCK(i->mode)) return -ENXIO;
  return access & W_OK && i->running ? -ETXTBSY : 0;
}

/* What open finds or makes; *made tells which. */
static int open_inode(struct inode *base, const char *path, int flags, mode_t mode, bool *made,
                      struct inode **to) {
  bool follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
  struct place at;
  int error = path_walk(base, path,
                        flags & O_CREAT && !follow ? PARENT
                        : follow                   ? FOLLOW
                                                   : NOFOLLOW,
                        &at);
  *made = false;
  if (error) return error;
  if (flags & O_CREAT && at.slash) return -EISDIR;
  if ((*to = at.inode)) return at.slash && !S_ISDIR(at.inode->mode) ? -ENOTDIR : 0;
  if (!(flags & O_CREAT)) return -ENOENT;
  *made = true;
  error = place_free(&at, false);
  return error ? error
               : dir_add(at.dir, at.name,
                         *to = inode_new(S_IFREG | (mode & 07777 & ~(mode_t)current->umask)));
}

static int open_path(struct inode *base, const char *path, int flags, struct file **to) {
  struct inode *i;
  int error = path_find(base, path, flags & O_NOFOLLOW ? NOFOLLOW : FOLLOW, &i);
  if (error) return error;
  if (flags & O_DIRECTORY && !S_ISDIR(i->mode)) return -ENOTDIR;
  return file_for(i, &path_ops, flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW), to);
}

/* Open without a descriptor: the file, to be given up with file_put. */
int fs_open(struct inode *base, const char *path, int flags, mode_t mode, struct file **to) {
  struct inode *i;
  bool made;
  if (flags & O_PATH) return open_path(base, path, flags, to);
  if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY)) return -EINVAL;
  int error = open_inode(base, path, flags, mode, &made, &i);
  if (!error && !made) error = may_open(i, flags);
  if (error) return error;
  if (i->offered) return (error = offer_await(i)) ? error : fs_open(base, path, flags, mode, to);
  bool truncate = flags & O_TRUNC && S_ISREG(i->mode) && !made;
  flags = (flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC)) | LARGE_FILE;
  if (S_ISCHR(i->mode)) return device_open(i, flags, to);
  flags &= ~O_NOCTTY;
  if (i->text) return file_for(i, &proc_ops, flags, to);
  if (truncate && (error = inode_resize(i, 0))) return error;
  return file_for(i, S_ISDIR(i->mode) ? &dir_ops : &regular_ops, flags, to);
}

long sys_openat(int dir, uptr path, int flags, mode_t mode) {
  char name[PATH_LIMIT];
  struct inode *base;
  struct file *f;
  int error = user_path(name, path);
  if (error < 0) return error;
  error = path_base(dir, name, &base);
  if (!error) error = fs_open(base, name, flags, mode, &f);
  return error ? error : fd_alloc(current, f, 0, flags & O_CLOEXEC);
}

/* One record for a program's buffer. Returns its length, 0 if it does not fit, or -EFAULT. */
static ssize_t put_dirent(uptr to, size_t room, const char *name, const struct inode *i,
                          int64_t place) {
  struct dirent d = {.d_ino = i->number, .d_off = place, .d_type = (uint8_t)(i->mode >> 12 & 15)};
  size_t length = strlen(name) + 1,
         size = (offsetof(struct dirent, d_name) + length + 7) & ~(size_t)7;
  if (size > room) return 0;
  d.d_reclen = (unsigned short)size;
  memcpy(d.d_name, name, length);
  return copy_to_user(to, &d, size) ? -EFAULT : (ssize_t)size;
}

long sys_getdents64(int fd, uptr to, size_t room) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  if (f->ops != &dir_ops) return -ENOTDIR;
  struct inode *dir = f->object;
  if (dir->refresh && !f->offset) dir->refresh(dir);
  const struct entry *e = dir_after(dir, f->offset);
  size_t done = 0;
  if (!inode_named(dir)) return -ENOENT;
  for (;;) {
    bool dots = f->offset < 2;
    const char *name = dots ? &".."[1 - f->offset] : e ? e->name : NULL;
    if (!name) return (long)done;
    int64_t place = dots ? f->offset + 1 : e->place;
    ssize_t n =
        put_dirent(to + done, room - done, name, dots ? dir_find(dir, name) : e->inode, place);
    if (n <= 0) return done ? (long)done : n ? n : -EINVAL;
    done += (size_t)n;
    f->offset = place;
    if (!dots) e = e->next;
  }
}

/* WASI fd_seek. */
long sys_lseek(int fd, int64_t offset, int whence, uptr to) {
  struct file *f = file_get(fd);
  if (!f || f->flags & O_PATH) return -EBADF;
  if (!f->ops->seek) return -ESPIPE;
  int64_t now = f->ops->seek(f, offset, whence);
  return now < 0 ? (long)now : copy_to_user(to, &now, sizeof now);
}

static int resize(struct inode *i, int64_t size) {
  if (size > FS_LIMIT) return -EFBIG;
  return inode_resize(i, (size_t)size);
}

long sys_truncate(uptr path, int64_t size) {
  struct inode *i;
  if (size < 0) return -EINVAL;
  int error = user_find(AT_FDCWD, path, FOLLOW, &i);
  if (error) return error;
  if (S_ISDIR(i->mode)) return -EISDIR;
  if (!S_ISREG(i->mode)) return -EINVAL;
  if (!inode_allows(i, W_OK)) return -EACCES;
  return i->running ? -ETXTBSY : resize(i, size);
}

long sys_ftruncate(int fd, int64_t size) {
  struct file *f = file_get(fd);
  if (size < 0) return -EINVAL;
  if (!f) return -EBADF;
  return f->ops == &regular_ops && writes(f->flags) ? resize(f->object, size) : -EINVAL;
}

/* Linux fallocate, of which the plain mode alone is there: the file is at least that long. */
long sys_fallocate(int fd, int mode, int64_t offset, int64_t length) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  if (offset < 0 || length <= 0) return -EINVAL;
  if (mode) return -EOPNOTSUPP;
  if (!writes(f->flags)) return -EBADF;
  struct inode *i = file_inode(f);
  if (f->ops != &regular_ops) return i ? -ENODEV : -ESPIPE;
  if (length > FS_LIMIT || offset > FS_LIMIT - length) return -EFBIG;
  return offset + length > (int64_t)i->size ? resize(i, offset + length) : 0;
}

long sys_fsync(int fd) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  return f->ops == &regular_ops || f->ops == &dir_ops ? 0 : -EINVAL;
}

/* Advice is taken and not used. */
long sys_fadvise(int fd, int advice) {
  struct file *f = file_get(fd);
  if (!f || f->flags & O_PATH) return -EBADF;
  if (advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE) return -EINVAL;
  return f->ops->seek ? 0 : -ESPIPE;
}
