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
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
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
    snprintf(answer, sizeof answer, word[0] != '\0' ? "is %s\n" : "empty\n",
             word);
  } else {
    strcpy(answer, strcmp(line, "quit") == 0 ? "bye\n" : "error\n");
  }
  size_t length = strlen(answer);
  if (send(fd, answer, length, MSG_NOSIGNAL) != (ssize_t)length) return 0;
  return strcmp(line, "quit") != 0;
}

/* One client's lines. Here one recv is taken for one line: it is not. */
static void serve(int fd) {
  char line[LINE];
  ssize_t n;
  while ((n = recv(fd, line, sizeof line - 1, 0)) > 0) {
    line[n] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    if (!obey(fd, line)) return;
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
