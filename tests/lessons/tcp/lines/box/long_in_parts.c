/* wrong: one error for one line */
/* A box with room for one word, for all clients: ./box PORT */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 5, LINE = 64 };

static char word[LINE];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Does what a line says. Returns 0 when the client is to go. */
static int obey(int fd, const char *line) {
  char answer[LINE + 8];
  if (strncmp(line, "set ", 4) == 0 && line[4] != '\0') {
    strcpy(word, line + 4);
    strcpy(answer, "ok\n");
  } else if (strcmp(line, "get") == 0) {
    snprintf(answer, sizeof answer, word[0] != '\0' ? "is %s\n" : "empty\n", word);
  } else {
    strcpy(answer, strcmp(line, "quit") == 0 ? "bye\n" : "error\n");
  }
  size_t length = strlen(answer);
  if (send(fd, answer, length, MSG_NOSIGNAL) != (ssize_t)length) return 0;
  return strcmp(line, "quit") != 0;
}

/* Bytes that have come and are not read yet. */
struct reader {
  int fd, too_long; /* too_long: the line that begins the buffer began before it */
  char buffer[LINE];
  size_t length;
};

/* The next line, without its end; an empty one for one that is too long. 0: there is no more. */
static int read_line(struct reader *r, char line[LINE]) {
  char *end;
  while ((end = memchr(r->buffer, '\n', r->length)) == NULL) {
    if (r->length == sizeof r->buffer) {
      memcpy(line, r->buffer, sizeof r->buffer);
      line[LINE - 1] = '\0';
      r->length = 0;
      return 1;
    }
    ssize_t n = recv(r->fd, r->buffer + r->length, sizeof r->buffer - r->length, 0);
    if (n <= 0) return 0;
    r->length += (size_t)n;
  }
  size_t size = (size_t)(end - r->buffer), kept = r->too_long ? 0 : size;
  memcpy(line, r->buffer, kept);
  line[kept > 0 && line[kept - 1] == '\r' ? kept - 1 : kept] = '\0';
  r->too_long = 0;
  r->length -= size + 1;
  memmove(r->buffer, end + 1, r->length);
  return 1;
}

static void serve(int fd) {
  char line[LINE];
  struct reader r = {.fd = fd};
  while (read_line(&r, line) && obey(fd, line)) {
  }
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int connection = accept(listener, NULL, NULL);
    if (connection == -1) continue;
    serve(connection);
    close(connection);
  }
}
