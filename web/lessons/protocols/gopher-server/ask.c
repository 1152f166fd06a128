/* Asks a Gopher server and prints what comes: ./ask HOST PORT [SELECTOR] */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, PIECE = 4096 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  int fd = -1, error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    if (a->ai_next == NULL) die(host);
    if (fd != -1) close(fd);
  }
  freeaddrinfo(list);
  return fd;
}

int main(int argc, char *argv[]) {
  char request[LINE], piece[PIECE];
  ssize_t got;
  if (argc != 3 && argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT [SELECTOR]\n", argv[0]);
    return EXIT_FAILURE;
  }
  int n = snprintf(request, sizeof request, "%s\r\n", argc == 4 ? argv[3] : "");
  if (n >= (int)sizeof request) {
    fprintf(stderr, "that selector is too long\n");
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n) die("send");
  while ((got = recv(fd, piece, sizeof piece, 0)) > 0)
    fwrite(piece, 1, (size_t)got, stdout);
  if (got == -1) die("recv");
  close(fd);
  return 0;
}
