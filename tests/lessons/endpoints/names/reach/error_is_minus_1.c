/* wrong: Segmentation fault */
/* Connects to a host, and says at which address: ./reach [HOST] PORT */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NUMBER_SIZE 64 /* room for an address, or a port, in numbers */

/* Of an error of getaddrinfo and getnameinfo. */
static void die(int error) {
  fprintf(stderr, "%s\n", gai_strerror(error));
  exit(EXIT_FAILURE);
}

/* A socket connected to this address; -1 with errno. */
static int connect_to(const struct addrinfo *a) {
  int connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (connection == -1) return -1;
  if (connect(connection, a->ai_addr, a->ai_addrlen) == 0) return connection;
  int reason = errno;
  close(connection);
  errno = reason;
  return -1;
}

/* The first that answers, or -1. Says which one, and why others did not. */
static int connect_to_one_of(const struct addrinfo *a) {
  for (int family = a->ai_family; a != NULL && family != 0; a = a->ai_next) {
    int connection = connect_to(a);
    int reason = errno;
    char address[NUMBER_SIZE], port[NUMBER_SIZE];
    int error = getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, port, sizeof port,
                            NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0) die(error);

    if (connection != -1) {
      printf("reached %s port %s\n", address, port);
      return connection;
    }
    fprintf(stderr, "%s: %s\n", address, strerror(reason));
  }
  return -1;
}

int main(int argc, char *argv[]) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s [HOST] PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  const char *host = argc == 3 ? argv[1] : NULL;
  const char *port = argv[argc - 1];

  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses = NULL;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error == -1) die(error);

  int connection = connect_to_one_of(addresses);
  freeaddrinfo(addresses);
  if (connection == -1) return EXIT_FAILURE;
  close(connection);
  return 0;
}
