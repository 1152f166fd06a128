/* The harness of the kernel's tests. The test's main thread plays the kernel Worker, and every
 * process is a thread of it that runs a C function. What is checked is printed as TAP. */
#ifndef PORTSIDE_TEST_H
#define PORTSIDE_TEST_H

#include "calls.h"
#include "kernel.h"
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

/* --- TAP --- */

static int checks_made, checks_failed;
static pthread_mutex_t printing = PTHREAD_MUTEX_INITIALIZER;

__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *format, ...) {
  va_list arguments;
  pthread_mutex_lock(&printing);
  checks_failed += !good;
  printf("%sok %d - ", good ? "" : "not ", ++checks_made);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  fflush(stdout);
  pthread_mutex_unlock(&printing);
  return good;
}

/* A call's result, and what it should have been: a number or -errno. */
static inline bool is(long got, long wanted, const char *what) {
  return ok(got == wanted, "%s%s", what, "") ||
         (printf("# got %ld (%s), wanted %ld (%s)\n", got, got < 0 ? strerror((int)-got) : "",
                 wanted, wanted < 0 ? strerror((int)-wanted) : ""),
          false);
}

static inline bool same(const char *got, const char *wanted, const char *what) {
  return ok(!strcmp(got, wanted), "%s", what) ||
         (printf("# got \"%s\", wanted \"%s\"\n", got, wanted), false);
}

/* --- processes --- */

struct task {
  int pid, status;
  void (*body)(void);
  pthread_t thread;
  bool started, slept, exited; /* as the kernel's events told */
  int ended;                   /* it must not run any more */
};
static struct task programs[4096];
static int program_count;
static _Thread_local struct task *self;
static sem_t notified_once;
static int gateway = -1; /* the Worker's descriptor of the last connection that leaves the lab */

void machine_notify(void) { sem_post(&notified_once); }

static inline struct task *program_lookup(int pid) {
  for (int i = program_count - 1; i >= 0; i--)
    if (programs[i].pid == pid) return &programs[i];
  return NULL;
}

static inline struct task *program_find(int pid) {
  struct task *t = program_lookup(pid);
  if (t) return t;
  fprintf(stderr, "no process %d\n", pid);
  abort();
}

static inline void program_add(int pid, void (*body)(void)) {
  if (program_count == (int)(sizeof programs / sizeof *programs)) abort();
  programs[program_count++] = (struct task){.pid = pid, .body = body};
}

static inline void *program_run(void *argument) {
  self = argument;
  lock();
  struct proc *p = proc_find(self->pid);
  unlock();
  k_attach(p->threads);
  self->body();
  wasi_proc_exit(0);
}

/* Computes until the process is killed: what it does then must have no effect. */
static inline void compute(void) {
  while (!__atomic_load_n(&self->ended, __ATOMIC_SEQ_CST))
    sched_yield();
}

/* --- what a process does: as in C, but with -errno --- */

static inline long moved(int error, uint32_t n) { return error ? -error : (long)n; }

static inline long put(long fd, const char *bytes, size_t n) {
  struct user_iovec v = {U(bytes), n};
  uint32_t done = 0;
  int error = wasi_fd_write((int)fd, U(&v), 1, U(&done));
  return moved(error, done);
}

static inline long take(long fd, char *bytes, size_t n) {
  struct user_iovec v = {U(bytes), n};
  uint32_t done = 0;
  memset(bytes, 0, n);
  int error = wasi_fd_read((int)fd, U(&v), 1, U(&done));
  return moved(error, done);
}

static inline long shut(long fd) { return -wasi_fd_close((int)fd); }

static inline long control(long fd, unsigned request, const void *argument) {
  uptr value = U(argument);
  return __syscall_ioctl((int)fd, request, U(&value));
}

static inline long file_control(long fd, int command, long value) {
  return __syscall_fcntl64((int)fd, command, U(&value));
}

static inline long sleep_ms(int ms) {
  struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  return __syscall_clock_nanosleep(CLOCK_MONOTONIC, 0, U(&t), 0);
}

/* flags: SA_RESTART... */
static inline long on_signal(int sig, void (*handler)(int), int flags) {
  struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
  return __syscall_rt_sigaction(sig, U(&a), 0);
}

static inline int exit_status(int status) { return status << 8; }

/* A child's first argument tells what it is to do: the address of its body. */
static inline long start_child(void (*body)(void)) {
  char address[32];
  snprintf(address, sizeof address, "%ju", (uintmax_t)(uptr)body);
  return __syscall_posix_spawn(U("/bin/program"), U((uptr[]){U(address), 0}), U((uptr[]){0}), 0, 0);
}

static inline void (*body_of(int pid))(void) {
  lock();
  uptr address = (uptr)strtoumax(proc_find(pid)->arguments, NULL, 10);
  unlock();
  return (void (*)(void))address;
}

/* --- the kernel Worker --- */

static inline void program_ended(struct task *p, int status) {
  p->exited = true;
  p->status = status;
  __atomic_store_n(&p->ended, 1, __ATOMIC_SEQ_CST);
  if (p->started) pthread_join(p->thread, NULL);
  k_release(p->pid);
}

static inline void handle(struct event *e) {
  switch (e->type) {
  case EVENT_SPAWN:
    if (!program_lookup(e->id)) program_add(e->id, body_of(e->id));
    program_find(e->id)->started = true;
    if (pthread_create(&program_find(e->id)->thread, NULL, program_run, program_find(e->id)))
      abort();
    break;
  case EVENT_EXIT: program_ended(program_find(e->id), e->a); break;
  case EVENT_SLEPT: program_find(e->id)->slept = true; break;
  case EVENT_CONNECT: gateway = e->id; break;
  case EVENT_LOG: printf("# log: %.*s\n", (int)e->length, (char *)e->pointer); break;
  default: break;
  }
}

/* One round of the Worker: what is due, and all events; then it waits to be told of more. */
static inline void pump(int most_ms) {
  double next = k_tick();
  bool any = false;
  for (struct event *e; (e = k_event()); any = true)
    handle(e);
  if (any) return;
  if (next >= 0 && next < most_ms) most_ms = (int)next + 1;
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += most_ms * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  sem_timedwait(&notified_once, &until);
}

/* Runs the Worker until the condition holds: 20 seconds, and the test has failed. */
#define UNTIL(condition)                                                                           \
  for (int64_t limit = now_ns() + INT64_C(20000000000); !(condition); pump(100))                   \
    if (now_ns() > limit) {                                                                        \
      ok(false, "%s:%d: %s", __FILE__, __LINE__, #condition);                                      \
      exit(1);                                                                                     \
    }

static inline int install(const char *path, const void *bytes, size_t n, int mode) {
  strcpy(k_buffer(), path);
  return k_install(bytes, n, mode);
}

static inline int spawn_program(const char *host, const char *path, void (*body)(void), int in,
                                int out, int err) {
  char *b = k_buffer();
  b += sprintf(b, "%s", host) + 1;
  b += sprintf(b, "%s", path) + 1;
  b += sprintf(b, "program") + 1;
  sprintf(b, "HOME=/home/learner");
  int pid = k_spawn(1, 1, in, out, err);
  if (pid > 0) program_add(pid, body);
  return pid;
}

static inline long worker_put(int fd, const char *text) {
  return k_write(fd, (char *)text, strlen(text));
}

/* Starts a process without descriptors. */
static inline int start_on(const char *host, void (*body)(void)) {
  int pid = spawn_program(host, "/bin/program", body, -1, -1, -1);
  if (pid < 0) abort();
  return pid;
}
static inline int start(void (*body)(void)) { return start_on("alice", body); }

static inline int wait_for(int pid) {
  UNTIL(program_find(pid)->exited);
  return program_find(pid)->status;
}

/* Until it has gone to sleep in the kernel. */
static inline void wait_asleep(int pid) {
  UNTIL(program_find(pid)->slept || program_find(pid)->exited);
}

/* Runs one to its end. */
static inline int run(void (*body)(void)) { return wait_for(start(body)); }

static inline void boot(void) {
  static const char image[] = "\0asm\1\0\0\0";
  static char line[4096];
  setvbuf(stdout, line, _IOLBF, sizeof line);
  sem_init(&notified_once, 0, 0);
  k_boot();
  static const char *const names[] = {"alice", "bob", "carol"};
  for (uint32_t i = 0; i < 3; i++)
    k_host(names[i], 0x0a000001 + i);
  install("/bin/program", image, 8, 0755);
}

/* Every process is gone, and nobody holds the lock. The exit status of main. */
static inline int finish(void) {
  UNTIL(!processes);
  lock();
  unlock();
  printf("1..%d\n", checks_made);
  return checks_failed != 0;
}

#endif
