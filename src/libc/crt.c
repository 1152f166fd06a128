/* Where a program starts. */
#include <stdlib.h>

void __wasm_call_ctors(void); /* the linker's */
int __main_void(void);        /* the compiler's for main(void), else main_void.c's */
void _start(void);

void _start(void) {
  __wasm_call_ctors();
  exit(__main_void());
}
