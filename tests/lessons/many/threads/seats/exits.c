/* wrong: ends the whole server */
/* Sells the seats of a hall: ./seats PORT */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 64, LINE = 16, ANSWER = 64, SEATS = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int taken; /* seats 1 to taken are sold; only under the lock */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Returns the first of n seats that are sold now, or 0: there are not so many.
 * It takes a while to write them into the plan. */
static int book(int n) {
  struct timespec writing = {.tv_nsec = 2000000};
  int before = taken;
  if (n < 1 || n > SEATS - before) return 0;
  nanosleep(&writing, NULL);
  taken = before + n;
  return before + 1;
}

static void serve(int client) {
  char line[LINE], answer[ANSWER];
  FILE *in = fdopen(client, "r");
  if (in == NULL) {
    close(client);
    return;
  }
  while (fgets(line, sizeof line, in) != NULL && strchr(line, '\n') != NULL) {
    int n = atoi(line);
    pthread_mutex_lock(&lock);
    int first = book(n);
    pthread_mutex_unlock(&lock);
    int length = first == 0
                     ? snprintf(answer, sizeof answer, "no\n")
                     : snprintf(answer, sizeof answer, "seats %d to %d\n", first, first + n - 1);
    if (send(client, answer, (size_t)length, MSG_NOSIGNAL) != length) break;
  }
  fclose(in);
  exit(EXIT_SUCCESS);
}

static void *run(void *argument) {
  int *place = argument, client = *place;
  free(place);
  serve(client);
  return NULL;
}

static void begin_thread(int client) {
  pthread_t thread;
  int *place = malloc(sizeof *place); /* the thread frees it */
  if (place == NULL) die("malloc");
  *place = client;
  int error = pthread_create(&thread, NULL, run, place);
  if (error == 0) {
    pthread_detach(thread);
    return;
  }
  fprintf(stderr, "pthread_create: %s\n", strerror(error));
  free(place);
  close(client);
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    begin_thread(client);
  }
}
