/* setitimer: SIGALRM after a time, or again and again. */
#include "kernel.h"
#include <sys/time.h>

static int64_t timeval_ns(struct timeval t) { return time_ns(t.tv_sec, t.tv_usec, 1000); }
static struct timeval ns_timeval(int64_t ns) {
  return (struct timeval){.tv_sec = ns / 1000000000,
                          .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};
}

long sys_getitimer(int which, uptr value) {
  if (which != ITIMER_REAL)
    return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
  int64_t left = current->alarm.armed ? current->alarm.at - now_ns() : 0;
  struct itimerval v = {ns_timeval(current->alarm_interval), ns_timeval(left < 0 ? 1000 : left)};
  return copy_to_user(value, &v, sizeof v);
}

long sys_setitimer(int which, uptr value, uptr old) {
  if (which != ITIMER_REAL)
    return which == ITIMER_VIRTUAL || which == ITIMER_PROF ? -ENOSYS : -EINVAL;
  struct itimerval v;
  if (copy_from_user(&v, value, sizeof v)) return -EFAULT;
  if (v.it_value.tv_sec < 0 || v.it_interval.tv_sec < 0) return -EINVAL;
  if (v.it_value.tv_usec < 0 || v.it_value.tv_usec > 999999 || v.it_interval.tv_usec < 0 ||
      v.it_interval.tv_usec > 999999)
    return -EINVAL;
  if (old && sys_getitimer(which, old)) return -EFAULT;
  timer_cancel(&current->alarm);
  current->alarm_interval = timeval_ns(v.it_interval);
  if (timeval_ns(v.it_value)) timer_set(&current->alarm, now_ns() + timeval_ns(v.it_value));
  return 0;
}
