/* The machine under the fuzzer's kernel, and what random calls are made of. Everything happens in
 * one thread and follows from the input alone: a process that sleeps has others make their calls
 * inside its own, and is woken by them, by the clock, which jumps, or by a signal. */
#ifndef PORTSIDE_FUZZ_H
#define PORTSIDE_FUZZ_H

#include "kernel.h"

#define U(...) ((uptr)(__VA_ARGS__))
enum { HANDLER = 64, MEMORY = 160 << 10 }; /* "address" of a handler, bytes of a program's memory */

/* fuzz.c */
unsigned byte(void); /* of the input; 0 behind its end */
void step(void);     /* one call, of a process that can make one */
void step_as(struct proc *p);
_Noreturn void leave_call(void); /* the process has ended: back to where its call was made */
void worker_tick(void);

/* fuzz_machine.c */
extern int64_t clock_ns;
extern uint8_t memory[MEMORY];
extern bool locked;
extern int depth, sleeps; /* calls inside calls; sleeps in the innermost */
void machine_reset(void);

/* fuzz_call.c */
void random_call(void); /* by current */
void file_tree_clear(void);

#endif
