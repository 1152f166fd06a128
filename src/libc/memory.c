/* Moving and filling memory by the instructions made for it. */
#include <stddef.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.copy 0, 0"
                   :
                   : "r"(to), "r"(from), "r"(n)
                   : "memory");
  return to;
}

void *memmove(void *to, const void *from, size_t n) { return memcpy(to, from, n); }

void *memset(void *to, int byte, size_t n) {
  __asm__ volatile("local.get %0\nlocal.get %1\nlocal.get %2\nmemory.fill 0"
                   :
                   : "r"(to), "r"(byte), "r"(n)
                   : "memory");
  return to;
}
