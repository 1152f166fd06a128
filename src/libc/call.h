/* How a program reaches the kernel. A call declared here is an import of the program under a C
 * name of our own, so that no stub in Emscripten's libraries can answer in the kernel's place. */
#ifndef PORTSIDE_CALL_H
#define PORTSIDE_CALL_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* CALL(name) long kernel_name(...): a system call; its result is -errno when it fails. */
#define CALL(name) __attribute__((import_module("env"), import_name("__syscall_" #name)))
/* WASI(name) int kernel_name(...): the same of WASI; its result is 0 or errno. */
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

/* What a system call answered, as C wants it: -1 and errno. */
static inline long answer(long result) {
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

#define ALIAS(of) __attribute__((weak, alias(#of)))

#endif
