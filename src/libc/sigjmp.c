/* The signal mask's part in sigsetjmp and siglongjmp. */
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

void __save_mask(sigjmp_buf env, int save) {
  env->__mask_saved = save;
  if (save) sigprocmask(SIG_SETMASK, NULL, (sigset_t *)env->__mask);
}

_Noreturn void siglongjmp(sigjmp_buf env, int value) {
  if (env->__mask_saved) sigprocmask(SIG_SETMASK, (sigset_t *)env->__mask, NULL);
  longjmp(env, value);
}
