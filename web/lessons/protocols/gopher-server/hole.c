/* A Gopher server: ./hole HOST PORT, where HOST is what its menus call it. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 256, PATIENCE = 5 /* seconds */ };

static const struct text {
  const char *selector, *title, *lines;
} texts[] = {
    {"/tides", "Tides of this week",
     "High water at 6 and 18, low water at noon.\n"
     ".\n"
     "The line above is a dot. Did you get this one?\n"},
    {"/lost", "Lost and found",
     "Found: one glove, left.\nLost: one datagram. Was not missed.\n"},
};
enum { TEXTS = sizeof texts / sizeof *texts };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Listens by IPv6 and by IPv4. */
static int listen_on(in_port_t port) {
  int yes = 1, no = 0, listener = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 here = {.sin6_family = AF_INET6,
                              .sin6_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1 ||
      setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Reads the client's line, without its end. Returns 0 if none comes, or one
 * that is too long. */
static int read_selector(int fd, char line[LINE]) {
  size_t length = 0;
  while (length < LINE - 1) {
    ssize_t n = recv(fd, line + length, LINE - 1 - length, 0);
    if (n <= 0) return 0;
    length += (size_t)n;
    line[length] = '\0';
    if (memchr(line, '\n', length) == NULL) continue;
    line[strcspn(line, "\r\n")] = '\0';
    return 1;
  }
  return 0;
}

static void put_error(FILE *out, const char *what) {
  fprintf(out, "3%s\t\t-\t0\r\n.\r\n", what);
}

static void put_menu(FILE *out, const char *host, const char *port) {
  fprintf(out, "iWelcome to this hole\t\t-\t0\r\n");
  for (int i = 0; i < TEXTS; i++)
    fprintf(out, "0%s\t%s\t%s\t%s\r\n", texts[i].title, texts[i].selector, host,
            port);
  fprintf(out, ".\r\n");
}

/* Puts each line out, with one dot more if it begins with one. */
static void put_text(FILE *out, const char *lines) {
  while (*lines != '\0') {
    int length = (int)strcspn(lines, "\n");
    fprintf(out, "%s%.*s\r\n", *lines == '.' ? "." : "", length, lines);
    lines += length + (lines[length] == '\n');
  }
  fprintf(out, ".\r\n");
}

static void answer(FILE *out, const char *selector, const char *host,
                   const char *port) {
  printf("asked for '%s'\n", selector);
  if (*selector == '\0' || strcmp(selector, "/") == 0) {
    put_menu(out, host, port);
    return;
  }
  for (int i = 0; i < TEXTS; i++)
    if (strcmp(selector, texts[i].selector) == 0) {
      put_text(out, texts[i].lines);
      return;
    }
  put_error(out, "There is nothing of that name");
}

/* Ends our side, and waits until the client has ended its own: a close while
 * something is unread would reset the connection, and the answer with it. */
static void finish(int fd) {
  char rest[LINE];
  if (shutdown(fd, SHUT_WR) == -1) return;
  for (int i = 0; i < LINE && recv(fd, rest, sizeof rest, 0) > 0; i++) {
  }
}

static void serve(int fd, const char *host, const char *port) {
  char line[LINE];
  struct timeval patience = {.tv_sec = PATIENCE};
  FILE *out = fdopen(fd, "w");
  if (out == NULL) die("fdopen");
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (read_selector(fd, line))
    answer(out, line, host, port);
  else
    put_error(out, "Send one line, and not a long one");
  if (fflush(out) == 0) finish(fd);
  fclose(out);
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[2]));
  signal(SIGPIPE, SIG_IGN); /* a client that is gone is no reason to end */
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[2]);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd != -1) serve(fd, argv[1], argv[2]);
  }
}
