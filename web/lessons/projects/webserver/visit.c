/* Asks for pages over one connection: ./visit HOST PORT PATH... */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_SIZE 1024

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses, *a;
  int error = getaddrinfo(host, port, &hints, &addresses);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = -1;
  for (a = addresses; a != NULL && fd == -1; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1) continue;
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    close(fd);
    fd = -1;
  }
  if (fd == -1) die("connect");
  freeaddrinfo(addresses);
  return fd;
}

/* The next line of the answer, without its end. */
static void hear_line(FILE *from, char line[LINE_SIZE]) {
  if (fgets(line, LINE_SIZE, from) == NULL) {
    fprintf(stderr, "the server has closed the connection\n");
    exit(EXIT_FAILURE);
  }
  line[strcspn(line, "\r\n")] = '\0';
}

/* Status line, fields, an empty line, and as many bytes as were promised. */
static void hear_answer(FILE *from, const char *path) {
  static const char name[] = "Content-Length:";
  char status[LINE_SIZE], field[LINE_SIZE];
  long length = -1, n = 0;
  hear_line(from, status);
  for (;;) {
    hear_line(from, field);
    if (field[0] == '\0') break;
    if (strncasecmp(field, name, sizeof name - 1) == 0)
      length = strtol(field + sizeof name - 1, NULL, 10);
  }
  while (n < length && fgetc(from) != EOF)
    n++;
  printf("%s: %s, %ld of %ld bytes\n", path, status, n, length);
}

int main(int argc, char *argv[]) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s HOST PORT PATH...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  FILE *from = fdopen(fd, "r");
  if (from == NULL) die("fdopen");
  for (int i = 3; i < argc; i++) {
    char request[LINE_SIZE];
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", argv[i], argv[1]);
    if (n >= LINE_SIZE) continue;
    if (send(fd, request, (size_t)n, MSG_NOSIGNAL) == -1) die("send");
    hear_answer(from, argv[i]);
  }
  fclose(from);
  return 0;
}
