/* wrong: A port is a number */
/* Lists where a Gopher menu leads to: ./links HOST PORT SELECTOR */
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, PORT_LIMIT = 65535 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  int fd = -1, error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  for (struct addrinfo *a = list; a != NULL; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    if (a->ai_next == NULL) die(host);
    if (fd != -1) close(fd);
  }
  freeaddrinfo(list);
  return fd;
}

/* Reads a line, without its end; one that is too long is passed over. Returns 0
 * when there is no more. */
static int read_line(FILE *in, char line[LINE]) {
  int too_long;
  do {
    if (fgets(line, LINE, in) == NULL) return 0;
    int c = line[strcspn(line, "\n")];
    too_long = c != '\n';
    while (c != '\n' && c != EOF)
      c = getc(in);
  } while (too_long && !feof(in));
  line[strcspn(line, "\r\n")] = '\0';
  return 1;
}

/* Cuts the next field off: up to a tab, or to the end. It may be empty. */
static const char *cut_field(char **rest) {
  char *field = *rest;
  size_t length = strcspn(field, "\t");
  *rest = field + length + (field[length] == '\t');
  field[length] = '\0';
  return field;
}

static int is_port(const char *text) {
  int port = atoi(text);
  return port > 0 && port <= PORT_LIMIT;
}

/* Nothing of it may be taken for a command by the terminal. */
static void make_harmless(char *text) {
  for (char *c = text; *c != '\0'; c++)
    if (*c != '\t' && iscntrl((unsigned char)*c)) *c = '?';
}

static void show_item(char *line) {
  char type = line[0], *rest = line + 1;
  if (type == '\0' || type == 'i' || type == '3') return;
  make_harmless(line);
  cut_field(&rest); /* the title */
  const char *selector = cut_field(&rest), *host = cut_field(&rest);
  const char *port = cut_field(&rest);
  if (*host == '\0' || !is_port(port)) return;
  printf("%c %s %s \"%s\"\n", line[0], host, port, selector);
}

int main(int argc, char *argv[]) {
  char line[LINE];
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT SELECTOR\n", argv[0]);
    return EXIT_FAILURE;
  }
  int n = snprintf(line, sizeof line, "%s\r\n", argv[3]);
  if (n >= (int)sizeof line) {
    fprintf(stderr, "that selector is too long\n");
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  FILE *in = fdopen(fd, "r");
  if (in == NULL) die("fdopen");
  if (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n) die("send");
  while (read_line(in, line) && strcmp(line, ".") != 0)
    show_item(line);
  if (ferror(in)) die("recv");
  fclose(in);
  return 0;
}
