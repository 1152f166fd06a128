/* Sends so many bytes: ./pour HOST PORT BYTES */
#include <errno.h>
#include <netdb.h>
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

/* All of it, or -1. */
static int send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1) return -1;
    printf("send: %zd of %zu\n", n, length);
    bytes += n;
    length -= (size_t)n;
  }
  return 0;
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT BYTES\n", argv[0]);
    return EXIT_FAILURE;
  }
  size_t size = strtoul(argv[3], NULL, 10);
  char *bytes = calloc(1, size);
  if (bytes == NULL) die("calloc");

  int connection = connect_to(argv[1], argv[2]);
  if (send_all(connection, bytes, size) == -1) die("send");
  close(connection);
  free(bytes);
  return 0;
}
