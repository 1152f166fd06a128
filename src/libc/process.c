/* Processes: who one is, making others, waiting for them. */
#define _GNU_SOURCE
#include "call.h"
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* web/runtime/fork.js: where Asyncify puts what is on WebAssembly's stack, and its end. */
struct unwound {
  char *at, *end;
};

CALL(getpid) long kernel_getpid(void);
CALL(gettid) long kernel_gettid(void);
CALL(fork) long kernel_fork(struct unwound *);
CALL(execve) long kernel_execve(const char *path, char *const *argv, char *const *envp);
CALL(wait4) long kernel_wait4(int pid, int *status, int options, struct rusage *used);
CALL(waitid)
long kernel_waitid(int which, int id, siginfo_t *info, int options, struct rusage *used);
CALL(sched_yield) long kernel_sched_yield(void);
CALL(sethostname) long kernel_sethostname(const char *name, size_t length);
CALL(chroot) long kernel_chroot(const char *path);

pid_t getpid(void) { return (pid_t)kernel_getpid(); }

pid_t gettid(void) { return (pid_t)kernel_gettid(); }

pid_t fork(void) {
  enum { DEEP = 1 << 18 }; /* a call of a function takes some 50 bytes */
  char *room = malloc(DEEP);
  if (!room) return -1;
  long pid = kernel_fork(&(struct unwound){room, room + DEEP});
  free(room);
  return (pid_t)answer(pid);
}

pid_t vfork(void) { return fork(); }

int execve(const char *path, char *const argv[], char *const envp[]) {
  return (int)answer(kernel_execve(path, argv, envp));
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *used) {
  return (pid_t)answer(kernel_wait4(pid, status, options, used));
}

pid_t wait3(int *status, int options, struct rusage *used) {
  return wait4(-1, status, options, used);
}

int waitid(idtype_t which, id_t id, siginfo_t *info, int options) {
  return (int)answer(kernel_waitid((int)which, (int)id, info, options, NULL));
}

int sched_yield(void) { return (int)answer(kernel_sched_yield()); }

int sethostname(const char *name, size_t length) {
  return (int)answer(kernel_sethostname(name, length));
}

int chroot(const char *path) { return (int)answer(kernel_chroot(path)); }
