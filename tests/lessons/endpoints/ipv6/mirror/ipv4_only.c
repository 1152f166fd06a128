/* wrong: does not listen at ::1 */
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

static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void answer(int connection, const struct sockaddr_in *peer) {
  char address[INET_ADDRSTRLEN], line[LINE_SIZE];
  inet_ntop(AF_INET, &peer->sin_addr, address, sizeof address);
  int length = snprintf(line, sizeof line, "%s %d\n", address, ntohs(peer->sin_port));
  if (send(connection, line, (size_t)length, MSG_NOSIGNAL) == -1) perror("send");
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));

  for (;;) {
    struct sockaddr_in peer;
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
