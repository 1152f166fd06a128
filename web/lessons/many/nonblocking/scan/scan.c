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

/* A socket that is connected, or -1. */
static int try_port(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(there);
  return fd;
}

/* One after the other, each for as long as it takes: no. */
int main(int argc, char *argv[]) {
  if (argc < 3 || argc > 2 + PORTS) {
    fprintf(stderr, "usage: %s HOST PORT... (at most %d)\n", argv[0], PORTS);
    return EXIT_FAILURE;
  }
  long began = now_ms();
  for (int i = 2; i < argc; i++) {
    int fd = try_port(argv[1], argv[i]);
    printf("%s %s\n", argv[i], fd != -1 ? "open" : "closed");
    if (fd != -1) close(fd);
  }
  fprintf(stderr, "%ld ms, of %d\n", now_ms() - began, PATIENCE_MS);
  return 0;
}
