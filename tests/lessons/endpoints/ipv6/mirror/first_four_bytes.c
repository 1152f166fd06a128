/* wrong: a caller from 127.0.0.1, port */
/* Tells each caller its own address: ./mirror PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5
#define LINE_SIZE 80

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket of IPv6 that takes calls of both kinds. */
static int listen_on(in_port_t port) {
  int yes = 1, no = 0;
  struct sockaddr_in6 here = {
      .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};

  int listener = socket(AF_INET6, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1 ||
      setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void answer(int connection, const struct sockaddr_in6 *peer) {
  char address[INET6_ADDRSTRLEN], line[LINE_SIZE];
  const unsigned char *bytes = peer->sin6_addr.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&peer->sin6_addr))
    inet_ntop(AF_INET, bytes, address, sizeof address);
  else
    inet_ntop(AF_INET6, bytes, address, sizeof address);
  int length = snprintf(line, sizeof line, "%s %d\n", address, ntohs(peer->sin6_port));
  if (send(connection, line, (size_t)length, MSG_NOSIGNAL) == -1) perror("send");
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));

  for (;;) {
    struct sockaddr_in6 peer;
    socklen_t size = sizeof peer;
    int connection = accept(listener, (struct sockaddr *)&peer, &size);
    if (connection == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }
    answer(connection, &peer);
    close(connection);
  }
}
