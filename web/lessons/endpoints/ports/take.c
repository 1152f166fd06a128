/* Takes a port and holds it until Enter: ./take PORT|SERVICE */
#include <arpa/inet.h>
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
  unsigned long number = strtoul(text, &end, 10);
  if (end != text && *end == '\0' && number <= UINT16_MAX)
    return htons((uint16_t)number);

  const struct servent *service = getservbyname(text, "tcp");
  if (service == NULL) {
    fprintf(stderr, "%s: no such port or service\n", text);
    exit(EXIT_FAILURE);
  }
  return (in_port_t)service->s_port;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT|SERVICE\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sockaddr_in here = {.sin_family = AF_INET};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  here.sin_port = port_of(argv[1]);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");

  socklen_t size = sizeof here;
  if (getsockname(listener, (struct sockaddr *)&here, &size) == -1)
    die("getsockname");
  char address[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &here.sin_addr, address, sizeof address);
  printf("I have %s port %d; Enter gives it back\n", address,
         ntohs(here.sin_port));

  getchar();
  close(listener);
  return 0;
}
