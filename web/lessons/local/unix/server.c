/* Tells each caller its number: ./server PATH */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_at(const char *path) {
  struct sockaddr_un here = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof here.sun_path) {
    fprintf(stderr, "%s: too long for a socket's path\n", path);
    exit(EXIT_FAILURE);
  }
  strcpy(here.sun_path, path);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

int main(int argc, char *argv[]) {
  char text[64];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_at(argv[1]);
  printf("listening at %s\n", argv[1]);
  fflush(stdout);

  for (int number = 1;; number++) {
    int caller = accept(listener, NULL, NULL);
    if (caller == -1) die("accept");
    int length = snprintf(text, sizeof text, "you are caller %d\n", number);
    if (send(caller, text, (size_t)length, MSG_NOSIGNAL) == -1) perror("send");
    close(caller);
  }
}
