/* Asks for a page, as a browser does: ./browser HOST PORT */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1) die("send");
    bytes += n;
    length -= (size_t)n;
  }
}

int main(int argc, char *argv[]) {
  const char *request = "GET / HTTP/1.1\r\nHost: alice\r\n\r\n";
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  send_all(connection, request, strlen(request));

  char page[512];
  ssize_t n;
  while ((n = recv(connection, page, sizeof page, 0)) > 0)
    fwrite(page, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(connection);
  return 0;
}
