/* Connects to a path and prints what comes: ./client PATH */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *path) {
  struct sockaddr_un there = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof there.sun_path) {
    fprintf(stderr, "%s: too long for a socket's path\n", path);
    exit(EXIT_FAILURE);
  }
  strcpy(there.sun_path, path);
  int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connection == -1) die("socket");
  if (connect(connection, (struct sockaddr *)&there, sizeof there) == -1)
    die("connect");
  return connection;
}

int main(int argc, char *argv[]) {
  char text[1024];
  ssize_t n;
  if (argc != 2) {
    fprintf(stderr, "usage: %s PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1]);
  while ((n = recv(connection, text, sizeof text, 0)) > 0)
    fwrite(text, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(connection);
  return 0;
}
