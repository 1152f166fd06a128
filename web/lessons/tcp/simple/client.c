/* Connects to a server and prints what it says: ./client [HOST [PORT]] */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket connected to this address, or -1. */
static int try_address(const struct addrinfo *a) {
  int connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (connection == -1 || connect(connection, a->ai_addr, a->ai_addrlen) == 0)
    return connection;
  close(connection);
  return -1;
}

/* A socket connected to the first of the host's addresses that answers. */
static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  hints.ai_flags = AI_ADDRCONFIG; /* only addresses of a kind this host has */
  struct addrinfo *addresses;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }

  struct addrinfo *a;
  int connection = -1;
  for (a = addresses; a != NULL && connection == -1; a = a->ai_next)
    connection = try_address(a);
  if (connection == -1) die("connect");
  freeaddrinfo(addresses);
  return connection;
}

int main(int argc, char *argv[]) {
  const char *host = argc > 1 ? argv[1] : "localhost";
  const char *port = argc > 2 ? argv[2] : "9999";
  int connection = connect_to(host, port);

  char reply[1024];
  size_t length = 0;
  ssize_t n;
  do { /* recv gives what has arrived so far, and 0 at the server's close */
    n = recv(connection, reply + length, sizeof reply - length, 0);
    if (n > 0) length += (size_t)n;
  } while (n > 0 && length < sizeof reply);

  fwrite(reply, 1, length, stdout);
  if (n == -1) die("recv");
  close(connection);
  return 0;
}
