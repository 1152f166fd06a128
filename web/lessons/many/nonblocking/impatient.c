/* Prints what a server says, and does not wait for it: ./impatient HOST PORT */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 5000 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) die("fcntl");
}

/* A socket that has begun to connect. */
static int begin(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  set_nonblocking(fd);
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) {
    if (errno != EINPROGRESS) die("connect");
    printf("connect: in progress\n");
  }
  freeaddrinfo(there);
  return fd;
}

/* Waits for what becomes of it: 0, or the errno of the attempt. */
static int outcome(int fd) {
  struct pollfd watched = {.fd = fd, .events = POLLOUT};
  int ready = poll(&watched, 1, TIMEOUT_MS);
  if (ready == -1) die("poll");
  if (ready == 0) return ETIMEDOUT;
  int error;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
    die("getsockopt");
  return error;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int fd = begin(argv[1], argv[2]);
  errno = outcome(fd);
  if (errno != 0) die("in the end");
  printf("connected\n");

  char said[256];
  ssize_t n;
  while ((n = recv(fd, said, sizeof said, 0)) != 0) {
    if (n > 0) {
      fwrite(said, 1, (size_t)n, stdout);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      perror("recv");
      sleep(1); /* here the program could do something else */
    } else {
      die("recv");
    }
  }
  close(fd);
  return 0;
}
