/* Two people type to each other: ./phone PORT waits for a call, and
 * ./phone HOST PORT makes one. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int wait_for_call(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, 1) == -1) die("listen");
  int connection = accept(listener, NULL, NULL);
  if (connection == -1) die("accept");
  close(listener);
  return connection;
}

static int call(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

/* What you have typed. Returns 0 at its end, which the other side is told. */
static int speak(int connection) {
  char said[1024];
  ssize_t n = read(STDIN_FILENO, said, sizeof said);
  if (n == -1) die("read");
  if (n == 0 && shutdown(connection, SHUT_WR) == -1) die("shutdown");
  if (n > 0 && send(connection, said, (size_t)n, MSG_NOSIGNAL) == -1)
    die("send");
  return n > 0;
}

/* What the other side says. Returns 0 when it has ended. */
static int hear(int connection) {
  char heard[1024];
  ssize_t n = recv(connection, heard, sizeof heard, 0);
  if (n == -1) die("recv");
  if (n > 0 && write(STDOUT_FILENO, heard, (size_t)n) == -1) die("write");
  return n > 0;
}

int main(int argc, char *argv[]) {
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: %s [HOST] PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = argc == 2 ? wait_for_call((in_port_t)atoi(argv[1]))
                             : call(argv[1], argv[2]);
  int speaking = 1, hearing = 1;
  while (hearing) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(connection, &readable);
    if (speaking) FD_SET(STDIN_FILENO, &readable);
    if (select(connection + 1, &readable, NULL, NULL, NULL) == -1)
      die("select");
    if (FD_ISSET(connection, &readable)) hearing = hear(connection);
    if (FD_ISSET(STDIN_FILENO, &readable)) speaking = speak(connection);
  }
  close(connection);
  return 0;
}
