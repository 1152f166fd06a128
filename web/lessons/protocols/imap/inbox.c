/* Lists the letters in a mailbox, and shows what is said for that:
 * ./inbox HOST PORT USER PASSWORD */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMMAND = 512, PIECE = 4096 };

struct server {
  int fd, tag; /* of the last command */
  FILE *in;
  char *line; /* read last, without its end */
  size_t room;
  int letters; /* in the mailbox, as far as we have been told */
};

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

static void send_all(int fd, const char *bytes, size_t left) {
  while (left > 0) {
    ssize_t n = send(fd, bytes, left, MSG_NOSIGNAL);
    if (n == -1) die("send");
    bytes += n;
    left -= (size_t)n;
  }
}

/* Reads a line, without its end. */
static void read_line(struct server *s) {
  ssize_t n = getline(&s->line, &s->room, s->in);
  if (n == -1 || s->line[n - 1] != '\n') complain("the server has gone");
  s->line[strcspn(s->line, "\r\n")] = '\0';
  printf("%s\n", s->line);
}

/* How many bytes follow a line that ends in {N}, or -1: it does not. */
static long literal_size(const char *line) {
  const char *brace = strrchr(line, '{');
  int end = 0;
  long size;
  if (brace == NULL || sscanf(brace, "{%9ld}%n", &size, &end) != 1) return -1;
  return end > 0 && brace[end] == '\0' && size >= 0 ? size : -1;
}

/* Reads so many bytes, whatever they are, and prints them. */
static void pass_literal(struct server *s, long left) {
  char piece[PIECE];
  while (left > 0) {
    size_t n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, s->in);
    if (n == 0) complain("the server has gone");
    fwrite(piece, 1, n, stdout);
    left -= (long)n;
  }
}

/* Sends a command behind a new tag. */
static void say(struct server *s, const char *format, ...) {
  char line[COMMAND];
  va_list values;
  int n = snprintf(line, sizeof line, "a%d ", ++s->tag);
  va_start(values, format);
  n += vsnprintf(line + n, sizeof line - (size_t)n - 2, format, values);
  va_end(values);
  if ((size_t)n >= sizeof line - 2) complain("that is too long");
  printf("%s\n", line);
  memcpy(line + n, "\r\n", 2);
  send_all(s->fd, line, (size_t)n + 2);
}

/* Whether the line is the answer to the last command: OK, or the end of all. */
static int is_done(const struct server *s) {
  int end = 0, tag = 0;
  if (sscanf(s->line, "a%d %n", &tag, &end) != 1 || tag != s->tag) return 0;
  if (strncmp(s->line + end, "OK", 2) != 0) complain(s->line);
  return 1;
}

/* * 4 EXISTS says how many letters there are now. */
static void note_news(struct server *s) {
  int number, end = 0;
  if (sscanf(s->line, "* %d EXISTS%n", &number, &end) == 1 && end > 0)
    s->letters = number;
}

/* Reads up to the answer to the last command. What comes before it begins with
 * a star: it is news, asked for or not. */
static void hear(struct server *s) {
  long size;
  do {
    read_line(s);
    note_news(s);
    while ((size = literal_size(s->line)) >= 0) {
      pass_literal(s, size);
      read_line(s); /* the response goes on */
    }
  } while (!is_done(s));
}

int main(int argc, char *argv[]) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s HOST PORT USER PASSWORD\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (int i = 3; i < argc; i++)
    if (strpbrk(argv[i], "\r\n\"\\") != NULL) complain("no such characters");
  struct server s = {.fd = connect_to(argv[1], argv[2])};
  s.in = fdopen(s.fd, "r");
  if (s.in == NULL) die("fdopen");
  read_line(&s); /* the greeting */
  say(&s, "LOGIN \"%s\" \"%s\"", argv[3], argv[4]);
  hear(&s);
  say(&s, "EXAMINE INBOX");
  hear(&s);
  if (s.letters > 0) {
    say(&s, "FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
    hear(&s);
  }
  say(&s, "LOGOUT");
  hear(&s);
  fclose(s.in);
  free(s.line);
  return 0;
}
