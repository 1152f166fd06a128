/* wrong: MSG_NOSIGNAL */
/* The only one at its path: ./lone PATH */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 16 };

static const char here_i_am[] = "here\n";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof a.sun_path) {
    fprintf(stderr, "%s: too long for a socket's path\n", path);
    exit(EXIT_FAILURE);
  }
  strcpy(a.sun_path, path);
  return a;
}

static bool nobody_listens(const struct sockaddr_un *a) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd == -1) die("socket");
  bool refused = connect(fd, (const struct sockaddr *)a, sizeof *a) == -1 && errno == ECONNREFUSED;
  close(fd);
  return refused;
}

/* Removes the socket's file if it is one that nobody listens at. */
static void remove_stale(const struct sockaddr_un *a) {
  struct stat file;
  if (lstat(a->sun_path, &file) == -1 || !S_ISSOCK(file.st_mode)) return;
  if (nobody_listens(a) && unlink(a->sun_path) == -1) die("unlink");
}

static int listen_at(const struct sockaddr_un *a) {
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (bind(listener, (const struct sockaddr *)a, sizeof *a) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Answers a caller; false when it says that this is the end. */
static bool serve(int caller) {
  char request;
  if (recv(caller, &request, sizeof request, 0) != sizeof request) return true;
  if (request == 'q') return false;
  if (send(caller, here_i_am, strlen(here_i_am), 0) == -1) perror("send");
  return true;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sockaddr_un here = address_of(argv[1]);
  remove_stale(&here);
  int listener = listen_at(&here);
  for (bool more = true; more;) {
    int caller = accept(listener, NULL, NULL);
    if (caller == -1) die("accept");
    more = serve(caller);
    close(caller);
  }
  if (unlink(argv[1]) == -1) die("unlink");
  close(listener);
  return 0;
}
