/* Messages: the calls that send and receive, and the control messages (cmsg(3)) that go with the
 * bytes. struct msghdr and struct cmsghdr are laid out in the kernel as they are in its programs.
 */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { CONTROL_LIMIT = 131072 };

/* --- control messages --- */

int msg_next(const struct msg *m, size_t *at, struct control *to) {
  struct cmsghdr h;
  if (*at > m->control_length || m->control_length - *at < sizeof h) return 0;
  const uint8_t *from = (const uint8_t *)m->control + *at;
  memcpy(&h, from, sizeof h);
  if (h.cmsg_len < CMSG_LEN(0) || h.cmsg_len > m->control_length - *at) return -EINVAL;
  *to = (struct control){h.cmsg_level, h.cmsg_type, from + CMSG_LEN(0), h.cmsg_len - CMSG_LEN(0)};
  *at += CMSG_ALIGN(h.cmsg_len);
  return 1;
}

/* What does not fit is cut off, as Linux does. An address that is not the program's stays silent.
 */
void msg_put(struct msg *m, int level, int type, const void *data, size_t n) {
  size_t room = m->control_room - m->control_used;
  struct cmsghdr h = {.cmsg_level = level, .cmsg_type = type};
  if (!m->control_to || room < sizeof h) {
    m->flags_out |= MSG_CTRUNC;
    return;
  }
  if (room < CMSG_LEN(n)) {
    m->flags_out |= MSG_CTRUNC;
    n = room - CMSG_LEN(0);
  }
  h.cmsg_len = CMSG_LEN(n);
  uptr to = m->control_to + m->control_used;
  if (copy_to_user(to, &h, sizeof h) || copy_to_user(to + CMSG_LEN(0), data, n)) return;
  m->control_used += CMSG_SPACE(n) < room ? CMSG_SPACE(n) : room;
}

static int control_in(struct msg *m, uptr from, size_t n, void **copy) {
  *copy = NULL;
  if (!n) return 0;
  if (n > CONTROL_LIMIT) return -ENOBUFS;
  if (!(*copy = malloc(n))) return -ENOBUFS;
  m->control = *copy;
  m->control_length = n;
  if (!copy_from_user(*copy, from, n)) return 0;
  free(*copy);
  return -EFAULT;
}

/* --- the calls --- */

/* Holds the file meanwhile: another thread may close the descriptor while this one sleeps. */
static long transfer(struct file *f, struct uio *u, struct msg *m, bool send) {
  m->nonblock = socket_nonblocking(f, m->flags);
  f->references++;
  ssize_t n = send ? socket_send(f->object, u, m) : socket_receive(f->object, u, m);
  file_put(f);
  return n;
}

long sys_sendto(int fd, uptr buffer, size_t n, int flags, uptr address, unsigned length) {
  struct msg m = {.flags = flags, .address_length = address ? (int)length : 0};
  struct file *f;
  struct uio u;
  int error;
  if (!socket_get(fd, &error, &f)) return error;
  if ((error = uio_one(&u, buffer, n))) return error;
  if (address && (error = socket_address_in(m.address, address, length))) return error;
  return transfer(f, &u, &m, true);
}

long sys_recvfrom(int fd, uptr buffer, size_t n, int flags, uptr address, uptr length) {
  struct msg m = {.flags = flags};
  struct file *f;
  struct uio u;
  int error;
  if (!socket_get(fd, &error, &f)) return error;
  if ((error = uio_one(&u, buffer, n))) return error;
  long result = transfer(f, &u, &m, false);
  if (result >= 0 && address &&
      (error = socket_address_out(m.address, m.address_length, address, length)))
    return error;
  return result;
}

/* The program's struct msghdr, and the pieces of memory that it names. */
static int header_in(uptr msg, struct msghdr *h, struct uio *u) {
  if (copy_from_user(h, msg, sizeof *h)) return -EFAULT;
  if (!h->msg_name) h->msg_namelen = 0;
  if ((int)h->msg_namelen < 0) return -EINVAL;
  if (h->msg_namelen > SOCKADDR_LIMIT) h->msg_namelen = SOCKADDR_LIMIT;
  if ((size_t)h->msg_iovlen > IOV_LIMIT) return -EMSGSIZE;
  return uio_vector(u, (uptr)h->msg_iov, (int)h->msg_iovlen);
}

static long send_one(struct file *f, uptr msg, int flags) {
  struct msg m = {.flags = flags};
  struct msghdr h;
  struct uio u;
  void *control = NULL;
  long result = header_in(msg, &h, &u);
  if (result) return result;
  m.address_length = (int)h.msg_namelen;
  if (copy_from_user(m.address, (uptr)h.msg_name, h.msg_namelen)) result = -EFAULT;
  if (!result) result = control_in(&m, (uptr)h.msg_control, h.msg_controllen, &control);
  if (!result) result = transfer(f, &u, &m, true);
  free(control);
  uio_free(&u);
  return result;
}

/* MSG_CMSG_CLOEXEC is among the flags that come out, as on Linux. */
static long receive_one(struct file *f, uptr msg, int flags, int *flags_out) {
  struct msg m = {.flags = flags, .flags_out = flags & MSG_CMSG_CLOEXEC};
  struct msghdr h;
  struct uio u;
  long result = header_in(msg, &h, &u);
  if (result) return result;
  m.control_to = (uptr)h.msg_control;
  m.control_room = h.msg_controllen;
  result = transfer(f, &u, &m, false);
  uio_free(&u);
  if (result < 0) return result;
  unsigned room = h.msg_namelen, length = (unsigned)m.address_length;
  if (h.msg_name && copy_to_user((uptr)h.msg_name, m.address, room < length ? room : length))
    return -EFAULT;
  if (h.msg_name) h.msg_namelen = length;
  h.msg_controllen = (unsigned)m.control_used;
  h.msg_flags = *flags_out = m.flags_out;
  return copy_to_user(msg, &h, sizeof h) ? -EFAULT : result;
}

long sys_sendmsg(int fd, uptr msg, int flags) {
  struct file *f;
  int error;
  return socket_get(fd, &error, &f) ? send_one(f, msg, flags) : error;
}

long sys_recvmsg(int fd, uptr msg, int flags) {
  struct file *f;
  int error;
  return socket_get(fd, &error, &f) ? receive_one(f, msg, flags, &error) : error;
}

/* --- many at once --- */

/* struct mmsghdr as a program has it: a header, and how many bytes were moved. */
struct many {
  struct msghdr header;
  unsigned length;
};

static int put_length(uptr messages, unsigned i, long n) {
  unsigned length = (unsigned)n;
  return copy_to_user(messages + i * sizeof(struct many) + offsetof(struct many, length), &length,
                      sizeof length);
}

/* The error of a message that is not the first is lost, as sendmmsg(2) says. */
long sys_sendmmsg(int fd, uptr messages, unsigned n, int flags) {
  struct file *f;
  long result = 0;
  int error;
  unsigned i = 0;
  if (!socket_get(fd, &error, &f)) return error;
  f->references++;
  for (; i < n && i < IOV_LIMIT; i++) {
    result = send_one(f, messages + i * sizeof(struct many), flags);
    if (result >= 0 && put_length(messages, i, result)) result = -EFAULT;
    if (result < 0) break;
  }
  file_put(f);
  return i ? (long)i : result < 0 ? result : 0;
}

/* The error of a message that is not the first is the socket's, for the next call. */
static long receive_many(struct file *f, uptr messages, unsigned n, int flags, int64_t deadline) {
  struct socket *s = f->object;
  long result = -socket_take_error(s);
  int out = 0;
  unsigned i = 0;
  for (result = -result; i < n && i < IOV_LIMIT && !result;) {
    result = receive_one(f, messages + i * sizeof(struct many), flags & ~MSG_WAITFORONE, &out);
    if (result >= 0 && put_length(messages, i, result)) result = -EFAULT;
    if (result < 0) break;
    i++;
    result = 0;
    if (flags & MSG_WAITFORONE) flags |= MSG_DONTWAIT;
    if (out & MSG_OOB || (deadline >= 0 && now_ns() >= deadline)) break;
  }
  if (i && result < 0 && result != -EAGAIN && result != -ERESTARTSYS) s->error = (int)-result;
  return i ? (long)i : result;
}

/* The time limit is looked at after each message only (recvmmsg(2), BUGS). */
long sys_recvmmsg(int fd, uptr messages, unsigned n, int flags, uptr timeout) {
  struct timespec t;
  struct file *f;
  int64_t deadline = FOREVER;
  int error;
  if (timeout) {
    if (copy_from_user(&t, timeout, sizeof t)) return -EFAULT;
    if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec > 999999999) return -EINVAL;
    deadline = deadline_in(time_ns(t.tv_sec, t.tv_nsec, 1));
  }
  if (!socket_get(fd, &error, &f)) return error;
  f->references++;
  long result = receive_many(f, messages, n, flags, deadline);
  file_put(f);
  if (result <= 0 || !timeout) return result;
  int64_t left = deadline - now_ns();
  if (left < 0) left = 0;
  t = (struct timespec){.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
  return copy_to_user(timeout, &t, sizeof t) ? -EFAULT : result;
}
