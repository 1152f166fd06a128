/* wrong: counts anew */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LONGEST 256

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void give_up(const char *why) {
  fprintf(stderr, "%s\n", why);
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

/* A line and its end, which must come within ms milliseconds: its length. */
static size_t hear_line(int connection, char *line, size_t size, long ms) {
  struct timeval most = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
  if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == -1) die("setsockopt");
  size_t length = 0;
  while (memchr(line, '\n', length) == NULL) {
    if (length == size) give_up("the line is too long");
    ssize_t n = recv(connection, line + length, size - length, 0);
    if (n == -1 && errno == EAGAIN) give_up("timed out");
    if (n == -1) die("recv");
    if (n == 0) give_up("the server left in mid-line");
    length += (size_t)n;
  }
  return length;
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT MS\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  char line[LONGEST + 1];
  size_t length = hear_line(connection, line, sizeof line, atol(argv[3]));
  fwrite(line, 1, length, stdout);
  close(connection);
  return 0;
}
