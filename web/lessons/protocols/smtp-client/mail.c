/* Sends what stands on standard input as a letter:
 * ./mail HOST PORT FROM TO SUBJECT */
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
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

/* Reads a reply, of one or more lines, and prints it. Returns its code. */
static int read_reply(FILE *in) {
  char line[LINE];
  int code;
  do {
    if (fgets(line, sizeof line, in) == NULL) complain("the server has gone");
    fputs(line, stdout);
    if (sscanf(line, "%3d", &code) != 1) complain("this is no SMTP");
  } while (line[3] == '-');
  return code;
}

/* Sends a command, and shows it. */
static void say(int fd, const char *format, ...) {
  char line[LINE];
  va_list values;
  va_start(values, format);
  int n = vsnprintf(line, sizeof line - 2, format, values);
  va_end(values);
  if (n < 0 || (size_t)n >= sizeof line - 2) complain("that is too long");
  memcpy(line + n, "\r\n", 2);
  printf("%.*s\n", n, line);
  send_all(fd, line, (size_t)n + 2);
}

/* A reply, which must be of this class: 2 is done, 3 is go on. */
static void expect(FILE *in, int wanted) {
  if (read_reply(in) / 100 != wanted) complain("the server does not want to");
}

static void send_header(int fd, char *argv[]) {
  char header[4 * LINE], date[64];
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &utc);
  int n = snprintf(header, sizeof header,
                   "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\n\r\n",
                   argv[3], argv[4], argv[5], date);
  if (n < 0 || (size_t)n >= sizeof header) complain("the header is too long");
  send_all(fd, header, (size_t)n);
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
  if (argc != 6) {
    fprintf(stderr, "usage: %s HOST PORT FROM TO SUBJECT\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (int i = 3; i < argc; i++)
    if (strpbrk(argv[i], "\r\n<>") != NULL) complain("that is one line, no <>");
  if (gethostname(host, sizeof host) == -1) die("gethostname");

  int fd = connect_to(argv[1], argv[2]);
  FILE *in = fdopen(fd, "r");
  if (in == NULL) die("fdopen");
  expect(in, 2); /* the greeting */
  say(fd, "EHLO %s", host);
  expect(in, 2);
  say(fd, "MAIL FROM:<%s>", argv[3]);
  expect(in, 2);
  say(fd, "RCPT TO:<%s>", argv[4]);
  expect(in, 2);
  say(fd, "DATA");
  expect(in, 3);
  send_header(fd, argv);
  send_text(fd);
  expect(in, 2); /* now it is the server's letter */
  say(fd, "QUIT");
  read_reply(in);
  fclose(in);
  return 0;
}
