/* Prints a file of an FTP server: ./active HOST PORT PATH */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, PIECE = 4096, NEEDS_MORE = 3, REFUSED = 400 };

/* The control connection: commands go out by fd, replies come in by `in`. */
struct control {
  int fd;
  FILE *in;
  char reply[LINE]; /* the last line of the last one */
};

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

/* Reads a reply, up to the line that begins with its code and a space. Returns
 * the code; one that says no ends the program. */
static int read_reply(struct control *c) {
  char last[] = "000 ";
  do {
    if (fgets(c->reply, sizeof c->reply, c->in) == NULL) {
      fprintf(stderr, "the server has hung up\n");
      exit(EXIT_FAILURE);
    }
    fputs(c->reply, stderr);
    if (last[0] == '0') memcpy(last, c->reply, strlen("000"));
  } while (strncmp(c->reply, last, strlen(last)) != 0);
  int code = atoi(last);
  if (code >= REFUSED) exit(EXIT_FAILURE);
  return code;
}

static int command(struct control *c, const char *verb, const char *argument) {
  char line[LINE];
  int n = snprintf(line, sizeof line, "%s%s%s\r\n", verb,
                   *argument != '\0' ? " " : "", argument);
  if (n >= (int)sizeof line) {
    fprintf(stderr, "%s: its argument is too long\n", verb);
    exit(EXIT_FAILURE);
  }
  fprintf(stderr, "> %s", line);
  if (send(c->fd, line, (size_t)n, MSG_NOSIGNAL) != n) die("send");
  return read_reply(c);
}

/* Connects to the port that the server offers, on the host that we talk to. */
static int open_data(struct control *c) {
  struct sockaddr_storage there;
  socklen_t length = sizeof there;
  char host[NI_MAXHOST], port[6];
  command(c, "EPSV", "");
  const char *list = strstr(c->reply, "(|||");
  if (list == NULL || sscanf(list, "(|||%5[0-9]|)", port) != 1) {
    fprintf(stderr, "that is no port\n");
    exit(EXIT_FAILURE);
  }
  if (getpeername(c->fd, (struct sockaddr *)&there, &length) == -1)
    die("getpeername");
  int error = getnameinfo((struct sockaddr *)&there, length, host, sizeof host,
                          NULL, 0, NI_NUMERICHOST);
  if (error != 0) {
    fprintf(stderr, "getnameinfo: %s\n", gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  return connect_to(host, port);
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT PATH\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct control c = {.fd = connect_to(argv[1], argv[2])};
  c.in = fdopen(c.fd, "r");
  if (c.in == NULL) die("fdopen");
  read_reply(&c);
  if (command(&c, "USER", "anonymous") / 100 == NEEDS_MORE)
    command(&c, "PASS", "guest");
  command(&c, "TYPE", "I");
  int data = open_data(&c);
  command(&c, "RETR", argv[3]);

  char piece[PIECE];
  ssize_t n;
  while ((n = recv(data, piece, sizeof piece, 0)) > 0)
    fwrite(piece, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(data);
  if (fflush(stdout) == EOF) die("standard output");
  read_reply(&c); /* was that all? */
  command(&c, "QUIT", "");
  fclose(c.in);
  return 0;
}
