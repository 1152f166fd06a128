/* Sleeping and waking. A process sleeps on its own futex word, `event`, which every wake-up counts
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

void wake_proc(struct proc *p) {
  __atomic_add_fetch(&p->event, 1, __ATOMIC_SEQ_CST);
  if (!__atomic_load_n(&p->parked, __ATOMIC_SEQ_CST)) return; /* it sees that before it sleeps */
  if (sleeper_count < SLEEPERS)
    sleepers[sleeper_count++] = &p->event;
  else
    futex_wake(&p->event);
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
      wake_proc(w->proc);
  }
}

void wake(struct waitq *q) { wake_for(q, 0); }

int64_t deadline_in(int64_t ns) {
  if (ns < 0) return FOREVER;
  int64_t now = now_ns();
  return ns > INT64_MAX - now ? INT64_MAX : now + ns;
}

/* To look for a wake-up a while costs less than to be put to sleep and woken, if it comes that
 * soon; the last time tells whether it will. Lock not held. */
static int sleep_for(struct proc *p, int seen, int64_t ns) {
  enum { LOOKS = 16384, SOON = 60000 };
  for (int i = 0; p->soon && i < LOOKS; i++)
    if (__atomic_load_n(&p->event, __ATOMIC_ACQUIRE) != seen) return 0;
  int64_t began = now_ns();
  __atomic_store_n(&p->parked, true, __ATOMIC_SEQ_CST);
  int result = futex_wait(&p->event, seen, ns);
  __atomic_store_n(&p->parked, false, __ATOMIC_SEQ_CST);
  p->soon = now_ns() - began < SOON;
  return result;
}

/* The caller has added its waiters and found that it must wait. Gives the lock up meanwhile. */
int sleep_until(int64_t deadline) {
  net_run();
  if (signal_due(current)) return -ERESTARTSYS;
  struct proc *p = current;
  int seen = p->event, result = 0;
  if (p->report_sleep) {
    p->report_sleep = false;
    event_post(EVENT_SLEPT, p->pid, 0, 0, NULL, 0);
  }
  int64_t ns = deadline < 0 ? FOREVER : deadline - now_ns();
  if (deadline >= 0 && ns <= 0) return -ETIMEDOUT;
  p->asleep = true;
  unlock();
  result = sleep_for(p, seen, ns);
  lock();
  p->asleep = false;
  return signal_due(p) ? -ERESTARTSYS : result;
}

int sleep_on(struct waitq *q, int64_t deadline) {
  struct waiter w = {.proc = current};
  int seen = current->event;
  wait_add(q, &w);
  net_run(); /* may bring what is waited for */
  int result = current->event != seen ? 0 : sleep_until(deadline);
  wait_remove(&w);
  return result;
}
