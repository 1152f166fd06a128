/* Takes blocks of 5,000 bytes from its clients: ./take PORT */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, BLOCK = 5000 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* The next `size` bytes. Returns how many there were: fewer at the end of the
 * connection, and -1 for an error. */
static ssize_t recv_all(int fd, char *bytes, size_t size) {
  size_t length = 0;
  while (length < size) {
    ssize_t n = recv(fd, bytes + length, size - length, 0);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1) return -1;
    if (n == 0) break;
    printf("recv: %zd\n", n);
    length += (size_t)n;
  }
  return (ssize_t)length;
}

static void serve(int client) {
  char block[BLOCK];
  ssize_t n;
  while ((n = recv_all(client, block, sizeof block)) == BLOCK)
    printf("a block\n");
  if (n == -1) perror("recv");
  if (n > 0) printf("%zd bytes, which are no block\n", n);
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      if (errno == EINTR || errno == ECONNABORTED) continue; /* try again */
      die("accept");
    }
    serve(client);
    close(client);
  }
}
