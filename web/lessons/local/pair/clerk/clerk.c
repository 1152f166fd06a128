/* Signs every descriptor that it is sent: ./clerk PATH */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char signature[] = "signed\n";

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
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd == -1) die("socket");
  if (connect(fd, (struct sockaddr *)&there, sizeof there) == -1)
    die("connect");
  return fd;
}

static void sign(int fd) {
  if (write(fd, signature, strlen(signature)) == -1) perror("write");
}

/* Takes what comes next; false at the end. */
static bool serve(int from) {
  char text[64];
  ssize_t n = recv(from, text, sizeof text, 0);
  if (n == -1) die("recv");
  if (n > 0) sign(from); /* but it wants another one signed */
  return n > 0;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  int office = connect_to(argv[1]);
  while (serve(office))
    continue;
  close(office);
  return 0;
}
