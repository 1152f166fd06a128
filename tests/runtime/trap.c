/* Uses a pointer that points to nothing. */
#include <stdlib.h>

int main(int argc, char *argv[]) {
  const char *name = getenv("NAME_OF_NOTHING");
  return argc > 1 ? argv[1][0] : name[0];
}
