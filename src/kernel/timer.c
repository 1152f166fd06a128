/* What the kernel does at a time of its own choosing: a list by time, fired by the kernel Worker.
 */
#include "kernel.h"

static struct timer *first;
static int64_t promised = INT64_MAX; /* when the kernel Worker has been told to come */

void timer_cancel(struct timer *t) {
  if (!t->armed) return;
  struct timer **slot = &first;
  while (*slot != t)
    slot = &(*slot)->next;
  *slot = t->next;
  t->armed = false;
}

void timer_set(struct timer *t, int64_t at) {
  timer_cancel(t);
  struct timer **slot = &first;
  while (*slot && (*slot)->at <= at)
    slot = &(*slot)->next;
  t->at = at;
  t->armed = true;
  t->next = *slot;
  *slot = t;
  if (at < promised) {
    promised = at;
    event_notify();
  }
}

void timers_run(void) {
  int64_t now = now_ns();
  while (first && first->at <= now) {
    struct timer *t = first;
    timer_cancel(t);
    t->fire(t);
  }
}

int64_t timers_next(void) {
  promised = first ? first->at : INT64_MAX;
  return first ? first->at : FOREVER;
}
