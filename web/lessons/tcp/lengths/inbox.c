/* Prints the messages that its clients send: ./inbox PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, LONGEST = 1000 };

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

/* The next `size` bytes. Returns 0 if they do not all come. */
static int recv_all(int fd, void *to, size_t size) {
  char *bytes = to;
  while (size > 0) {
    ssize_t n = recv(fd, bytes, size, 0);
    if (n == -1 && errno == EINTR) continue;
    if (n <= 0) return 0;
    bytes += n;
    size -= (size_t)n;
  }
  return 1;
}

/* A message: its length in four bytes, the high one first, then itself. */
static void serve(int client) {
  uint32_t header;
  char message[LONGEST];
  while (recv_all(client, &header, sizeof header)) {
    uint32_t length = ntohl(header);
    if (length > sizeof message) {
      printf("%u bytes: too long\n", (unsigned)length);
      return;
    }
    if (!recv_all(client, message, length)) {
      printf("%u bytes: cut short\n", (unsigned)length);
      return;
    }
    printf("%u bytes: %.*s\n", (unsigned)length, (int)length, message);
  }
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
