/* Sends each line that you type, and prints its echo: ./talk HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n == -1) die("send");
    bytes += n;
    length -= (size_t)n;
  }
}

/* Prints the next `length` bytes that come, in however many pieces. */
static void print_echo(int fd, size_t length) {
  char piece[1024];
  while (length > 0) {
    size_t most = length < sizeof piece ? length : sizeof piece;
    ssize_t n = recv(fd, piece, most, 0);
    if (n == -1) die("recv");
    if (n == 0) {
      fprintf(stderr, "%zu bytes are missing\n", length);
      exit(EXIT_FAILURE);
    }
    fwrite(piece, 1, (size_t)n, stdout);
    length -= (size_t)n;
  }
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);

  char line[1024];
  while (fgets(line, sizeof line, stdin) != NULL) {
    send_all(connection, line, strlen(line));
    print_echo(connection, strlen(line));
  }
  close(connection);
  return 0;
}
