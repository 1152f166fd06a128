/* wrong: fill it again before each call */
/* Passes on what its clients say to a server, and the other way round:
 * ./relay PORT HOST PORT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* A socket connected to the server, or -1. */
static int call(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return -1;
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) {
    perror(host);
    close(fd);
    fd = -1;
  }
  freeaddrinfo(there);
  return fd;
}

/* Passes on what comes next. Returns 1; 0 at the end of file; -1 for an error. */
static int pass(int from, int to) {
  char piece[4096];
  ssize_t n = recv(from, piece, sizeof piece, 0);
  for (ssize_t sent = 0; sent < n;) {
    ssize_t m = send(to, piece + sent, (size_t)(n - sent), MSG_NOSIGNAL);
    if (m == -1) return -1;
    sent += m;
  }
  return n > 0 ? 1 : (int)n;
}

/* Until both have ended, or an error. An end is passed on like the bytes. */
static void relay(int client, int server) {
  int ends[] = {client, server}, open[] = {1, 1};
  fd_set readable;
  FD_ZERO(&readable);
  for (int i = 0; i < 2; i++)
    if (open[i]) FD_SET(ends[i], &readable);
  while (open[0] || open[1]) {
    int highest = client > server ? client : server;
    if (select(highest + 1, &readable, NULL, NULL, NULL) == -1) {
      if (errno == EINTR) continue;
      die("select");
    }
    for (int i = 0; i < 2; i++) {
      if (!FD_ISSET(ends[i], &readable)) continue;
      int result = pass(ends[i], ends[1 - i]);
      if (result == -1) return;
      open[i] = result;
      if (!open[i]) shutdown(ends[1 - i], SHUT_WR);
    }
  }
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s PORT HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }
    int server = call(argv[2], argv[3]);
    if (server != -1) {
      relay(client, server);
      close(server);
    }
    close(client);
  }
}
