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
  t->ended = true;
  signals_forget(&t->pending);
  if (t != caller) event_post(EVENT_END, t->worker, 0, 0, NULL, 0);
  if (!--t->proc->living) proc_end(t->proc);
}

void thread_kill(struct thread *t) {
  int sig = signal_fatal(t);
  if (sig && !t->in_kernel && t->proc->state == PROC_RUNNING) proc_exit(t->proc, sig);
}

void thread_release(int worker) {
  for (struct proc *p = processes; p; p = p->next)
    for (struct thread *t = p->threads; t; t = t->next)
      if (t->worker == worker) t->released = true;
}
