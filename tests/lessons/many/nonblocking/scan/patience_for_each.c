/* wrong: The half second is for all */
/* Which of these ports are open: ./scan HOST PORT... */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 500, PORTS = 32 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static long now_ms(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) == -1) die("clock_gettime");
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) die("fcntl");
}

/* A socket that has begun to connect; or -1, if that has failed already. */
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
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1 && errno != EINPROGRESS) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(there);
  return fd;
}

/* What becomes of it until then. */
static const char *outcome(int fd, long end) {
  if (fd == -1) return "closed";
  struct pollfd watched = {.fd = fd, .events = POLLOUT};
  long left = end - now_ms();
  int ready = poll(&watched, 1, left > 0 ? (int)left : 0);
  if (ready == -1) die("poll");
  if (ready == 0) return "silent";
  int error;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1) die("getsockopt");
  return error == 0 ? "open" : "closed";
}

int main(int argc, char *argv[]) {
  int fds[2 + PORTS];
  if (argc < 3 || argc > 2 + PORTS) {
    fprintf(stderr, "usage: %s HOST PORT... (at most %d)\n", argv[0], PORTS);
    return EXIT_FAILURE;
  }
  long end = now_ms() + PATIENCE_MS;
  for (int i = 2; i < argc; i++) {
    end = now_ms() + PATIENCE_MS;
    fds[i] = begin(argv[1], argv[i]);
    printf("%s %s\n", argv[i], outcome(fds[i], end));
    if (fds[i] != -1) close(fds[i]);
  }
  return 0;
}
