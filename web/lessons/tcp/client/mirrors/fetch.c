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
  const char *host = argv[3];
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(host, argv[1], &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return EXIT_FAILURE;
  }

  int fd = socket(addresses->ai_family, addresses->ai_socktype,
                  addresses->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, addresses->ai_addr, addresses->ai_addrlen) == -1) die(host);
  freeaddrinfo(addresses);
  ask(fd, argv[2]);

  char answer[512];
  ssize_t n;
  while ((n = recv(fd, answer, sizeof answer, 0)) > 0)
    fwrite(answer, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(fd);
  return 0;
}
