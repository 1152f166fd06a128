/* Says who calls, over IPv6 or IPv4: ./dual PORT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket of IPv6 that takes calls of both kinds. */
static int listen_on(in_port_t port) {
  int yes = 1, no = 0;
  struct sockaddr_in6 here = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port),
                              .sin6_addr = in6addr_any};

  int listener = socket(AF_INET6, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1 ||
      setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0); /* each line goes out at once */
  int listener = listen_on((in_port_t)atoi(argv[1]));
  printf("waiting on :: port %s\n", argv[1]);

  for (;;) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    int connection = accept(listener, (struct sockaddr *)&peer, &size);
    if (connection == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }
    char address[INET6_ADDRSTRLEN];
    int error = getnameinfo((struct sockaddr *)&peer, size, address,
                            sizeof address, NULL, 0, NI_NUMERICHOST);
    printf("from %s\n", error == 0 ? address : gai_strerror(error));
    close(connection);
  }
}
