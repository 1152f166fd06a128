/* Checks, what is told of them, and bytes as people read them. */
#include "internal.h"
#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  TEXT = 512,
  SENT = 4,
  SHOWN = 8,
  MOST = 100,
  LINES = 10,
  FIRST_FD = 3,
  LAST_FD = 1023,
  REMOVED = 8,
  HURRIED_MS = 1000
};

int patience_ms = 3000;

static int arguments;
static char **argument;
static int number, failures; /* of the checks so far */

/* This check's failure; message[0]: there is one. */
static struct {
  char message[TEXT], got[TEXT], wanted[TEXT];
  bool output_told;
} failure;

static char sent[SENT][TEXT]; /* the last ones, round */
static int sent_count;
static char removed[REMOVED][TEXT]; /* paths to remove when the check ends */
static int removed_count;

void check_begin(int argc, char *argv[]) {
  const char *patience = getenv("CHECK_PATIENCE");
  if (patience != NULL && atoi(patience) > 0) patience_ms = atoi(patience);
  arguments = argc;
  argument = argv;
  signal(SIGPIPE, SIG_IGN);
}

int own_arguments(char ***argv) {
  *argv = argument;
  return arguments;
}

bool failed(void) { return failure.message[0] != 0; }

static void set_failure(const char *got, const char *wanted, const char *format, va_list list) {
  if (failed()) return;
  vsnprintf(failure.message, sizeof failure.message, format, list);
  if (!failure.message[0]) strcpy(failure.message, "it failed");
  snprintf(failure.got, sizeof failure.got, "%s", got != NULL ? got : "");
  snprintf(failure.wanted, sizeof failure.wanted, "%s", wanted != NULL ? wanted : "");
}

void fail(const char *format, ...) {
  va_list list;
  va_start(list, format);
  set_failure(NULL, NULL, format, list);
  va_end(list);
}

void differ(const char *got, const char *wanted, const char *format, ...) {
  va_list list;
  va_start(list, format);
  set_failure(got, wanted, format, list);
  va_end(list);
}

void told_output(void) { failure.output_told = true; }

const char *in_words(int ms) {
  static char text[32];
  if (ms % 1000 == 0)
    snprintf(text, sizeof text, "%d s", ms / 1000);
  else
    snprintf(text, sizeof text, "%d ms", ms);
  return text;
}

void note_sent(const void *bytes, size_t n, const char *how) {
  snprintf(sent[sent_count++ % SENT], TEXT, "%s%s", shown(bytes, n), how);
}

void remove_later(const char *path) {
  unlink(path);
  if (removed_count < REMOVED) snprintf(removed[removed_count++], TEXT, "%s", path);
}

/* --- telling --- */

static void tell_sent(void) {
  if (sent_count == 0) return;
  int first = sent_count > SENT ? sent_count - SENT : 0;
  printf("# sent: %s", first > 0 ? "..., " : "");
  for (int i = first; i < sent_count; i++)
    printf("%s%s", i > first ? ", " : "", sent[i % SENT]);
  printf("\n");
}

/* Its last lines. */
static void tell_output(const struct program *p, const struct output *o, const char *where) {
  size_t from = o->size;
  for (int lines = 0; from > 0 && o->size - from < LINE_LIMIT; from--)
    if (o->text[from - 1] == '\n' && from != o->size && ++lines == LINES) break;
  if (from == o->size) return;
  printf("# %s printed%s:\n", p->name, where);
  bool begins = true;
  for (size_t i = from; i < o->size; i++) {
    if (begins) printf("#   ");
    begins = o->text[i] == '\n';
    unsigned char c = (unsigned char)o->text[i];
    if (c != '\r') putchar(c == '\n' || c == '\t' || !iscntrl(c) ? c : '?');
  }
  if (!begins) printf("\n");
}

static void tell(const char *title, const char *advice) {
  programs_settle();
  printf("not ok %d - %s\n# %s\n", number, title, failure.message);
  tell_sent();
  if (failure.got[0]) printf("# got: %s\n", failure.got);
  if (failure.wanted[0]) printf("# wanted: %s\n", failure.wanted);
  if (advice != NULL) printf("# %s\n", advice);
  for (int i = 0; i < program_count; i++) {
    const struct program *p = &programs[i];
    if (!failure.output_told) tell_output(p, &p->out, "");
    tell_output(p, &p->err, " on standard error");
    if (p->ended && strncmp(failure.message, how_ended(p), strlen(how_ended(p))))
      printf("# %s\n", how_ended(p));
  }
}

/* Who has hung once will hang again: the other checks do not wait as long for it. */
static void hurry_after(long ms) {
  if (ms >= patience_ms && patience_ms > HURRIED_MS) patience_ms = HURRIED_MS;
}

void check(const char *title, void (*run)(void), const char *advice) {
  number++;
  memset(&failure, 0, sizeof failure);
  sent_count = 0;
  somebody_listened = false;
  long begun = now_ms();
  run();
  if (failed()) {
    failures++;
    hurry_after(now_ms() - begun);
    tell(title, advice);
  } else {
    printf("ok %d - %s\n", number, title);
  }
  fflush(stdout);
  programs_kill();
  for (int fd = FIRST_FD; fd <= LAST_FD; fd++)
    close(fd);
  while (removed_count > 0)
    unlink(removed[--removed_count]);
}

int check_end(void) {
  printf("1..%d\n", number);
  return failures > 0;
}

/* --- bytes as people read them --- */

size_t first_difference(const void *a, const void *b, size_t n) {
  const char *x = a, *y = b;
  size_t i = 0;
  while (i < n && x[i] == y[i])
    i++;
  return i;
}

static char *put_byte(char *to, unsigned char c) {
  static const char escaped[] = "\n\r\t\\`", letter[] = "nrt\\`";
  const char *found = c != 0 ? strchr(escaped, c) : NULL;
  if (found != NULL) return to + sprintf(to, "\\%c", letter[found - escaped]);
  if (c == 0) return to + sprintf(to, "\\0");
  return to + sprintf(to, c < 0x20 || c >= 0x7f ? "\\x%02x" : "%c", c);
}

const char *shown_at(const void *bytes, size_t n, size_t at) {
  static char texts[SHOWN][MOST * 4 + 64];
  static int next;
  char *text = texts[next++ % SHOWN], *to = text;
  const unsigned char *byte = bytes;
  size_t from = at > MOST * 3 / 4 ? at - MOST / 4 : 0;
  size_t end = n - from > MOST ? from + MOST : n;
  if (n == 0) return "nothing";
  if (from > 0) to += sprintf(to, "...");
  *to++ = '`';
  for (size_t i = from; i < end; i++)
    to = put_byte(to, byte[i]);
  *to++ = '`';
  *to = 0;
  if (end < n) to += sprintf(to, "...");
  if (from > 0 || end < n) sprintf(to, " (%zu bytes)", n);
  return text;
}

const char *shown(const void *bytes, size_t n) { return shown_at(bytes, n, 0); }
