/* wrong: a part of the length */
/* Keeps one message for all its clients: ./drawer PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, LONGEST = 100000 };

/* A message as it travels. */
struct frame {
  uint32_t header; /* its length, in network order */
  char bytes[LONGEST];
};

static struct frame kept; /* nothing, at first */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Returns 0 if the client is gone. */
static int send_all(int fd, const void *from, size_t size) {
  const char *bytes = from;
  while (size > 0) {
    ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1) return 0;
    bytes += n;
    size -= (size_t)n;
  }
  return 1;
}

static int send_frame(int fd, const struct frame *f) {
  return send_all(fd, f, sizeof f->header + ntohl(f->header));
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

/* The next message. Returns 0 if there is none, or one that does not fit. */
static int recv_frame(int fd, struct frame *f) {
  if (recv(fd, &f->header, sizeof f->header, 0) <= 0) return 0;
  uint32_t length = ntohl(f->header);
  return length <= sizeof f->bytes && recv_all(fd, f->bytes, length);
}

/* An empty message asks for the one that is kept; any other takes its place. */
static void serve(int client) {
  static struct frame message;
  static const struct frame nothing;
  while (recv_frame(client, &message)) {
    int wants_it = message.header == 0;
    if (!wants_it) kept = message;
    if (!send_frame(client, wants_it ? &kept : &nothing)) return;
  }
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
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
