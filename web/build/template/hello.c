/* Says which host it runs on: ./hello */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  char host[256];
  if (gethostname(host, sizeof host) == -1) {
    perror("gethostname");
    return EXIT_FAILURE;
  }
  printf("hello from %s\n", host);
  return 0;
}
