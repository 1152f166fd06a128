/* Reads news: ./news HOST PORT GROUP [NUMBER]. Without a number, what is there;
 * with one, that article. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, REFUSED = 400 };

struct server {
  int fd;
  FILE *in; /* the same connection, for reading */
};

static void die(const char *what) {
  perror(what);
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

/* Reads and shows the line that answers a command; returns its code. */
static int read_status(struct server *s) {
  char line[LINE + 1];
  if (fgets(line, sizeof line, s->in) == NULL) hung_up();
  fputs(line, stderr);
  return atoi(line);
}

static int command(struct server *s, const char *verb, const char *argument) {
  char line[LINE + 1];
  int n = snprintf(line, sizeof line, "%s%s%s\r\n", verb,
                   *argument != '\0' ? " " : "", argument);
  if (n > LINE) {
    fprintf(stderr, "%s: its argument is too long\n", verb);
    exit(EXIT_FAILURE);
  }
  fprintf(stderr, "> %s", line);
  if (send(s->fd, line, (size_t)n, MSG_NOSIGNAL) != n) die("send");
  return read_status(s);
}

/* Prints a block: the lines up to one that is a single dot. */
static void print_block(struct server *s) {
  int begins = 1, c; /* begins: a line does */
  while ((c = getc(s->in)) != EOF) {
    if (begins && c == '.') { /* takes that dot away */
      c = getc(s->in);
      if (c == '\r') c = getc(s->in);
      if (c == '\n') return;
      if (c == EOF) break;
    }
    if (c != '\r') putchar(c);
    begins = c == '\n';
  }
  hung_up();
}

int main(int argc, char *argv[]) {
  if (argc != 4 && argc != 5) {
    fprintf(stderr, "usage: %s HOST PORT GROUP [NUMBER]\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct server s = connect_to(argv[1], argv[2]);
  if (read_status(&s) >= REFUSED) return EXIT_FAILURE;
  command(&s, "MODE", "READER"); /* some servers first think we are one, too */
  if (command(&s, "GROUP", argv[3]) >= REFUSED) return EXIT_FAILURE;
  int code = argc == 5 ? command(&s, "ARTICLE", argv[4])
                       : command(&s, "HDR", "Subject 1-");
  if (code < REFUSED) print_block(&s);
  command(&s, "QUIT", "");
  fclose(s.in);
  return code < REFUSED ? 0 : EXIT_FAILURE;
}
