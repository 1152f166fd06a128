/* What the C library's locks wait with: a word in a program's memory, and those who sleep until
 * another thread of the process has changed it and says so. The one that came first wakes first. */
#include "kernel.h"
#include <time.h>

struct sleeper {
  struct sleeper *next;
  struct thread *thread;
  uptr word;
  bool woken;
};

static void add(struct sleeper *s) {
  struct sleeper **end = &current->sleepers;
  while (*end)
    end = &(*end)->next;
  *end = s;
}

static void take_out(struct sleeper *s) {
  struct sleeper **at = &current->sleepers;
  while (*at && *at != s)
    at = &(*at)->next;
  if (*at) *at = s->next;
}

/* The time on the kernel's clock, of one on a program's. */
static int64_t deadline_of(int clock, int64_t ns) {
  return ns < 0 || clock != CLOCK_REALTIME
             ? ns
             : deadline_in(ns > realtime_ns() ? ns - realtime_ns() : 0);
}

/* Waits until the word's sleepers are woken. -EAGAIN: it is not `seen`. ns: FOREVER, or until when
 * on that clock; then -ETIMEDOUT. cancel: it is a cancellation point, and answers -ECANCELED then.
 */
long sys_futex_wait(uptr word, int seen, int clock, int64_t ns, bool cancel) {
  struct sleeper s = {.thread = caller, .word = word};
  int64_t deadline = deadline_of(clock, ns);
  int now, error = 0;
  if (copy_from_user(&now, word, sizeof now)) return -EFAULT;
  if (now != seen) return -EAGAIN;
  caller->cancel_point = cancel;
  add(&s);
  while (!s.woken && !error)
    error = sleep_until(deadline);
  if (!s.woken) take_out(&s);
  bool cancelled = cancel && signal_cancels(caller);
  caller->cancel_point = false;
  return s.woken ? 0 : cancelled ? -ECANCELED : error;
}

/* How many of at most `count` sleepers it has woken. */
long sys_futex_wake(uptr word, int count) {
  int woken = 0;
  for (struct sleeper **at = &current->sleepers, *s; (s = *at) && woken < count;) {
    if (s->word != word) {
      at = &s->next;
      continue;
    }
    *at = s->next;
    s->woken = true;
    wake_thread(s->thread);
    woken++;
  }
  return woken;
}
