/* wrong: a dot within it stays */
/* Posts the article on its standard input: ./post HOST PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, PIECE = 4096, SEND_IT = 340, REFUSED = 400 };

struct server {
  int fd;
  FILE *in; /* the same connection, for reading */
  char status[LINE + 1];
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Ends the program; the server has said why. */
static void refused(const struct server *s) {
  fputs(s->status, stderr);
  exit(EXIT_FAILURE);
}

static void hung_up(void) {
  fprintf(stderr, "the server has hung up\n");
  exit(EXIT_FAILURE);
}

static struct server connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  struct server s = {.fd = -1};
  int error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
    s.fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (s.fd != -1 && connect(s.fd, a->ai_addr, a->ai_addrlen) == 0) break;
    if (a->ai_next == NULL) die(host);
    if (s.fd != -1) close(s.fd);
  }
  freeaddrinfo(list);
  s.in = fdopen(s.fd, "r");
  if (s.in == NULL) die("fdopen");
  return s;
}

/* Reads the line that answers a command; returns its code. */
static int read_status(struct server *s) {
  if (fgets(s->status, sizeof s->status, s->in) == NULL) hung_up();
  return atoi(s->status);
}

static void send_all(struct server *s, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = send(s->fd, bytes, size, MSG_NOSIGNAL);
    if (n == -1) die("send");
    bytes += n;
    size -= (size_t)n;
  }
}

static int command(struct server *s, const char *line) {
  send_all(s, line, strlen(line));
  return read_status(s);
}

/* Sends the standard input as a block: lines that end with \r\n, one dot more
 * before each that begins with one, and a single dot at the end. */
static void send_article(struct server *s) {
  char piece[PIECE + sizeof "\r."]; /* room for what one character becomes */
  size_t size = 0;
  int last = '\n', c;
  while ((c = getchar()) != EOF) {
    if (c == '.') piece[size++] = '.';
    if (last != '\r' && c == '\n') piece[size++] = '\r';
    piece[size++] = (char)c;
    last = c;
    if (size < PIECE) continue;
    send_all(s, piece, size);
    size = 0;
  }
  send_all(s, piece, size);
  if (last != '\n') send_all(s, "\r\n", 2);
  send_all(s, ".\r\n", 3);
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct server s = connect_to(argv[1], argv[2]);
  if (read_status(&s) >= REFUSED) refused(&s);
  if (command(&s, "POST\r\n") != SEND_IT) refused(&s);
  send_article(&s);
  if (read_status(&s) >= REFUSED) refused(&s);
  command(&s, "QUIT\r\n");
  fclose(s.in);
  return 0;
}
