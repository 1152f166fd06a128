/* setjmp and longjmp, for what the compiler makes of them: longjmp throws, and a function that
 * called setjmp catches and asks here whether that was meant for it. A jmp_buf begins with a
 * struct context. LLVM 14 keeps the setjmps of one call of a function in a table; later versions
 * need only the frame. */
#include <stdint.h>
#include <stdlib.h>

struct context {
  uintptr_t owner; /* whose setjmp: the frame, or a number of its own (LLVM 14) */
  uint32_t label;  /* which one in that function */
  struct {
    void *context;
    int value;
  } thrown;
};

void __wasm_setjmp(void *env, uint32_t label, void *frame);
uint32_t __wasm_setjmp_test(void *env, void *frame);
void __wasm_longjmp(void *env, int value);

void __wasm_setjmp(void *env, uint32_t label, void *frame) {
  struct context *c = env;
  c->owner = (uintptr_t)frame;
  c->label = label;
}

uint32_t __wasm_setjmp_test(void *env, void *frame) {
  struct context *c = env;
  return c->owner == (uintptr_t)frame ? c->label : 0;
}

void __wasm_longjmp(void *env, int value) {
  struct context *c = env;
  c->thrown.context = env;
  c->thrown.value = value ? value : 1;
  __builtin_wasm_throw(1, &c->thrown); /* 1: the tag __c_longjmp */
}

/* LLVM 14. The table has room for size entries and one that ends it, whose owner is 0. */
struct entry {
  uint32_t owner, label;
};
#ifndef OWN
#define OWN
#endif
static OWN uint32_t last_owner;
static OWN int second_result;

struct entry *saveSetjmp(uint32_t *env, uint32_t label, struct entry *table, int size);
uint32_t testSetjmp(uint32_t owner, const struct entry *table, int size);
int getTempRet0(void);
void setTempRet0(int value);

int getTempRet0(void) { return second_result; }

void setTempRet0(int value) { second_result = value; }

struct entry *saveSetjmp(uint32_t *env, uint32_t label, struct entry *table, int size) {
  int used = 0;
  while (used < size && table[used].owner)
    used++;
  if (used + 1 >= size) {
    size *= 2;
    table = realloc(table, ((size_t)size + 1) * sizeof *table);
    if (!table) abort();
  }
  *env = ++last_owner;
  table[used] = (struct entry){last_owner, label};
  table[used + 1].owner = 0;
  second_result = size;
  return table;
}

uint32_t testSetjmp(uint32_t owner, const struct entry *table, int size) {
  for (int i = 0; i < size && table[i].owner; i++)
    if (table[i].owner == owner) return table[i].label;
  return 0;
}
