/* wrong: skip the content of an answer that is not 200 */
/* Gets pages from a server here, over one connection: ./pages PORT PATH... */
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

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) complain(gai_strerror(error));
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

static void ask(int fd, const char *path) {
  char request[LINE];
  int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  if (n < 0 || (size_t)n >= sizeof request) complain("the path is too long");
  if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n) die("send");
}

/* The next line, without its end. */
static void read_line(FILE *in, char line[LINE]) {
  if (fgets(line, LINE, in) == NULL) complain("the answer is cut short");
  if (strchr(line, '\n') == NULL) complain("a line is too long");
  line[strcspn(line, "\r\n")] = '\0';
}

struct head {
  int status;
  int chunked;
  long long length; /* of the content, if it is not chunked */
};

/* What stands behind the name if this is that field, or NULL. */
static const char *value_of(const char *line, const char *name) {
  size_t length = strlen(name);
  if (strncasecmp(line, name, length) != 0 || line[length] != ':') return NULL;
  return line + length + 1 + strspn(line + length + 1, " \t");
}

/* Reads the head of an answer, up to the empty line. */
static struct head read_head(FILE *in) {
  char line[LINE];
  struct head head = {.length = 0};
  read_line(in, line);
  if (sscanf(line, "HTTP/1.%*1[0-9] %3d", &head.status) != 1) complain("this is no HTTP");
  while (line[0] != '\0') {
    read_line(in, line);
    const char *length = value_of(line, "Content-Length");
    const char *coding = value_of(line, "Transfer-Encoding");
    if (length != NULL) head.length = strtoll(length, NULL, 10);
    if (coding != NULL) head.chunked = strcasecmp(coding, "chunked") == 0;
  }
  return head;
}

/* Reads so many bytes, and prints them if wanted. */
static void pass_on(FILE *in, long long left, int wanted) {
  char piece[PIECE];
  while (left > 0) {
    size_t n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, in);
    if (n == 0) complain("the answer is cut short");
    if (wanted) fwrite(piece, 1, n, stdout);
    left -= (long long)n;
  }
}

static void pass_on_chunks(FILE *in, int wanted) {
  char line[LINE];
  long long size;
  do {
    read_line(in, line);
    size = strtoll(line, NULL, 16);
    if (size < 0) complain("a chunk has no size");
    pass_on(in, size, wanted);
    if (size > 0) read_line(in, line); /* the end behind the data */
  } while (size > 0);
  do {
    read_line(in, line);
  } while (line[0] != '\0'); /* the trailer */
}

/* Gets one page and prints it. Returns 0 if its status is not 200. */
static int get(int fd, FILE *in, const char *path) {
  ask(fd, path);
  struct head head = read_head(in);
  int found = head.status == 200;
  if (!found) {
    fprintf(stderr, "%s: status %d\n", path, head.status);
    return 0;
  }
  if (head.chunked)
    pass_on_chunks(in, found);
  else
    pass_on(in, head.length, found);
  return found;
}

int main(int argc, char *argv[]) {
  int all_well = 1;
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT PATH...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to("127.0.0.1", argv[1]);
  FILE *in = fdopen(fd, "r");
  if (in == NULL) die("fdopen");
  for (int i = 2; i < argc; i++)
    if (!get(fd, in, argv[i])) all_well = 0;
  fclose(in);
  return all_well ? 0 : EXIT_FAILURE;
}
