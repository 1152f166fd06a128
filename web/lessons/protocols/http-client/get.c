/* Gets a page: ./get HOST PORT PATH prints the head of the answer on standard
 * error, and the content on standard output. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 8192, PIECE = 4096 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void complain(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(EXIT_FAILURE);
}

/* A socket connected to the first of the host's addresses that answers. */
static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses;
  int error = getaddrinfo(host, port, &hints, &addresses), fd = -1;
  if (error != 0) complain(gai_strerror(error));
  for (struct addrinfo *a = addresses; a != NULL; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd == -1) die("socket");
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    if (a->ai_next == NULL) die("connect");
    close(fd);
  }
  freeaddrinfo(addresses);
  return fd;
}

static void send_all(int fd, const char *text, size_t left) {
  while (left > 0) {
    ssize_t n = send(fd, text, left, MSG_NOSIGNAL);
    if (n == -1) die("send");
    text += n;
    left -= (size_t)n;
  }
}

static void ask(int fd, const char *host, const char *port, const char *path) {
  char request[LINE];
  int n = snprintf(request, sizeof request,
                   "GET %s HTTP/1.1\r\nHost: %s%s%s\r\nConnection: close\r\n"
                   "\r\n",
                   path, host, strcmp(port, "80") == 0 ? "" : ":",
                   strcmp(port, "80") == 0 ? "" : port);
  if (n < 0 || (size_t)n >= sizeof request) complain("the path is too long");
  send_all(fd, request, (size_t)n);
}

/* The next line, without its end. */
static void read_line(FILE *in, char line[LINE]) {
  if (fgets(line, LINE, in) == NULL) complain("the answer ends in its head");
  if (strchr(line, '\n') == NULL) complain("a line of the head is too long");
  line[strcspn(line, "\r\n")] = '\0';
}

/* Reads up to the empty line. Returns the status; *length is the content's, or
 * -1: up to the end of the connection. */
static int read_head(FILE *in, long long *length) {
  static const char field[] = "Content-Length:";
  char line[LINE];
  int status;
  read_line(in, line);
  if (sscanf(line, "HTTP/1.%*1[0-9] %3d", &status) != 1)
    complain("this is no HTTP");
  for (*length = -1; line[0] != '\0'; read_line(in, line)) {
    fprintf(stderr, "%s\n", line);
    if (strncasecmp(line, field, strlen(field)) == 0)
      *length = strtoll(line + strlen(field), NULL, 10);
  }
  fprintf(stderr, "\n");
  return status;
}

static void print_content(FILE *in, long long length) {
  char piece[PIECE];
  long long left = length >= 0 ? length : PIECE;
  size_t n;
  while (left > 0 &&
         (n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, in)) > 0) {
    fwrite(piece, 1, n, stdout);
    if (length >= 0) left -= (long long)n;
  }
  if (ferror(in)) die("recv");
  if (length >= 0 && left > 0) complain("the content is cut short");
}

int main(int argc, char *argv[]) {
  long long length;
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  ask(fd, argv[1], argv[2], argv[3]);
  FILE *in = fdopen(fd, "r"); /* for reading; closes fd with it */
  if (in == NULL) die("fdopen");
  int status = read_head(in, &length);
  print_content(in, length);
  fclose(in);
  return status / 100 == 2 ? 0 : EXIT_FAILURE;
}
