/* Forks for ever, and says once in each process when it no longer can. */
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  for (bool said = false;;)
    if (fork() == -1 && !said) {
      perror("fork");
      said = true;
    }
}
