/* What the kernel stands on in its native tests: Linux. A process is a thread; a program's memory
 * is the test's own. */
#include "kernel.h"
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void lock(void) { pthread_mutex_lock(&mutex); }
void machine_unlock(void) { pthread_mutex_unlock(&mutex); }

int futex_wait(int *word, int seen, int64_t ns) {
  struct timespec limit = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  long r = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, ns < 0 ? NULL : &limit, NULL, 0);
  return r < 0 && errno == ETIMEDOUT ? -ETIMEDOUT : 0;
}

void futex_wake(int *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static int64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}
int64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
int64_t realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }

/* The tests' bad pointers are those below the first page, as in a program's memory none is. */
int copy_from_user(void *to, uptr from, size_t n) {
  if (n && from < 4096) return -EFAULT;
  if (n) memcpy(to, (const void *)from, n);
  return 0;
}
int copy_to_user(uptr to, const void *from, size_t n) {
  if (n && to < 4096) return -EFAULT;
  if (n) memcpy((void *)to, from, n);
  return 0;
}
/* The address sanitizer's mallinfo2 has nothing to say. */
size_t machine_memory_used(void) { return mallinfo2().uordblks; }
size_t machine_memory_most(void) { return (size_t)1 << 30; }

void machine_random(void *to, size_t n) {
  if (getrandom(to, n, 0) != (ssize_t)n) panic("getrandom");
}
int machine_stack(uint32_t *to, int room) { return (void)to, (void)room, 0; }
void machine_missing(char *to, size_t room) { (void)room, *to = 0; }
__attribute__((weak)) void machine_notify(void) {
} /* a test that plays the kernel Worker has its own */
void machine_exit(int status) { pthread_exit((void *)(intptr_t)status); }
void machine_exec(void) { pthread_exit(NULL); }
void machine_handler(uptr handler, int signal, const siginfo_t *info) {
  siginfo_t copy = info ? *info : (siginfo_t){0};
  ((void (*)(int, siginfo_t *, void *))handler)(signal, &copy, NULL);
}
void machine_park(void) { pthread_exit(NULL); }

void panic(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  abort();
}
