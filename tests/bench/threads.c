/* ./threads TIMES: threads created and joined, a second. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void *nothing(void *argument) { return argument; }

int main(int argc, char *argv[]) {
  struct timespec start, end;
  int times = argc == 2 ? atoi(argv[1]) : 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < times; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0) {
      fprintf(stderr, "no thread\n");
      return EXIT_FAILURE;
    }
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  double seconds =
      (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) * 1e-9;
  return printf("%.3f\n", times / seconds) < 0;
}
