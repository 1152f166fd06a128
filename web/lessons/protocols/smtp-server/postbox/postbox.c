/* Takes letters for alice, bob and carol: ./postbox PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINE = 1001, PATH = 64, MOST = 10, PATIENCE = 60 };

/* There is no state in it yet. */
struct session {
  int fd;
  FILE *in;
  char from[PATH], to[MOST][PATH];
  int recipients;
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  hints.ai_flags = AI_PASSIVE;
  struct addrinfo *here;
  int yes = 1, error = getaddrinfo(NULL, port, &hints, &here);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", port, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(here->ai_family, here->ai_socktype, here->ai_protocol);
  if (fd == -1) die("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(fd, here->ai_addr, here->ai_addrlen) == -1) die("bind");
  if (listen(fd, SOMAXCONN) == -1) die("listen");
  freeaddrinfo(here);
  return fd;
}

static void reply(int fd, const char *text) {
  char line[128];
  size_t left = (size_t)snprintf(line, sizeof line, "%s\r\n", text);
  const char *at = line;
  while (left > 0) {
    ssize_t n = send(fd, at, left, MSG_NOSIGNAL);
    if (n == -1) return; /* the next read_line will say so too */
    at += n;
    left -= (size_t)n;
  }
}

/* The next line, without its end. Returns 0 if there is none. Here a line that
 * is too long is taken for two. */
static int read_line(FILE *in, char line[LINE]) {
  if (fgets(line, LINE, in) == NULL) return 0;
  line[strcspn(line, "\r\n")] = '\0';
  return 1;
}

/* Copies the path if the line is the words, in any case, and "<path>". */
static int take_path(const char *line, const char *words, char path[PATH]) {
  size_t length = strlen(words);
  if (strncasecmp(line, words, length) != 0 || line[length] != '<') return 0;
  const char *begin = line + length + 1, *end = strchr(begin, '>');
  if (end == NULL || end - begin >= PATH) return 0;
  memcpy(path, begin, (size_t)(end - begin));
  path[end - begin] = '\0';
  return 1;
}

static int is(const char *line, const char *command) {
  size_t length = strlen(command);
  return strncasecmp(line, command, length) == 0 &&
         (line[length] == '\0' || line[length] == ' ');
}

static int lives_here(const char *name, size_t length) {
  static const char *const users[] = {"alice", "bob", "carol"};
  for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
    if (strlen(users[i]) == length && strncasecmp(users[i], name, length) == 0)
      return 1;
  return 0;
}

/* Prints the letter up to its dot, as it comes. NULL: the client has gone. */
static const char *take_letter(struct session *s) {
  char line[LINE];
  reply(s->fd, "354 go on; a line with a dot alone ends it");
  printf("from <%s> to", s->from);
  for (int i = 0; i < s->recipients; i++)
    printf(" <%s>", s->to[i]);
  printf("\n");
  while (read_line(s->in, line)) {
    if (strcmp(line, ".") == 0) {
      fflush(stdout);
      return "250 taken";
    }
    printf("%s\n", line);
  }
  return NULL;
}

static const char *add_recipient(struct session *s, const char *line) {
  if (s->recipients == MOST) return "452 that is enough for one letter";
  if (!take_path(line, "RCPT TO:", s->to[s->recipients]))
    return "501 say RCPT TO:<bob@lab>";
  const char *path = s->to[s->recipients];
  size_t length = strcspn(path, "@");
  if (!lives_here(path, length)) return "550 there is nobody of that name";
  s->recipients++;
  return "250 ok";
}

/* Does what a line says. Returns the reply, or NULL: the client has gone. */
static const char *obey(struct session *s, const char *line) {
  if (is(line, "EHLO") || is(line, "HELO")) return "250 hello";
  if (is(line, "MAIL")) {
    if (!take_path(line, "MAIL FROM:", s->from))
      return "501 say MAIL FROM:<bob@lab>";
    return "250 ok";
  }
  if (is(line, "RCPT")) return add_recipient(s, line);
  if (is(line, "DATA")) return take_letter(s);
  if (is(line, "RSET")) return "250 forgotten";
  if (is(line, "NOOP")) return "250 ok";
  if (is(line, "QUIT")) return "221 bye";
  return "500 there is no such command";
}

static void serve(int fd, FILE *in) {
  struct session s = {.fd = fd, .in = in};
  char line[LINE];
  reply(fd, "220 the post office is open");
  while (read_line(in, line)) {
    const char *answer = obey(&s, line);
    if (answer == NULL) return;
    reply(fd, answer);
    if (is(line, "QUIT")) return;
  }
}

int main(int argc, char *argv[]) {
  const struct timeval patience = {.tv_sec = PATIENCE};
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on(argv[1]);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd == -1) continue;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    FILE *in = fdopen(fd, "r");
    if (in == NULL) die("fdopen");
    serve(fd, in);
    fclose(in);
  }
}
