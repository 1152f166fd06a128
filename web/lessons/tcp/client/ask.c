/* Sends a line to a server and prints the answer: ./ask HOST PORT LINE */
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

static void tell(const struct addrinfo *a, const char *what) {
  char host[NI_MAXHOST];
  int error = getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof host, NULL, 0,
                          NI_NUMERICHOST);
  fprintf(stderr, "%s: %s\n", error == 0 ? host : gai_strerror(error), what);
}

/* A socket connected to the first of the host's addresses that answers. */
static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  for (struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
      tell(a, "connected");
      freeaddrinfo(addresses);
      return fd;
    }
    tell(a, strerror(errno));
    if (fd != -1) close(fd);
  }
  exit(EXIT_FAILURE); /* each address has told why */
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT LINE\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);

  const char *parts[] = {argv[3], "\r\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (send(fd, parts[i], strlen(parts[i]), MSG_NOSIGNAL) == -1) die("send");

  char answer[512];
  ssize_t n;
  while ((n = recv(fd, answer, sizeof answer, 0)) > 0)
    fwrite(answer, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
