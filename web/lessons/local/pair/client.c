/* Connects and prints what comes: ./client HOST PORT */
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

int main(int argc, char *argv[]) {
  char text[1024];
  ssize_t n;
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  while ((n = recv(fd, text, sizeof text, 0)) > 0)
    fwrite(text, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
