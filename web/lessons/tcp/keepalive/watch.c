/* Asks every second if a server is there: ./watch HOST PORT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 3

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

static void set(int connection, int level, int option, int value) {
  if (setsockopt(connection, level, option, &value, sizeof value) == -1)
    die("setsockopt");
}

/* The host: after 1 s of silence ask every second, and give up after 3. */
static void watch_host(int connection) {
  set(connection, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(connection, IPPROTO_TCP, TCP_KEEPIDLE, 1);
  set(connection, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set(connection, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(connection, IPPROTO_TCP, TCP_USER_TIMEOUT, 4000); /* milliseconds */
}

/* The program: does it say anything within PATIENCE_S? */
static void ask(int connection) {
  static const char question[] = "ping\n";
  char piece[64];
  if (send(connection, question, sizeof question - 1, MSG_NOSIGNAL) == -1)
    die("send");
  ssize_t n = recv(connection, piece, sizeof piece, 0);
  if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    printf("no answer for %d s: the program is stuck\n", PATIENCE_S);
    exit(EXIT_FAILURE);
  }
  if (n == -1) die("recv"); /* ETIMEDOUT: the host is gone */
  if (n == 0) {
    printf("the server has closed\n");
    exit(EXIT_FAILURE);
  }
  printf("it is there\n");
}

int main(int argc, char *argv[]) {
  struct timeval patience = {.tv_sec = PATIENCE_S};
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int connection = connect_to(argv[1], argv[2]);
  watch_host(connection);
  if (setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience,
                 sizeof patience) == -1)
    die("setsockopt");
  for (;;) {
    ask(connection);
    sleep(1);
  }
}
