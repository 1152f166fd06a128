/* Sends each word as a message: ./post HOST PORT WORD... */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
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
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
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

static void send_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n == -1 && errno == EINTR) continue;
    if (n == -1) die("send");
    bytes += n;
    length -= (size_t)n;
  }
}

/* The length and the message in one piece, so that they travel together. */
static void send_message(int fd, const char *message, size_t length) {
  uint32_t header = htonl((uint32_t)length);
  char *frame = malloc(sizeof header + length);
  if (frame == NULL) die("malloc");
  memcpy(frame, &header, sizeof header);
  memcpy(frame + sizeof header, message, length);
  send_all(fd, frame, sizeof header + length);
  free(frame);
}

int main(int argc, char *argv[]) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s HOST PORT WORD...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int connection = connect_to(argv[1], argv[2]);
  for (int i = 3; i < argc; i++)
    send_message(connection, argv[i], strlen(argv[i]));
  close(connection);
  return 0;
}
