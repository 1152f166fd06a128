/* A remote control: sends each line as a command. ./remote HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST 255 /* its length is one byte */

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

static void send_all(int connection, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = send(connection, at, length, MSG_NOSIGNAL);
    if (n == -1) die("send");
    at += n;
    length -= (size_t)n;
  }
}

/* Its length in one byte, then its text. */
static void command(int connection, const char *text, size_t length) {
  unsigned char size = (unsigned char)length;
  send_all(connection, &size, sizeof size);
  send_all(connection, text, length);
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);

  char line[LONGEST + 2]; /* with its end, and the 0 */
  while (fgets(line, sizeof line, stdin) != NULL)
    command(connection, line, strcspn(line, "\n"));
  close(connection);
  return 0;
}
