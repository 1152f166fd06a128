/* Lists the letters in a mailbox, or shows one:
 * ./letters HOST PORT USER PASSWORD [NUMBER] */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* One line about a letter: its number and its subject. */
static void list(struct server *s, int number) {
  static const char field[] = "Subject:";
  const char *line;
  int in_header = 1;
  expect(s, ask(s, "TOP %d 0", number));
  while ((line = next_line(s)) != NULL) {
    if (line[0] == '\0') in_header = 0;
    if (in_header && strncasecmp(line, field, strlen(field)) == 0)
      printf("%d%s\n", number, line + strlen(field));
  }
}

static void show(struct server *s, const char *number) {
  const char *line;
  expect(s, ask(s, "RETR %s", number));
  while ((line = next_line(s)) != NULL)
    printf("%s\n", line);
}

int main(int argc, char *argv[]) {
  int count;
  if (argc != 5 && argc != 6) {
    fprintf(stderr, "usage: %s HOST PORT USER PASSWORD [NUMBER]\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct server s = {.fd = connect_to(argv[1], argv[2])};
  s.in = fdopen(s.fd, "r");
  if (s.in == NULL) die("fdopen");
  expect(&s, is_ok(&s)); /* the greeting */
  expect(&s, ask(&s, "USER %s", argv[3]));
  expect(&s, ask(&s, "PASS %s", argv[4]));
  expect(&s, ask(&s, "STAT"));
  if (sscanf(s.line, "+OK %d", &count) != 1) complain(s.line);
  if (argc == 6)
    show(&s, argv[5]);
  else
    for (int number = 1; number <= count; number++)
      list(&s, number);
  expect(&s, ask(&s, "QUIT"));
  fclose(s.in);
  free(s.line);
  return 0;
}
