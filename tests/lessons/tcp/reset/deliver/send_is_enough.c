/* wrong: End of file is no receipt */
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIPT "OK\n"

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

static int send_all(int connection, const char *text, size_t length) {
  while (length > 0) {
    ssize_t n = send(connection, text, length, MSG_NOSIGNAL);
    if (n == -1) return -1;
    text += n;
    length -= (size_t)n;
  }
  return 0;
}

/* Is what the server says, up to its end, RECEIPT? */
static bool receive_receipt(int connection) {
  char answer[sizeof RECEIPT];
  size_t length = 0;
  ssize_t n;
  while (length < sizeof answer &&
         (n = recv(connection, answer + length, sizeof answer - length, 0)) != 0) {
    if (n == -1) break;
    length += (size_t)n;
  }
  return length == strlen(RECEIPT) && memcmp(answer, RECEIPT, length) == 0;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);

  char piece[4096];
  ssize_t n;
  while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0)
    if (send_all(connection, piece, (size_t)n) == -1) die("send");
  if (n == -1) die("read");
  if (shutdown(connection, SHUT_WR) == -1) die("shutdown");

  receive_receipt(connection);
  printf("delivered\n");
  close(connection);
  return 0;
}
