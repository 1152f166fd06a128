/* Where a program starts. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern FILE *volatile __stdout_used __attribute__((weak)); /* NULL or not there: it is not */

void __wasm_call_ctors(void); /* the linker's */
int __main_void(void);        /* the compiler's for main(void), else main_void.c's */
void _start(void);
void __threads_begin(void);

/* src/libc/threads/thread.c has another. */
__attribute__((weak)) void __threads_begin(void) {}

/* Emscripten has every standard output a terminal. */
static void buffer_output(void) {
  if (&__stdout_used && __stdout_used && !isatty(1)) setvbuf(__stdout_used, NULL, _IOFBF, 0);
}

void _start(void) {
  __threads_begin();
  buffer_output(); /* a constructor may choose otherwise */
  __wasm_call_ctors();
  exit(__main_void());
}
