/* Greets someone: ./greet NAME */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s NAME\n", argv[0]);
    return EXIT_FAILURE;
  }
  printf("hello %s\n", argv[1]);
  return 0;
}
