/* Connects to a host, and says at which address: ./reach [HOST] PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

int main(int argc, char *argv[]) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s [HOST] PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  const char *host = argc == 3 ? argv[1] : NULL;
  const char *port = argv[argc - 1];

  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  if (getaddrinfo(host, port, &hints, &addresses) != 0) die("getaddrinfo");

  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connection == -1) die("socket");
  if (connect(connection, addresses->ai_addr, addresses->ai_addrlen) == -1)
    die("connect");

  printf("reached %s port %s\n", host != NULL ? host : "myself", port);
  freeaddrinfo(addresses);
  close(connection);
  return 0;
}
