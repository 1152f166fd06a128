/* Sleeping and waking. A thread sleeps on its own futex word, `event`, which every wake-up counts
 * on; a wait queue is the list of those who are to be woken. Because the word is read under the
 * lock and nobody wakes without it, no wake-up is lost. */
#include "kernel.h"

void wait_add(struct waitq *q, struct waiter *w) {
  w->next = q->first;
  w->slot = &q->first;
  if (q->first) q->first->slot = &w->next;
  q->first = w;
}

void wait_remove(struct waiter *w) {
  if (!w->slot) return;
  *w->slot = w->next;
  if (w->next) w->next->slot = w->slot;
  w->slot = NULL;
}

/* Those who are to be notified once the lock is free, since they need it first. */
enum { SLEEPERS = 64 };
static int *sleepers[SLEEPERS], sleeper_count;

void wake_thread(struct thread *t) {
  __atomic_add_fetch(&t->event, 1, __ATOMIC_SEQ_CST);
  if (!__atomic_load_n(&t->parked, __ATOMIC_SEQ_CST)) return; /* it sees that before it sleeps */
  if (sleeper_count < SLEEPERS)
    sleepers[sleeper_count++] = &t->event;
  else
    futex_wake(&t->event);
}

void unlock(void) {
  int *notify[SLEEPERS], count = sleeper_count;
  for (int i = 0; i < count; i++)
    notify[i] = sleepers[i];
  sleeper_count = 0;
  machine_unlock();
  for (int i = 0; i < count; i++)
    futex_wake(notify[i]);
}

/* Those who sleep look for themselves; a callback may take its own waiter out, and no other. */
void wake_for(struct waitq *q, int events) {
  for (struct waiter *w = q->first, *next; w; w = next) {
    next = w->next;
    if (w->woken)
      w->woken(w, events);
    else
      wake_thread(w->thread);
  }
}

void wake(struct waitq *q) { wake_for(q, 0); }

int64_t deadline_in(int64_t ns) {
  if (ns < 0) return FOREVER;
  int64_t now = now_ns();
  return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

static bool woken(const struct thread *t, int seen) {
  return __atomic_load_n(&t->event, __ATOMIC_ACQUIRE) != seen;
}

/* To look for a wake-up a while costs less than to be put to sleep and woken, if it comes that
 * soon; the last time tells whether it will, or the caller's patience. Lock not held. */
int sleep_for(struct thread *t, int seen, int64_t ns) {
  enum { LOOKS = 16384, AT_ONCE = 64, SOON = 60000 };
  for (int i = 0; t->soon && i < LOOKS; i++)
    if (woken(t, seen)) return 0;
  int64_t began = now_ns(), end = began + (ns >= 0 && ns < t->patience ? ns : t->patience);
  for (int i = 1; t->patience && (i % AT_ONCE || now_ns() < end); i++)
    if (woken(t, seen)) return 0;
  __atomic_store_n(&t->parked, true, __ATOMIC_SEQ_CST);
  int result = futex_wait(&t->event, seen, ns);
  __atomic_store_n(&t->parked, false, __ATOMIC_SEQ_CST);
  t->soon = now_ns() - began < SOON;
  return result;
}

/* The caller has added its waiters and found that it must wait. Gives the lock up meanwhile. */
int sleep_until(int64_t deadline) {
  net_run();
  struct thread *t = caller;
  if (signal_due(t)) return -ERESTARTSYS;
  int seen = t->event, result = 0;
  if (current->report_sleep) {
    current->report_sleep = false;
    event_post(EVENT_SLEPT, current->pid, 0, 0, NULL, 0);
  }
  int64_t ns = deadline < 0 ? FOREVER : deadline - now_ns();
  if (deadline >= 0 && ns <= 0) return -ETIMEDOUT;
  int64_t since = current->traced ? trace_sleeps() : 0;
  t->asleep = true;
  usage_pause(t);
  unlock();
  result = sleep_for(t, seen, ns);
  lock();
  usage_begin(t);
  t->asleep = false;
  if (current->traced) trace_wakes(since);
  return signal_due(t) ? -ERESTARTSYS : result;
}

int sleep_on(struct waitq *q, int64_t deadline) {
  struct waiter w = {.thread = caller};
  int seen = caller->event;
  wait_add(q, &w);
  net_run(); /* may bring what is waited for */
  int result = caller->event != seen ? 0 : sleep_until(deadline);
  wait_remove(&w);
  return result;
}
