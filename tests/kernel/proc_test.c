/* Processes: starting, ending, waiting for them; signals; sleep. */
#include "test.h"
#include <limits.h>
#include <sys/time.h>

static sig_atomic_t caught; /* the signal that `catch` saw last */
static int times_caught;
static void catch(int sig) {
  __atomic_store_n(&caught, sig, __ATOMIC_SEQ_CST);
  times_caught++;
}

/* --- ending --- */

static void return_normally(void) {}
static void exit_7(void) { wasi_proc_exit(7); }
static void sleep_forever(void) { __syscall_pause(); }

static bool computing, survived;
static void compute_forever(void) {
  __atomic_store_n(&computing, true, __ATOMIC_SEQ_CST);
  compute();
  __syscall_getpid();
  survived = true;
}

static void kill_oneself(void) {
  __syscall_kill((int)__syscall_getpid(), SIGTERM);
  survived = true;
}

static void ending(void) {
  is(run(return_normally), 0, "the status of a process that returns");
  is(run(exit_7), exit_status(7), "the status of exit(7)");
  is(run(kill_oneself), SIGTERM, "a process can kill itself");
  int pid = start(sleep_forever);
  wait_asleep(pid);
  is(k_kill(pid, SIGKILL), 0, "a sleeping process can be killed");
  is(wait_for(pid), SIGKILL, "and its status tells so");
  pid = start(compute_forever);
  UNTIL(__atomic_load_n(&computing, __ATOMIC_SEQ_CST));
  is(k_kill(pid, SIGKILL), 0, "a computing process can be killed");
  is(wait_for(pid), SIGKILL, "and its status tells so");
  ok(!survived, "and what it calls then never returns");
  UNTIL(!processes);
  is(k_kill(pid, SIGKILL), -ESRCH, "then there is none");
  pid = start(compute_forever);
  UNTIL(program_find(pid)->started);
  k_crashed(pid, SIGSEGV);
  is(wait_for(pid), SIGSEGV, "a trap ends a process by a signal");
}

/* A process that is killed before its Worker has begun. */
static void killed_early(void) {
  int pid = start(exit_7);
  is(k_kill(pid, SIGKILL), 0, "a process can be killed before it runs");
  is(wait_for(pid), SIGKILL, "and never does");
}

/* --- waiting --- */

static void wait_for_children(void) {
  int status = -1;
  is(__syscall_wait4(-1, U(&status), 0, 0), -ECHILD, "wait without children");
  long first = start_child(exit_7), second = start_child(sleep_forever);
  is(__syscall_wait4((int)first, U(&status), 0, 0), first, "waitpid");
  is(status, exit_status(7), "gives the status");
  is(__syscall_wait4((int)first, U(&status), 0, 0), -ECHILD, "but once");
  is(__syscall_wait4((int)second, U(&status), WNOHANG, 0), 0, "WNOHANG while it runs");
  is(__syscall_wait4(-1, U(&status), 0x1234, 0), -EINVAL, "wait with such a flag");
  is(__syscall_kill((int)second, SIGTERM), 0, "kill of a child");
  is(__syscall_wait4(-1, U(&status), 0, 0), second, "wait for any");
  is(status, SIGTERM, "and the signal is its status");
  is(__syscall_kill((int)second, 0), -ESRCH, "there is no such process any more");
  start_child(exit_7);
  is(__syscall_wait4(-1, 8, 0, 0), -EFAULT, "wait to a bad address");
  ok(__syscall_wait4(-1, 0, 0, 0) > 0, "and the child is still to be waited for");
}

static int orphan_parent = -1;
static void orphan(void) {
  while (__syscall_getppid() != 1)
    sleep_ms(5);
  __atomic_store_n(&orphan_parent, (int)__syscall_getppid(), __ATOMIC_SEQ_CST);
}
static void leave_an_orphan(void) { start_child(orphan); }

static void reap_by_handler(void) {
  on_signal(SIGCHLD, catch, 0);
  start_child(exit_7);
  is(__syscall_pause(), -EINTR, "SIGCHLD interrupts pause");
  is(caught, SIGCHLD, "its handler ran");
  ok(__syscall_wait4(-1, 0, WNOHANG, 0) > 0, "and the child can be waited for");
}

static void ignore_children(void) {
  on_signal(SIGCHLD, SIG_IGN, 0);
  start_child(exit_7);
  is(__syscall_wait4(-1, 0, 0, 0), -ECHILD, "with SIGCHLD ignored, wait ends with the last child");
}

static void strings(void) {
  uint32_t count, size;
  char text[64];
  uptr vector[4];
  is(wasi_args_sizes_get(U(&count), U(&size)), 0, "args_sizes_get");
  ok(count == 1 && size == sizeof "program", "counts the arguments");
  is(wasi_args_get(U(vector), U(text)), 0, "args_get");
  same((char *)vector[0], "program", "gives them");
}

/* --- groups --- */

static void groups(void) {
  int pid = (int)__syscall_getpid();
  is(__syscall_getpgid(0), pid, "a process of the Worker's has its own group");
  is(__syscall_setsid(), -EPERM, "whose leader cannot have another session");
  long child = start_child(sleep_forever), other = start_child(sleep_forever);
  is(__syscall_getpgid((int)child), pid, "a child is in its parent's group");
  is(__syscall_setpgid((int)child, 0), 0, "setpgid gives it its own");
  is(__syscall_setpgid((int)other, (int)child), 0, "and another to the same");
  is(__syscall_setpgid((int)other, 9999), -EPERM, "but not to one that is not there");
  is(__syscall_setpgid(1 << 30, 0), -ESRCH, "setpgid of nobody");
  is(__syscall_kill((int)-child, SIGTERM), 0, "kill of the group");
  is(__syscall_wait4((int)-child, 0, 0, 0) > 0, 1, "wait for the group");
  is(__syscall_wait4((int)-child, 0, 0, 0) > 0, 1, "and again");
  is(__syscall_kill((int)-child, SIGTERM), -ESRCH, "then it is empty");
}

/* --- signals --- */

static long pipe_ends[2];
static void open_pipe(void) {
  int fds[2];
  __syscall_pipe2(U(fds), 0);
  pipe_ends[0] = fds[0];
  pipe_ends[1] = fds[1];
}

static int reader;
static long read_result;
static int read_flags;
static void read_pipe(void) {
  char b[8];
  on_signal(SIGUSR1, catch, read_flags);
  open_pipe();
  read_result = take(pipe_ends[0], b, 8);
}

/* The signal wakes a sleeping read; `caught` tells that the handler has run. */
static void interrupt_a_read(int flags) {
  read_flags = flags;
  read_result = 99;
  caught = 0;
  reader = start(read_pipe);
  wait_asleep(reader);
  k_kill(reader, SIGUSR1);
}

static void handlers(void) {
  interrupt_a_read(0);
  is(wait_for(reader), 0, "a handler returns to the program");
  is(caught, SIGUSR1, "it got the signal");
  is(read_result, -EINTR, "the read was interrupted");
  interrupt_a_read(SA_RESTART);
  UNTIL(__atomic_load_n(&caught, __ATOMIC_SEQ_CST) == SIGUSR1);
  ok(read_result == 99, "under SA_RESTART it goes on");
  k_kill(reader, SIGTERM);
  is(wait_for(reader), SIGTERM, "until it is killed");
}

static void masks(void) {
  uint64_t usr1 = UINT64_C(1) << (SIGUSR1 - 1), none = 0, pending;
  int pid = (int)__syscall_getpid();
  on_signal(SIGUSR1, catch, 0);
  times_caught = caught = 0;
  __syscall_rt_sigprocmask(SIG_BLOCK, U(&usr1), 0);
  __syscall_kill(pid, SIGUSR1);
  __syscall_kill(pid, SIGUSR1);
  is(times_caught, 0, "a blocked signal waits");
  __syscall_rt_sigpending(U(&pending));
  is((long)pending, (long)usr1, "sigpending tells");
  is(__syscall_rt_sigsuspend(U(&none)), -EINTR, "sigsuspend takes it");
  is(times_caught, 1, "once");
  __syscall_kill(pid, SIGUSR1);
  is(times_caught, 1, "and the mask is as it was");
  __syscall_rt_sigprocmask(SIG_UNBLOCK, U(&usr1), 0);
  is(times_caught, 2, "until it is unblocked");
  on_signal(SIGUSR1, SIG_IGN, 0);
  __syscall_kill(pid, SIGUSR1);
  is(times_caught, 2, "an ignored signal is nothing");
  on_signal(SIGUSR1, catch, SA_RESETHAND);
  __syscall_kill(pid, SIGUSR1);
  struct sigaction now;
  __syscall_rt_sigaction(SIGUSR1, 0, U(&now));
  ok(now.sa_handler == SIG_DFL, "SA_RESETHAND");
  is(on_signal(SIGKILL, catch, 0), -EINVAL, "SIGKILL cannot be caught");
  is(on_signal(0, catch, 0), -EINVAL, "there is no signal 0");
  is(__syscall_kill(pid, 99), -EINVAL, "nor 99");
  is(__syscall_rt_sigprocmask(9, U(&usr1), 0), -EINVAL, "sigprocmask in no such way");
}

static void exit_in_handler(int sig) { wasi_proc_exit(sig); }
static void exit_from_handler(void) {
  on_signal(SIGUSR1, exit_in_handler, 0);
  __syscall_pause();
}

static void leave_by_handler(void) {
  int pid = start(exit_from_handler);
  wait_asleep(pid);
  k_kill(pid, SIGUSR1);
  is(wait_for(pid), exit_status(SIGUSR1), "a handler can exit");
}

/* --- time --- */

static bool within(int64_t since, int64_t from_ms, int64_t to_ms) {
  int64_t ms = (now_ns() - since) / 1000000;
  return (ms >= from_ms && ms <= to_ms) || (printf("# %d ms\n", (int)ms), false);
}

static void sleeping(void) {
  int64_t before = now_ns();
  struct timespec t = {.tv_nsec = 30000000}, left = {.tv_sec = 99};
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, 0, U(&t), U(&left)), 0, "nanosleep");
  ok(within(before, 30, 500), "takes that long");
  t.tv_nsec = 1000000000;
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, 0, U(&t), 0), -EINVAL, "nanosleep of a bad time");
  is(__syscall_clock_nanosleep(77, 0, U(&left), 0), -EINVAL, "nanosleep on no clock");
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, 0, 0, 0), -EFAULT, "nanosleep of a bad address");
  before = now_ns();
  t = (struct timespec){.tv_sec = (before + 20000000) / 1000000000,
                        .tv_nsec = (before + 20000000) % 1000000000};
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, U(&t), 0), 0, "until a time");
  ok(within(before, 20, 500), "it comes");
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, U(&t), 0), 0,
     "until a time that is past");
}

static void alarms(void) {
  struct itimerval v = {.it_value.tv_usec = 20000}, old;
  int64_t before = now_ns();
  on_signal(SIGALRM, catch, 0);
  caught = times_caught = 0;
  is(__syscall_setitimer(ITIMER_REAL, U(&v), 0), 0, "setitimer");
  struct timespec t = {.tv_sec = 5}, left;
  is(__syscall_clock_nanosleep(CLOCK_MONOTONIC, 0, U(&t), U(&left)), -EINTR, "interrupts a sleep");
  ok(caught == SIGALRM && within(before, 20, 500), "in time");
  ok(left.tv_sec == 4, "and what is left of it is told");
  v.it_interval.tv_usec = 5000;
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  while (times_caught < 4)
    __syscall_pause();
  ok(true, "an interval comes again and again");
  v = (struct itimerval){0};
  is(__syscall_setitimer(ITIMER_REAL, U(&v), U(&old)), 0, "until it is ended");
  is(old.it_interval.tv_usec, 5000, "which tells what it was");
  v.it_value.tv_usec = -1;
  is(__syscall_setitimer(ITIMER_REAL, U(&v), 0), -EINVAL, "setitimer of a bad time");
}

static void alarm_default(void) {
  struct itimerval v = {.it_value.tv_usec = 1000};
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  __syscall_pause();
}

/* An alarm has to end a process that computes, too: nobody else calls the kernel then. */
static void alarm_while_computing(void) {
  struct itimerval v = {.it_value.tv_usec = 1000, .it_interval.tv_usec = 1000};
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  compute();
}

static void too_many(void) {
  static int pids[PROC_LIMIT];
  int n = 0, pid;
  UNTIL(!processes);
  while ((pid = spawn_program("alice", "/bin/program", sleep_forever, -1, -1, -1)) > 0)
    pids[n++] = pid;
  is(pid, -EAGAIN, "no more processes than there may be");
  is(n, PROC_LIMIT, "which is PROC_LIMIT");
  for (int i = 0; i < n; i++)
    k_kill(pids[i], SIGKILL);
  for (int i = 0; i < n; i++)
    wait_for(pids[i]);
  UNTIL(!processes);
  is(run(exit_7), exit_status(7), "and then there is room again");
}

int main(void) {
  boot();
  ending();
  killed_early();
  run(strings);
  run(wait_for_children);
  run(leave_an_orphan);
  UNTIL(__atomic_load_n(&orphan_parent, __ATOMIC_SEQ_CST) >= 0);
  ok(true, "an orphan's parent is init");
  run(reap_by_handler);
  run(ignore_children);
  run(groups);
  handlers();
  run(masks);
  leave_by_handler();
  run(sleeping);
  run(alarms);
  is(run(alarm_default), SIGALRM, "SIGALRM ends a process");
  is(run(alarm_while_computing), SIGALRM, "one that computes, too");
  too_many();
  return finish();
}
