/* Many clients at once; one leaves, if any must wait: ./crowd HOST PORT MANY */
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1000, PATIENCE_MS = 500 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const struct addrinfo *there) {
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  return fd;
}

/* Prints what this client hears. False if that is nothing. */
static bool listen_to(int number, int fd) {
  char text[64];
  struct pollfd p = {.fd = fd, .events = POLLIN};
  int ready = poll(&p, 1, PATIENCE_MS);
  if (ready == -1) die("poll");
  if (ready == 0) {
    printf("client %d is connected, and hears nothing\n", number);
    return false;
  }
  ssize_t n = recv(fd, text, sizeof text, 0);
  if (n == -1) die("recv");
  printf("client %d: %.*s", number, (int)n, n > 0 ? text : "the end\n");
  return true;
}

int main(int argc, char *argv[]) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM},
                  *there;
  int fds[MOST], many = argc == 4 ? atoi(argv[3]) : 0, waiting = 0;
  if (many < 1 || many > MOST) {
    fprintf(stderr, "usage: %s HOST PORT MANY\n", argv[0]);
    return EXIT_FAILURE;
  }
  int error = getaddrinfo(argv[1], argv[2], &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
    return EXIT_FAILURE;
  }
  for (int i = 0; i < many; i++)
    fds[i] = connect_to(there);
  freeaddrinfo(there);
  for (int i = 0; i < many; i++)
    if (!listen_to(i + 1, fds[i]) && waiting == 0) waiting = i;
  if (waiting == 0) return 0;
  printf("client 1 leaves\n");
  close(fds[0]);
  listen_to(waiting + 1, fds[waiting]);
  return 0;
}
