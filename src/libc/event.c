/* epoll, eventfd, timerfd, and what select and poll lack in Emscripten's libc. */
#define _GNU_SOURCE
#include "call.h"
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

CALL(_newselect)
long kernel_newselect(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *limit);
CALL(ppoll)
long kernel_ppoll(struct pollfd *fds, unsigned long n, const struct timespec *limit,
                  const sigset_t *mask, size_t mask_size);
CALL(epoll_create1) long kernel_epoll_create1(int flags);
CALL(epoll_ctl) long kernel_epoll_ctl(int ep, int operation, int fd, struct epoll_event *event);
CALL(epoll_pwait)
long kernel_epoll_pwait(int ep, struct epoll_event *events, int n, int timeout,
                        const sigset_t *mask, size_t mask_size);
CALL(eventfd2) long kernel_eventfd2(unsigned value, int flags);
CALL(timerfd_create) long kernel_timerfd_create(int clock, int flags);
CALL(timerfd_settime)
long kernel_timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old);
CALL(timerfd_gettime) long kernel_timerfd_gettime(int fd, struct itimerspec *now);

enum { MASK_SIZE = _NSIG / 8 };

/* The kernel writes the time that is left to *limit, as Linux does. */
int select(int n, fd_set *restrict read, fd_set *restrict write, fd_set *restrict except,
           struct timeval *restrict limit) {
  return (int)answer(kernel_newselect(n, read, write, except, limit));
}

int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask) {
  return (int)answer(kernel_ppoll(fds, n, limit, mask, MASK_SIZE));
}

int epoll_create(int size) { return size > 0 ? epoll_create1(0) : (int)answer(-EINVAL); }

int epoll_create1(int flags) { return (int)answer(kernel_epoll_create1(flags)); }

int epoll_ctl(int ep, int operation, int fd, struct epoll_event *event) {
  return (int)answer(kernel_epoll_ctl(ep, operation, fd, event));
}

int epoll_pwait(int ep, struct epoll_event *events, int n, int timeout, const sigset_t *mask) {
  return (int)answer(kernel_epoll_pwait(ep, events, n, timeout, mask, MASK_SIZE));
}

int epoll_wait(int ep, struct epoll_event *events, int n, int timeout) {
  return epoll_pwait(ep, events, n, timeout, NULL);
}

int eventfd(unsigned value, int flags) { return (int)answer(kernel_eventfd2(value, flags)); }

int eventfd_read(int fd, eventfd_t *value) {
  return read(fd, value, sizeof *value) == sizeof *value ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value) {
  return write(fd, &value, sizeof value) == sizeof value ? 0 : -1;
}

int timerfd_create(int clock, int flags) {
  return (int)answer(kernel_timerfd_create(clock, flags));
}

int timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old) {
  return (int)answer(kernel_timerfd_settime(fd, flags, to, old));
}

int timerfd_gettime(int fd, struct itimerspec *now) {
  return (int)answer(kernel_timerfd_gettime(fd, now));
}
