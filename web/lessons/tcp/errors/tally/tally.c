/* Counts what each client says, and all together on SIGUSR1: ./tally PORT */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

static volatile sig_atomic_t asked; /* SIGUSR1 has come */
static unsigned long clients, total;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void on_signal(int sig) {
  (void)sig;
  asked = 1;
}

static void report(void) {
  if (!asked) return;
  asked = 0;
  printf("%lu clients, %lu bytes\n", clients, total);
  fflush(stdout);
}

static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void serve(int client) {
  char piece[4096], answer[32];
  unsigned long count = 0;
  ssize_t n;
  while ((n = recv(client, piece, sizeof piece, 0)) != 0) {
    if (n == -1) die("recv");
    count += (unsigned long)n;
  }
  clients++;
  total += count;
  int length = snprintf(answer, sizeof answer, "%lu bytes\n", count);
  if (send(client, answer, (size_t)length, MSG_NOSIGNAL) == -1) die("send");
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sigaction action = {.sa_handler = on_signal};
  if (sigaction(SIGUSR1, &action, NULL) == -1) die("sigaction");
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    report();
    int client = accept(listener, NULL, NULL);
    if (client == -1) die("accept");
    serve(client);
    close(client);
  }
}
