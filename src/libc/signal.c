/* Signals are the kernel's: it keeps the actions and the mask, and calls the handlers. */
#define _GNU_SOURCE
#include "call.h"
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

CALL(kill) long kernel_kill(int pid, int sig);
CALL(tkill) long kernel_tkill(int pid, int sig);
CALL(rt_sigqueueinfo) long kernel_sigqueueinfo(int pid, int sig, const siginfo_t *info);
CALL(rt_sigaction)
long kernel_sigaction(int sig, const struct sigaction *to, struct sigaction *old);
CALL(rt_sigprocmask) long kernel_sigprocmask(int how, const sigset_t *set, sigset_t *old);
CALL(rt_sigpending) long kernel_sigpending(sigset_t *set);
CALL(rt_sigsuspend) long kernel_sigsuspend(const sigset_t *set);
CALL(rt_sigtimedwait)
long kernel_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit);
CALL(pause) long kernel_pause(void);
CALL(setitimer) long kernel_setitimer(int which, const struct itimerval *to, struct itimerval *old);
CALL(getitimer) long kernel_getitimer(int which, struct itimerval *now);

int __sigaction(int sig, const struct sigaction *restrict to, struct sigaction *restrict old);

int __sigaction(int sig, const struct sigaction *restrict to, struct sigaction *restrict old) {
  return (int)answer(kernel_sigaction(sig, to, old));
}
ALIAS(__sigaction)
int sigaction(int sig, const struct sigaction *restrict to, struct sigaction *restrict old);

int pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old) {
  return (int)-kernel_sigprocmask(how, set, old);
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old) {
  return (int)answer(kernel_sigprocmask(how, set, old));
}

int sigpending(sigset_t *set) { return (int)answer(kernel_sigpending(set)); }

int sigsuspend(const sigset_t *set) { return (int)answer(kernel_sigsuspend(set)); }

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
                 const struct timespec *restrict limit) {
  return (int)answer(kernel_sigtimedwait(set, info, limit));
}

/* It waits on where a handler has run, or the process was stopped and goes on: no EINTR. */
int sigwait(const sigset_t *restrict set, int *restrict sig) {
  long result;
  do
    result = kernel_sigtimedwait(set, NULL, NULL);
  while (result == -EINTR);
  if (result < 0) return (int)-result;
  *sig = (int)result;
  return 0;
}

int kill(pid_t pid, int sig) { return (int)answer(kernel_kill(pid, sig)); }

int killpg(pid_t group, int sig) {
  if (group < 0) return (int)answer(-EINVAL);
  return kill(-group, sig);
}

int raise(int sig) { return (int)answer(kernel_tkill(gettid(), sig)); }

int sigqueue(pid_t pid, int sig, const union sigval value) {
  return (int)answer(kernel_sigqueueinfo(
      pid, sig, &(siginfo_t){.si_signo = sig, .si_code = SI_QUEUE, .si_value = value}));
}

int pause(void) { return (int)answer(kernel_pause()); }

int setitimer(int which, const struct itimerval *restrict to, struct itimerval *restrict old) {
  return (int)answer(kernel_setitimer(which, to, old));
}

int getitimer(int which, struct itimerval *now) {
  return (int)answer(kernel_getitimer(which, now));
}

unsigned alarm(unsigned seconds) {
  struct itimerval to = {.it_value.tv_sec = (time_t)seconds}, old = {0};
  setitimer(ITIMER_REAL, &to, &old);
  unsigned left = (unsigned)old.it_value.tv_sec;
  return left + (old.it_value.tv_usec >= (left ? 500000 : 1));
}
