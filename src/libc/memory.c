/* Moving and filling memory by the instructions made for it. Address 0 is memory like any other to
 * them, so NULL is looked for here. */
#include <stddef.h>
#include <string.h>

#define BULK __attribute__((target("bulk-memory")))

BULK static void *copy(void *to, const void *from, size_t n) {
  if (n && (!to || !from)) __builtin_trap();
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.copy 0, 0"
                   :
                   : "r"(to), "r"(from), "r"(n)
                   : "memory");
  return to;
}

BULK void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  return copy(to, from, n);
}

BULK void *memmove(void *to, const void *from, size_t n) { return copy(to, from, n); }

BULK void *memset(void *to, int byte, size_t n) {
  if (n && !to) __builtin_trap();
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.fill 0"
                   :
                   : "r"(to), "r"(byte), "r"(n)
                   : "memory");
  return to;
}
