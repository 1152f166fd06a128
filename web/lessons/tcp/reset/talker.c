/* Sends five messages, and tells what becomes of them: ./talker HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGES 5
#define GAP_NS 100000000L /* 0.1 s between two */

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

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int connection = connect_to(argv[1], argv[2]);

  for (int i = 1; i <= MESSAGES; i++) {
    char message[32];
    int length = snprintf(message, sizeof message, "message %d\n", i);
    ssize_t n = send(connection, message, (size_t)length, MSG_NOSIGNAL);
    if (n == -1) die("send");
    printf("message %d: %zd bytes sent\n", i, n);
    nanosleep(&(struct timespec){.tv_nsec = GAP_NS}, NULL);
  }
  close(connection);
  return 0;
}
