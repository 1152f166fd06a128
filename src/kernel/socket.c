/* What all families of sockets share: the calls, addresses, options, time limits. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>

void socket_init(struct socket *s, int domain, int type, int protocol) {
  s->domain = domain;
  s->type = type;
  s->protocol = protocol;
  s->host = current->host;
  s->receive_timeout = s->send_timeout = FOREVER;
  s->receive_size = s->send_size = 212992;
  s->receive_low = 1;
  s->peer_credentials = (struct ucred){0, (uid_t)-1, (gid_t)-1};
}

struct file *socket_open(struct socket *s, int flags) {
  s->file = file_new(&socket_ops, s, O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0));
  struct file *f = s->file;
  if (!f) s->ops->close(s);
  return f;
}

int socket_file(struct socket *s, int flags) {
  struct file *f = socket_open(s, flags);
  return f ? fd_alloc(current, f, 0, flags & SOCK_CLOEXEC) : -ENOBUFS;
}

void socket_signal(struct socket *s, int sig) {
  if (s->file && s->file->owner) signal_later(s->file->owner, sig);
}

void socket_changed(struct socket *s, int events) {
  wake_for(&s->changed, events);
  if (s->file && s->file->flags & O_ASYNC) socket_signal(s, SIGIO);
}

void socket_error(struct socket *s, int error) {
  s->error = error;
  socket_changed(s, 0);
}

int socket_take_error(struct socket *s) {
  int error = -s->error;
  s->error = 0;
  return error;
}

/* A call with a time limit is never restarted (signal(7)). */
int socket_sleep_on(struct waitq *q, int64_t deadline, bool nonblock) {
  if (nonblock) return -EAGAIN;
  int result = sleep_on(q, deadline);
  if (result == -ETIMEDOUT) return -EAGAIN;
  return result == -ERESTARTSYS && deadline != FOREVER ? -EINTR : result;
}

int socket_sleep(struct socket *s, int64_t deadline, bool nonblock) {
  return socket_sleep_on(&s->changed, deadline, nonblock);
}

struct socket *socket_get(int fd, int *error, struct file **file) {
  struct file *f = file_get(fd);
  *error = !f ? -EBADF : f->ops != &socket_ops ? -ENOTSOCK : 0;
  if (file) *file = f;
  return *error ? NULL : f->object;
}

bool socket_nonblocking(const struct file *f, int flags) {
  return f->flags & O_NONBLOCK || flags & MSG_DONTWAIT;
}

/* --- as a file --- */

ssize_t socket_send(struct socket *s, struct uio *from, struct msg *m) {
  ssize_t n = s->ops->send ? s->ops->send(s, from, m) : -EOPNOTSUPP;
  if (n == -EPIPE && s->type == SOCK_STREAM && !(m->flags & MSG_NOSIGNAL))
    signal_send(current, SIGPIPE);
  return n;
}

ssize_t socket_receive(struct socket *s, struct uio *to, struct msg *m) {
  return s->ops->receive ? s->ops->receive(s, to, m) : -EOPNOTSUPP;
}

static ssize_t file_read(struct file *f, struct uio *to, bool nonblock) {
  struct msg m = {.nonblock = nonblock};
  if (!to->left) return 0; /* read of nothing; recv of nothing asks the family */
  return socket_receive(f->object, to, &m);
}

static ssize_t file_write(struct file *f, struct uio *from, bool nonblock) {
  struct msg m = {.nonblock = nonblock};
  return socket_send(f->object, from, &m);
}

static int file_poll(struct file *f, struct poller *poller) {
  struct socket *s = f->object;
  poll_wait(poller, &s->changed);
  return s->ops->poll(s);
}

static int file_ioctl(struct file *f, unsigned request, uptr argument) {
  struct socket *s = f->object;
  switch (request) {
  case FIOSETOWN:
  case SIOCSPGRP: return copy_from_user(&f->owner, argument, sizeof f->owner);
  case FIOGETOWN:
  case SIOCGPGRP: return copy_to_user(argument, &f->owner, sizeof f->owner);
  }
  int result = s->ops->ioctl ? s->ops->ioctl(s, request, argument) : -ENOTTY;
  return result == -ENOTTY ? interface_ioctl(s, request, argument) : result;
}

static int file_stat(struct file *f, void *to) {
  (void)f;
  ((struct stat *)to)->st_mode = S_IFSOCK | 0777;
  return 0;
}

static void file_close(struct file *f) {
  struct socket *s = f->object;
  s->ops->close(s);
}

const struct file_ops socket_ops = {.read = file_read,
                                    .write = file_write,
                                    .poll = file_poll,
                                    .ioctl = file_ioctl,
                                    .stat = file_stat,
                                    .close = file_close};

/* --- addresses --- */

int socket_address_in(void *to, uptr from, unsigned length) {
  if (length > SOCKADDR_LIMIT) return -EINVAL;
  return copy_from_user(to, from, length);
}

/* As much as fits goes out; the length says how much there was (POSIX getsockname). */
int socket_address_out(const void *from, int length, uptr to, uptr to_length) {
  int room;
  if (!to) return 0;
  if (copy_from_user(&room, to_length, sizeof room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  if (copy_to_user(to, from, (size_t)(room < length ? room : length))) return -EFAULT;
  return copy_to_user(to_length, &length, sizeof length);
}

/* --- the calls --- */

static const struct family {
  int domain;
  int (*make)(int domain, int type, int protocol, struct socket **to);
} families[] = {{AF_UNIX, unix_socket},
                {AF_INET, inet_socket},
                {AF_INET6, inet_socket},
                {AF_PACKET, packet_socket}};
enum { FAMILIES = sizeof families / sizeof *families };

static int socket_new(int domain, int type, int protocol, struct socket **to) {
  enum { LINUX_FAMILIES = 46, LINUX_TYPES = 11 };
  if (type & ~0xf) return -EINVAL;
  if (domain < 0 || domain >= LINUX_FAMILIES) return -EAFNOSUPPORT;
  if (type >= LINUX_TYPES) return -EINVAL;
  for (int n = 0; n < FAMILIES; n++)
    if (families[n].domain == domain) return families[n].make(domain, type, protocol, to);
  return -EAFNOSUPPORT;
}

long sys_socket(int domain, int type, int protocol) {
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  struct socket *s;
  int error = socket_new(domain, type & ~flags, protocol, &s);
  return error ? error : socket_file(s, flags);
}

int socket_pair(int domain, int type, int protocol, struct socket *s[2]) {
  int error = socket_new(domain, type, protocol, &s[0]);
  if (error) return error;
  error = domain == AF_UNIX ? socket_new(domain, type, protocol, &s[1]) : -EOPNOTSUPP;
  if (error)
    s[0]->ops->close(s[0]);
  else
    unix_pair(s[0], s[1]);
  return error;
}

long sys_socketpair(int domain, int type, int protocol, uptr fds) {
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC), fd[2];
  struct socket *s[2];
  int error = socket_pair(domain, type & ~flags, protocol, s);
  if (error) return error;
  for (int i = 0; i < 2; i++)
    if ((fd[i] = socket_file(s[i], flags)) < 0) error = fd[i];
  if (!error) error = copy_to_user(fds, fd, sizeof fd);
  for (int i = 0; error && i < 2; i++)
    if (fd[i] >= 0) fd_close(current, fd[i]);
  return error;
}

long sys_bind(int fd, uptr address, unsigned length) {
  uint8_t a[SOCKADDR_LIMIT];
  int error;
  struct socket *s = socket_get(fd, &error, NULL);
  if (!s) return error;
  if ((error = socket_address_in(a, address, length))) return error;
  return s->ops->bind ? s->ops->bind(s, a, (int)length) : -EOPNOTSUPP;
}

long sys_listen(int fd, int backlog) {
  int error;
  struct socket *s = socket_get(fd, &error, NULL);
  return !s ? error : s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
}

long sys_accept4(int fd, uptr address, uptr length, int flags) {
  struct file *f;
  struct socket *accepted;
  uint8_t a[SOCKADDR_LIMIT];
  int error;
  struct socket *s = socket_get(fd, &error, &f);
  if (f && flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) return -EINVAL;
  int room = f ? fd_find(current, 0) : 0;
  if (room < 0) return room; /* the connection stays in the queue */
  if (!s) return error;
  if (!s->ops->accept) return -EOPNOTSUPP;
  f->references++;
  error = s->ops->accept(s, socket_nonblocking(f, 0), &accepted);
  file_put(f);
  if (error) return error;
  int n = accepted->ops->name(accepted, true, a);
  int new = socket_file(accepted, flags);
  if (new < 0) return new;
  error = n < 0 ? -ECONNABORTED : socket_address_out(a, n, address, length);
  if (error) fd_close(current, new);
  return error ? error : new;
}

long sys_connect(int fd, uptr address, unsigned length) {
  struct file *f;
  uint8_t a[SOCKADDR_LIMIT];
  int error, wrong;
  struct socket *s = socket_get(fd, &error, &f);
  if (f && (wrong = socket_address_in(a, address, length))) return wrong; /* before ENOTSOCK */
  if (!s) return error;
  if (!s->ops->connect) return -EOPNOTSUPP;
  f->references++;
  error = s->ops->connect(s, a, (int)length, socket_nonblocking(f, 0));
  file_put(f);
  return error;
}

static long name(int fd, bool peer, uptr address, uptr length) {
  uint8_t a[SOCKADDR_LIMIT];
  int error;
  struct socket *s = socket_get(fd, &error, NULL);
  if (!s) return error;
  int n = s->ops->name(s, peer, a);
  return n < 0 ? n : !address ? -EFAULT : socket_address_out(a, n, address, length);
}

long sys_getsockname(int fd, uptr address, uptr length) { return name(fd, false, address, length); }
long sys_getpeername(int fd, uptr address, uptr length) { return name(fd, true, address, length); }

long sys_shutdown(int fd, int how) {
  int error;
  struct socket *s = socket_get(fd, &error, NULL);
  if (!s) return error;
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  return s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
}

/* --- options: sockopt.c has those of SOL_SOCKET --- */

long sys_getsockopt(int fd, int level, int option, uptr value, uptr length) {
  uint8_t bytes[256];
  int error, room, n;
  struct socket *s = socket_get(fd, &error, NULL);
  if (!s) return error;
  if (copy_from_user(&room, length, sizeof room)) return -EFAULT;
  if ((n = room) < 0) return -EINVAL;
  if (level == SOL_SOCKET)
    n = socket_get_option(s, option, bytes, room);
  else if ((error = s->ops->get ? s->ops->get(s, level, option, bytes, &n) : -EOPNOTSUPP))
    return error;
  if (n < 0) return n;
  if (n > room) n = room;
  return copy_to_user(value, bytes, (size_t)n) ? -EFAULT : copy_to_user(length, &n, sizeof n);
}

long sys_setsockopt(int fd, int level, int option, uptr value, unsigned length) {
  uint8_t bytes[256] = {0};
  int error;
  struct socket *s = socket_get(fd, &error, NULL);
  if (!s) return error;
  if ((int)length < 0) return -EINVAL;
  if (length > sizeof bytes) length = sizeof bytes;
  if (copy_from_user(bytes, value, length)) return -EFAULT;
  if (level == SOL_SOCKET) return socket_set_option(s, option, bytes, length);
  return s->ops->set ? s->ops->set(s, level, option, bytes, (int)length) : -ENOPROTOOPT;
}
