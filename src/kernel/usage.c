/* The time that threads have run: since they began, but for what they slept in the kernel. Nothing
 * tells user and system apart; all is the user's. */
#include "kernel.h"
#include <sys/resource.h>

/* Runs from now on. The other threads may look at it meanwhile. */
void usage_begin(struct thread *t) {
  __atomic_store_n(&t->running_since, now_ns(), __ATOMIC_RELAXED);
}

static int64_t of_thread(const struct thread *t) {
  int64_t since = __atomic_load_n(&t->running_since, __ATOMIC_RELAXED);
  return t->ran + (since ? now_ns() - since : 0);
}

/* Sleeps, or has ended. */
void usage_pause(struct thread *t) {
  t->ran = of_thread(t);
  __atomic_store_n(&t->running_since, 0, __ATOMIC_RELAXED);
}

void usage_end(struct thread *t) {
  usage_pause(t);
  t->proc->ran += t->ran;
  t->ran = 0;
}

int64_t thread_usage(void) { return of_thread(caller); }

int64_t usage_of(const struct proc *p) {
  int64_t ns = p->ran;
  for (const struct thread *t = p->threads; t; t = t->next)
    if (!t->ended) ns += of_thread(t);
  return ns;
}

int usage_put(int64_t ns, uptr to) {
  struct rusage r = {.ru_utime = {.tv_sec = (time_t)(ns / 1000000000),
                                  .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)}};
  return copy_to_user(to, &r, sizeof r);
}

/* getrusage(2), of which time is all that is counted. */
long sys_getrusage(int who, uptr to) {
  switch (who) {
  case RUSAGE_SELF: return usage_put(usage_of(current), to);
  case RUSAGE_CHILDREN: return usage_put(current->children_ran, to);
  case RUSAGE_THREAD: return usage_put(thread_usage(), to);
  }
  return -EINVAL;
}
