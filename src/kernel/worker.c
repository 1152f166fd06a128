/* The kernel Worker's side: what it is told to do, and the descriptors by which it passes bytes.
 *
 * The Worker is process 0. It owns the masters of terminals, the far ends of pipes, and the outside
 * ends of connections that leave the lab; it never waits, but is told when one of them changes. */
#include "kernel.h"

/* JavaScript calls these: C declares them nowhere */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct queued {
  struct queued *next;
  struct event event;
  char bytes[];
};
struct watch {
  struct waiter waiter;
  int fd;
  bool told;
};

static struct file *kernel_files[FD_LIMIT];
static uint8_t kernel_cloexec[FD_LIMIT], buffer[65536], kernel_tls[4096];
static struct watch watches[FD_LIMIT];
static struct queued *first, **last = &first, *in_hand;
struct proc kernel_proc = {.files = kernel_files, .cloexec = kernel_cloexec, .fd_count = FD_LIMIT};
struct thread kernel_thread = {.proc = &kernel_proc};

void event_post(enum event_type type, int id, int a, int b, const void *bytes, size_t n) {
  struct queued *q = malloc(sizeof *q + n);
  if (!q) panic("no memory left to tell the kernel Worker of event %d", type);
  if (n) memcpy(q->bytes, bytes, n);
  q->next = NULL;
  q->event = (struct event){type, id, a, b, (uptr)q->bytes, (uint32_t)n};
  *last = q;
  last = &q->next;
  event_notify();
}

static bool notified;
void event_notify(void) {
  if (!notified) machine_notify();
  notified = true;
}

void klog(const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  event_post(EVENT_LOG, current ? current->pid : 0, 0, 0, line,
             n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

/* A watched descriptor changed: the Worker is told once, and again after it has looked. */
static void watch_woken(struct waiter *waiter, int events) {
  (void)events;
  struct watch *w = (struct watch *)waiter;
  if (w->told) return;
  w->told = true;
  event_post(EVENT_READY, w->fd, 0, 0, NULL, 0);
}

static struct watch *adding;
static void watch_add(struct poller *p, struct waitq *q) {
  (void)p;
  wait_add(q, &adding->waiter);
}

void worker_watch(int fd) {
  struct watch *w = adding = &watches[fd];
  struct poller poller = {.add = watch_add};
  *w = (struct watch){.waiter = {.thread = &kernel_thread, .woken = watch_woken}, .fd = fd};
  kernel_files[fd]->ops->poll(kernel_files[fd], &poller);
}

static int own(struct file *f) {
  int fd = fd_alloc(&kernel_proc, f, 3, true);
  if (fd >= 0) worker_watch(fd);
  return fd;
}

int worker_ask(struct file *f) {
  int fd = own(f);
  if (fd < 0) return fd;
  event_post(EVENT_ASKED, fd, 0, 0, NULL, 0);
  return 0;
}

/* Every k_ function is called by the kernel Worker alone. */
EXPORT(k_tls) void *k_tls(void) { return kernel_tls; }
EXPORT(k_buffer) void *k_buffer(void) { return buffer; }

EXPORT(k_attach) void k_attach(struct thread *t) {
  caller = t;
  current = t->proc;
  usage_begin(t);
}

EXPORT(k_boot) void k_boot(void) {
  k_attach(&kernel_thread);
  current->started = now_ns();
  limits_init(current);
  lock();
  net_init();
  if (fs_init()) panic("no memory for the file system");
  unlock();
}

/* name: in k_buffer, ended by NUL. address: IPv4, host order. 0 or -ENOMEM. */
EXPORT(k_host) int k_host(const char *name, uint32_t address) {
  lock();
  struct host *h = host_new(name, address);
  unlock();
  return h ? 0 : -ENOMEM;
}

/* A terminal: the descriptor of its master << 16 | that of its slave, which is for k_spawn. */
EXPORT(k_pty) int k_pty(int columns, int rows) {
  lock();
  struct file *slave, *master = tty_new(columns, rows, &slave);
  int mine = master ? own(master) : -ENOMEM;
  int theirs = master ? fd_alloc(&kernel_proc, slave, 3, true) : -ENOMEM;
  unlock();
  return mine < 0 || theirs < 0 ? -ENOMEM : mine << 16 | theirs;
}

EXPORT(k_pty_resize) void k_pty_resize(int fd, int columns, int rows) {
  lock();
  if (kernel_files[fd]) tty_resize(kernel_files[fd], columns, rows);
  unlock();
}

EXPORT(k_pty_foreground) int k_pty_foreground(int fd) {
  lock();
  int group = kernel_files[fd] ? tty_foreground(kernel_files[fd]) : 0;
  unlock();
  return group;
}

/* A pipe between the Worker and a program: its own end << 16 | the program's end. */
EXPORT(k_pipe) int k_pipe(int program_reads) {
  struct file *ends[2];
  lock();
  int error = pipe_new(ends, 0), mine = error, theirs = error;
  if (!error) {
    mine = own(ends[program_reads ? 1 : 0]);
    theirs = fd_alloc(&kernel_proc, ends[program_reads ? 0 : 1], 3, true);
  }
  unlock();
  return mine < 0 || theirs < 0 ? -EMFILE : mine << 16 | theirs;
}

/* A descriptor that every frame is read from, as pcapng, or -errno. */
EXPORT(k_capture) int k_capture(void) {
  lock();
  struct file *f = capture_open();
  int fd = f ? own(f) : -EBUSY;
  unlock();
  return fd;
}

EXPORT(k_capture_dropped) double k_capture_dropped(void) {
  lock();
  uint64_t n = capture_dropped();
  unlock();
  return (double)n;
}

/* Frames are recorded from now on; k_frames reads them. 0 or -errno. */
EXPORT(k_record) int k_record(void) {
  lock();
  int error = record_begin();
  unlock();
  return error;
}

/* As pcapng, whole blocks; bytes, 0: there are no more. n: at least 128 KiB. */
EXPORT(k_frames) size_t k_frames(uint8_t *to, size_t n) {
  lock();
  size_t done = record_read(to, n);
  unlock();
  return done;
}

EXPORT(k_frames_lost) double k_frames_lost(void) {
  lock();
  uint64_t n = record_dropped();
  unlock();
  return (double)n;
}

/* Holds the network, or lets it go on. */
EXPORT(k_hold) void k_hold(int on) {
  lock();
  net_hold(on);
  unlock();
}

/* While it is held: the next `n` frames arrive. */
EXPORT(k_step) void k_step(int n) {
  lock();
  while (n-- > 0)
    net_step();
  unlock();
}

/* How many frames are on their way. */
EXPORT(k_on_way) unsigned k_on_way(void) {
  lock();
  unsigned n = net_on_way();
  unlock();
  return n;
}

/* All sockets, as struct socket_record; how many there are, of which as many as fit are given. */
EXPORT(k_sockets) size_t k_sockets(void *to, size_t room) {
  lock();
  size_t n = socket_list(to, room);
  unlock();
  return n;
}

/* A trace of every process (trace.h), with so much of each buffer: a descriptor, or -errno. */
EXPORT(k_trace) int k_trace(int bytes, int stack) {
  lock();
  struct file *f;
  char line[64];
  struct uio u;
  int fd = trace_open(O_RDWR, &f);
  if (!fd) {
    uio_kernel(
        &u, line,
        (size_t)snprintf(line, sizeof line, "all\nbytes %d%s", bytes, stack ? "\nstack" : ""));
    f->ops->write(f, &u, true);
    fd = own(f);
  }
  unlock();
  return fd;
}

/* k_buffer holds the host's name. ms, ms, parts of one (3), bits a second. 0 or -ENOENT. */
EXPORT(k_link)
int k_link(double delay, double jitter, double loss, double duplicate, double reorder, double rate,
           int cut) {
  lock();
  int error = net_link((char *)buffer, (int64_t)(delay * 1e6), (int64_t)(jitter * 1e6),
                       (uint32_t)(loss * 1e6), (uint32_t)(duplicate * 1e6),
                       (uint32_t)(reorder * 1e6), (uint32_t)rate, cut);
  unlock();
  return error;
}

static long transfer(int fd, void *bytes, size_t n, bool write) {
  lock();
  struct file *f = file_get(fd);
  struct uio u;
  uio_kernel(&u, bytes, n);
  watches[fd].told = false;
  ssize_t (*move)(struct file *, struct uio *, bool) = !f      ? NULL
                                                       : write ? f->ops->write
                                                               : f->ops->read;
  long result = move ? move(f, &u, true) : -EBADF;
  kernel_proc.pending.set = kernel_thread.pending.set = 0; /* SIGPIPE is not for the Worker */
  net_run();
  unlock();
  return result;
}

EXPORT(k_read) long k_read(int fd, void *bytes, size_t n) { return transfer(fd, bytes, n, false); }
EXPORT(k_write) long k_write(int fd, void *bytes, size_t n) { return transfer(fd, bytes, n, true); }

/* What can be done with one of the Worker's descriptors now: POLLIN, POLLOUT, ... */
EXPORT(k_poll) int k_poll(int fd) {
  lock();
  struct file *f = fd < 0 || fd >= FD_LIMIT ? NULL : kernel_files[fd];
  if (f) watches[fd].told = false;
  int ready = f ? f->ops->poll(f, NULL) : POLLNVAL;
  unlock();
  return ready;
}

EXPORT(k_close) void k_close(int fd) {
  lock();
  wait_remove(&watches[fd].waiter);
  fd_close(&kernel_proc, fd);
  net_run();
  unlock();
}

/* k_buffer holds: host, path, then `arguments` + `environment` strings, each ended by NUL.
 * io: the Worker's descriptors for the program's 0, 1 and 2. Returns the pid or -errno. */
EXPORT(k_spawn) int k_spawn(int arguments, int environment, int in, int out, int err) {
  const char *name = (char *)buffer, *path = name + strlen(name) + 1,
             *argv = path + strlen(path) + 1;
  const char *env = argv, *end;
  for (int i = 0; i < arguments; i++)
    env += strlen(env) + 1;
  end = env;
  for (int i = 0; i < environment; i++)
    end += strlen(end) + 1;
  lock();
  struct host *host = host_find(name);
  struct program program = {path, argv, env, (size_t)(env - argv), (size_t)(end - env)};
  struct file *io[3] = {file_get(in), file_get(out), file_get(err)};
  int pid = host ? proc_spawn(&program, host, io) : -EINVAL;
  unlock();
  return pid;
}

EXPORT(k_kill) int k_kill(int pid, int sig) {
  lock();
  int result = (int)sys_kill(pid, sig);
  net_run();
  unlock();
  return result;
}

EXPORT(k_shell_tells) bool k_shell_tells(int pid) {
  lock();
  struct proc *p = proc_find(pid);
  bool tells = p && tty_shell_tells(p);
  unlock();
  return tells;
}

/* The Worker of `pid` ended in a way the kernel did not see: a trap in the program's own code. */
EXPORT(k_crashed) void k_crashed(int pid, int sig) {
  lock();
  struct proc *p = proc_find(pid);
  if (p && p->state == PROC_RUNNING) proc_exit(p, sig);
  net_run();
  unlock();
}

/* Its Worker must not be terminated yet: thread_inside. */
EXPORT(k_inside) int k_inside(int worker) {
  lock();
  bool inside = thread_inside(worker);
  unlock();
  return inside;
}

EXPORT(k_release) void k_release(int worker) {
  lock();
  thread_release(worker);
  unlock();
}

/* Writes a file into the lab: k_buffer holds the path, bytes come by k_alloc. 0 or -errno. */
EXPORT(k_install) int k_install(const void *bytes, size_t n, int mode) {
  lock();
  int error = fs_write((char *)buffer, bytes, n, mode);
  unlock();
  return error;
}

/* The files below the directory that k_buffer names, as fs_files gives them; they end with k_free.
 */
EXPORT(k_files) void *k_files(size_t limit) {
  lock();
  void *files = fs_files((char *)buffer, limit);
  unlock();
  return files;
}

/* offer.c. k_buffer holds the path, then the names, each ended by NUL. 0 or -errno. */
EXPORT(k_offer) int k_offer(int number, size_t size, int names) {
  const char *path = (char *)buffer;
  lock();
  int error = offer(number, path, size, names, path + strlen(path) + 1);
  unlock();
  return error;
}

/* What EVENT_WANTED asked for; NULL: it cannot be had. */
EXPORT(k_deliver) void k_deliver(struct inode *i, const void *bytes, size_t n) {
  lock();
  offer_deliver(i, bytes, n);
  unlock();
}

EXPORT(k_alloc) void *k_alloc(size_t n) {
  lock();
  void *p = malloc(n);
  unlock();
  return p;
}

EXPORT(k_free) void k_free(void *p) {
  lock();
  free(p);
  unlock();
}

/* Writes n bytes from k_buffer, and has what is answered within ms there, -errno or how much. */
EXPORT(k_gateway_exchange) long k_gateway_exchange(int fd, size_t n, double ms) {
  lock();
  long result = gateway_exchange(fd, buffer, n, sizeof buffer, (int64_t)(ms * 1e6));
  unlock();
  return result;
}

EXPORT(k_gateway_end) void k_gateway_end(int fd) {
  lock();
  gateway_end(fd);
  unlock();
}

EXPORT(k_gateway_connected) void k_gateway_connected(int fd) {
  lock();
  gateway_connected(fd);
  unlock();
}

/* k_buffer holds the errno's name. */
EXPORT(k_gateway_failed) void k_gateway_failed(int fd) {
  lock();
  gateway_failed(fd, (char *)buffer);
  unlock();
}

/* A line for where the errors of `pid` go, from k_buffer. Does not wait for room. */
EXPORT(k_console) void k_console(int pid, size_t n) {
  lock();
  struct proc *p = proc_find(pid);
  struct file *f = p ? p->files[2] : NULL;
  struct uio u;
  uio_kernel(&u, buffer, n);
  bool writable = f && (f->flags & O_ACCMODE) != O_RDONLY;
  if (writable && f->ops->pwrite)
    file_give(f, &u);
  else if (writable && f->ops->write)
    f->ops->write(f, &u, true);
  unlock();
}

EXPORT(k_tick) double k_tick(void) {
  lock();
  notified = false;
  proc_sweep();
  timers_run();
  net_run();
  int64_t next = timers_next(), now = now_ns();
  unlock();
  return next == FOREVER ? -1 : next <= now ? 0 : (double)(next - now) / 1e6;
}

/* The next thing to do, or NULL. It stays valid until the next call. */
EXPORT(k_event) struct event *k_event(void) {
  lock();
  free(in_hand);
  in_hand = first;
  if (first && !(first = first->next)) last = &first;
  unlock();
  return in_hand ? &in_hand->event : NULL;
}
