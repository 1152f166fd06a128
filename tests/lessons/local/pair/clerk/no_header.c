/* wrong: CMSG_FIRSTHDR is NULL */
/* Signs every descriptor that it is sent: ./clerk PATH */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 4 }; /* descriptors in one message */

static const char signature[] = "signed\n";

union room {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(MOST * sizeof(int))];
};

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
  if (connect(fd, (struct sockaddr *)&there, sizeof there) == -1) die("connect");
  return fd;
}

static void sign(int fd) {
  if (send(fd, signature, strlen(signature), MSG_NOSIGNAL) == -1) perror("send");
  close(fd);
}

static void sign_all(const struct cmsghdr *header) {
  size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < count; i++) {
    int fd;
    memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
    sign(fd);
  }
}

/* Takes what comes next; false at the end. */
static bool serve(int from) {
  char text[64];
  union room room = {0};
  struct iovec data = {.iov_base = text, .iov_len = sizeof text};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  message.msg_control = &room;
  message.msg_controllen = sizeof room.bytes;
  ssize_t n = recvmsg(from, &message, 0);
  if (n == -1) die("recvmsg");
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  sign_all(header);
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
