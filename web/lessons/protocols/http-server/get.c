/* Asks for pages, all at once, and prints all that comes: ./get HOST PORT
 * [METHOD] PATH... */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS = 4096, PIECE = 4096 };

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

int main(int argc, char *argv[]) {
  char requests[REQUESTS] = "", piece[PIECE];
  size_t length = 0;
  const char *method = "GET";
  if (argc < 4) {
    fprintf(stderr, "usage: %s HOST PORT [METHOD] PATH...\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (int i = 3; i < argc; i++) {
    if (argv[i][0] != '/') {
      method = argv[i];
      continue;
    }
    length += (size_t)snprintf(requests + length, sizeof requests - length,
                               "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method,
                               argv[i], argv[1],
                               i + 1 == argc ? "Connection: close\r\n" : "");
    if (length >= sizeof requests) {
      fprintf(stderr, "too many paths\n");
      return EXIT_FAILURE;
    }
  }
  int fd = connect_to(argv[1], argv[2]);
  if (send(fd, requests, length, MSG_NOSIGNAL) != (ssize_t)length) die("send");
  ssize_t n;
  while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
    fwrite(piece, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
