/* Sends each word in a datagram, then prints the answers:
   ./client HOST PORT WORD... */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST 65507 /* bytes in a datagram over IPv4 */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* To be freed with freeaddrinfo. */
static struct addrinfo *find(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *found;
  int error = getaddrinfo(host, port, &hints, &found);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  return found;
}

int main(int argc, char *argv[]) {
  static char answer[LONGEST];
  if (argc < 4) {
    fprintf(stderr, "usage: %s HOST PORT WORD...\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct addrinfo *to = find(argv[1], argv[2]);
  int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (fd == -1) die("socket");

  for (int i = 3; i < argc; i++)
    if (sendto(fd, argv[i], strlen(argv[i]), 0, to->ai_addr, to->ai_addrlen) ==
        -1)
      die("sendto");

  for (int i = 3; i < argc; i++) { /* each call gives one whole datagram */
    ssize_t n = recvfrom(fd, answer, sizeof answer, 0, NULL, NULL);
    if (n == -1) die("recvfrom");
    printf("%zd bytes: %.*s\n", n, (int)n, answer);
  }
  freeaddrinfo(to);
  close(fd);
  return 0;
}
