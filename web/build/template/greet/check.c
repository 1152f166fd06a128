/* It greets by name. */
#include "check.h"

static void greets(void) {
  struct program *greet = start("greet", "world", NULL);
  prints(greet, "hello world\n");
  prints_end(greet);
  ends(greet, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it greets the world", greets, "The name is in argv[1].");
  return check_end();
}
