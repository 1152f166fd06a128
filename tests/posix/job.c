/* Signals with their reasons, signals that are waited for, and processes that are stopped and go
 * on. */
#include "check.h"
#include <fcntl.h>

static siginfo_t last;
static int values[8], value_count;

static void informed(int sig, siginfo_t *info, void *context) {
  (void)context;
  caught += info->si_signo == sig;
  last = *info;
  if (value_count < 8) values[value_count++] = info->si_value.sival_int;
}

static void inform(int sig, int flags) {
  struct sigaction a = {.sa_sigaction = informed, .sa_flags = SA_SIGINFO | flags};
  sigemptyset(&a.sa_mask);
  must(sigaction(sig, &a, NULL), "sigaction");
  caught = value_count = 0;
}

static sigset_t only(int sig) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, sig);
  return set;
}

static void told(const char *what) {
  heading(what);
  VALUE(caught);
  VALUE(last.si_code);
  VALUE(last.si_pid == getpid());
}

static pid_t child(void) {
  fflush(stdout);
  return fork();
}

static void reasons(void) {
  inform(SIGUSR1, 0);
  kill(getpid(), SIGUSR1);
  told("kill");
  inform(SIGUSR1, 0);
  raise(SIGUSR1);
  told("raise");
  inform(SIGUSR1, SA_RESETHAND);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42});
  told("sigqueue");
  VALUE(last.si_value.sival_int);
  struct sigaction a;
  sigaction(SIGUSR1, NULL, &a);
  VALUE(a.sa_handler == SIG_DFL);
  inform(SIGALRM, 0);
  alarm_every(5);
  pause();
  alarm_every(0);
  heading("a timer");
  VALUE(caught > 0);
  VALUE(last.si_code == SI_KERNEL);
  inform(SIGUSR2, 0);
  pid_t parent = getpid(), pid = child();
  if (!pid) {
    kill(parent, SIGUSR2);
    _exit(0);
  }
  VALUE(ended(pid));
  heading("another process");
  VALUE(caught);
  VALUE(last.si_pid == pid);
  VALUE(last.si_code);
  CALL(sigqueue(getpid(), 999, (union sigval){0}));
  CALL(sigqueue(1 << 30, SIGUSR1, (union sigval){0}));
}

static void queued(void) {
  heading("real-time signals wait in line, others do not");
  sigset_t two = only(SIGRTMIN), old;
  sigaddset(&two, SIGUSR1);
  inform(SIGUSR1, 0);
  inform(SIGRTMIN, 0);
  sigprocmask(SIG_BLOCK, &two, &old);
  for (int i = 1; i <= 3; i++) {
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 * i});
  }
  VALUE(caught);
  sigprocmask(SIG_SETMASK, &old, NULL);
  VALUE(caught);
  for (int i = 0; i < value_count; i++)
    VALUE(values[i]);
}

static void waited(void) {
  heading("sigwait and its relatives");
  sigset_t set = only(SIGUSR1), old;
  siginfo_t info;
  int sig = 0;
  struct timespec soon = {.tv_nsec = 20000000}, none = {0}, bad = {.tv_nsec = -1};
  inform(SIGUSR1, 0);
  sigprocmask(SIG_BLOCK, &set, &old);
  CALL(sigtimedwait(&set, &info, &none));
  SPEND(20, sigtimedwait(&set, &info, &soon));
  CALL(sigtimedwait(&set, &info, &bad));
  kill(getpid(), SIGUSR1);
  CALL(sigwait(&set, &sig));
  VALUE(sig == SIGUSR1);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 7});
  VALUE(sigwaitinfo(&set, &info) == SIGUSR1);
  VALUE(info.si_value.sival_int);
  VALUE(info.si_code);
  pid_t parent = getpid(), pid = child();
  if (!pid) {
    kill(parent, SIGUSR1);
    _exit(0);
  }
  VALUE(sigwaitinfo(&set, &info) == SIGUSR1);
  VALUE(info.si_pid == pid);
  VALUE(ended(pid));
  VALUE(caught);
  catch(SIGALRM, 0);
  alarm_every(20);
  CALL(sigwaitinfo(&set, &info));
  pid = child();
  if (!pid) {
    usleep(100000);
    kill(parent, SIGUSR1);
    _exit(0);
  }
  CALL(sigwait(&set, &sig)); /* goes on when a handler has run */
  alarm_every(0);
  VALUE(sig == SIGUSR1);
  VALUE(ended(pid));
  sigprocmask(SIG_SETMASK, &old, NULL);
}

static void stopped(void) {
  heading("stopped, and going on");
  int fds[2], status;
  char byte;
  must(pipe(fds), "pipe");
  inform(SIGCHLD, SA_RESTART);
  signal(SIGUSR2, SIG_DFL);
  pid_t pid = child();
  if (!pid) {
    close(fds[1]);
    read(fds[0], &byte, 1);
    _exit(byte);
  }
  CALL(kill(pid, SIGSTOP));
  VALUE(waitpid(pid, &status, WUNTRACED) == pid);
  VALUE(WIFSTOPPED(status) != 0);
  VALUE(WSTOPSIG(status) == SIGSTOP);
  VALUE(caught);
  VALUE(last.si_code == CLD_STOPPED);
  VALUE(last.si_status == SIGSTOP);
  VALUE(last.si_pid == pid);
  CALL(waitpid(pid, &status, WUNTRACED | WNOHANG));
  CALL(kill(pid, SIGUSR2));
  CALL(waitpid(pid, &status, WNOHANG));
  CALL(kill(pid, SIGCONT));
  VALUE(ended(pid));
  pid = child();
  if (!pid) {
    close(fds[1]);
    read(fds[0], &byte, 1);
    _exit(byte);
  }
  siginfo_t info;
  kill(pid, SIGSTOP);
  CALL(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT));
  VALUE(info.si_code == CLD_STOPPED);
  CALL(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
  CALL(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG));
  VALUE(info.si_pid);
  kill(pid, SIGCONT);
  VALUE(waitpid(pid, &status, WCONTINUED) == pid);
  VALUE(WIFCONTINUED(status) != 0);
  VALUE(write(fds[1], "\5", 1));
  VALUE(ended(pid));
  close(fds[0]);
  close(fds[1]);
}

/* SIGTSTP stops nobody whose group has no one to make it go on; SIGKILL ends one that is stopped.
 */
static void groups(void) {
  heading("groups");
  int status;
  pid_t pid = child();
  if (!pid) {
    setsid();
    raise(SIGTSTP);
    _exit(3);
  }
  VALUE(ended(pid));
  pid = child();
  if (!pid) {
    setpgid(0, 0);
    raise(SIGTSTP);
    _exit(4);
  }
  VALUE(waitpid(pid, &status, WUNTRACED) == pid);
  VALUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
  CALL(kill(-pid, SIGCONT));
  VALUE(ended(pid));
  pid = child();
  if (!pid) {
    raise(SIGSTOP);
    _exit(5);
  }
  VALUE(waitpid(pid, &status, WUNTRACED) == pid);
  CALL(kill(pid, SIGTERM));
  CALL(kill(pid, SIGKILL));
  VALUE(ended(pid));
  inform(SIGCHLD, SA_RESTART | SA_NOCLDSTOP);
  pid = child();
  if (!pid) {
    raise(SIGSTOP);
    _exit(6);
  }
  VALUE(waitpid(pid, &status, WUNTRACED) == pid);
  VALUE(caught);
  kill(pid, SIGCONT);
  VALUE(ended(pid));
  VALUE(caught);
  inform(SIGCHLD, SA_RESTART | SA_NOCLDWAIT);
  pid = child();
  if (!pid) _exit(7);
  CALL(waitpid(pid, &status, 0));
  VALUE(caught);
}

static void stop_handler(int sig) {
  (void)sig;
  caught++;
}

static void handled(void) {
  heading("a handler for SIGTSTP, and for SIGCONT");
  signal(SIGTSTP, stop_handler);
  caught = 0;
  raise(SIGTSTP);
  VALUE(caught);
  signal(SIGTSTP, SIG_DFL);
  signal(SIGCONT, stop_handler);
  caught = 0;
  raise(SIGCONT);
  VALUE(caught);
  CALL(signal(SIGSTOP, SIG_IGN) == SIG_ERR);
  CALL(signal(SIGKILL, stop_handler) == SIG_ERR);
}

int main(void) {
  reasons();
  queued();
  waited();
  stopped();
  groups();
  handled();
}
