/* Counts the lines of all clients, a thread for each: ./count PORT */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int total; /* lines of all clients: only under the lock */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static int count_one(void) {
  pthread_mutex_lock(&lock);
  int now = ++total;
  pthread_mutex_unlock(&lock);
  return now;
}

/* A thread begins here. It may wait for its client as long as it likes. */
static void *serve(void *argument) {
  int *place = argument, client = *place, own = 0;
  char line[LINE], answer[LINE];
  free(place);
  FILE *in = fdopen(client, "r");
  if (in == NULL) {
    close(client);
    return NULL;
  }
  while (fgets(line, sizeof line, in) != NULL) {
    if (strchr(line, '\n') == NULL) break; /* too long */
    own++;
    int n = snprintf(answer, sizeof answer, "your line %d, line %d of all\n",
                     own, count_one());
    if (send(client, answer, (size_t)n, MSG_NOSIGNAL) != n) break;
  }
  fclose(in); /* closes client, too */
  return NULL;
}

static void begin_thread(int client) {
  pthread_t thread;
  int *place = malloc(sizeof *place); /* the thread frees it */
  if (place == NULL) die("malloc");
  *place = client;
  int error = pthread_create(&thread, NULL, serve, place);
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
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[1]);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    begin_thread(client);
  }
}
