/* Connects to a host and says from where to where: ./visit HOST PORT */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void show(const char *what, const struct sockaddr *a, socklen_t size) {
  char address[INET6_ADDRSTRLEN];
  int error =
      getnameinfo(a, size, address, sizeof address, NULL, 0, NI_NUMERICHOST);
  printf("%s %s\n", what, error == 0 ? address : gai_strerror(error));
}

static int connect_to(const struct addrinfo *a) {
  int connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (connection == -1 || connect(connection, a->ai_addr, a->ai_addrlen) == 0)
    return connection;
  close(connection);
  return -1;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(argv[1], argv[2], &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
    return EXIT_FAILURE;
  }

  int connection = -1;
  const struct addrinfo *a;
  for (a = addresses; a != NULL; a = a->ai_next)
    if ((connection = connect_to(a)) != -1) break;
  if (a == NULL) die("connect");

  struct sockaddr_storage own;
  socklen_t size = sizeof own;
  if (getsockname(connection, (struct sockaddr *)&own, &size) == -1)
    die("getsockname");
  show("from", (struct sockaddr *)&own, size);
  show("to  ", a->ai_addr, a->ai_addrlen);
  freeaddrinfo(addresses);
  close(connection);
  return 0;
}
