/* Before standard input waits for more, what was printed to a terminal appears, as with glibc: a
 * question without a newline is seen before its answer is typed. Linked with --wrap. */
#include <stdio.h>
#include <stdio_ext.h>

extern FILE *volatile __stdout_used __attribute__((weak));

size_t __real___stdio_read(FILE *from, unsigned char *to, size_t n);
size_t __wrap___stdio_read(FILE *from, unsigned char *to, size_t n);

size_t __wrap___stdio_read(FILE *from, unsigned char *to, size_t n) {
  if (from == stdin && &__stdout_used && __stdout_used && __flbf(__stdout_used))
    fflush(__stdout_used);
  return __real___stdio_read(from, to, n);
}
