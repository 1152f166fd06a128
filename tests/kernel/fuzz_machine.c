/* The machine layer of the fuzzer: no threads, a clock that only the fuzzer moves, and a program's
 * memory of which every byte is known to be there or not. */
#include "fuzz.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void k_attach(struct thread *t);
int k_kill(int pid, int sig);

enum { DEPTH = 6, SLEEPS = 12, OTHERS = 6 };
static const int64_t patience = INT64_C(100000000000); /* longer sleeps end by a signal */

int64_t clock_ns = INT64_C(1000000000);
uint8_t memory[MEMORY];
bool locked;
int depth, sleeps;
static uint64_t seed;

void machine_reset(void) {
  seed = 1;
  sleeps = 0;
  memset(memory, 0, sizeof memory);
}

void lock(void) {
  if (locked) panic("lock: it is held");
  locked = true;
}

void machine_unlock(void) {
  if (!locked) panic("unlock: it is not held");
  locked = false;
}

static void interrupt(struct thread *t) {
  k_attach(&kernel_thread);
  k_kill(t->proc->pid, ++sleeps > SLEEPS || byte() % 8 == 0 ? SIGKILL : SIGUSR2);
  k_attach(t);
}

int futex_wait(int *word, int seen, int64_t ns) {
  struct thread *me = caller;
  int64_t until = ns < 0 ? INT64_MAX : clock_ns + ns;
  if (locked) panic("sleeps with the lock held");
  for (int n = byte() % OTHERS; n > 0 && depth < DEPTH && *word == seen && clock_ns < until; n--)
    step();
  k_attach(me);
  if (*word != seen) return 0;
  if (until - clock_ns > patience) {
    interrupt(me);
    return 0;
  }
  if (clock_ns < until) clock_ns = until;
  worker_tick();
  return *word == seen ? -ETIMEDOUT : 0;
}

void futex_wake(int *word) { (void)word; }
int64_t now_ns(void) { return clock_ns; }
int64_t realtime_ns(void) { return INT64_C(1700000000000000000) + clock_ns; }

static bool outside(uptr at, size_t n) {
  return at < U(memory) || at > U(memory) + MEMORY || n > U(memory) + MEMORY - at;
}
int copy_from_user(void *to, uptr from, size_t n) {
  if (n && outside(from, n)) return -EFAULT;
  if (n) memcpy(to, (const void *)from, n);
  return 0;
}
int copy_to_user(uptr to, const void *from, size_t n) {
  if (n && outside(to, n)) return -EFAULT;
  if (n) memcpy((void *)to, from, n);
  return 0;
}

void machine_random(void *to, size_t n) {
  for (size_t i = 0; i < n; i++) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    ((uint8_t *)to)[i] = (uint8_t)(seed >> 56);
  }
}

size_t machine_memory_used(void) { return 0; }
size_t machine_memory_most(void) { return 0; }
int machine_stack(uint32_t *to, int room) { return (void)to, (void)room, 0; }
void machine_missing(char *to, size_t room) { (void)room, *to = 0; }
void machine_notify(void) {}

void machine_exit(int status) {
  (void)status;
  machine_park();
}

void machine_park(void) {
  if (locked) panic("a process leaves with the lock held");
  leave_call();
}

/* A handler may make a call itself. */
void machine_exec(void) { machine_exit(0); }

void machine_handler(uptr handler, int signal, const siginfo_t *info) {
  (void)signal, (void)info;
  if (locked) panic("a handler runs with the lock held");
  if (handler == HANDLER && depth < DEPTH && byte() & 1) step_as(current);
}

void panic(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  abort();
}
