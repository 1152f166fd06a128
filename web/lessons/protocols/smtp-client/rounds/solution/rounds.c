/* Sends the letter on standard input to many: ./rounds PORT FROM TO... */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 1024, HOST = 256 };

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

/* Reads a reply, of one or more lines. Returns its code. */
static int read_reply(FILE *in) {
  char line[LINE];
  int code;
  do {
    if (fgets(line, sizeof line, in) == NULL) complain("the server has gone");
    if (sscanf(line, "%3d", &code) != 1) complain("this is no SMTP");
  } while (line[3] == '-');
  return code;
}

/* Sends a command. */
static void say(int fd, const char *format, ...) {
  char line[LINE];
  va_list values;
  va_start(values, format);
  int n = vsnprintf(line, sizeof line - 2, format, values);
  va_end(values);
  if (n < 0 || (size_t)n >= sizeof line - 2) complain("that is too long");
  memcpy(line + n, "\r\n", 2);
  send_all(fd, line, (size_t)n + 2);
}

static void expect(FILE *in, int wanted) {
  if (read_reply(in) / 100 != wanted) complain("the server does not want to");
}

/* Sends what stands on standard input, line by line, and its end. */
static void send_text(int fd) {
  char *line = NULL;
  size_t room = 0;
  ssize_t n;
  while ((n = getline(&line, &room, stdin)) > 0) {
    if (line[n - 1] == '\n') n--;
    if (line[0] == '.') send_all(fd, ".", 1);
    send_all(fd, line, (size_t)n);
    send_all(fd, "\r\n", 2);
  }
  free(line);
  send_all(fd, ".\r\n", 3);
}

int main(int argc, char *argv[]) {
  char host[HOST];
  if (argc < 4) {
    fprintf(stderr, "usage: %s PORT FROM TO...\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (gethostname(host, sizeof host) == -1) die("gethostname");
  int fd = connect_to("127.0.0.1", argv[1]);
  FILE *in = fdopen(fd, "r");
  if (in == NULL) die("fdopen");
  expect(in, 2); /* the greeting */
  say(fd, "EHLO %s", host);
  if (read_reply(in) / 100 != 2) {
    say(fd, "HELO %s", host);
    expect(in, 2);
  }
  say(fd, "MAIL FROM:<%s>", argv[2]);
  expect(in, 2);
  int refused = 0;
  for (int i = 3; i < argc; i++) {
    say(fd, "RCPT TO:<%s>", argv[i]);
    int code = read_reply(in);
    if (code / 100 == 2) continue;
    fprintf(stderr, "%s: refused with %d\n", argv[i], code);
    refused++;
  }
  if (refused == argc - 3) complain("nobody is to get it");
  say(fd, "DATA");
  expect(in, 3);
  send_text(fd);
  expect(in, 2);
  say(fd, "QUIT");
  read_reply(in);
  fclose(in);
  return refused == 0 ? 0 : EXIT_FAILURE;
}
