/* Takes all the memory that it gets. */
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 16 << 20 };

int main(void) {
  for (char *volatile piece; (piece = malloc(PIECE));)
    *piece = 1;
  perror("malloc");
}
