/* Sends what you type and prints what comes: ./talk HOST PORT */
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *to;
  int error = getaddrinfo(host, port, &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, to->ai_addr, to->ai_addrlen) == -1) die("connect");
  freeaddrinfo(to);
  return fd;
}

/* Passes on what has come. false: it was the end. */
static bool pass(int from, int to) {
  char piece[4096];
  ssize_t n = read(from, piece, sizeof piece);
  if (n == -1) die("read");
  for (ssize_t done = 0, part; done < n; done += part) {
    part = write(to, piece + done, (size_t)(n - done));
    if (part == -1) die("write");
  }
  return n > 0;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct pollfd p[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                       {.fd = connect_to(argv[1], argv[2]), .events = POLLIN}};
  for (;;) {
    if (poll(p, 2, -1) == -1) die("poll");
    if (p[0].revents && !pass(STDIN_FILENO, p[1].fd)) break;
    if (p[1].revents && !pass(p[1].fd, STDOUT_FILENO)) break;
  }
  close(p[1].fd);
  return 0;
}
