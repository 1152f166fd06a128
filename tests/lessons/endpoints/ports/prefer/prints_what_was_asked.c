/* wrong: but another program has that */
/* Listens at a port, or at another if that one is taken: ./prefer PORT */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* The port, in network order, of a number or of a name in /etc/services. */
static in_port_t port_of(const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  if (isdigit((unsigned char)text[0]) && *end == '\0' && number <= UINT16_MAX)
    return htons((uint16_t)number);

  const struct servent *service = getservbyname(text, "tcp");
  if (service == NULL) {
    fprintf(stderr, "%s: no such port or service\n", text);
    exit(EXIT_FAILURE);
  }
  return (in_port_t)service->s_port;
}

/* A socket that listens at this port, which is in network order; -1 if another
 * socket has it. */
static int listen_at(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = port};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == 0 && listen(listener, BACKLOG) == 0)
    return listener;
  if (errno != EADDRINUSE) die("bind");
  close(listener);
  return -1;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_at(port_of(argv[1]));
  if (listener == -1) listener = listen_at(0);
  if (listener == -1) die("no port is free");

  printf("listening on %d\n", ntohs(port_of(argv[1])));
  fflush(stdout);

  while (getchar() != EOF) {
  }
  close(listener);
  return 0;
}
