/* timerfd_create(2): a descriptor that becomes readable when a time has come. What has expired is
 * reckoned whenever somebody asks; the kernel's timer is there to wake those who wait, and is armed
 * only as long as there is nothing to read, so that a short interval costs nothing. */
#include "kernel.h"
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>

static const int64_t SECOND = 1000000000, LONGEST = INT64_C(4000000000) * 1000000000; /* ns */

struct clock_file {
  struct timer timer; /* first: its callback finds the rest by it */
  int clock;
  int64_t next, interval; /* ns; next is FOREVER when it is not set, interval 0 when it is once */
  uint64_t expired;       /* how often, since it was read or set */
  struct waitq changed;
};

static void reckon(struct clock_file *c) {
  int64_t now = now_ns();
  if (c->next >= 0 && c->next <= now) {
    int64_t times = c->interval ? (now - c->next) / c->interval + 1 : 1;
    c->expired += (uint64_t)times;
    c->next = c->interval ? c->next + times * c->interval : FOREVER;
  }
  if (c->next >= 0 && !c->expired)
    timer_set(&c->timer, c->next);
  else
    timer_cancel(&c->timer);
}

static void clock_fire(struct timer *t) {
  struct clock_file *c = (struct clock_file *)t;
  reckon(c);
  wake_for(&c->changed, POLLIN);
}

static ssize_t clock_file_read(struct file *f, struct uio *to, bool nonblock) {
  struct clock_file *c = f->object;
  if (to->left < sizeof c->expired) return -EINVAL;
  for (reckon(c); !c->expired; reckon(c)) {
    int error = nonblock ? -EAGAIN : sleep_on(&c->changed, c->next);
    if (error && error != -ETIMEDOUT) return error;
  }
  uint64_t expired = c->expired;
  c->expired = 0;
  reckon(c);
  return uio_put(to, &expired, sizeof expired) ? -EFAULT : (ssize_t)sizeof expired;
}

static int clock_file_poll(struct file *f, struct poller *poller) {
  struct clock_file *c = f->object;
  poll_wait(poller, &c->changed);
  reckon(c);
  return c->expired ? POLLIN : 0;
}

static void clock_file_close(struct file *f) {
  struct clock_file *c = f->object;
  timer_cancel(&c->timer);
  free(c);
}

static const struct file_ops clock_file_ops = {
    .read = clock_file_read, .poll = clock_file_poll, .close = clock_file_close};

long sys_timerfd_create(int clock, int flags) {
  if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) return -EINVAL;
  if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)
    return -EINVAL;
  struct clock_file *c = calloc(1, sizeof *c);
  struct file *f = c ? file_new(&clock_file_ops, c, O_RDWR | (flags & TFD_NONBLOCK)) : NULL;
  if (!f) {
    free(c);
    return -ENOMEM;
  }
  c->timer.fire = clock_fire;
  c->clock = clock;
  c->next = FOREVER;
  return fd_alloc(current, f, 0, flags & TFD_CLOEXEC);
}

static int get(int fd, struct clock_file **to) {
  struct file *f = file_get(fd);
  if (!f) return -EBADF;
  *to = f->object;
  return f->ops == &clock_file_ops ? 0 : -EINVAL;
}

static bool valid(struct timespec t) {
  return t.tv_sec >= 0 && t.tv_nsec >= 0 && t.tv_nsec < SECOND;
}

static int64_t to_ns(struct timespec t) {
  int64_t seconds = t.tv_sec < LONGEST / SECOND ? t.tv_sec : LONGEST / SECOND;
  return seconds * SECOND + t.tv_nsec;
}

static struct timespec to_timespec(int64_t ns) {
  return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

/* What timerfd_gettime tells: the time left, and the interval. */
static struct itimerspec tell(struct clock_file *c) {
  reckon(c);
  int64_t left = c->next < 0 ? 0 : c->next - now_ns();
  if (c->next >= 0 && left <= 0) left = 1; /* 0 would say that it is not set */
  return (struct itimerspec){.it_value = to_timespec(left),
                             .it_interval = to_timespec(c->interval)};
}

long sys_timerfd_settime(int fd, int flags, uptr new, uptr old) {
  struct itimerspec to, before;
  struct clock_file *c;
  if (copy_from_user(&to, new, sizeof to)) return -EFAULT;
  if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return -EINVAL;
  if (!valid(to.it_value) || !valid(to.it_interval)) return -EINVAL;
  int error = get(fd, &c);
  if (error) return error;
  before = tell(c);
  int64_t ns = to_ns(to.it_value), now = now_ns();
  if (flags & TFD_TIMER_ABSTIME && c->clock == CLOCK_REALTIME && ns)
    ns += now - realtime_ns();
  else if (!(flags & TFD_TIMER_ABSTIME))
    ns += ns ? now : 0;
  c->next = to_ns(to.it_value) ? ns > 0 ? ns : 0 : FOREVER;
  c->interval = to_ns(to.it_interval);
  c->expired = 0;
  reckon(c);
  if (c->expired) wake_for(&c->changed, POLLIN);
  return old ? copy_to_user(old, &before, sizeof before) : 0;
}

long sys_timerfd_gettime(int fd, uptr to) {
  struct clock_file *c;
  int error = get(fd, &c);
  if (error) return error;
  struct itimerspec now = tell(c);
  return copy_to_user(to, &now, sizeof now);
}
