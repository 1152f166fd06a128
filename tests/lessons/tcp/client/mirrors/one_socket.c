/* wrong: Make a new socket for each address */
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

/* Connects the socket to one of the host's addresses. */
static int try_host(int fd, const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return -1;
  }
  int result = -1;
  for (struct addrinfo *a = addresses; a != NULL && result == -1; a = a->ai_next) {
    result = connect(fd, a->ai_addr, a->ai_addrlen);
    if (result == -1) perror(host);
  }
  freeaddrinfo(addresses);
  return result;
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
  int fd = socket(AF_INET, SOCK_STREAM, 0), result = -1;
  if (fd == -1) die("socket");
  for (int i = 3; i < argc && result == -1; i++)
    result = try_host(fd, argv[i], argv[1]);
  if (result == -1) return EXIT_FAILURE;
  ask(fd, argv[2]);

  char answer[512];
  ssize_t n;
  while ((n = recv(fd, answer, sizeof answer, 0)) > 0)
    fwrite(answer, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
