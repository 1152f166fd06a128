/* Sends all that can be sent, and reads only when you say so: ./flood HOST PORT
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 16384, PATIENCE = 500 }; /* milliseconds */

static char piece[PIECE];

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
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

/* Sends until nothing more is taken; returns how many bytes that were. */
static size_t fill(int fd) {
  size_t sent = 0;
  struct pollfd p = {.fd = fd, .events = POLLOUT};
  while (poll(&p, 1, PATIENCE) > 0) {
    ssize_t n = send(fd, piece, sizeof piece, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n == -1 && errno != EAGAIN) die("send");
    if (n > 0) sent += (size_t)n;
  }
  return sent;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  printf("%zu bytes sent, no more is taken; press Enter to read\n", fill(fd));
  fflush(stdout);
  getchar();

  size_t got = 0;
  ssize_t n;
  if (shutdown(fd, SHUT_WR) == -1) die("shutdown");
  while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
    got += (size_t)n;
  if (n == -1) die("recv");
  printf("%zu bytes came back\n", got);
  close(fd);
  return 0;
}
