/* Tracing of system calls: who traces whom, and the records that a trace is read as (trace.h). What
 * a call's arguments refer to is kept by trace_capture.c. A process that nobody traces pays for one
 * look at its `traced`, which has a bit for each trace. */
#include "trace_capture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACES = 32, BUFFER = 1 << 20, DEFAULT_BYTES = 32 };

struct trace {
  struct ring ring;
  struct waitq changed;
  uint64_t lost;       /* records, not yet told */
  struct proc *parent; /* its children are traced, or NULL */
  bool all, follow, stack;
  size_t bytes;
};
static struct trace *traces[TRACES];

/* --- records --- */

static void put(struct trace *t, const void *bytes, size_t n) {
  struct uio u;
  uio_kernel(&u, (void *)bytes, n);
  ring_from(&t->ring, &u);
}

/* Whole, or lost. The reader is woken when there was nothing to read. */
static void trace_put(struct trace *t, const struct trace_record *r) {
  bool idle = !t->ring.used;
  struct trace_record lost = {
      .size = sizeof lost, .kind = TRACE_LOST, .result = (int64_t)t->lost, .left = r->left};
  if (ring_space(&t->ring) < r->size + (t->lost ? sizeof lost : 0)) {
    t->lost++;
    return;
  }
  if (t->lost) put(t, &lost, sizeof lost);
  t->lost = 0;
  put(t, r, r->size);
  if (idle) wake_for(&t->changed, POLLIN);
}

static void record_put(const struct proc *p, const struct trace_record *r) {
  for (int i = 0; i < TRACES; i++)
    if (p->traced >> i & 1) trace_put(traces[i], r);
}

static void trace_begin(struct tracing *t, const struct proc *p, enum trace_kind kind, int call) {
  struct trace_record *r = &t->record;
  *r = (struct trace_record){.size = sizeof *r,
                             .kind = (uint16_t)kind,
                             .call = (uint16_t)call,
                             .pid = p->pid,
                             .tid = p == current && caller ? caller->tid : p->pid,
                             .image = p->image ? p->image->version : 0,
                             .entered = realtime_ns()};
  strncpy(r->host, host_name(p->host), sizeof r->host - 1);
}

/* What the traces of the process want of each call. */
static void wishes(const struct proc *p, size_t *bytes, bool *stack) {
  *bytes = 0;
  *stack = false;
  for (int i = 0; i < TRACES; i++) {
    if (!(p->traced >> i & 1)) continue;
    if (traces[i]->bytes > *bytes) *bytes = traces[i]->bytes;
    *stack = *stack || traces[i]->stack;
  }
}

/* The caller's, made when first needed. NULL: no memory. */
static struct tracing *tracing(void) {
  if (!caller->tracing) caller->tracing = calloc(1, sizeof *caller->tracing);
  return caller->tracing;
}

/* --- calls --- */

void trace_enter(int call, const int64_t arguments[TRACE_ARGUMENTS]) {
  struct tracing *t = tracing();
  bool stack;
  if (!t) return;
  trace_begin(t, current, TRACE_CALL, call);
  t->waits = false;
  t->value = 0;
  wishes(current, &t->bytes, &stack);
  memcpy(t->record.arguments, arguments, sizeof t->record.arguments);
  trace_capture(t, false);
  if (stack) {
    uint32_t frames[TRACE_FRAMES];
    int n = machine_stack(frames, TRACE_FRAMES);
    trace_piece(t, TRACE_ABOUT_STACK, false, 0, frames, (size_t)n * sizeof *frames);
  }
}

void trace_leave(long result) {
  struct tracing *t = caller->tracing;
  if (!t || !t->record.call) return;
  struct trace_record *r = &t->record;
  if (r->call >= CALL_fd_write) result = result > 0 ? -result : result ? result : t->value;
  r->result = result;
  r->left = realtime_ns();
  trace_capture(t, true);
  record_put(current, r);
  r->call = CALL_none;
}

void trace_value(long value) {
  if (caller->tracing) caller->tracing->value = value;
}

/* Tells the record of the call as it is now, as of that kind; the call goes on. */
static void tell(enum trace_kind kind) {
  struct trace_record *r = &caller->tracing->record;
  r->kind = (uint16_t)kind;
  record_put(current, r);
  r->kind = TRACE_CALL;
}

void trace_gone(int status) {
  trace_enter(CALL_exit_group, (const int64_t[TRACE_ARGUMENTS]){status});
  if (caller->tracing) tell(TRACE_GONE);
}

int64_t trace_sleeps(void) {
  struct tracing *t = caller->tracing;
  if (!t || !t->record.call) return 0;
  if (!t->waits) tell(TRACE_WAITS);
  t->waits = true;
  return now_ns();
}

void trace_wakes(int64_t since) {
  struct tracing *t = caller->tracing;
  if (since && t) t->record.blocked += now_ns() - since;
}

void trace_push(void) {
  struct tracing *inner = calloc(1, sizeof *inner);
  if (inner) inner->outer = caller->tracing;
  if (inner) caller->tracing = inner;
}

void trace_pop(void) {
  struct tracing *inner = caller->tracing;
  if (!inner || !inner->outer) return;
  caller->tracing = inner->outer;
  free(inner);
}

void trace_free(struct thread *thread) {
  for (struct tracing *t; (t = thread->tracing);) {
    thread->tracing = t->outer;
    free(t);
  }
}

/* --- what happens to processes --- */

void trace_inherit(struct proc *p) {
  for (int i = 0; i < TRACES; i++) {
    const struct trace *t = traces[i];
    if (t && (t->all || t->parent == current || (t->follow && current->traced >> i & 1)))
      p->traced |= UINT32_C(1) << i;
  }
}

/* A record of its own, whatever call goes on. */
static struct tracing *separate(const struct proc *p, enum trace_kind kind) {
  static struct tracing t; /* under the lock */
  t.bytes = PATH_LIMIT;
  trace_begin(&t, p, kind, CALL_none);
  return &t;
}

void trace_start(struct proc *p, const char *path, int parent) {
  struct tracing *t = separate(p, TRACE_START);
  t->record.arguments[0] = parent;
  t->record.result = p->environment_count;
  trace_piece(t, 0, false, 0, path, strlen(path));
  trace_piece(t, 1, false, 0, p->arguments, p->arguments_size);
  if (p == current && caller->tracing) caller->tracing->record.call = CALL_none;
  record_put(p, &t->record);
}

void trace_signal(const struct proc *p, int sig, const struct signal_info *info) {
  struct tracing *t = separate(p, TRACE_SIGNAL);
  siginfo_t i = signal_user_info(sig, info);
  trace_piece(t, 0, false, 0, &i, sizeof i);
  record_put(p, &t->record);
}

void trace_exit(struct proc *p, int status) {
  struct tracing *t = separate(p, TRACE_EXIT);
  t->record.result = status;
  record_put(p, &t->record);
  for (int i = 0; i < TRACES; i++)
    if (p->traced >> i & 1) wake_for(&traces[i]->changed, POLLIN);
  p->traced = 0;
  for (int i = 0; i < TRACES; i++)
    if (traces[i] && traces[i]->parent == p) traces[i]->parent = NULL;
}

/* --- a trace as a file --- */

static int number(const struct trace *t) {
  int i = 0;
  while (traces[i] != t)
    i++;
  return i;
}

/* Nobody is left who could be traced. */
static bool over(const struct trace *t) {
  if (t->all) return false;
  for (struct proc *p = processes; p; p = p->next)
    if (p->traced >> number(t) & 1) return false;
  return true;
}

static ssize_t trace_read(struct file *f, struct uio *to, bool nonblock) {
  struct trace *t = f->object;
  while (!t->ring.used) {
    if (over(t)) return 0;
    int error = nonblock ? -EAGAIN : sleep_on(&t->changed, FOREVER);
    if (error) return error;
  }
  return ring_to(&t->ring, to);
}

static int trace_pid(struct trace *t, int pid) {
  struct proc *p = proc_find(pid);
  if (!p || p->state == PROC_ZOMBIE) return -ESRCH;
  if (p == current) return -EPERM; /* ptrace(2): not itself */
  p->traced |= UINT32_C(1) << number(t);
  return 0;
}

static int trace_all(struct trace *t) {
  t->all = true;
  for (struct proc *p = processes; p; p = p->next)
    if (p->state != PROC_ZOMBIE) p->traced |= UINT32_C(1) << number(t);
  return 0;
}

/* A line that was written to it. 0 or -errno. */
static int command(struct trace *t, const char *line) {
  unsigned n;
  if (!strcmp(line, "children")) return t->parent = current, 0;
  if (!strcmp(line, "follow")) return t->follow = true, 0;
  if (!strcmp(line, "stack")) return t->stack = true, 0;
  if (!strcmp(line, "all")) return trace_all(t);
  if (sscanf(line, "pid %u", &n) == 1) return trace_pid(t, (int)n);
  if (sscanf(line, "bytes %u", &n) != 1) return -EINVAL;
  t->bytes = n < TRACE_BYTES ? n : TRACE_BYTES;
  return 0;
}

static ssize_t trace_write(struct file *f, struct uio *from, bool nonblock) {
  char lines[256], *rest = lines, *line;
  size_t n = from->left;
  (void)nonblock;
  if (n >= sizeof lines) return -EINVAL;
  if (uio_get(from, lines, n)) return -EFAULT;
  lines[n] = 0;
  while ((line = strsep(&rest, "\n"))) {
    int error = *line ? command(f->object, line) : 0;
    if (error) return error;
  }
  return (ssize_t)n;
}

static int trace_poll(struct file *f, struct poller *poller) {
  struct trace *t = f->object;
  poll_wait(poller, &t->changed);
  return t->ring.used || over(t) ? POLLIN | POLLRDNORM : 0;
}

static void trace_close(struct file *f) {
  struct trace *t = f->object;
  for (struct proc *p = processes; p; p = p->next)
    p->traced &= ~(UINT32_C(1) << number(t));
  traces[number(t)] = NULL;
  ring_free(&t->ring);
  free(t);
}

static const struct file_ops trace_ops = {
    .read = trace_read, .write = trace_write, .poll = trace_poll, .close = trace_close};

int trace_open(int flags, struct file **to) {
  int i = 0;
  while (i < TRACES && traces[i])
    i++;
  if (i == TRACES) return -EBUSY;
  struct trace *t = calloc(1, sizeof *t);
  if (t && ring_init(&t->ring, BUFFER)) {
    free(t);
    t = NULL;
  }
  *to = t ? file_new(&trace_ops, t, flags) : NULL;
  if (!*to) {
    if (t) ring_free(&t->ring);
    free(t);
    return -ENOMEM;
  }
  t->bytes = DEFAULT_BYTES;
  traces[i] = t;
  return 0;
}
