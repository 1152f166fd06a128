/* Threads. Each is a Worker, with an instance of its process's program and one of the kernel.
 *
 * A thread ends in one of two ways. Inside the kernel (it called exit, or it was woken from a sleep
 * because its process is to end) its call unwinds, gives back what it holds, and ends the thread
 * itself. Outside, running its own code, whoever ends the process does that in its place, and its
 * Worker is terminated; should it enter the kernel before that happens, syscall_enter keeps it
 * there.
 */
#include "kernel.h"
#include <stdlib.h>

/* JavaScript calls these: C declares them nowhere */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

enum { STACK_SIZE = 65536, TLS_SIZE = 4096 };

_Thread_local struct proc *current;
_Thread_local struct thread *caller;

struct thread *thread_new(struct proc *p) {
  struct thread *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  t->proc = p;
  t->started = now_ns();
  t->stack = malloc(STACK_SIZE);
  t->tls = calloc(1, TLS_SIZE);
  if (t->stack && t->tls) return t;
  thread_free(t);
  return NULL;
}

void thread_free(struct thread *t) {
  free(t->stack);
  free(t->tls);
  free(t->outgoing);
  trace_free(t);
  signals_forget(&t->pending);
  free(t);
}

uptr thread_stack(const struct thread *t) {
  return ((uptr)t->stack + STACK_SIZE) & ~(uptr)15; /* as compiled code takes it to be */
}

struct thread *thread_find(int tid) {
  for (struct proc *p = processes; p; p = p->next)
    for (struct thread *t = p->threads; t; t = t->next)
      if (t->tid == tid && !t->ended) return t;
  return NULL;
}

void thread_end(struct thread *t) {
  struct proc *p = t->proc;
  __atomic_store_n(&t->ended, true, __ATOMIC_SEQ_CST);
  usage_end(t);
  signals_forget(&t->pending);
  if (t != caller) event_post(EVENT_END, t->worker, 0, 0, NULL, 0);
  p->living--;
  if (p->alone && p->living == 1) wake_thread(p->alone);
  if (!p->living) proc_end(p);
}

void threads_let_go(struct proc *p) {
  for (struct thread *t = p->threads; t; t = t->next)
    if (t->idle) {
      t->idle = false;
      wake_thread(t);
    }
}

static void end_others(void) {
  for (struct thread *t = current->threads, *following; t; t = following) {
    following = t->next;
    if (t == caller || t->ended) continue;
    t->ending = true;
    if (t->in_kernel)
      wake_thread(t);
    else
      thread_end(t);
  }
}

int thread_alone(void) {
  if (caller->ending) return -ERESTARTSYS;
  current->alone = caller;
  end_others();
  while (current->living > 1 && !caller->ending) {
    int seen = caller->event;
    usage_pause(caller);
    unlock();
    sleep_for(caller, seen, FOREVER);
    lock();
    usage_begin(caller);
  }
  current->alone = NULL;
  threads_let_go(current);
  return caller->ending ? -ERESTARTSYS : 0;
}

void thread_kill(struct thread *t) {
  int sig = signal_fatal(t);
  if (sig && !t->in_kernel && t->proc->state == PROC_RUNNING) proc_exit(t->proc, sig);
}

static struct thread *of_worker(int worker) {
  for (struct proc *p = processes; p; p = p->next)
    for (struct thread *t = p->threads; t; t = t->next)
      if (t->worker == worker) return t;
  return NULL;
}

void thread_release(int worker) {
  struct thread *t = of_worker(worker);
  if (t) t->released = true;
}

/* Whether a Worker whose thread has ended may still have the lock; it will not take it again once
 * it has not. */
bool thread_inside(int worker) {
  const struct thread *t = of_worker(worker);
  return t && __atomic_load_n(&t->inside, __ATOMIC_SEQ_CST);
}

long sys_gettid(void) { return caller->tid; }

/* A Worker of the process that waits for a thread to run. */
static struct thread *idle_one(void) {
  struct thread *t = current->threads;
  while (t && !t->idle)
    t = t->next;
  return t;
}

static bool too_many(void) {
  int n = 0;
  for (const struct proc *p = processes; p; p = p->next)
    n += p->living;
  return current->living >= THREAD_LIMIT || n >= PROC_LIMIT;
}

/* Another thread of the caller's process, with its signal mask; its Worker calls the program's
 * __thread_start with `argument`. Its number, -EAGAIN or -ENOMEM. */
long sys_thread_create(uptr argument) {
  if (too_many()) return -EAGAIN;
  struct thread *t = idle_one(), **end = &current->threads;
  bool known = t;
  if (!known && !(t = thread_new(current))) return -ENOMEM;
  t->tid = ++last_pid;
  t->blocked = caller->blocked;
  t->cancel = CANCEL_DEFERRED;
  t->cancel_point = t->ended = t->ending = t->idle = false;
  t->started = now_ns();
  t->argument = argument;
  t->in_kernel = known; /* until k_thread_next returns */
  current->living++;
  if (known) {
    wake_thread(t);
    return t->tid;
  }
  while (*end)
    end = &(*end)->next;
  *end = t;
  t->worker = t->tid;
  proc_run(t, EVENT_THREAD, current->pid, (int)argument);
  return t->tid;
}

/* Ends the caller, and the process with its last thread; the word is 0 then, and its sleepers are
 * woken. */
long sys_thread_exit(uptr word) {
  int zero = 0;
  if (word && !copy_to_user(word, &zero, sizeof zero)) sys_futex_wake(word, INT_MAX);
  if (current->living == 1)
    proc_exit(current, current->ending ? current->status : 0);
  else
    thread_end(caller);
  net_run();
  unlock();
  machine_exit(0);
}

/* What a thread's Worker asks when the thread has ended: the argument of the next it is to run,
 * once there is one; 0: there will be none, and the Worker is to end. */
EXPORT(k_thread_next) uptr k_thread_next(void) {
  __atomic_store_n(&caller->inside, true, __ATOMIC_SEQ_CST);
  lock();
  caller->idle = caller->ended && !current->ending && !current->alone;
  while (caller->idle) {
    int seen = caller->event;
    unlock();
    sleep_for(caller, seen, FOREVER);
    lock();
  }
  usage_begin(caller);
  if (caller->ending) thread_end(caller);
  uptr argument = caller->ended ? 0 : caller->argument;
  syscall_leave();
  return argument;
}
