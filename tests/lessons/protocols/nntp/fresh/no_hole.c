/* wrong: go on with the next number */
/* Prints the articles of a group from a number on: ./fresh HOST PORT GROUP FROM
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, NUMBER = 16, REFUSED = 400, BODY_FOLLOWS = 222, NO_SUCH_NUMBER = 423 };

struct server {
  int fd;
  FILE *in; /* the same connection, for reading */
  char status[LINE + 1];
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Ends the program; the server has said why. */
static void refused(const struct server *s) {
  fputs(s->status, stderr);
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

/* Reads the line that answers a command; returns its code. */
static int read_status(struct server *s) {
  if (fgets(s->status, sizeof s->status, s->in) == NULL) hung_up();
  return atoi(s->status);
}

static int command(struct server *s, const char *verb, const char *argument) {
  char line[LINE + 1];
  int n = snprintf(line, sizeof line, "%s%s%s\r\n", verb, *argument != '\0' ? " " : "", argument);
  if (n > LINE) {
    fprintf(stderr, "%s: its argument is too long\n", verb);
    exit(EXIT_FAILURE);
  }
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
  if (argc != 5) {
    fprintf(stderr, "usage: %s HOST PORT GROUP FROM\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct server s = connect_to(argv[1], argv[2]);
  if (read_status(&s) >= REFUSED) refused(&s);
  if (command(&s, "GROUP", argv[3]) >= REFUSED) refused(&s);
  long count, low, high, from = strtol(argv[4], NULL, 10);
  if (sscanf(s.status, "%*d %ld %ld %ld", &count, &low, &high) != 3) refused(&s);
  for (long i = from > low ? from : low; count > 0 && i <= high; i++) {
    char number[NUMBER];
    snprintf(number, sizeof number, "%ld", i);
    int code = command(&s, "BODY", number);
    if (code != BODY_FOLLOWS) refused(&s);
    printf("== %ld\n", i);
    print_block(&s);
  }
  command(&s, "QUIT", "");
  fclose(s.in);
  return 0;
}
