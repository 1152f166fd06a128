/* Has jobs done, and thinks better of it: ./boss HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM},
                  *there;
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

/* These few bytes always fit into the send buffer. */
static void say(int fd, const char *text, int flags) {
  if (send(fd, text, strlen(text), flags | MSG_NOSIGNAL) == -1) die("send");
}

/* Prints what comes next; returns how many bytes that were. */
static size_t show(int fd) {
  char text[128];
  ssize_t n = recv(fd, text, sizeof text, 0);
  if (n == -1) die("recv");
  fwrite(text, 1, (size_t)n, stdout);
  fflush(stdout);
  return (size_t)n;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  say(fd, "job 1\njob 2\njob 3\njob 4\njob 5\n", 0);
  show(fd);
  say(fd, "!", MSG_OOB);
  say(fd, "job 6\n", 0);
  if (shutdown(fd, SHUT_WR) == -1) die("shutdown");
  while (show(fd) > 0)
    continue;
  close(fd);
  return 0;
}
