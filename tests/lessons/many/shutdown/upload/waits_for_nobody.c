/* wrong: as soon as nobody is left */
/* Says how many bytes each client has sent: ./upload PORT SECONDS */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16, CLIENTS = 32 };
static struct pollfd watched[1 + CLIENTS]; /* the first is the listener */
static long bytes[1 + CLIENTS];
static nfds_t count = 1;
static volatile sig_atomic_t stopping;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* It does not block: accept says EAGAIN when nobody is in the queue. */
static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Returns 0 when nobody is in the queue. */
static int accept_next(void) {
  int client = accept(watched[0].fd, NULL, NULL);
  if (client == -1) return 0;
  if (count == 1 + CLIENTS) {
    close(client);
    return 1;
  }
  bytes[count] = 0;
  watched[count++] = (struct pollfd){.fd = client, .events = POLLIN};
  return 1;
}

/* Reads what client i has sent; when it has sent all, answers and forgets it.
 */
static void read_from(nfds_t i) {
  char buffer[4096];
  ssize_t n = recv(watched[i].fd, buffer, sizeof buffer, 0);
  if (n == -1 && errno == EINTR) return;
  if (n > 0) {
    bytes[i] += n;
    return;
  }
  if (n == 0) {
    int length = snprintf(buffer, sizeof buffer, "%ld bytes\n", bytes[i]);
    send(watched[i].fd, buffer, (size_t)length, MSG_NOSIGNAL);
  }
  close(watched[i].fd);
  watched[i] = watched[--count];
  bytes[i] = bytes[count];
}

/* After a poll: what is to be done for those who are ready. */
static void serve_ready(void) {
  for (nfds_t i = count - 1; i > 0; i--)
    if (watched[i].revents != 0) read_from(i);
  if (watched[0].revents != 0) accept_next();
}

static void stop(int sig) { stopping = sig; }

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* SIGTERM comes only while ppoll waits. limit_ms -1: as long as it takes. */
static void step(long limit_ms, const sigset_t *mask) {
  struct timespec limit = {.tv_sec = limit_ms / 1000, .tv_nsec = limit_ms % 1000 * 1000000};
  int ready = ppoll(watched, count, limit_ms < 0 ? NULL : &limit, mask);
  if (ready > 0) serve_ready();
}

static void drain(int seconds, const sigset_t *mask) {
  while (accept_next()) /* those in the queue are clients, too */
    ;
  close(watched[0].fd);
  watched[0].fd = -1;
  long end = now_ms() + seconds * 1000L, left;
  while ((left = end - now_ms()) > 0)
    step(left, mask);
}

int main(int argc, char *argv[]) {
  struct sigaction action = {.sa_handler = stop};
  sigset_t term, before;
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT SECONDS\n", argv[0]);
    return EXIT_FAILURE;
  }
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &term, &before) == -1) die("sigprocmask");
  if (sigaction(SIGTERM, &action, NULL) == -1) die("sigaction");
  watched[0].fd = listen_on((in_port_t)atoi(argv[1]));
  watched[0].events = POLLIN;
  while (!stopping)
    step(-1, &before);
  drain(atoi(argv[2]), &before);
  return EXIT_SUCCESS;
}
