/* Small things that Emscripten's libc leaves out. */
#define _GNU_SOURCE
#include "call.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>

extern char **environ;

CALL(prlimit64)
long kernel_prlimit(int pid, int resource, const struct rlimit *to, struct rlimit *old);
CALL(sysinfo) long kernel_sysinfo(struct sysinfo *);
CALL(sigaltstack) long kernel_sigaltstack(const stack_t *to, stack_t *old);

int prlimit(pid_t pid, int resource, const struct rlimit *to, struct rlimit *old) {
  return (int)answer(kernel_prlimit(pid, resource, to, old));
}

int sysinfo(struct sysinfo *to) { return (int)answer(kernel_sysinfo(to)); }

int sigaltstack(const stack_t *restrict to, stack_t *restrict old) {
  return (int)answer(kernel_sigaltstack(to, old));
}

void psignal(int sig, const char *message) {
  fprintf(stderr, "%s%s%s\n", message ? message : "", message && *message ? ": " : "",
          strsignal(sig));
}

int sigisemptyset(const sigset_t *set) {
  static const sigset_t empty;
  return !memcmp(set, &empty, _NSIG / 8);
}

void *reallocarray(void *p, size_t n, size_t size) {
  size_t bytes;
  if (!__builtin_mul_overflow(n, size, &bytes)) return realloc(p, bytes);
  errno = ENOMEM;
  return NULL;
}

int clearenv(void) {
  if (environ) *environ = NULL;
  return 0;
}

char *secure_getenv(const char *name) { return getenv(name); }

int timespec_get(struct timespec *to, int base) {
  return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, to) ? base : 0;
}

enum { QUICK_LIMIT = 32 };
static void (*quick[QUICK_LIMIT])(void);
static int quick_count;

int at_quick_exit(void (*function)(void)) {
  if (quick_count == QUICK_LIMIT) return -1;
  quick[quick_count++] = function;
  return 0;
}

_Noreturn void quick_exit(int status) {
  while (quick_count)
    quick[--quick_count]();
  _Exit(status);
}
