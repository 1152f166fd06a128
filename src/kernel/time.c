/* Clocks, sleep, and random numbers. */
#include "kernel.h"
#include <sys/random.h>
#include <time.h>

/* Programs' times may be any; 126 years are for ever. */
static int64_t bounded(int64_t n) {
  const int64_t most = INT64_C(4000000000);
  return n > most ? most : n < -most ? -most : n;
}
int64_t time_ns(int64_t seconds, int64_t parts, int64_t unit) {
  return bounded(seconds) * 1000000000 + bounded(parts) * unit;
}

/* The clock's reading in ns, or -EINVAL. */
static int64_t clock_read(int clock) {
  switch (clock) {
  case CLOCK_REALTIME: return realtime_ns();
  case CLOCK_MONOTONIC: return now_ns();
  case CLOCK_PROCESS_CPUTIME_ID: return usage_of(current);
  case CLOCK_THREAD_CPUTIME_ID: return thread_usage();
  }
  return -EINVAL;
}

/* WASI clock_time_get. */
int timespec_in(uptr from, int64_t *ns) {
  struct timespec t;
  *ns = FOREVER;
  if (!from) return 0;
  if (copy_from_user(&t, from, sizeof t)) return -EFAULT;
  if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec > 999999999) return -EINVAL;
  *ns = time_ns(t.tv_sec, t.tv_nsec, 1);
  return 0;
}

/* The time that is left is not written back: the C library hides that anyway. */
long sys_clock_gettime(int clock, uptr ns64) {
  int64_t ns = clock_read(clock);
  return ns < 0 ? (long)ns : copy_to_user(ns64, &ns, sizeof ns);
}

/* WASI clock_res_get: a browser's clocks tick in 5 microseconds when isolated. */
long sys_clock_getres(int clock, uptr ns64) {
  int64_t resolution = 5000;
  return clock_read(clock) < 0 ? -EINVAL : copy_to_user(ns64, &resolution, sizeof resolution);
}

/* POSIX clock_nanosleep. It is never restarted: what remains is the caller's to sleep on. */
long sys_clock_nanosleep(int clock, int flags, uptr request, uptr remain) {
  struct timespec t;
  if (copy_from_user(&t, request, sizeof t)) return -EFAULT;
  if (t.tv_sec < 0 || t.tv_nsec < 0 || t.tv_nsec > 999999999) return -EINVAL;
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return -EINVAL;
  int64_t ns = time_ns(t.tv_sec, t.tv_nsec, 1);
  if (flags & TIMER_ABSTIME) ns = ns > clock_read(clock) ? ns - clock_read(clock) : 0;
  int64_t until = deadline_in(ns);
  struct waitq nothing = {0};
  for (int result = 0; result != -ETIMEDOUT;) {
    result = sleep_on(&nothing, until);
    if (result != -ERESTARTSYS) continue;
    int64_t left = until - now_ns();
    if (left < 0) left = 0;
    t = (struct timespec){.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    if (remain && !(flags & TIMER_ABSTIME) && copy_to_user(remain, &t, sizeof t)) return -EFAULT;
    return -EINTR;
  }
  return 0;
}

long sys_getrandom(uptr to, size_t n, unsigned flags) {
  uint8_t bytes[256];
  if (flags & ~7u) return -EINVAL;
  for (size_t done = 0, m; done < n; done += m) {
    m = n - done < sizeof bytes ? n - done : sizeof bytes;
    machine_random(bytes, m);
    if (copy_to_user(to + done, bytes, m)) return -EFAULT;
  }
  return (long)n;
}
