/* Like Emscripten's, but sigsetjmp and siglongjmp keep the signal mask. */
#ifndef _SETJMP_H
#define _SETJMP_H

typedef struct __jmp_buf_tag {
  unsigned long __context[6];
  int __mask_saved;
  unsigned long __mask[128 / sizeof(long)];
} jmp_buf[1];
typedef jmp_buf sigjmp_buf;

#ifdef __cplusplus
extern "C" {
#endif
int setjmp(jmp_buf) __attribute__((__returns_twice__));
_Noreturn void longjmp(jmp_buf, int);
_Noreturn void siglongjmp(sigjmp_buf, int);
void __save_mask(sigjmp_buf, int);
#ifdef __cplusplus
}
#endif

#define setjmp setjmp
#define sigsetjmp(env, save) (__save_mask(env, save), setjmp(env))
#define _setjmp setjmp
#define _longjmp longjmp

#endif
