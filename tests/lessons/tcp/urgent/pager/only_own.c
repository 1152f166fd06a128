/* wrong: sockatmark says */
/* Shows a line of the server's text for each Enter: ./pager HOST PORT */
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1024 };

struct text {
  int fd;
  char waiting[ROOM]; /* received, and not shown yet */
  size_t length;
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

/* Takes what has come. False at the end. */
static bool receive(struct text *t) {
  if (t->length == sizeof t->waiting) {
    fprintf(stderr, "a line is too long\n");
    exit(EXIT_FAILURE);
  }
  ssize_t n = recv(t->fd, t->waiting + t->length, sizeof t->waiting - t->length, 0);
  if (n == -1) die("recv");
  t->length += (size_t)n;
  return n > 0;
}

static void show(struct text *t, const char *end) {
  size_t taken = (size_t)(end - t->waiting) + 1;
  fwrite(t->waiting, 1, taken, stdout);
  fflush(stdout);
  t->length -= taken;
  memmove(t->waiting, t->waiting + taken, t->length);
}

/* Throws away what was sent before the urgent byte, and that byte. */
static void skip_to_mark(struct text *t) {
  char urgent;
  if (recv(t->fd, &urgent, 1, MSG_OOB) == -1) die("recv");
  t->length = 0;
}

/* False when there is no further line. */
static bool show_next(struct text *t) {
  for (;;) {
    char *end = memchr(t->waiting, '\n', t->length);
    struct pollfd p = {.fd = t->fd, .events = POLLIN | POLLPRI};
    if (poll(&p, 1, end != NULL ? 0 : -1) == -1) die("poll");
    if (p.revents & POLLPRI) {
      skip_to_mark(t);
    } else if (end != NULL) {
      show(t, end);
      return true;
    } else if (!receive(t)) {
      return false;
    }
  }
}

int main(int argc, char *argv[]) {
  int key;
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct text text = {.fd = connect_to(argv[1], argv[2])};
  while ((key = getchar()) != EOF)
    if (key == '\n' && !show_next(&text)) break;
  close(text.fd);
  return 0;
}
