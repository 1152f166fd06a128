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
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
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

/* Passes on what comes next. Returns 1; 0 at the end of file; -1 for an error.
 */
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

/* They take turns, the client first: so it must not be. */
static void relay(int client, int server) {
  while (pass(client, server) == 1 && pass(server, client) == 1) {
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
