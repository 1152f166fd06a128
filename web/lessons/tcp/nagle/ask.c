/* How long does a question take? ./ask HOST PORT [nodelay] */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS 20

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

static void say(int connection, const char *text) {
  if (send(connection, text, strlen(text), MSG_NOSIGNAL) == -1) die("send");
}

static void hear_line(int connection) {
  char piece[16];
  ssize_t n;
  do {
    n = recv(connection, piece, sizeof piece, 0);
    if (n == -1) die("recv");
  } while (n > 0 && piece[n - 1] != '\n');
}

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char *argv[]) {
  int yes = 1;
  if (argc < 3) {
    fprintf(stderr, "usage: %s HOST PORT [nodelay]\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  if (argc > 3 && strcmp(argv[3], "nodelay") == 0 &&
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == -1)
    die("setsockopt");

  long began = now_us();
  for (int i = 0; i < QUESTIONS; i++) {
    say(connection, "is anybody there?");
    say(connection, "\n");
    hear_line(connection);
  }
  printf("%d questions: %06ld microseconds\n", QUESTIONS, now_us() - began);
  close(connection);
  return 0;
}
