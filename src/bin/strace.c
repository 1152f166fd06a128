/* strace: which system calls a program makes, from the kernel's trace (/dev/trace). */
#define _GNU_SOURCE
#include "../trace/decode.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 65536, ATTACHED = 16, PROCESSES = 1024, RESULT_COLUMN = 40, BILLION = 1000000000 };

extern char **environ;

static struct {
  bool follow, count, spent, relative, quiet;
  int clock; /* how often -t was given */
  pid_t attach[ATTACHED];
  int attached;
  struct decode_options decode;
  bool shown[CALLS], signals;
  FILE *out;
} options = {.decode.bytes = 32, .signals = true};

/* Processes that are traced, and whether a call's beginning is printed whose end is not. */
static struct traced {
  pid_t pid, process; /* pid: the thread's */
  bool waits;
} traced[PROCESSES];
static int traced_count;
static pid_t
    open_line; /* the process whose call ends the output so far; 0: it is at a line's end */
static size_t column;

static struct {
  uint64_t calls, errors;
  int64_t ns;
} totals[CALLS];

static struct traced *find(pid_t pid, pid_t process, bool add) {
  for (int i = 0; i < traced_count; i++)
    if (traced[i].pid == pid) return &traced[i];
  if (!add || traced_count == PROCESSES) return NULL;
  traced[traced_count] = (struct traced){.pid = pid, .process = process};
  return &traced[traced_count++];
}

static void forget(pid_t process) {
  for (int i = traced_count; i-- > 0;)
    if (traced[i].process == process) traced[i] = traced[--traced_count];
}

/* --- lines --- */

static void print(const char *text) { column += (size_t)fprintf(options.out, "%s", text); }

static void end_line(void) {
  fputc('\n', options.out);
  open_line = 0;
  column = 0;
}

static void print_clock(int64_t ns) {
  static int64_t last;
  char text[64];
  time_t seconds = (time_t)(ns / BILLION);
  long micro = (long)(ns % BILLION / 1000);
  size_t n = 0;
  if (options.relative) {
    int64_t since = last ? ns - last : 0;
    snprintf(text, sizeof text, "%6lld.%06lld ", (long long)(since / BILLION),
             (long long)(since % BILLION / 1000));
  } else {
    n = options.clock > 2 ? (size_t)snprintf(text, sizeof text, "%lld", (long long)seconds)
                          : strftime(text, sizeof text, "%H:%M:%S", localtime(&seconds));
    snprintf(text + n, sizeof text - n, options.clock > 1 ? ".%06ld " : " ", micro);
  }
  last = ns;
  print(text);
}

/* Ends another process's line, and says whose the new one is. */
static void begin_line(const struct trace_record *r, int64_t when) {
  char text[32];
  if (open_line) {
    print(" <unfinished ...>");
    end_line();
  }
  if (options.out != stderr && options.follow)
    snprintf(text, sizeof text, "%-5d ", (int)r->tid);
  else
    snprintf(text, sizeof text, "[pid %5d] ", (int)r->tid);
  if (options.out == stderr && traced_count < 2) *text = 0;
  print(text);
  if (options.clock || options.relative) print_clock(when);
}

static void print_result(const struct trace_record *r, struct text *t) {
  char spent[32];
  size_t begin = t->used;
  do
    text_add(t, " ");
  while (column + t->used - begin < RESULT_COLUMN);
  decode_result(t, r, &options.decode);
  print(t->at);
  int64_t ns = r->left - r->entered;
  snprintf(spent, sizeof spent, " <%lld.%06lld>", (long long)(ns / BILLION),
           (long long)(ns % BILLION / 1000));
  if (options.spent) print(spent);
  end_line();
}

/* The end of a call whose beginning has been printed. */
static void print_end(const struct trace_record *r, struct text *t) {
  if (open_line != r->tid) {
    begin_line(r, r->left);
    text_add(t, "<... %s resumed>", call_name(r));
  }
  decode_left(t, r, &options.decode);
  print(t->at);
  text_begin(t, t->at, t->room);
  print_result(r, t);
}

static void print_call(const struct trace_record *r, struct traced *p) {
  static char line[LINE];
  struct text t;
  text_begin(&t, line, sizeof line);
  if (p && p->waits) {
    p->waits = false;
    print_end(r, &t);
    return;
  }
  begin_line(r, r->entered);
  decode_entered(&t, r, &options.decode);
  if (r->kind == TRACE_WAITS) {
    print(line);
    open_line = r->tid;
    if (p) p->waits = true;
    return;
  }
  decode_left(&t, r, &options.decode);
  print(line);
  text_begin(&t, line, sizeof line);
  if (r->kind == TRACE_GONE) options.spent = false;
  print_result(r, &t);
}

static void print_event(const struct trace_record *r) {
  static char line[LINE];
  struct text t;
  text_begin(&t, line, sizeof line);
  if (r->kind == TRACE_START && r->arguments[0] && open_line)
    print(" <unfinished ...>"), end_line();
  else if (!(r->kind == TRACE_START && r->arguments[0]))
    begin_line(r, r->entered);
  decode_line(&t, r, &options.decode);
  print(line);
  end_line();
}

/* A process ends, perhaps in the midst of a call. */
static void print_exit(const struct trace_record *r, struct traced *p) {
  if (p && p->waits) {
    if (open_line != r->tid) {
      begin_line(r, r->entered);
      print("<... resumed>");
    }
    print(" <unfinished ...>) = ?");
    end_line();
  }
  if (!options.quiet) print_event(r);
  forget(r->pid);
}

/* --- records --- */

static void total(const struct trace_record *r) {
  if (r->kind != TRACE_CALL) return;
  totals[r->call].calls++;
  totals[r->call].errors += r->result < 0;
  totals[r->call].ns += r->left - r->entered - r->blocked;
}

static void on_record(const struct trace_record *r) {
  bool call = r->kind <= TRACE_GONE;
  bool starts = r->kind == TRACE_START && !r->arguments[0];
  struct traced *p = r->kind == TRACE_LOST ? NULL : find(r->tid, r->pid, true);
  if (r->kind == TRACE_EXIT && options.count) {
    forget(r->pid);
  } else if (options.count) {
    total(r);
  } else if (r->kind == TRACE_EXIT) {
    print_exit(r, p);
  } else if (starts                    ? options.shown[CALL_execve]
             : r->kind == TRACE_SIGNAL ? options.signals
                                       : !call) {
    if (!options.quiet || r->kind != TRACE_START || starts) print_event(r);
  } else if (call && options.shown[r->call]) {
    print_call(r, p);
  }
  fflush(options.out);
}

/* Reads the trace to its end. */
static void follow(int trace) {
  static _Alignas(8) char bytes[1 << 17];
  size_t have = 0;
  for (ssize_t n; (n = read(trace, bytes + have, sizeof bytes - have)) > 0;) {
    size_t at = 0;
    have += (size_t)n;
    for (; record_whole(bytes + at, have - at); at += ((struct trace_record *)(bytes + at))->size)
      on_record((struct trace_record *)(bytes + at));
    memmove(bytes, bytes + at, have -= at);
  }
}

static int64_t order(int call) { return totals[call].calls ? totals[call].ns : -1; }

static void print_totals(void) {
  uint64_t calls = 0, errors = 0;
  int64_t all = 0;
  for (int i = 0; i < CALLS; i++) {
    calls += totals[i].calls;
    errors += totals[i].errors;
    all += totals[i].ns;
  }
  fprintf(options.out, "%% time     seconds  usecs/call     calls    errors syscall\n"
                       "------ ----------- ----------- --------- --------- ----------------\n");
  for (;;) {
    int most = 0;
    for (int i = 1; i < CALLS; i++)
      if (order(i) > order(most)) most = i;
    if (order(most) < 0) break;
    const struct trace_record r = {.size = sizeof r, .call = (uint16_t)most, .arguments[2] = 1};
    char failed[24] = "";
    if (totals[most].errors)
      snprintf(failed, sizeof failed, "%llu", (unsigned long long)totals[most].errors);
    fprintf(options.out, "%6.2f %11.6f %11lld %9llu %9s %s\n",
            all ? 100.0 * (double)totals[most].ns / (double)all : 0.0,
            (double)totals[most].ns / BILLION,
            (long long)(totals[most].ns / 1000 / (int64_t)totals[most].calls),
            (unsigned long long)totals[most].calls, failed, call_name(&r));
    totals[most].calls = 0;
  }
  fprintf(options.out,
          "------ ----------- ----------- --------- --------- ----------------\n"
          "%6.2f %11.6f %11lld %9llu %9llu total\n",
          100.0, (double)all / BILLION, calls ? (long long)(all / 1000 / (int64_t)calls) : 0,
          (unsigned long long)calls, (unsigned long long)errors);
}

/* --- options --- */

static _Noreturn void usage(void) {
  fprintf(stderr, "usage: strace [-cfqrtTy] [-e EXPRESSION] [-o FILE] [-s SIZE] "
                  "{-p PID | PROGRAM [ARGUMENT]...}\n");
  exit(1);
}

static int class_of(const char *name) {
  static const struct {
    const char *name;
    int class;
  } classes[] = {{"network", CLASS_NETWORK}, {"net", CLASS_NETWORK},     {"desc", CLASS_DESC},
                 {"file", CLASS_FILE},       {"process", CLASS_PROCESS}, {"signal", CLASS_SIGNAL},
                 {"clock", CLASS_CLOCK},     {"creds", CLASS_CREDS}};
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (!strcmp(classes[i].name, name + (*name == '%'))) return classes[i].class;
  return 0;
}

/* Whether a call has that name, or is of that class. */
static bool named(int call, const char *name) {
  struct trace_record r = {.size = sizeof r, .call = (uint16_t)call};
  if (class_of(name)) return call_classes(call) & class_of(name);
  if (!strcmp(name, "all")) return !(call_classes(call) & CLASS_HIDDEN);
  r.arguments[3] = r.arguments[4] = call == CALL_accept4 || call == CALL_epoll_pwait;
  if (!strcmp(call_name(&r), name)) return true;
  r.arguments[2] = 1; /* as read and write */
  r.arguments[3] = r.arguments[4] = 0;
  return !strcmp(call_name(&r), name);
}

static void show(bool shown, const char *name) {
  bool known = !strcmp(name, "none");
  for (int call = 1; call < CALLS; call++)
    if (named(call, name)) known = options.shown[call] = shown, known = true;
  if (known) return;
  fprintf(stderr, "strace: invalid system call '%s'\n", name);
  exit(1);
}

/* -e trace=network,close   -e '!read'   -e signal=none */
static void expression(char *e) {
  if (!strncmp(e, "signal=", 7)) {
    options.signals = strcmp(e + 7, "none") != 0;
    return;
  }
  if (!strncmp(e, "trace=", 6)) e += 6;
  bool shown = *e != '!';
  for (int call = 1; call < CALLS; call++)
    options.shown[call] = !shown && !(call_classes(call) & CLASS_HIDDEN);
  for (char *name = strtok(e + !shown, ","); name; name = strtok(NULL, ","))
    show(shown, name);
}

static void open_output(const char *path) {
  options.out = fopen(path, "we");
  if (options.out) return;
  fprintf(stderr, "strace: Can't fopen '%s': %s\n", path, strerror(errno));
  exit(1);
}

static void option(int letter) {
  switch (letter) {
  case 'c': options.count = true; return;
  case 'f': options.follow = true; return;
  case 'q': options.quiet = true; return;
  case 'r': options.relative = true; return;
  case 't': options.clock++; return;
  case 'T': options.spent = true; return;
  case 'y': options.decode.sockets++; return;
  case 's': options.decode.bytes = (size_t)strtoul(optarg, NULL, 10); return;
  case 'e': expression(optarg); return;
  case 'o': open_output(optarg); return;
  case 'p':
    if (options.attached == ATTACHED) usage();
    options.attach[options.attached++] = atoi(optarg);
    return;
  default: usage();
  }
}

/* --- what is traced --- */

static void tell(int trace, const char *format, int number) {
  char line[64];
  int n = snprintf(line, sizeof line, format, number);
  if (write(trace, line, (size_t)n) == n) return;
  fprintf(stderr, "strace: attach: %s\n", strerror(errno));
  exit(1);
}

static pid_t start(int trace, char **argv) {
  pid_t pid;
  tell(trace, "children", 0);
  int error = posix_spawnp(&pid, *argv, NULL, NULL, argv, environ);
  if (!error) return pid;
  if (error == ENOENT && !strchr(*argv, '/'))
    fprintf(stderr, "strace: Cannot find executable '%s'\n", *argv);
  else
    fprintf(stderr, "strace: Can't stat '%s': %s\n", *argv, strerror(error));
  exit(1);
}

static void detach(int sig) { (void)sig; }

/* Ends as the program has. */
static int end_as(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  signal(WTERMSIG(status), SIG_DFL);
  raise(WTERMSIG(status));
  return 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
  options.out = stderr;
  for (int call = 1; call < CALLS; call++)
    options.shown[call] = !(call_classes(call) & CLASS_HIDDEN);
  for (int letter; (letter = getopt(argc, argv, "+cfqrtTye:o:p:s:")) != -1;)
    option(letter);
  if (!argv[optind] == !options.attached) usage();
  int trace = open("/dev/trace", O_RDWR | O_CLOEXEC);
  if (trace < 0) {
    fprintf(stderr, "strace: /dev/trace: %s\n", strerror(errno));
    return 1;
  }
  tell(trace, "bytes %d", (int)options.decode.bytes);
  if (options.follow) tell(trace, "follow", 0);
  for (int i = 0; i < options.attached; i++) {
    tell(trace, "pid %d", options.attach[i]);
    find(options.attach[i], options.attach[i], true);
    fprintf(stderr, "strace: Process %d attached\n", (int)options.attach[i]);
  }
  pid_t child = options.attached ? 0 : start(trace, argv + optind);
  sigaction(SIGINT, &(struct sigaction){.sa_handler = child ? SIG_IGN : detach}, NULL);
  follow(trace);
  for (int i = 0; i < options.attached; i++)
    if (find(options.attach[i], 0, false)) {
      if (open_line) print(" <detached ...>"), end_line();
      fprintf(stderr, "strace: Process %d detached\n", (int)options.attach[i]);
    }
  if (options.count) print_totals();
  return child ? end_as(child) : 0;
}
