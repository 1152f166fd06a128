/* Waiting for a word to change, for Emscripten's locks: in the kernel, where a signal, a kill and
 * cancellation reach the thread. */
#include "thread.h"
#include <limits.h>
#include <math.h>

CALL(futex_wait)
long kernel_futex_wait(const volatile void *word, int seen, int clock, int64_t ns, int cancel);
CALL(futex_wake) long kernel_futex_wake(volatile void *word, int count);

void __wait(volatile int *word, volatile int *waiters, int seen, int private);
int __timedwait(volatile int *word, int seen, clockid_t clock, const struct timespec *until,
                int private);
int __timedwait_cp(volatile int *word, int seen, clockid_t clock, const struct timespec *until,
                   int private);
int emscripten_futex_wake(volatile void *word, int count);
int emscripten_futex_wait(volatile void *word, uint32_t seen, double ms);
void *emscripten_main_browser_thread_id(void);
int emscripten_is_main_browser_thread(void);
void emscripten_check_blocking_allowed(void);
int emscripten_num_logical_cores(void);
int emscripten_is_main_runtime_thread(void);
void emscripten_main_thread_process_queued_calls(void);
void emscripten_current_thread_process_queued_calls(void);

int word_wait(const volatile void *word, int seen, clockid_t clock, int64_t ns, bool cancel) {
  return (int)-kernel_futex_wait(word, seen, clock, ns, cancel);
}

void word_wake(volatile void *word, int count) {
  kernel_futex_wake(word, count < 0 ? INT_MAX : count);
}

/* Who holds a lock gives it up soon. */
void __wait(volatile int *word, volatile int *waiters, int seen, int private) {
  enum { LOOKS = 100 };
  for (int i = 0; i < LOOKS && !(waiters && *waiters); i++)
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != seen) return;
  if (waiters) __atomic_add_fetch(waiters, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == seen)
    word_wait(word, seen, CLOCK_MONOTONIC, -1, false);
  if (waiters) __atomic_sub_fetch(waiters, 1, __ATOMIC_SEQ_CST);
}

static int timed(volatile int *word, int seen, clockid_t clock, const struct timespec *until,
                 bool cancel) {
  if (until && (until->tv_nsec < 0 || until->tv_nsec >= 1000000000)) return EINVAL;
  int64_t ns = until ? until->tv_sec * INT64_C(1000000000) + until->tv_nsec : -1;
  if (until && until->tv_sec < 0) return ETIMEDOUT;
  int error = word_wait(word, seen, clock, ns, cancel);
  return error == EAGAIN ? 0 : error;
}

int __timedwait(volatile int *word, int seen, clockid_t clock, const struct timespec *until,
                int private) {
  return timed(word, seen, clock, until, false);
}

/* ... at a cancellation point. */
int __timedwait_cp(volatile int *word, int seen, clockid_t clock, const struct timespec *until,
                   int private) {
  const struct __pthread *self = pthread_self();
  bool cancel = self->cancel_state != PTHREAD_CANCEL_DISABLE;
  int error = cancel && self->cancel ? ECANCELED : timed(word, seen, clock, until, cancel);
  if (error == ECANCELED && self->cancel_state != CANCEL_MASKED) pthread_exit(PTHREAD_CANCELED);
  return error;
}

int emscripten_futex_wake(volatile void *word, int count) {
  word_wake(word, count);
  return 0;
}

int emscripten_futex_wait(volatile void *word, uint32_t seen, double ms) {
  if (isinf(ms)) return -word_wait(word, (int)seen, CLOCK_MONOTONIC, -1, false);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + (int64_t)(ms * 1e6);
  return -word_wait(word, (int)seen, CLOCK_MONOTONIC, ns, false);
}

/* What Emscripten's locks ask of its JavaScript: no thread is the page's. */
void *emscripten_main_browser_thread_id(void) { return NULL; }
int emscripten_is_main_browser_thread(void) { return 0; }
void emscripten_check_blocking_allowed(void) {}
int emscripten_num_logical_cores(void) { return 1; }
int emscripten_is_main_runtime_thread(void) { return 0; }
void emscripten_main_thread_process_queued_calls(void) {}
void emscripten_current_thread_process_queued_calls(void) {}
