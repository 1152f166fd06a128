/* Answers each line in capitals: ./shout PORT */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, LINE = 512 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Bytes that have come and are not read yet. */
struct reader {
  int fd;
  char buffer[LINE];
  size_t length;
};

/* The next line, without its end, in `line`. Returns 0 at the end of the
 * connection. */
static int read_line(struct reader *r, char line[LINE]) {
  char *end;
  while ((end = memchr(r->buffer, '\n', r->length)) == NULL) {
    if (r->length == sizeof r->buffer) return 0; /* longer than we take */
    ssize_t n =
        recv(r->fd, r->buffer + r->length, sizeof r->buffer - r->length, 0);
    if (n <= 0) return 0;
    r->length += (size_t)n;
  }
  size_t size = (size_t)(end - r->buffer);
  memcpy(line, r->buffer, size);
  line[size > 0 && line[size - 1] == '\r' ? size - 1 : size] = '\0';
  r->length -= size + 1;
  memmove(r->buffer, end + 1, r->length);
  return 1;
}

/* Returns 0 if the client is gone. */
static int shout(int fd, char *line) {
  for (char *c = line; *c != '\0'; c++)
    *c = (char)toupper((unsigned char)*c);
  printf("%s\n", line);
  size_t length = strlen(line);
  line[length++] = '\n'; /* where the end was */
  return send(fd, line, length, MSG_NOSIGNAL) == (ssize_t)length;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[1]);
  for (;;) {
    char line[LINE];
    struct reader r = {.fd = accept(listener, NULL, NULL)};
    if (r.fd == -1) continue;
    while (read_line(&r, line) && shout(r.fd, line)) {
    }
    close(r.fd);
  }
}
