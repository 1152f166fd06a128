/* wrong: Put one dot more */
/* A Gopher server for the texts in a folder: ./shelf HOST PORT FOLDER */
#include <dirent.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 256, PATH = 1024, PATIENCE = 5 /* seconds */ };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Listens by IPv6 and by IPv4. */
static int listen_on(in_port_t port) {
  int yes = 1, no = 0, listener = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
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

static void put_error(FILE *out, const char *what) { fprintf(out, "3%s\t\t-\t0\r\n.\r\n", what); }

static int is_text(const struct dirent *entry) {
  return entry->d_name[0] != '.' && strpbrk(entry->d_name, "\t\r\n") == NULL;
}

/* All that the folder has, in the order of their names. */
static void put_menu(FILE *out, char *argv[]) {
  struct dirent **entries;
  int count = scandir(argv[3], &entries, is_text, alphasort);
  if (count == -1) {
    put_error(out, "The shelf cannot be read");
    return;
  }
  for (int i = 0; i < count; i++) {
    const char *name = entries[i]->d_name;
    fprintf(out, "0%s\t/%s\t%s\t%s\r\n", name, name, argv[1], argv[2]);
    free(entries[i]);
  }
  free(entries);
  fprintf(out, ".\r\n");
}

/* Puts each line out, with one dot more if it begins with one. */
static void put_text(FILE *out, FILE *text) {
  int last = '\n', c;
  while ((c = getc(text)) != EOF) {
    if (c == '\n') putc('\r', out);
    putc(c, out);
    last = c;
  }
  fprintf(out, "%s.\r\n", last == '\n' ? "" : "\r\n");
}

/* A slash and a file's name: nothing that leads elsewhere. */
static int is_on_shelf(const char *selector) {
  return selector[0] == '/' && selector[1] != '\0' && selector[1] != '.' &&
         strchr(selector + 1, '/') == NULL;
}

/* The text of that selector, or NULL. */
static FILE *open_text(const char *folder, const char *selector) {
  char path[PATH];
  struct stat status;
  if (!is_on_shelf(selector)) return NULL;
  if (snprintf(path, sizeof path, "%s%s", folder, selector) >= (int)sizeof path) return NULL;
  if (stat(path, &status) == -1 || !S_ISREG(status.st_mode)) return NULL;
  return fopen(path, "r");
}

static void answer(FILE *out, const char *selector, char *argv[]) {
  if (*selector == '\0' || strcmp(selector, "/") == 0) {
    put_menu(out, argv);
    return;
  }
  FILE *text = open_text(argv[3], selector);
  if (text == NULL) {
    put_error(out, "There is nothing of that name");
    return;
  }
  put_text(out, text);
  fclose(text);
}

/* Ends our side, and waits until the client has ended its own: a close while
 * something is unread would reset the connection, and the answer with it. */
static void finish(int fd) {
  char rest[LINE];
  if (shutdown(fd, SHUT_WR) == -1) return;
  for (int i = 0; i < LINE && recv(fd, rest, sizeof rest, 0) > 0; i++) {
  }
}

static void serve(int fd, char *argv[]) {
  char line[LINE];
  struct timeval patience = {.tv_sec = PATIENCE};
  FILE *out = fdopen(fd, "w");
  if (out == NULL) die("fdopen");
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (read_selector(fd, line))
    answer(out, line, argv);
  else
    put_error(out, "Send one line, and not a long one");
  if (fflush(out) == 0) finish(fd);
  fclose(out);
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT FOLDER\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[2]));
  signal(SIGPIPE, SIG_IGN); /* a client that is gone is no reason to end */
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("waiting on port %s\n", argv[2]);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd != -1) serve(fd, argv);
  }
}
