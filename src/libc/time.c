/* Clocks and sleep are the kernel's. */
#define _GNU_SOURCE
#include "call.h"
#include <sys/resource.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

WASI(clock_time_get) int kernel_clock_time_get(int clock, int64_t precision, uint64_t *ns);
WASI(clock_res_get) int kernel_clock_res_get(int clock, uint64_t *ns);
CALL(clock_nanosleep)
long kernel_clock_nanosleep(int clock, int flags, const struct timespec *wanted,
                            struct timespec *left);

int __clock_gettime(clockid_t clock, struct timespec *now);
int __clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                      struct timespec *left);

/* WASI's clocks are the first four of POSIX; Linux's coarse, raw and boot clocks tell the same. */
static int wasi_clock(clockid_t clock) {
  if (clock == CLOCK_REALTIME_COARSE) return CLOCK_REALTIME;
  if (clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME)
    return CLOCK_MONOTONIC;
  return clock;
}

static int put_time(int error, uint64_t ns, struct timespec *to) {
  if (!error && to)
    *to =
        (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
  return (int)answer(-error);
}

int __clock_gettime(clockid_t clock, struct timespec *now) {
  uint64_t ns = 0;
  return put_time(kernel_clock_time_get(wasi_clock(clock), 1, &ns), ns, now);
}
ALIAS(__clock_gettime) int clock_gettime(clockid_t clock, struct timespec *now);

int clock_getres(clockid_t clock, struct timespec *step) {
  uint64_t ns = 0;
  return put_time(kernel_clock_res_get(wasi_clock(clock), &ns), ns, step);
}

/* 0 or errno, as POSIX has it for this one call. */
int __clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                      struct timespec *left) {
  return (int)-kernel_clock_nanosleep(clock, flags, wanted, left);
}
ALIAS(__clock_nanosleep)
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                    struct timespec *left);

static clock_t ticks(long long seconds, long long ns) {
  long tick = 1000000000 / sysconf(_SC_CLK_TCK);
  return (clock_t)(seconds * sysconf(_SC_CLK_TCK) + ns / tick);
}

clock_t times(struct tms *spent) {
  struct timespec now;
  struct rusage own, children;
  if (spent) {
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    *spent = (struct tms){.tms_utime = ticks(own.ru_utime.tv_sec, own.ru_utime.tv_usec * 1000),
                          .tms_cutime =
                              ticks(children.ru_utime.tv_sec, children.ru_utime.tv_usec * 1000)};
  }
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ticks(now.tv_sec, now.tv_nsec);
}

/* No zone files: TZ may describe a zone, else the time is UTC. */
const unsigned char *__map_file(const char *path, size_t *size);
const unsigned char *__map_file(const char *path, size_t *size) { return NULL; }

double emscripten_get_now(void); /* for Emscripten's own: milliseconds */
double emscripten_get_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
