/* wrong: half a line is no line */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
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

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A line and its end, which must come within ms milliseconds: its length. */
static size_t hear_line(int connection, char *line, size_t size, long ms) {
  long deadline = now_ms() + ms;
  size_t length = 0;
  while (memchr(line, '\n', length) == NULL) {
    if (length == size) give_up("the line is too long");
    long left = deadline - now_ms();
    struct pollfd watched = {.fd = connection, .events = POLLIN};
    int ready = left > 0 ? poll(&watched, 1, (int)left) : 0;
    if (ready == -1) die("poll");
    if (ready == 0) {
      fprintf(stderr, "timed out\n");
      return length;
    }
    ssize_t n = recv(connection, line + length, size - length, 0);
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
