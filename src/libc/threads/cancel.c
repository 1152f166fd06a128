/* Cancellation: a signal that the kernel delivers only at a cancellation point
 * (src/kernel/signal.c), and whose handler ends the thread. */
#include "thread.h"
#include <signal.h>
#include <unistd.h>

enum { SIGCANCEL = 33 };
enum { KERNEL_DEFERRED, KERNEL_DISABLED, KERNEL_AT_ONCE }; /* enum cancel in src/kernel/kernel.h */

CALL(cancel_state) long kernel_cancel_state(int state);
CALL(tkill) long kernel_tkill(int tid, int sig);
CALL(rt_sigaction)
long kernel_sigaction(int sig, const struct sigaction *to, struct sigaction *old);

static void tell_kernel(const struct __pthread *t) {
  kernel_cancel_state(t->cancel_state == PTHREAD_CANCEL_DISABLE       ? KERNEL_DISABLED
                      : t->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS ? KERNEL_AT_ONCE
                                                                      : KERNEL_DEFERRED);
}

int __pthread_setcancelstate(int to, int *was) {
  struct __pthread *t = pthread_self();
  int before = t->cancel_state;
  if (to < PTHREAD_CANCEL_ENABLE || to > CANCEL_MASKED) return EINVAL;
  if (was) *was = before;
  t->cancel_state = (unsigned char)to;
  if ((before == PTHREAD_CANCEL_DISABLE) != (to == PTHREAD_CANCEL_DISABLE)) tell_kernel(t);
  return 0;
}
int pthread_setcancelstate(int to, int *was) ALIAS(__pthread_setcancelstate);

int pthread_setcanceltype(int to, int *was) {
  struct __pthread *t = pthread_self();
  if (to != PTHREAD_CANCEL_DEFERRED && to != PTHREAD_CANCEL_ASYNCHRONOUS) return EINVAL;
  if (was) *was = t->cancel_type;
  t->cancel_type = (unsigned char)to;
  tell_kernel(t);
  if (to == PTHREAD_CANCEL_ASYNCHRONOUS) __pthread_testcancel();
  return 0;
}

void __pthread_testcancel(void) {
  const struct __pthread *t = pthread_self();
  if (t->cancel && t->cancel_state == PTHREAD_CANCEL_ENABLE) pthread_exit(PTHREAD_CANCELED);
}
void pthread_testcancel(void) ALIAS(__pthread_testcancel);

static void on_cancel(int sig) {
  (void)sig;
  pthread_exit(PTHREAD_CANCELED);
}

int pthread_cancel(pthread_t t) {
  static const struct sigaction action = {.sa_handler = on_cancel};
  if (__atomic_exchange_n(&t->cancel, 1, __ATOMIC_SEQ_CST) || !t->alive) return 0;
  kernel_sigaction(SIGCANCEL, &action, NULL);
  while (!*(volatile int *)&t->tid)
    usleep(0); /* it has not begun yet */
  kernel_tkill(t->tid, SIGCANCEL);
  return 0;
}
