/* What the kernel stands on in a page: shared memory, atomic waits, and a few imports from the
 * JavaScript of the Worker that it runs in (web/runtime/kernel.js). */
#include "kernel.h"
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))
IMPORT(now_ms) double host_now_ms(int realtime);
IMPORT(copy_from_user) int host_copy_from_user(void *to, uptr from, size_t n);
IMPORT(copy_to_user) int host_copy_to_user(uptr to, const void *from, size_t n);
IMPORT(random) void host_random(void *to, size_t n);
IMPORT(stack) int host_stack(uint32_t *to, int room);
IMPORT(missing) size_t host_missing(char *to, size_t room);
IMPORT(notify) void host_notify(void);
IMPORT(exit) _Noreturn void host_exit(int status);
IMPORT(exec) _Noreturn void host_exec(void);
IMPORT(call_handler)
void host_call_handler(uptr handler, int signal, const void *info, size_t n);
IMPORT(panic) _Noreturn void host_panic(const char *message, size_t n);

size_t emscripten_get_heap_max(void);

/* 0 free, 1 held, 2 held and somebody waits */
static int lock_word;

/* Nobody holds it longer than a copy takes, so that looking for its end is cheaper than sleep. */
void lock(void) {
  enum { LOOKS = 20000 };
  for (int i = 0; i < LOOKS; i++) {
    int free = 0;
    if (!__atomic_load_n(&lock_word, __ATOMIC_RELAXED) &&
        __atomic_compare_exchange_n(&lock_word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
      return;
  }
  while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE))
    __builtin_wasm_memory_atomic_wait32(&lock_word, 2, -1);
}

void machine_unlock(void) {
  if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
    __builtin_wasm_memory_atomic_notify(&lock_word, 1);
}

int futex_wait(int *word, int seen, int64_t ns) {
  return __builtin_wasm_memory_atomic_wait32(word, seen, ns) == 2 ? -ETIMEDOUT : 0;
}

void futex_wake(int *word) { __builtin_wasm_memory_atomic_notify(word, UINT32_MAX); }
int64_t now_ns(void) { return (int64_t)(host_now_ms(0) * 1e6); }
int64_t realtime_ns(void) { return (int64_t)(host_now_ms(1) * 1e6); }
int copy_from_user(void *to, uptr from, size_t n) {
  return n && (!from || host_copy_from_user(to, from, n)) ? -EFAULT : 0;
}
int copy_to_user(uptr to, const void *from, size_t n) {
  return n && (!to || host_copy_to_user(to, from, n)) ? -EFAULT : 0;
}
void machine_random(void *to, size_t n) { host_random(to, n); }
size_t machine_memory_used(void) { return (size_t)mallinfo().uordblks; }
size_t machine_memory_most(void) { return emscripten_get_heap_max(); }
int machine_stack(uint32_t *to, int room) { return host_stack(to, room); }
void machine_missing(char *to, size_t room) { to[host_missing(to, room - 1)] = 0; }
void machine_notify(void) { host_notify(); }
void machine_exit(int status) { host_exit(status); }
void machine_exec(void) { host_exec(); }
void machine_handler(uptr handler, int signal, const siginfo_t *info) {
  host_call_handler(handler, signal, info, info ? sizeof *info : 0);
}

void machine_park(void) {
  static int never;
  for (;;)
    __builtin_wasm_memory_atomic_wait32(&never, 0, -1);
}

void panic(const char *format, ...) {
  char message[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  host_panic(message, strlen(message));
}

/* What Emscripten's libc expects of its JavaScript, and has here without. */
int emscripten_resize_heap(size_t size);
void *emscripten_memcpy_big(void *to, const void *from, size_t n);
double emscripten_get_now(void);
int __clock_gettime(int clock, struct timespec *t);
void __emscripten_init_main_thread_js(void *thread);
void emscripten_unwind_to_js_event_loop(void);
void *_emscripten_memcpy_bulkmem(void *to, const void *from, size_t n); /* from here on: 3.1.69 */
void *_emscripten_memset_bulkmem(void *to, int byte, size_t n);
void _emscripten_init_main_thread_js(void *thread);
void _emscripten_thread_mailbox_await(void *thread);
void _emscripten_thread_set_strongref(void *thread);
void emscripten_exit_with_live_runtime(void);

int emscripten_resize_heap(size_t size) {
  enum { PAGE = 65536 };
  size_t have = __builtin_wasm_memory_size(0) * PAGE;
  return size <= have || __builtin_wasm_memory_grow(0, (size - have + PAGE - 1) / PAGE) != SIZE_MAX;
}
size_t emscripten_get_heap_max(void) { return (size_t)1 << 30; }
void *emscripten_memcpy_big(void *to, const void *from, size_t n) {
  return __builtin_memcpy(to, from, n);
}
void *_emscripten_memcpy_bulkmem(void *to, const void *from, size_t n) {
  return __builtin_memcpy(to, from, n);
}
void *_emscripten_memset_bulkmem(void *to, int byte, size_t n) {
  return __builtin_memset(to, byte, n);
}
double emscripten_get_now(void) { return host_now_ms(0); }
int __clock_gettime(int clock, struct timespec *t) {
  int64_t ns = clock ? now_ns() : realtime_ns();
  *t = (struct timespec){.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
  return 0;
}
void __emscripten_init_main_thread_js(void *thread) { (void)thread; }
void _emscripten_init_main_thread_js(void *thread) { (void)thread; }
void _emscripten_thread_mailbox_await(void *thread) { (void)thread; }
void _emscripten_thread_set_strongref(void *thread) { (void)thread; }
void emscripten_unwind_to_js_event_loop(void) {
  panic("the kernel's libc left for the event loop");
}
void emscripten_exit_with_live_runtime(void) { emscripten_unwind_to_js_event_loop(); }
void abort(void) { panic("the kernel's libc called abort"); }
