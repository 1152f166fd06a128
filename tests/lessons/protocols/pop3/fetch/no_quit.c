/* wrong: without QUIT */
/* Gets all letters, prints them, and deletes what it has printed:
 * ./fetch PORT USER PASSWORD */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMMAND = 256 };

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

struct server {
  int fd;
  FILE *in;
  char *line; /* read last, without its end */
  size_t room;
};

static void read_line(struct server *s) {
  ssize_t n = getline(&s->line, &s->room, s->in);
  if (n == -1 || s->line[n - 1] != '\n') complain("the server has gone");
  s->line[strcspn(s->line, "\r\n")] = '\0';
}

/* Whether the response begins with +OK. */
static int is_ok(struct server *s) {
  read_line(s);
  return strncmp(s->line, "+OK", 3) == 0;
}

/* Sends a command. Returns whether the response begins with +OK. */
static int ask(struct server *s, const char *format, ...) {
  char command[COMMAND];
  va_list values;
  va_start(values, format);
  int n = vsnprintf(command, sizeof command - 2, format, values);
  va_end(values);
  if (n < 0 || (size_t)n >= sizeof command - 2) complain("that is too long");
  memcpy(command + n, "\r\n", 2);
  send_all(s->fd, command, (size_t)n + 2);
  return is_ok(s);
}

/* The next line of a response that has several, or NULL: that was all. */
static const char *next_line(struct server *s) {
  read_line(s);
  if (s->line[0] != '.') return s->line;
  return s->line[1] == '\0' ? NULL : s->line + 1;
}

static void expect(struct server *s, int ok) {
  if (!ok) complain(s->line);
}

/* Gets a letter, prints and deletes it. Returns 0 if it is not there. */
static int fetch(struct server *s, int number) {
  const char *line;
  if (!ask(s, "RETR %d", number)) {
    fprintf(stderr, "letter %d: %s\n", number, s->line);
    return 0;
  }
  printf("--- %d\n", number);
  while ((line = next_line(s)) != NULL)
    printf("%s\n", line);
  if (fflush(stdout) == EOF) die("standard output");
  expect(s, ask(s, "DELE %d", number));
  return 1;
}

int main(int argc, char *argv[]) {
  int count, all_there = 1;
  if (argc != 4) {
    fprintf(stderr, "usage: %s PORT USER PASSWORD\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct server s = {.fd = connect_to("127.0.0.1", argv[1])};
  s.in = fdopen(s.fd, "r");
  if (s.in == NULL) die("fdopen");
  expect(&s, is_ok(&s)); /* the greeting */
  expect(&s, ask(&s, "USER %s", argv[2]));
  expect(&s, ask(&s, "PASS %s", argv[3]));
  expect(&s, ask(&s, "STAT"));
  if (sscanf(s.line, "+OK %d", &count) != 1) complain(s.line);
  for (int number = 1; number <= count; number++)
    if (!fetch(&s, number)) all_there = 0;
  fclose(s.in);
  free(s.line);
  return all_there ? 0 : EXIT_FAILURE;
}
