/* Random system calls of several processes, made by libFuzzer from its input; behind each input all
 * processes end, and nothing may be left. The run itself is build/fuzz/tests/kernel/fuzz. */
#include "fuzz.h"
#include "tcp.h"
#include "lwip/etharp.h"
#include "lwip/nd6.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer and the sanitizers call or have these */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
size_t __sanitizer_get_current_allocated_bytes(void);

void k_boot(void);
void *k_buffer(void);
int k_host(const char *name, uint32_t address);
int k_pty(int columns, int rows);
void k_pty_resize(int fd, int columns, int rows);
long k_read(int fd, void *bytes, size_t n);
long k_write(int fd, void *bytes, size_t n);
int k_poll(int fd);
void k_close(int fd);
int k_spawn(int arguments, int environment, int in, int out, int err);
int k_kill(int pid, int sig);
void k_release(int worker);
void k_attach(struct thread *t);
int k_install(const void *bytes, size_t n, int mode);
void k_gateway_connected(int fd);
void k_gateway_failed(int fd);
void k_gateway_end(int fd);
long k_gateway_exchange(int fd, size_t n, double ms);
double k_tick(void);
struct event *k_event(void);

enum { PROCESSES = 6, GATEWAYS = 16 };

static const uint8_t *input;
static size_t input_left;
static jmp_buf *leave;
static int gateways[GATEWAYS], gateway_count;

unsigned byte(void) {
  if (!input_left) return 0;
  input_left--;
  return *input++;
}

/* --- the kernel Worker --- */

/* Only between calls, never inside one that sleeps: a process is released when it runs no more. */
static void worker_events(void) {
  for (struct event *e; (e = k_event());) {
    if (e->type == EVENT_EXIT) k_release(e->id);
    if (e->type == EVENT_CONNECT && gateway_count < GATEWAYS) gateways[gateway_count++] = e->id;
  }
}

void worker_tick(void) {
  struct thread *before = caller;
  k_attach(&kernel_thread);
  k_tick();
  if (!depth) worker_events();
  k_attach(before);
}

static void start(const char *host) {
  char *b = k_buffer();
  int both = k_pty(80, 24), slave = both & 0xffff;
  if (both < 0) panic("k_pty: %d", both);
  b += sprintf(b, "%s", host) + 1;
  b += sprintf(b, "/bin/program") + 1;
  sprintf(b, "program");
  int pid = k_spawn(1, 0, slave, slave, slave);
  if (pid < 0) panic("k_spawn: %d", pid);
  proc_find(pid)->actions[SIGUSR2].handler = HANDLER; /* which wakes it where others do not */
  k_close(slave);
}

static void forget_gateway(int fd) {
  for (int i = 0; i < gateway_count; i++)
    if (gateways[i] == fd) gateways[i] = gateways[--gateway_count];
}

static void worker_gateway(int fd) {
  switch (byte() % 4) {
  case 0: k_gateway_connected(fd); break;
  case 1:
    strcpy(k_buffer(), byte() & 1 ? "ECONNREFUSED" : "ETIMEDOUT");
    k_gateway_failed(fd);
    break;
  case 2: k_gateway_end(fd); break;
  case 3: k_gateway_exchange(fd, 64, 0.01); break;
  }
}

/* Something that the Worker does with one of its descriptors. */
static void worker_step(void) {
  int open[FD_LIMIT], n = 0;
  for (int fd = 0; fd < FD_LIMIT; fd++)
    if (kernel_proc.files[fd]) open[n++] = fd;
  if (!n) return;
  int fd = open[byte() % (unsigned)n];
  char *b = k_buffer();
  switch (byte() % 6) {
  case 0:
    memset(b, (int)byte(), 256); /* control characters too */
    k_write(fd, b, byte());
    break;
  case 1: k_read(fd, b, 1 + 64 * byte()); break;
  case 2: k_poll(fd); break;
  case 3: k_pty_resize(fd, (int)byte(), (int)byte()); break;
  case 4:
    if (gateway_count) worker_gateway(gateways[byte() % (unsigned)gateway_count]);
    break;
  case 5:
    k_close(fd);
    forget_gateway(fd);
    break;
  }
}

/* --- processes --- */

void leave_call(void) { longjmp(*leave, 1); }

void step_as(struct proc *p) {
  struct thread *before = caller;
  jmp_buf *outer = leave, here;
  int slept = sleeps;
  leave = &here;
  k_attach(p->threads);
  depth++;
  sleeps = 0;
  if (!setjmp(here)) random_call();
  if (locked) panic("a call returned with the lock held");
  depth--;
  sleeps = slept;
  k_attach(before);
  leave = outer;
}

void step(void) {
  struct proc *able[PROCESSES];
  struct thread *before = caller;
  unsigned n = 0, what = byte();
  k_attach(&kernel_thread);
  clock_ns += 1000;
  if (what < 24)
    worker_step();
  else if (what < 48)
    clock_ns += (1 + byte()) * INT64_C(7000000);
  worker_tick();
  for (struct proc *p = processes; p && n < PROCESSES; p = p->next)
    if (p->state == PROC_RUNNING && !p->threads->in_kernel) able[n++] = p;
  if (!n && !depth) start(what & 1 ? "alice" : "bob");
  if (n && what >= 48) step_as(able[what % n]);
  k_attach(before);
}

/* --- the end --- */

static void tick_for(int64_t ns) {
  clock_ns += ns;
  worker_tick();
}

static void settle(size_t before) {
  enum { TICKS = 60000 };
  int ticks = 0;
  for (int round = 0; processes && round < 4; round++) {
    k_kill(-1, SIGKILL);
    tick_for(1000);
    tick_for(1000);
  }
  for (int fd = 0; fd < FD_LIMIT; fd++)
    if (kernel_proc.files[fd]) k_close(fd);
  gateway_count = 0;
  while ((tcp_active_pcbs || tcp_waits()) && ticks++ < TICKS)
    tick_for(TCP_TMR_INTERVAL * INT64_C(1000000));
  struct netif *n;
  NETIF_FOREACH(n) {
    etharp_cleanup_netif(n);
    nd6_cleanup_netif(n);
  }
  file_tree_clear();
  for (int s = 0; s < 70 && __sanitizer_get_current_allocated_bytes() != before; s++)
    tick_for(1000000000); /* fragments, groups */
}

static void nothing_left(size_t before) {
  if (locked) panic("the lock is held at the end");
  if (processes) panic("process %d is left, state %d", processes->pid, processes->state);
  if (tcp_active_pcbs || tcp_waits()) panic("a connection is left");
  if (tcp_bound_pcbs || tcp_listen_pcbs.pcbs) panic("a bound or listening socket is left");
  size_t after = __sanitizer_get_current_allocated_bytes();
  if (after > before) panic("%zu bytes are left", after - before);
}

static void boot(void) {
  static const char *const names[] = {"alice", "bob"};
  k_boot();
  for (uint32_t i = 0; i < 2; i++)
    k_host(names[i], 0x0a000001 + i);
  strcpy(k_buffer(), "/bin/program");
  k_install("\0asm\1\0\0\0", 8, 0755);
  worker_tick();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  static bool booted;
  if (!booted) boot();
  booted = true;
  machine_reset();
  size_t before = __sanitizer_get_current_allocated_bytes();
  input = bytes;
  input_left = n;
  start("alice");
  start("alice");
  start("bob");
  worker_tick();
  for (int steps = 0; input_left && steps < 2000; steps++)
    step();
  input_left = 0;
  settle(before);
  nothing_left(before);
  return 0;
}
