/* The time that a process has run and not slept, and its children's once they are waited for. */
#include "check.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/times.h>

enum { WORK = 100, REST = 200 }; /* ms */

static long ms(long seconds, long ns) { return seconds * 1000 + ns / 1000000; }

static long clock_ms(clockid_t clock) {
  struct timespec t;
  must(clock_gettime(clock, &t), "clock_gettime");
  return ms(t.tv_sec, t.tv_nsec);
}

static long spent_by(int who) {
  struct rusage r;
  must(getrusage(who, &r), "getrusage");
  return ms(r.ru_utime.tv_sec + r.ru_stime.tv_sec,
            (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000);
}

static void work(clockid_t clock) {
  for (long until = clock_ms(clock) + WORK; clock_ms(clock) < until;)
    ;
}

static void *worker(void *unused) {
  (void)unused;
  work(CLOCK_THREAD_CPUTIME_ID);
  VALUE(clock_ms(CLOCK_THREAD_CPUTIME_ID) >= WORK);
  return NULL;
}

static void one(void) {
  heading("a process");
  long before = clock_ms(CLOCK_PROCESS_CPUTIME_ID), since = clock_ms(CLOCK_MONOTONIC);
  CALL(poll(NULL, 0, REST));
  VALUE(clock_ms(CLOCK_MONOTONIC) - since >= REST);
  VALUE(clock_ms(CLOCK_PROCESS_CPUTIME_ID) - before < REST / 2);
  VALUE(spent_by(RUSAGE_SELF) < REST);
  work(CLOCK_PROCESS_CPUTIME_ID);
  VALUE(clock_ms(CLOCK_PROCESS_CPUTIME_ID) - before >= WORK);
  VALUE(clock() >= WORK * (CLOCKS_PER_SEC / 1000));
  VALUE(spent_by(RUSAGE_SELF) >= WORK);
  VALUE(spent_by(RUSAGE_THREAD) >= WORK);
  VALUE(spent_by(RUSAGE_CHILDREN));
  struct rusage r;
  CALL(getrusage(99, &r));
}

static void threads(void) {
  heading("threads");
  pthread_t t;
  long own = clock_ms(CLOCK_THREAD_CPUTIME_ID), all = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
  CALL(pthread_create(&t, NULL, worker, NULL));
  CALL(pthread_join(t, NULL));
  VALUE(clock_ms(CLOCK_PROCESS_CPUTIME_ID) - all >= WORK);
  VALUE(clock_ms(CLOCK_THREAD_CPUTIME_ID) - own < WORK);
}

/* The child of a child counts once its parent has waited for it. */
static int child(const char *role) {
  if (!strcmp(role, "parent")) return ended(start("works", 0));
  work(CLOCK_PROCESS_CPUTIME_ID);
  char works[] = "works", argument[] = "0", *again[] = {check_argv[0], works, argument, NULL};
  return strcmp(role, "twice") ? 0 : execv(again[0], again);
}

static void family(void) {
  heading("children");
  struct rusage r;
  struct tms t;
  int status;
  pid_t pid = start("works", 0);
  VALUE(wait4(pid, &status, 0, &r) == pid);
  VALUE(ms(r.ru_utime.tv_sec + r.ru_stime.tv_sec,
           (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000) >= WORK);
  VALUE(spent_by(RUSAGE_CHILDREN) >= WORK);
  VALUE(ended(start("parent", 0)));
  VALUE(spent_by(RUSAGE_CHILDREN) >= 2 * WORK);
  VALUE(ended(start("twice", 0))); /* and executes itself, which takes nothing away */
  VALUE(spent_by(RUSAGE_CHILDREN) >= 4 * WORK);
  VALUE(times(&t) != -1);
  VALUE(t.tms_cutime + t.tms_cstime >= 2 * WORK * sysconf(_SC_CLK_TCK) / 1000);
}

int main(int argc, char **argv) {
  check_argv = argv;
  if (argc > 2) return child(argv[1]);
  one();
  threads();
  family();
  return 0;
}
