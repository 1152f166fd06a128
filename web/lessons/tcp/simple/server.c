/* Thanks everyone who connects to port 9999. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 9999
#define BACKLOG 5

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket that hears every address this host has. */
static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);

  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

int main(void) {
  const char *message = "thank you\r\n";

  /* Each line goes out at once, into a pipe or a file too. */
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_on(PORT);
  printf("waiting on port %d\n", PORT);

  for (;;) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int connection = accept(listener, (struct sockaddr *)&peer, &size);
    if (connection == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }

    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
    printf("connected %s:%d\n", address, ntohs(peer.sin_port));

    if (send(connection, message, strlen(message), MSG_NOSIGNAL) == -1)
      perror("send");
    close(connection);
  }
}
