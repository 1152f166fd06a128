/* What the checkers' library shares within itself. */
#ifndef CHECK_INTERNAL_H
#define CHECK_INTERNAL_H

#include "check.h"

enum { PROGRAMS = 16, OUTPUT_LIMIT = 256 * 1024, LINE_LIMIT = 4096 };

/* What a program has printed on one of its descriptors. */
struct output {
  int fd; /* -1: at its end */
  char *text;
  size_t size, taken; /* taken: so much of it has been heard */
};

struct program {
  const char *name;
  pid_t pid;
  int in; /* -1: closed */
  struct output out, err;
  bool ended;
  int status; /* as waitpid gives it */
};

/* --- check.c --- */

/* Fails the check, with what came and what was wanted, both as shown() gives them, or NULL. */
void differ(const char *got, const char *wanted, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *in_words(int ms);                                 /* `3 s`: for one sentence */
void note_sent(const void *bytes, size_t n, const char *how); /* how: ", byte by byte" */
/* As shown(), the piece that has the byte `at` in it. */
const char *shown_at(const void *bytes, size_t n, size_t at);
size_t first_difference(const void *a, const void *b, size_t n); /* n: none */
void remove_later(const char *path);                             /* now, and when the check ends */
int own_arguments(char ***argv);
void told_output(void); /* the failure says what was printed already */

/* --- program.c --- */

extern struct program programs[PROGRAMS];
extern int program_count;

long now_ms(void);
long patience_end(void); /* when what begins now has lasted too long */

/* Sleeps until fd (-1: none) is ready for the events, or a program printed or ended, or it is time:
 * only then false. */
bool attend(int fd, short events, long until);

const struct program *all_ended(void); /* the last that ended, if none runs any more; else NULL */
const char *how_ended(const struct program *p);
const char *who(void);      /* whom the checker talks to */
void programs_settle(void); /* what is ending ends, what is being printed is read */
void programs_kill(void);

/* --- stream.c --- */

extern bool somebody_listened; /* in this check */

#endif
