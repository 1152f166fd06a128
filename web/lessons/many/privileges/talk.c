/* Sends what you type, prints what comes, whichever is first: ./talk HOST PORT
 */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM},
                  *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int connection =
      socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (connection == -1) die("socket");
  if (connect(connection, there->ai_addr, there->ai_addrlen) == -1)
    die("connect");
  freeaddrinfo(there);
  return connection;
}

int main(int argc, char *argv[]) {
  char buffer[1024];
  ssize_t n;
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = connection, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) == -1) die("poll");
    if (watched[0].revents != 0) {
      n = read(STDIN_FILENO, buffer, sizeof buffer);
      if (n > 0 && send(connection, buffer, (size_t)n, MSG_NOSIGNAL) == -1)
        die("send");
      if (n <= 0) { /* you have ended: say so, and go on listening */
        shutdown(connection, SHUT_WR);
        watched[0].fd = -1; /* poll passes over it */
      }
    }
    if (watched[1].revents != 0) {
      n = recv(connection, buffer, sizeof buffer, 0);
      if (n == -1) die("recv");
      if (n == 0) return 0;
      fwrite(buffer, 1, (size_t)n, stdout);
      fflush(stdout);
    }
  }
}
