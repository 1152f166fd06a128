/* wrong: A connect that fails is no reason to end */
/* Asks the first host that answers for a word: ./fetch PORT WORD HOST... */
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

/* A socket connected to this address; or -1, and it has said why. */
static int try_address(const char *host, const struct addrinfo *a) {
  int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) return fd;
  die(host);
  return -1;
}

/* A socket connected to one of the host's addresses, or -1. */
static int try_host(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return -1;
  }
  int fd = -1;
  for (struct addrinfo *a = addresses; a != NULL && fd == -1; a = a->ai_next)
    fd = try_address(host, a);
  freeaddrinfo(addresses);
  return fd;
}

static void ask(int fd, const char *word) {
  const char *parts[] = {word, "\r\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (send(fd, parts[i], strlen(parts[i]), MSG_NOSIGNAL) == -1) die("send");
}

int main(int argc, char *argv[]) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s PORT WORD HOST...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = -1;
  for (int i = 3; i < argc && fd == -1; i++)
    fd = try_host(argv[i], argv[1]);
  if (fd == -1) return EXIT_FAILURE;
  ask(fd, argv[2]);

  char answer[512];
  ssize_t n;
  while ((n = recv(fd, answer, sizeof answer, 0)) > 0)
    fwrite(answer, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
