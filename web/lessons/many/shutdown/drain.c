/* Sends back what clients send; SIGTERM gives them 5 seconds: ./drain PORT */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16, CLIENTS = 16, GRACE = 5 };
static struct pollfd watched[1 + CLIENTS]; /* the first is the listener */
static nfds_t count;
static volatile sig_atomic_t stopping;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void stop(int sig) { stopping = sig; }

static void watch(int fd) {
  if (count == 1 + CLIENTS)
    close(fd);
  else
    watched[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void accept_all(void) {
  int client;
  while ((client = accept(watched[0].fd, NULL, NULL)) != -1)
    watch(client);
}

static void serve(nfds_t i) {
  char buffer[1024];
  ssize_t n = recv(watched[i].fd, buffer, sizeof buffer, 0);
  if (n > 0 && send(watched[i].fd, buffer, (size_t)n, MSG_NOSIGNAL) == n)
    return;
  close(watched[i].fd);
  watched[i] = watched[--count];
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits, and does what is to be done. SIGTERM comes only here. */
static void step(const struct timespec *limit, const sigset_t *mask) {
  if (ppoll(watched, count, limit, mask) <= 0) return; /* signal, or time */
  for (nfds_t i = count - 1; i > 0; i--)
    if (watched[i].revents != 0) serve(i);
  if (watched[0].revents != 0) accept_all();
}

static void drain(const sigset_t *mask) {
  accept_all(); /* those who are in the queue are clients, too */
  close(watched[0].fd);
  watched[0].fd = -1; /* poll passes over it */
  printf("no more clients; %d still here\n", (int)count - 1);
  long end = now_ms() + GRACE * 1000L, left;
  while (count > 1 && (left = end - now_ms()) > 0) {
    struct timespec limit = {.tv_sec = left / 1000,
                             .tv_nsec = left % 1000 * 1000000};
    step(&limit, mask);
  }
  printf("%d cut off\n", (int)count - 1);
}

int main(int argc, char *argv[]) {
  struct sigaction action = {.sa_handler = stop};
  sigset_t term, before;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &term, &before) == -1) die("sigprocmask");
  if (sigaction(SIGTERM, &action, NULL) == -1) die("sigaction");
  watch(listen_on((in_port_t)atoi(argv[1])));
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[1]);
  while (!stopping)
    step(NULL, &before);
  drain(&before);
  return EXIT_SUCCESS;
}
