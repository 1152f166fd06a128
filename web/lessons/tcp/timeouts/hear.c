/* Prints what a server says, but does not wait for ever:
 * ./hear HOST PORT SECONDS */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* No call on this socket waits longer. */
static void limit(int connection, time_t seconds) {
  struct timeval most = {.tv_sec = seconds};
  if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) ==
          -1 ||
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == -1)
    die("setsockopt");
}

static int connect_to(const char *host, const char *port, time_t seconds) {
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
    limit(connection, seconds);
    if (connect(connection, a->ai_addr, a->ai_addrlen) == 0) break;
    close(connection);
    connection = -1;
  }
  if (connection == -1) die("connect");
  freeaddrinfo(addresses);
  return connection;
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT SECONDS\n", argv[0]);
    return EXIT_FAILURE;
  }
  time_t seconds = atoi(argv[3]);
  int connection = connect_to(argv[1], argv[2], seconds);

  char piece[256];
  ssize_t n;
  while ((n = recv(connection, piece, sizeof piece, 0)) > 0) {
    fwrite(piece, 1, (size_t)n, stdout);
    fflush(stdout);
  }
  if (n == -1) {
    perror("recv");
    if (errno == EAGAIN || errno == EWOULDBLOCK)
      fprintf(stderr, "nothing has come for %ld s\n", (long)seconds);
    return EXIT_FAILURE;
  }
  close(connection);
  return 0;
}
