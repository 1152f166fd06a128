/* Threads: making them, waiting for their end. A thread's stack, record and thread-local storage
 * are one block of the heap, with the record where the stack begins. */
#define _GNU_SOURCE
#include "thread.h"
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

CALL(thread_create) long kernel_thread_create(struct __pthread *t);
CALL(thread_exit) long kernel_thread_exit(_Atomic int *alive); /* does not return */
CALL(tkill) long kernel_tkill(int tid, int sig);

enum { STACK_SIZE = 1 << 20, STACK_LEAST = 16384 };

/* musl's, as far as we set it: without them its files and lists take no locks. */
extern struct {
  char can_do_threads, threaded, secure;
  volatile signed char need_locks;
} __libc;
struct musl_file {
  void *before[19];
  volatile int lock;
};
extern FILE *volatile __stdin_used __attribute__((weak)),
    *volatile __stdout_used __attribute__((weak)), *volatile __stderr_used __attribute__((weak));

void __wasm_init_tls(void *at); /* the linker's */
uintptr_t __get_tp(void);
void __do_cleanup_push(struct __ptcb *c);
void __do_cleanup_pop(struct __ptcb *c);
void __threads_begin(void);

static struct __pthread first = {
    .self = &first, .robust_list.head = &first.robust_list.head, .alive = 1};
static _Thread_local struct __pthread *self = &first;
static _Atomic int living = 1;
static struct __pthread *_Atomic gone; /* detached threads that have ended, or are about to */

uintptr_t __get_tp(void) { return (uintptr_t)self; }

/* A file that is open at the beginning says that it is no thread's business. */
static void lock_file(FILE *volatile *file) {
  if (file && *file && ((struct musl_file *)*file)->lock < 0) ((struct musl_file *)*file)->lock = 0;
}

static void *tls_in(void *room) {
  uintptr_t align = __builtin_wasm_tls_align() ? __builtin_wasm_tls_align() : 1;
  return (void *)(((uintptr_t)room + align - 1) & -align);
}

/* Comes first of all in a program with threads. Its thread-local storage is not malloc's, which
 * needs to know the thread. */
void __threads_begin(void) {
  __wasm_init_tls(tls_in(sbrk((intptr_t)(__builtin_wasm_tls_size() + __builtin_wasm_tls_align()))));
  first.tid = gettid();
  uselocale(LC_GLOBAL_LOCALE);
  __libc.threaded = __libc.need_locks = 1;
  lock_file(&__stdin_used);
  lock_file(&__stdout_used);
  lock_file(&__stderr_used);
}

/* What web/runtime/process-worker.js calls in a new thread, on its stack. */
__attribute__((export_name("__thread_start"))) void __thread_start(struct __pthread *t);
void __thread_start(struct __pthread *t) {
  __wasm_init_tls(tls_in(t + 1));
  self = t;
  t->tid = gettid();
  uselocale(LC_GLOBAL_LOCALE);
  pthread_exit(t->is_c11 ? (void *)(intptr_t)t->start.c11(t->argument)
                         : t->start.posix(t->argument));
}

static void let_go(struct __pthread *t) {
  t->next_gone = gone;
  while (!atomic_compare_exchange_weak(&gone, &t->next_gone, t))
    ;
}

/* Frees the blocks of detached threads that the kernel has ended. */
static void collect(void) {
  struct __pthread *all = atomic_exchange(&gone, NULL);
  for (struct __pthread *t = all; t; t = all) {
    all = t->next_gone;
    if (!t->alive) {
      free(t->block);
      continue;
    }
    let_go(t);
  }
}

static struct __pthread *new_thread(size_t stack) {
  size_t align = __builtin_wasm_tls_align(), tls = __builtin_wasm_tls_size();
  stack = (stack + 15) & ~(size_t)15;
  char *block = malloc(stack + sizeof(struct __pthread) + tls + align + 16);
  if (!block) return NULL;
  struct __pthread *t = (struct __pthread *)(((uintptr_t)block + stack + 15) & ~(uintptr_t)15);
  memset(t, 0, sizeof *t);
  t->self = t;
  t->block = block;
  t->stack = t;
  t->stack_size = stack;
  t->robust_list.head = &t->robust_list.head;
  t->alive = 1;
  return t;
}

static int launch(struct __pthread *t, pthread_t *to) {
  *to = t;
  living++;
  long tid = kernel_thread_create(t);
  if (tid >= 0) return 0;
  living--;
  free(t->block);
  return tid == -ENOMEM ? EAGAIN : (int)-tid;
}

int __pthread_create(pthread_t *restrict to, const pthread_attr_t *restrict a,
                     void *(*start)(void *), void *restrict argument) {
  pthread_attr_t usual;
  size_t usual_size, size = 0;
  int detached = PTHREAD_CREATE_JOINABLE;
  collect();
  pthread_attr_init(&usual);
  pthread_attr_getstacksize(&usual, &usual_size);
  if (a) {
    pthread_attr_getstacksize(a, &size);
    pthread_attr_getdetachstate(a, &detached);
  }
  if (!a || size == usual_size) size = STACK_SIZE;
  struct __pthread *t = new_thread(size < STACK_LEAST ? STACK_LEAST : size);
  if (!t) return EAGAIN;
  t->start.posix = start;
  t->argument = argument;
  t->state = detached == PTHREAD_CREATE_DETACHED ? DETACHED : JOINABLE;
  return launch(t, to);
}
int pthread_create(pthread_t *restrict to, const pthread_attr_t *restrict a, void *(*start)(void *),
                   void *restrict argument) ALIAS(__pthread_create);

int thrd_create(thrd_t *to, thrd_start_t start, void *argument) {
  collect();
  struct __pthread *t = new_thread(STACK_SIZE);
  if (!t) return thrd_nomem;
  t->is_c11 = true;
  t->start.c11 = start;
  t->argument = argument;
  return launch(t, to) ? thrd_error : thrd_success;
}

void __do_cleanup_push(struct __ptcb *c) {
  c->__next = self->cleanups;
  self->cleanups = c;
}

void __do_cleanup_pop(struct __ptcb *c) { self->cleanups = c->__next; }

/* POSIX: handlers that were pushed, then the keys' destructors; with the last thread, exit(0). */
_Noreturn void __pthread_exit(void *result) {
  struct __pthread *t = self;
  int state = JOINABLE;
  __pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
  for (struct __ptcb *c; (c = t->cleanups);) {
    t->cleanups = c->__next;
    c->__f(c->__x);
  }
  keys_destroy(t);
  t->result = result;
  if (atomic_fetch_sub(&living, 1) == 1) {
    living = 1;
    exit(0);
  }
  if (!atomic_compare_exchange_strong(&t->state, &state, LEAVING) && t->block) let_go(t);
  for (;;)
    kernel_thread_exit(&t->alive);
}
_Noreturn void pthread_exit(void *result) ALIAS(__pthread_exit);

/* until: NULL, for ever. */
static int join(struct __pthread *t, void **result, clockid_t clock, const struct timespec *until) {
  int64_t ns = until ? until->tv_sec * INT64_C(1000000000) + until->tv_nsec : -1;
  if (t == self) return EDEADLK;
  if (t->state == DETACHED) return EINVAL;
  __pthread_testcancel();
  for (int error = 0; t->alive && error != ETIMEDOUT;) {
    error = word_wait(&t->alive, 1, clock, ns, true);
    if (error == ECANCELED) pthread_exit(PTHREAD_CANCELED);
    if (error == ETIMEDOUT && t->alive) return ETIMEDOUT;
  }
  if (result) *result = t->result;
  free(t->block);
  return 0;
}

int __pthread_join(pthread_t t, void **result) { return join(t, result, CLOCK_REALTIME, NULL); }
int pthread_join(pthread_t t, void **result) ALIAS(__pthread_join);
int pthread_timedjoin_np(pthread_t t, void **result, const struct timespec *until) {
  return join(t, result, CLOCK_REALTIME, until);
}
int pthread_tryjoin_np(pthread_t t, void **result) {
  return t->alive ? EBUSY : join(t, result, CLOCK_REALTIME, NULL);
}

int thrd_join(thrd_t t, int *result) {
  void *value;
  if (pthread_join(t, &value)) return thrd_error;
  if (result) *result = (int)(intptr_t)value;
  return thrd_success;
}

int __pthread_detach(pthread_t t) {
  int state = JOINABLE;
  if (atomic_compare_exchange_strong(&t->state, &state, DETACHED)) return 0;
  if (state == DETACHED) return EINVAL;
  t->state = DETACHED;
  if (t->block) let_go(t);
  return 0;
}
int pthread_detach(pthread_t t) ALIAS(__pthread_detach);
int thrd_detach(pthread_t t) ALIAS(__pthread_detach);

_Noreturn void thrd_exit(int result) { pthread_exit((void *)(intptr_t)result); }

pthread_t __pthread_self(void) { return self; }
pthread_t pthread_self(void) ALIAS(__pthread_self);
thrd_t thrd_current(void) ALIAS(__pthread_self);

int pthread_kill(pthread_t t, int sig) {
  if (!t->alive) return sig < 0 || sig >= _NSIG ? EINVAL : 0;
  while (!*(volatile int *)&t->tid)
    usleep(0); /* it has not begun yet */
  long error = kernel_tkill(t->tid, sig);
  return error == -ESRCH ? 0 : (int)-error;
}

int pthread_getattr_np(pthread_t t, pthread_attr_t *a) {
  pthread_attr_init(a);
  if (t->block) pthread_attr_setstack(a, (char *)t->stack - t->stack_size, t->stack_size);
  pthread_attr_setdetachstate(a, t->state == DETACHED);
  return 0;
}
