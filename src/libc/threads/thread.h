/* A thread, as the C library has it: what the kernel knows of a thread is in src/kernel/thread.c.
 */
#ifndef PORTSIDE_THREAD_H
#define PORTSIDE_THREAD_H

#include "../call.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { KEYS = 128, CANCEL_MASKED = 2 }; /* CANCEL_MASKED: musl's; waits answer ECANCELED */
enum thread_state { JOINABLE, DETACHED, LEAVING };

struct __pthread {
  /* As Emscripten's musl has it (pthread_impl.h), whose locks and files look here. */
  struct __pthread *self;
  uintptr_t *dtv;
#if __EMSCRIPTEN_tiny__ != 6
  struct __pthread *prev, *next;
#endif
  uintptr_t sysinfo, canary;
  int tid, errno_val;
  volatile int detach_state, cancel;
  volatile unsigned char cancel_state, cancel_type;
  unsigned char bits;
  unsigned char *map_base;
  size_t map_size;
  void *stack;
  size_t stack_size, guard_size;
  void *result;
  struct __ptcb *cleanups;
  void **tsd;
  struct {
    volatile void *volatile head;
    long off;
    volatile void *volatile pending;
  } robust_list;
  void *rest[32];
  /* ours */
  _Atomic int alive; /* 0: the kernel has ended it, and nothing of it is used any more */
  _Atomic int state;
  union {
    void *(*posix)(void *);
    int (*c11)(void *);
  } start;
  bool is_c11;
  void *argument;
  void *values[KEYS];
  char *block; /* what it is in: NULL, the first thread */
  struct __pthread *next_gone;
};

/* Waits until *word is not `seen`, once: 0, or an errno (EAGAIN: it is not). ns: until when on that
 * clock, -1 for ever. cancel: ECANCELED, if the thread is to be cancelled. */
int word_wait(const volatile void *word, int seen, clockid_t clock, int64_t ns, bool cancel);
void word_wake(volatile void *word, int count);
void keys_destroy(struct __pthread *t);
int __pthread_setcancelstate(int to, int *was);
void __pthread_testcancel(void);
_Noreturn void __pthread_exit(void *result);
int __pthread_join(pthread_t t, void **result);
int __pthread_detach(pthread_t t);
pthread_t __pthread_self(void);
int __pthread_create(pthread_t *restrict to, const pthread_attr_t *restrict a,
                     void *(*start)(void *), void *restrict argument);

#endif
