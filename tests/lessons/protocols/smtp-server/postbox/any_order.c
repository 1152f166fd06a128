/* wrong: in any order */
/* Takes letters for alice, bob and carol: ./postbox PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINE = 1001, PATH = 64, MOST = 10, LETTER = 4001, PATIENCE = 60 };

enum got { A_LINE, NOTHING, BAD };
enum state { NEW, READY, HAS_SENDER, HAS_RECIPIENT };

struct session {
  int fd;
  FILE *in;
  enum state state;
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
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
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

/* The next line, without its end. BAD: it is too long, or has a zero byte. */
static enum got read_line(FILE *in, char line[LINE]) {
  size_t n = 0;
  int c;
  while ((c = getc(in)) != EOF && c != '\n')
    if (n < LINE) line[n++] = (char)c;
  if (c == EOF) return NOTHING;
  if (n == LINE || memchr(line, '\0', n) != NULL) return BAD;
  if (n > 0 && line[n - 1] == '\r') n--;
  line[n] = '\0';
  return A_LINE;
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
  return strncasecmp(line, command, length) == 0 && (line[length] == '\0' || line[length] == ' ');
}

static int lives_here(const char *name, size_t length) {
  static const char *const users[] = {"alice", "bob", "carol"};
  for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
    if (strlen(users[i]) == length && strncasecmp(users[i], name, length) == 0) return 1;
  return 0;
}

static void print_letter(const struct session *s, const char *letter, size_t size) {
  printf("from <%s> to", s->from);
  for (int i = 0; i < s->recipients; i++)
    printf(" <%s>", s->to[i]);
  printf("\n%.*s", (int)size, letter);
  fflush(stdout);
}

/* Reads the letter up to its dot, and prints it. NULL: the client has gone. */
static const char *take_letter(struct session *s) {
  static char letter[LETTER];
  char line[LINE];
  size_t size = 0;
  const char *failure = NULL;
  reply(s->fd, "354 go on; a line with a dot alone ends it");
  for (;;) {
    enum got got = read_line(s->in, line);
    if (got == NOTHING) return NULL;
    if (got == A_LINE && strcmp(line, ".") == 0) break;
    const char *text = line[0] == '.' ? line + 1 : line;
    if (got == BAD)
      failure = "500 it has a line that is too long";
    else if (strlen(text) + 1 >= LETTER - size)
      failure = "552 that letter is too large";
    else if (failure == NULL)
      size += (size_t)sprintf(letter + size, "%s\n", text);
  }
  if (failure == NULL) print_letter(s, letter, size);
  return failure != NULL ? failure : "250 taken";
}

static const char *add_recipient(struct session *s, const char *line) {
  if (s->state == NEW) return "503 EHLO comes first";
  if (s->recipients == MOST) return "452 that is enough for one letter";
  if (!take_path(line, "RCPT TO:", s->to[s->recipients])) return "501 say RCPT TO:<bob@lab>";
  const char *path = s->to[s->recipients];
  size_t length = strcspn(path, "@");
  if (!lives_here(path, length)) return "550 there is nobody of that name";
  s->recipients++;
  s->state = HAS_RECIPIENT;
  return "250 ok";
}

static void forget(struct session *s) {
  s->recipients = 0;
  if (s->state > READY) s->state = READY;
}

/* Does what a line says. Returns the reply, or NULL: the client has gone. */
static const char *obey(struct session *s, const char *line) {
  if (is(line, "EHLO") || is(line, "HELO")) {
    s->state = READY;
    forget(s);
    return "250 hello";
  }
  if (is(line, "MAIL")) {
    if (s->state == NEW) return "503 EHLO comes first";
    if (s->state != READY) return "503 there is a sender already";
    if (!take_path(line, "MAIL FROM:", s->from)) return "501 say MAIL FROM:<bob@lab>";
    s->state = HAS_SENDER;
    return "250 ok";
  }
  if (is(line, "RCPT")) return add_recipient(s, line);
  if (is(line, "DATA")) {
    if (s->state != HAS_RECIPIENT) return "503 MAIL and RCPT come first";
    const char *answer = take_letter(s);
    forget(s);
    return answer;
  }
  if (is(line, "RSET")) {
    forget(s);
    return "250 forgotten";
  }
  if (is(line, "NOOP")) return "250 ok";
  if (is(line, "QUIT")) return "221 bye";
  return "500 there is no such command";
}

static void serve(int fd, FILE *in) {
  struct session s = {.fd = fd, .in = in};
  char line[LINE];
  enum got got;
  reply(fd, "220 the post office is open");
  while ((got = read_line(in, line)) != NOTHING) {
    const char *answer = got == BAD ? "500 that line is too long" : obey(&s, line);
    if (answer == NULL) return;
    reply(fd, answer);
    if (got == A_LINE && is(line, "QUIT")) return;
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
