/* The heap grows by the program's own instruction; the kernel has no part in it. */
#include <stddef.h>
#include <stdint.h>

enum { PAGE = 65536, HEAP_LIMIT = 1 << 30 }; /* HEAP_LIMIT: --max-memory in recipe.mk */

size_t emscripten_get_heap_max(void);
int emscripten_resize_heap(size_t size);

size_t emscripten_get_heap_max(void) { return HEAP_LIMIT; }

/* malloc asks for a little at a time: grow by a quarter at least, and by what is asked for if
 * that is more than there is. */
int emscripten_resize_heap(size_t size) {
  size_t pages = __builtin_wasm_memory_size(0), wanted = (size + PAGE - 1) / PAGE;
  if (wanted <= pages) return 1;
  size_t more = wanted - pages;
  if (more < pages / 4 && __builtin_wasm_memory_grow(0, pages / 4) != SIZE_MAX) return 1;
  return __builtin_wasm_memory_grow(0, more) != SIZE_MAX;
}
