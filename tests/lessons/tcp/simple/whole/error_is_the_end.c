/* wrong: -1 is an error, and not the end */
/* Prints all that a server says: ./printer HOST PORT */
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
  struct addrinfo *addresses;
  int connection = -1, error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  for (struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
    connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (connection == -1) die("socket");
    if (connect(connection, a->ai_addr, a->ai_addrlen) == 0) break;
    if (a->ai_next == NULL) die("connect");
    close(connection);
  }
  freeaddrinfo(addresses);
  return connection;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);

  char buffer[4096];
  ssize_t n;
  while ((n = recv(connection, buffer, sizeof buffer, 0)) > 0)
    fwrite(buffer, 1, (size_t)n, stdout);
  close(connection);
  return 0;
}
