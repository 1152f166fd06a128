/* A program divides by zero: it traps here, as its own division would. The name is that of clang's
 * minimal runtime (UndefinedBehaviorSanitizer). */
void __ubsan_handle_divrem_overflow_minimal_abort(void);

void __ubsan_handle_divrem_overflow_minimal_abort(void) {
  volatile int number = 1, zero = 0;
  number = number / zero;
}
