/* main(argc, argv): fetches the arguments. */
#include "call.h"
#include <alloca.h>

WASI(args_sizes_get) int kernel_args_sizes_get(size_t *count, size_t *size);
WASI(args_get) int kernel_args_get(char **vector, char *strings);
int __main_argc_argv(int argc, char **argv);
int __main_void(void);

int __main_void(void) {
  size_t count = 0, size = 0;
  kernel_args_sizes_get(&count, &size);
  char **vector = alloca((count + 1) * sizeof *vector), *strings = alloca(size + 1);
  kernel_args_get(vector, strings);
  vector[count] = NULL;
  return __main_argc_argv((int)count, vector);
}
