/* What programs use besides sockets, and what our recipe could break: floats in printf, memory,
 * sorting, setjmp, the calendar, streams. The same lines are to come on Linux and in the lab. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void formats(void) {
  printf("%d %5d|%-5d|%05d %+d %x %#o %u\n", 1, 2, 3, 4, 5, 255, 8, 4000000000U);
  printf("%f %.3f %e %g %g %g\n", 1.5, 3.14159265, 12345.678, 0.0001, 1e20, 100.0);
  printf("%.0f %.17g %a %5.1f|%-8.2f|\n", 2.5, 0.1, 1.0, 9.99, 9.99);
  printf("%f %f %f\n", (double)INFINITY, (double)-INFINITY, fabs((double)NAN));
  printf("%s %.3s %10s|%-10s|%c%%\n", "text", "cut off", "right", "left", 'c');
  const char *volatile with_m = "%m|%.7m|%-30m|%%m %s %.1f\n"; // of glibc: not of ISO C
  errno = EADDRINUSE;
  printf(with_m, "%m", 0.5);
  printf("%lld %" PRIu64 " %zu %td\n", -4611686018427387904LL, UINT64_MAX, sizeof(int),
         (ptrdiff_t)-3);
  char small[8];
  volatile int number = 1234567890;
  int length = snprintf(small, sizeof small, "%d", number);
  printf("%d %s\n", length, small);
  printf("%g %g %ld %lu\n", strtod("2.5e3x", NULL), atof("-.5"), strtol("0x1f", NULL, 0),
         strtoul("777", NULL, 8));
  int a, b;
  char word[16];
  int count = sscanf("12 -7 words", "%d %d %15s", &a, &b, word);
  printf("%d %d %d %s\n", count, a, b, word);
}

static int by_number(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static void memory(void) {
  uint32_t sum = 0, random = 1;
  for (int round = 0; round < 3; round++) {
    enum { N = 2000 };
    static char *pieces[N];
    for (int i = 0; i < N; i++) {
      size_t size = (random = random * 1664525 + 1013904223) >> 16 & 0x7fff;
      pieces[i] = malloc(size + 1);
      if (!pieces[i]) exit(9);
      memset(pieces[i], i, size + 1);
      sum += (unsigned char)pieces[i][size];
    }
    for (int i = 0; i < N; i++)
      free(pieces[i]);
  }
  char *big = malloc(100 << 20);
  memset(big, 7, 100 << 20);
  sum += (uint32_t)big[(100 << 20) - 1];
  big = realloc(big, 200 << 20);
  memmove(big + 1, big, 1000);
  printf("memory %u %d %d\n", sum, big[1000], calloc(1000, 1000) != NULL);
  free(big);
  int numbers[1000];
  for (int i = 0; i < 1000; i++)
    numbers[i] = (int)((random = random * 1664525 + 1013904223) >> 8);
  qsort(numbers, 1000, sizeof *numbers, by_number);
  int sorted = 1, key = numbers[500];
  for (int i = 1; i < 1000; i++)
    sorted &= numbers[i - 1] <= numbers[i];
  int *found = bsearch(&key, numbers, 1000, sizeof *numbers, by_number);
  printf("sorted %d found %d\n", sorted, found && *found == key);
}

static jmp_buf outer, inner;
static void jump(int n) {
  if (n == 3) longjmp(inner, 3);
  if (n == 7) longjmp(outer, 0);
  printf("no jump %d\n", n);
}

static void jumps(void) {
  volatile int n = 0;
  int back = setjmp(outer);
  if (back) {
    printf("outer %d after %d\n", back, n);
    return;
  }
  while (n < 10) {
    int result = setjmp(inner);
    if (result) printf("inner %d at %d\n", result, n);
    n++;
    jump(n);
  }
}

static void nested_jumps(void) {
  for (volatile int i = 0; i < 30; i++) {
    jmp_buf here;
    int result = setjmp(here);
    if (!result) longjmp(here, i + 1);
    if (result != i + 1) printf("wrong %d\n", result);
  }
  sigjmp_buf masked;
  if (sigsetjmp(masked, 0) == 0) siglongjmp(masked, 5);
  printf("nested\n");
}

static void calendar(void) {
  time_t times[] = {0, 86399, 951827696, 1700000000, 2147483647};
  for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
    char text[100];
    struct tm *t = gmtime(&times[i]);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j %U", t);
    printf("%s %d %lld\n", text, t->tm_wday, (long long)mktime(t));
    strftime(text, sizeof text, "%c %Z", localtime(&times[i]));
    printf("%s %s", text, asctime(gmtime(&times[i])));
  }
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("forward %d\n", b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
}

static int add(int n, ...) {
  va_list list;
  va_start(list, n);
  int sum = 0;
  while (n--)
    sum += va_arg(list, int);
  va_end(list);
  return sum;
}

static void strings(void) {
  char text[] = "one, two;three", *rest = text, *word;
  while ((word = strtok_r(rest, ",; ", &rest)))
    printf("<%s>", word);
  printf("%s %s %d\n", strstr("haystack", "st"), strrchr("a/b/c", '/'), strcmp("a", "b") < 0);
  printf("%d %d %c\n", isalpha('x') != 0, isdigit('x') != 0, toupper('q'));
  printf("sum %d %d\n", add(3, 1, 2, 3), abs(-4));
  printf("%.6f %.6f %.6f\n", sin(1), sqrt(2), pow(2, 0.5));
  errno = 0;
  long most = strtol("99999999999999999999", NULL, 10);
  printf("%d %d\n", most == LONG_MAX, errno == ERANGE);
}

static void streams(void) {
  char line[100], *text = NULL;
  size_t size = 0;
  while (fgets(line, sizeof line, stdin))
    printf("read %s", line);
  FILE *f = open_memstream(&text, &size);
  fprintf(f, "%d-%s", 42, "stream");
  fclose(f);
  printf("%s %zu\n", text, size);
  free(text);
  struct passwd *p = getpwuid(0);
  printf("%s %s\n", p ? p->pw_name : "nobody", p ? p->pw_dir : "");
  fputs("to stderr\n", stderr);
}

static void last(void) { printf("at exit\n"); }

int main(int argc, char **argv) {
  atexit(last);
  formats();
  memory();
  jumps();
  nested_jumps();
  calendar();
  strings();
  streams();
  for (int i = 1; i < argc; i++)
    printf("%s ", argv[i]);
  printf("%s %s, and no newline", getenv("PORT"), getenv("NOT_THERE") ? "there" : "not there");
  return argc + 40;
}
