/* wrong: a quoted string */
/* Shows a letter: ./show PORT USER PASSWORD NUMBER */
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
};

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
}

/* How many bytes follow a line that ends in {N}, or -1: it does not. */
static long literal_size(const char *line) {
  const char *brace = strrchr(line, '{');
  int end = 0;
  long size;
  if (brace == NULL || sscanf(brace, "{%9ld}%n", &size, &end) != 1) return -1;
  return end > 0 && brace[end] == '\0' && size >= 0 ? size : -1;
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

/* Reads so many bytes, whatever they are, and prints them if wanted. */
static void pass_literal(struct server *s, long left, int wanted) {
  char piece[PIECE];
  while (left > 0) {
    size_t n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, s->in);
    if (n == 0) complain("the server has gone");
    if (wanted) fwrite(piece, 1, n, stdout);
    left -= (long)n;
  }
}

/* The value of the letter in a response about it, or NULL: it has none. */
static const char *find_letter(const char *line, const char *number) {
  static const char item[] = "BODY[] ";
  char begin[64];
  int n = snprintf(begin, sizeof begin, "* %s FETCH (", number);
  if (n < 0 || strncmp(line, begin, (size_t)n) != 0) return NULL;
  const char *found = strstr(line + n, item);
  return found != NULL ? found + strlen(item) : NULL;
}

/* Prints a string up to the quote that ends it. */
static void print_quoted(const char *at) {
  for (; *at != '"' && *at != '\0'; at++) {
    if (*at == '\\' && at[1] != '\0') at++;
    putchar(*at);
  }
}

/* Reads up to the answer to the last command. Shows the letter of that number,
 * if there is one among the news. Returns whether there was. */
static int hear_letter(struct server *s, const char *number) {
  int shown = 0;
  do {
    read_line(s);
    const char *value = find_letter(s->line, number);
    if (value != NULL && *value == '"') print_quoted("\"");
    if (value != NULL) shown = 1;
    int wanted = value != NULL && *value == '{';
    long size;
    while ((size = literal_size(s->line)) >= 0) {
      pass_literal(s, size, wanted);
      read_line(s); /* the response goes on */
      wanted = 0;
    }
  } while (!is_done(s));
  return shown;
}

static void hear(struct server *s) { hear_letter(s, "0"); }

int main(int argc, char *argv[]) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s PORT USER PASSWORD NUMBER\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (int i = 2; i < argc; i++)
    if (strpbrk(argv[i], "\r\n\"\\") != NULL) complain("no such characters");
  struct server s = {.fd = connect_to("127.0.0.1", argv[1])};
  s.in = fdopen(s.fd, "r");
  if (s.in == NULL) die("fdopen");
  read_line(&s); /* the greeting */
  say(&s, "LOGIN \"%s\" \"%s\"", argv[2], argv[3]);
  hear(&s);
  say(&s, "EXAMINE INBOX");
  hear(&s);
  say(&s, "FETCH %s BODY.PEEK[]", argv[4]);
  int shown = hear_letter(&s, argv[4]);
  say(&s, "LOGOUT");
  hear(&s);
  fclose(s.in);
  free(s.line);
  return shown ? 0 : EXIT_FAILURE;
}
