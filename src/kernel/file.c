/* Descriptors, and what every kind of file has in common. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct file *file_new(const struct file_ops *ops, void *object, int flags) {
  struct file *f = malloc(sizeof *f);
  if (f) *f = (struct file){.ops = ops, .object = object, .references = 1, .flags = flags};
  return f;
}

struct file *file_get(int fd) {
  return fd < 0 || fd >= current->fd_count ? NULL : current->files[fd];
}

void file_put(struct file *f) {
  if (--f->references) return;
  if (f->watched) epoll_forget(f);
  if (f->ops->close) f->ops->close(f);
  free(f);
}

int fd_limit(const struct proc *p) { return (int)p->limits[RLIMIT_NOFILE].soft; }

int fd_grow(struct proc *p, int count) {
  int old = p->fd_count, new = old ? old : 64;
  while (new < count)
    new *= 2;
  if (new == old) return 0;
  struct file **files = realloc(p->files, (size_t)new * sizeof *files);
  if (files) p->files = files;
  uint8_t *cloexec = files ? realloc(p->cloexec, (size_t)new) : NULL;
  if (!cloexec) return -ENOMEM;
  p->cloexec = cloexec;
  memset(files + old, 0, (size_t)(new - old) * sizeof *files);
  memset(cloexec + old, 0, (size_t)(new - old));
  p->fd_count = new;
  return 0;
}

int fd_find(struct proc *p, int least) {
  int fd = least > p->fd_first ? least : p->fd_first;
  while (fd < p->fd_count && p->files[fd])
    fd++;
  if (least <= p->fd_first) p->fd_first = fd;
  if (fd >= fd_limit(p)) return -EMFILE;
  return fd_grow(p, fd + 1) ? -ENOMEM : fd;
}

int fd_alloc(struct proc *p, struct file *f, int least, bool cloexec) {
  int fd = fd_find(p, least);
  if (fd < 0) {
    file_put(f);
    return fd;
  }
  p->files[fd] = f;
  p->cloexec[fd] = cloexec;
  return fd;
}

int fd_close(struct proc *p, int fd) {
  if (fd < 0 || fd >= p->fd_count || !p->files[fd]) return -EBADF;
  struct file *f = p->files[fd];
  p->files[fd] = NULL;
  p->cloexec[fd] = 0;
  if (fd < p->fd_first) p->fd_first = fd;
  file_put(f);
  return 0;
}

void fd_close_all(struct proc *p) {
  for (int fd = 0; fd < p->fd_count; fd++)
    fd_close(p, fd);
}

void fd_close_on_exec(struct proc *p) {
  for (int fd = 0; fd < p->fd_count; fd++)
    if (p->files[fd] && p->cloexec[fd]) fd_close(p, fd);
}

long sys_close(int fd) {
  caller->closing = true;
  int error = fd_close(current, fd);
  caller->closing = false;
  return error;
}

static int dup_from(int fd, int least, bool cloexec) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  if (least < 0 || least >= fd_limit(current)) return -EINVAL;
  f->references++;
  return fd_alloc(current, f, least, cloexec);
}

long sys_dup(int fd) { return dup_from(fd, 0, false); }

long sys_dup3(int from, int to, int flags) {
  struct file *f = file_get(from);
  if (flags & ~O_CLOEXEC || from == to) return -EINVAL;
  if (!f || to < 0 || to >= fd_limit(current)) return -EBADF;
  if (fd_grow(current, to + 1)) return -ENOMEM;
  f->references++;
  fd_close(current, to);
  current->files[to] = f;
  current->cloexec[to] = (flags & O_CLOEXEC) != 0;
  return to;
}

/* fcntl and ioctl are given the address of their variable arguments. */
static int argument(uptr arguments, uptr *value) {
  *value = 0;
  return arguments ? copy_from_user(value, arguments, sizeof *value) : 0;
}

/* struct f_owner_ex as a program has it: who gets SIGIO and SIGURG. */
enum { OWNER_THREAD, OWNER_PROCESS, OWNER_GROUP };
struct owner {
  int type, id;
};

static int owner_in(struct file *f, uptr from) {
  struct owner o;
  if (copy_from_user(&o, from, sizeof o)) return -EFAULT;
  if (o.type < OWNER_THREAD || o.type > OWNER_GROUP) return -EINVAL;
  f->owner = o.type == OWNER_GROUP ? -o.id : o.id;
  return 0;
}

static int owner_out(const struct file *f, uptr to) {
  struct owner o = {f->owner < 0 ? OWNER_GROUP : OWNER_PROCESS,
                    f->owner < 0 ? -f->owner : f->owner};
  return copy_to_user(to, &o, sizeof o);
}

long sys_fcntl(int fd, int command, uptr arguments) {
  enum { SETTABLE = O_NONBLOCK | O_APPEND | O_ASYNC };
  struct file *f = file_get(fd);
  uptr value;
  if (!f) return -EBADF;
  switch (command) {
  case F_GETFD: return current->cloexec[fd] ? FD_CLOEXEC : 0;
  case F_GETFL: return f->flags;
  }
  if (argument(arguments, &value)) return -EFAULT;
  switch (command) {
  case F_DUPFD: return dup_from(fd, (int)value, false);
  case F_DUPFD_CLOEXEC: return dup_from(fd, (int)value, true);
  case F_SETFD: current->cloexec[fd] = value & FD_CLOEXEC; return 0;
  case F_SETFL: f->flags = (f->flags & ~SETTABLE) | ((int)value & SETTABLE); return 0;
  case F_SETOWN: f->owner = (int)value; return 0;
  case F_GETOWN: return f->owner;
  case F_SETOWN_EX: return owner_in(f, value);
  case F_GETOWN_EX: return owner_out(f, value);
  }
  return -EINVAL;
}

long sys_ioctl(int fd, unsigned request, uptr arguments) {
  struct file *f = file_get(fd);
  uptr value;
  int on;
  if (!f) return -EBADF;
  if (argument(arguments, &value)) return -EFAULT;
  switch (request) {
  case FIOCLEX: current->cloexec[fd] = 1; return 0;
  case FIONCLEX: current->cloexec[fd] = 0; return 0;
  case FIONBIO:
  case FIOASYNC: {
    int flag = request == FIONBIO ? O_NONBLOCK : O_ASYNC;
    if (copy_from_user(&on, value, sizeof on)) return -EFAULT;
    f->flags = on ? f->flags | flag : f->flags & ~flag;
    return 0;
  }
  }
  return f->ops->ioctl ? f->ops->ioctl(f, request, value) : -ENOTTY;
}

static ssize_t seekable(struct file *f, struct uio *u, bool write) {
  if (write && f->flags & O_APPEND) f->ops->seek(f, 0, SEEK_END);
  ssize_t n = write ? f->ops->pwrite(f, u, f->offset) : f->ops->pread(f, u, f->offset);
  if (n > 0) f->offset += n;
  return n;
}

ssize_t file_give(struct file *f, struct uio *u) {
  if (f->ops->pwrite) return seekable(f, u, true);
  return f->ops->write(f, u, f->flags & O_NONBLOCK);
}

/* Holds a reference meanwhile: another thread may close the descriptor while this one sleeps. */
static ssize_t transfer(int fd, struct uio *u, bool write) {
  struct file *f = file_get(fd);
  int wrong = write ? O_RDONLY : O_WRONLY;
  if (!f || (f->flags & O_ACCMODE) == wrong || f->flags & O_PATH) return -EBADF;
  bool positioned = write ? f->ops->pwrite : f->ops->pread;
  if (!positioned && !(write ? f->ops->write : f->ops->read)) return -EINVAL;
  f->references++;
  ssize_t n = write        ? file_give(f, u)
              : positioned ? seekable(f, u, false)
                           : f->ops->read(f, u, f->flags & O_NONBLOCK);
  file_put(f);
  return n;
}

static long transfer_one(int fd, uptr buffer, size_t n, bool write) {
  struct uio u;
  int error = uio_one(&u, buffer, n);
  return error ? error : transfer(fd, &u, write);
}

static long transfer_vector(int fd, uptr iov, int count, bool write) {
  struct uio u;
  if (!file_get(fd)) return -EBADF;
  int error = uio_vector(&u, iov, count);
  if (error) return error;
  ssize_t n = transfer(fd, &u, write);
  uio_free(&u);
  return n;
}

long sys_read(int fd, uptr buffer, size_t n) { return transfer_one(fd, buffer, n, false); }
long sys_write(int fd, uptr buffer, size_t n) { return transfer_one(fd, buffer, n, true); }
long sys_readv(int fd, uptr iov, int count) { return transfer_vector(fd, iov, count, false); }
long sys_writev(int fd, uptr iov, int count) { return transfer_vector(fd, iov, count, true); }

static long transfer_at(int fd, uptr iov, int count, int64_t offset, bool write) {
  struct file *f = file_get(fd);
  struct uio u;
  if (!f || (f->flags & O_ACCMODE) == (write ? O_RDONLY : O_WRONLY) || f->flags & O_PATH)
    return -EBADF;
  if (offset < 0) return -EINVAL;
  if (!(write ? f->ops->pwrite : f->ops->pread)) return -ESPIPE;
  int error = uio_vector(&u, iov, count);
  if (error) return error;
  ssize_t n = write ? f->ops->pwrite(f, &u, offset) : f->ops->pread(f, &u, offset);
  uio_free(&u);
  return n;
}

long sys_preadv(int fd, uptr iov, int count, int64_t offset) {
  return transfer_at(fd, iov, count, offset, false);
}
long sys_pwritev(int fd, uptr iov, int count, int64_t offset) {
  return transfer_at(fd, iov, count, offset, true);
}

/* WASI fd_fdstat_get, by which Emscripten's libc tells a terminal: its type and its rights. */
long sys_fdstat(int fd, uptr to) {
  struct {
    uint8_t type;
    uint16_t flags;
    uint64_t rights, inheriting;
  } s = {.inheriting = UINT64_MAX};
  enum {
    CHARACTER_DEVICE = 2,
    REGULAR_FILE = 4,
    SOCKET_STREAM = 6,
    SEEK_AND_TELL = 1 << 2 | 1 << 5
  };
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  s.type = file_is_tty(f) ? CHARACTER_DEVICE : f->ops->pread ? REGULAR_FILE : SOCKET_STREAM;
  s.rights = s.type == REGULAR_FILE ? UINT64_MAX : UINT64_MAX & ~(uint64_t)SEEK_AND_TELL;
  return copy_to_user(to, &s, sizeof s);
}
