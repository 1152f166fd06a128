/* Calls a port of each host, and says what comes of it: ./probe PORT HOST... */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *meaning(int error) {
  switch (error) {
  case 0: return "somebody listens";
  case ECONNREFUSED: return "the host is there, nobody listens";
  case EHOSTUNREACH: return "no host answers to this address";
  case ENETUNREACH: return "no way leads to this network";
  case ETIMEDOUT: return "no answer of any kind";
  default: return "not the network: look at your own program";
  }
}

/* Connects, and hangs up. 0, or what is wrong. */
static int try(const struct addrinfo *a) {
  int connection = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (connection == -1) return errno;
  int error = connect(connection, a->ai_addr, a->ai_addrlen) == -1 ? errno : 0;
  close(connection); /* it may change errno: that is why error holds it */
  return error;
}

static void probe(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int problem = getaddrinfo(host, port, &hints, &addresses);
  if (problem != 0) {
    printf("%s: %s: no such name\n", host, gai_strerror(problem));
    return;
  }
  for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
    int error = try(a);
    printf("%s: %s: %s\n", host, strerror(error), meaning(error));
  }
  freeaddrinfo(addresses);
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT HOST...\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 2; i < argc; i++)
    probe(argv[i], argv[1]);
  return 0;
}
