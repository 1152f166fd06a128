/* Prints what a server says, up to its end: ./hear HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses, *a;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int connection = -1;
  for (a = addresses; a != NULL && connection == -1; a = a->ai_next) {
    connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (connection == -1) continue;
    if (connect(connection, a->ai_addr, a->ai_addrlen) == 0) break;
    close(connection);
    connection = -1;
  }
  if (connection == -1) die("connect");
  freeaddrinfo(addresses);
  return connection;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  char piece[256];
  ssize_t n;
  while ((n = recv(connection, piece, sizeof piece, 0)) > 0)
    fwrite(piece, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(connection);
  return 0;
}
