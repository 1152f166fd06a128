/* For program_invocation_name and what prints it: warn(), err(), assert(). */
#include "call.h"
#include <alloca.h>
#include <string.h>

WASI(args_sizes_get) int kernel_args_sizes_get(size_t *count, size_t *size);
WASI(args_get) int kernel_args_get(char **vector, char *strings);
void _emscripten_get_progname(char *to, int size);

void _emscripten_get_progname(char *to, int size) {
  size_t count = 0, length = 0;
  kernel_args_sizes_get(&count, &length);
  char **vector = alloca((count + 1) * sizeof *vector), *strings = alloca(length + 1);
  kernel_args_get(vector, strings);
  strlcpy(to, count ? vector[0] : "", (size_t)size);
}
