/* The learner's programs: started, typed to, listened to, and ended. */
#include "internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS = 32, SETTLE_MS = 200, LOOK_MS = 50, REAP_MS = 2000 };

extern char **environ;

struct program programs[PROGRAMS];
int program_count;
static int descriptor_limit; /* 0: none */

long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

long patience_end(void) { return now_ms() + patience_ms; }

/* --- watching --- */

/* Reads what there is. Something came, or the end did? */
static bool drain(struct program *p, struct output *o) {
  bool news = false;
  while (o->fd != -1) {
    char piece[4096];
    ssize_t n = read(o->fd, piece, sizeof piece);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1 && errno == EAGAIN) break;
    news = true;
    if (n <= 0) {
      close(o->fd);
      o->fd = -1;
    } else if (o->size + (size_t)n > OUTPUT_LIMIT) {
      differ(shown(o->text, o->size), NULL, "%s prints without end", p->name);
      told_output();
      break;
    } else {
      o->text = realloc(o->text, o->size + (size_t)n + 1);
      if (o->text == NULL) abort();
      memcpy(o->text + o->size, piece, (size_t)n);
      o->text[o->size += (size_t)n] = 0;
    }
  }
  return news;
}

/* Did it print, or end? All that it printed before its end is read by then. */
static bool look(struct program *p) {
  bool news = false;
  if (!p->ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid) p->ended = news = true;
  news |= drain(p, &p->out);
  news |= drain(p, &p->err);
  return news;
}

static bool look_at_all(void) {
  bool news = false;
  for (int i = 0; i < program_count; i++)
    news |= look(&programs[i]);
  return news;
}

bool attend(int fd, short events, long until) {
  for (;;) {
    struct pollfd polled[1 + 2 * PROGRAMS] = {{.fd = fd, .events = events}};
    nfds_t n = 1;
    long left = until - now_ms();
    int sleep = left < LOOK_MS ? (int)left : LOOK_MS; /* its end is seen by looking */
    for (int i = 0; i < program_count; i++) {
      struct program *p = &programs[i];
      polled[n++] = (struct pollfd){.fd = p->out.fd, .events = POLLIN};
      polled[n++] = (struct pollfd){.fd = p->err.fd, .events = POLLIN};
      if (!p->ended && p->out.fd == -1 && p->err.fd == -1 && sleep > 1) sleep = 1;
    }
    int ready = poll(polled, n, sleep > 0 ? sleep : 0);
    bool news = look_at_all();
    if (failed()) return false;
    if (left <= 0 || news || (ready > 0 && polled[0].revents)) return left > 0;
  }
}

void pause_ms(int ms) {
  long until = now_ms() + ms;
  while (!failed() && now_ms() < until)
    attend(-1, 0, until);
}

const struct program *all_ended(void) {
  for (int i = 0; i < program_count; i++)
    if (!programs[i].ended) return NULL;
  return program_count > 0 ? &programs[program_count - 1] : NULL;
}

const char *how_ended(const struct program *p) {
  static char text[256];
  if (WIFSIGNALED(p->status)) {
    int sig = WTERMSIG(p->status);
    snprintf(text, sizeof text, "%s was ended by signal %d (%s)", p->name, sig, strsignal(sig));
  } else {
    snprintf(text, sizeof text, "%s ended with status %d", p->name, WEXITSTATUS(p->status));
  }
  return text;
}

const char *who(void) { return program_count == 1 ? programs[0].name : "the program"; }

/* --- starting and ending --- */

static const char *path_of(const char *name) {
  char **argv;
  int argc = own_arguments(&argv);
  for (int i = 1; i < argc; i++) {
    const char *slash = strrchr(argv[i], '/');
    if (!strcmp(slash != NULL ? slash + 1 : argv[i], name)) return argv[i];
  }
  return NULL;
}

/* Its three pipes: the program's ends in `theirs`. */
static bool make_pipes(struct program *p, int theirs[3]) {
  int pipes[3][2];
  for (int i = 0; i < 3; i++) {
    if (pipe(pipes[i]) == -1) return false;
    fcntl(pipes[i][0], F_SETFD, FD_CLOEXEC);
    fcntl(pipes[i][1], F_SETFD, FD_CLOEXEC);
    int ours = pipes[i][i == 0];
    theirs[i] = pipes[i][i != 0];
    fcntl(ours, F_SETFL, O_NONBLOCK);
    if (i == 0) p->in = ours;
    if (i == 1) p->out.fd = ours;
    if (i == 2) p->err.fd = ours;
  }
  return true;
}

/* 0 or an errno. */
static int spawn(struct program *p, const char *path, char *const argv[], const int theirs[3]) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  struct rlimit before, lower;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; i++)
    posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);

  getrlimit(RLIMIT_NOFILE, &before);
  lower = before;
  if (descriptor_limit > 0) lower.rlim_cur = (rlim_t)descriptor_limit;
  setrlimit(RLIMIT_NOFILE, &lower);
  int error = posix_spawn(&p->pid, path, &actions, &attributes, argv, environ);
  setrlimit(RLIMIT_NOFILE, &before);

  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

struct program *start(const char *name, ...) {
  char *argv[ARGUMENTS + 1] = {NULL};
  int argc = 1, theirs[3];
  va_list list;
  if (failed()) return NULL;
  const char *path = path_of(name);
  if (path == NULL || program_count == PROGRAMS) {
    fail(path == NULL ? "%s was not given to the check" : "%s is one program too many", name);
    return NULL;
  }
  argv[0] = (char *)path;
  va_start(list, name);
  while (argc < ARGUMENTS && (argv[argc] = va_arg(list, char *)) != NULL)
    argc++;
  va_end(list);

  struct program *p = &programs[program_count];
  *p = (struct program){.name = name, .in = -1, .out.fd = -1, .err.fd = -1};
  if (!make_pipes(p, theirs)) {
    fail("%s: no pipes for it: %s", name, strerror(errno));
    return NULL;
  }
  int error = spawn(p, path, argv, theirs);
  for (int i = 0; i < 3; i++)
    close(theirs[i]);
  if (error != 0) {
    fail("%s cannot be started: %s", name, strerror(error));
    return NULL;
  }
  program_count++;
  return p;
}

void limit_descriptors(int most) { descriptor_limit = most; }

void programs_settle(void) {
  long until = now_ms() + SETTLE_MS;
  while (now_ms() < until && program_count > 0 && all_ended() == NULL) {
    struct pollfd none = {.fd = -1};
    poll(&none, 1, 5);
    look_at_all();
  }
  look_at_all();
}

void programs_kill(void) {
  for (int i = 0; i < program_count; i++)
    kill(-programs[i].pid, SIGKILL); /* those that it has forked, too */
  for (int i = 0; i < program_count; i++) {
    struct program *p = &programs[i];
    struct pollfd none = {.fd = -1};
    long until = now_ms() + REAP_MS;
    while (!p->ended && now_ms() < until) {
      p->ended = waitpid(p->pid, &p->status, WNOHANG) != 0;
      if (!p->ended) poll(&none, 1, 1);
    }
    free(p->out.text);
    free(p->err.text);
  }
  program_count = descriptor_limit = 0;
}

/* --- typing --- */

void type(struct program *p, const char *text) {
  size_t n = strlen(text);
  long until = patience_end();
  if (failed()) return;
  note_sent(text, n, " on standard input");
  while (n > 0 && !failed()) {
    ssize_t written = write(p->in, text, n);
    if (written > 0) {
      text += written;
      n -= (size_t)written;
    } else if (written == -1 && errno == EPIPE) {
      fail("%s no longer reads its standard input", p->name);
    } else if (written == -1 && errno != EAGAIN && errno != EINTR) {
      fail("typing to %s: %s", p->name, strerror(errno));
    } else if (!attend(p->in, POLLOUT, until)) {
      fail("%s does not read its standard input", p->name);
    }
  }
}

void type_end(struct program *p) {
  if (failed() || p->in == -1) return;
  close(p->in);
  p->in = -1;
}

/* --- what it prints --- */

void prints(struct program *p, const char *wanted) { prints_bytes(p, wanted, strlen(wanted)); }

void prints_bytes(struct program *p, const void *wanted, size_t n) {
  long until = patience_end();
  while (!failed()) {
    bool over = p->ended || p->out.fd == -1;
    const char *got = p->out.size > 0 ? p->out.text + p->out.taken : "";
    size_t length = p->out.size - p->out.taken;
    size_t same = first_difference(got, wanted, length < n ? length : n);
    if (same == n) {
      p->out.taken += n;
      return;
    }
    const char *why = "prints something else than is wanted";
    if (same == length && over)
      why = "prints too little, and ends";
    else if (same == length && attend(-1, 0, until))
      continue;
    else if (same == length)
      why = "has not printed what is wanted in time";
    differ(shown_at(got, length, same), shown_at(wanted, n, same), "%s %s", p->name, why);
    told_output();
  }
}

const char *printed_line(struct program *p) {
  static char line[LINE_LIMIT];
  long until = patience_end();
  while (!failed()) {
    bool over = p->ended || p->out.fd == -1;
    const char *from = p->out.size > 0 ? p->out.text + p->out.taken : "";
    size_t length = p->out.size - p->out.taken;
    const char *end = memchr(from, '\n', length);
    if (end != NULL) {
      snprintf(line, sizeof line, "%.*s", (int)(end - from), from);
      p->out.taken += (size_t)(end - from) + 1;
      return line;
    }
    if (over || !attend(-1, 0, until)) {
      differ(shown(from, length), "a line, with `\\n` at its end", "%s prints no further line",
             p->name);
      told_output();
    }
  }
  return "";
}

void prints_end(struct program *p) {
  long until = patience_end();
  while (!failed()) {
    bool over = p->ended || p->out.fd == -1;
    if (p->out.size > p->out.taken) {
      differ(shown(p->out.text + p->out.taken, p->out.size - p->out.taken), "nothing more",
             "%s prints more than is wanted", p->name);
      told_output();
    } else if (over) {
      return;
    } else if (!attend(-1, 0, until)) {
      fail("%s has printed everything, but does not end", p->name);
    }
  }
}

void prints_error(struct program *p, const char *part) {
  long until = patience_end();
  while (!failed()) {
    bool over = p->ended || p->err.fd == -1;
    if (p->err.size > 0 && strstr(p->err.text, part) != NULL) return;
    if (over || !attend(-1, 0, until))
      differ(p->err.size > 0 ? NULL : "nothing", shown(part, strlen(part)),
             "%s does not say on standard error what is wanted", p->name);
  }
}

/* --- its end --- */

static bool has_ended(struct program *p) {
  long until = patience_end();
  while (!failed() && !p->ended)
    if (!attend(-1, 0, until)) fail("%s has not ended after %s", p->name, in_words(patience_ms));
  return !failed();
}

void ends(struct program *p, int status) {
  if (!has_ended(p)) return;
  if (!WIFEXITED(p->status) || WEXITSTATUS(p->status) != status)
    fail("%s; wanted is status %d", how_ended(p), status);
}

void ends_badly(struct program *p) {
  if (!has_ended(p)) return;
  if (!WIFEXITED(p->status) || WEXITSTATUS(p->status) == 0)
    fail("%s; wanted is another status than 0, to tell of the error", how_ended(p));
}

bool still_runs(struct program *p) {
  if (failed()) return false;
  look(p);
  return !p->ended;
}

void signal_program(struct program *p, int sig) {
  if (!failed() && !p->ended) kill(p->pid, sig);
}

pid_t pid_of(struct program *p) { return failed() ? -1 : p->pid; }
