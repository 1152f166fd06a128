/* wrong: a number of bytes, and no string */
/* A note that anybody may read and write, by HTTP: ./note PORT */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, LONGEST = 1000, PATIENCE = 10 /* seconds */ };

struct request {
  char method[16], path[256];
  int minor; /* of the version: HTTP/1.1 has 1 */
  int hosts; /* how many fields Host there are */
  long long length;
  int last; /* the connection is to end with the answer */
};

static char note[LONGEST] = "nothing\n";
static size_t note_length = 8;

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

static int send_all(int fd, const char *bytes, size_t left) {
  while (left > 0) {
    ssize_t n = send(fd, bytes, left, MSG_NOSIGNAL);
    if (n == -1) return 0;
    bytes += n;
    left -= (size_t)n;
  }
  return 1;
}

/* The next line, without its end. 0: there is none, or it is too long. */
static int read_line(FILE *in, char line[LINE]) {
  if (fgets(line, LINE, in) == NULL || strchr(line, '\n') == NULL) return 0;
  line[strcspn(line, "\r\n")] = '\0';
  return 1;
}

/* What stands behind the name if this is that field, or NULL. */
static const char *value_of(const char *line, const char *name) {
  size_t length = strlen(name);
  if (strncasecmp(line, name, length) != 0 || line[length] != ':') return NULL;
  return line + length + 1 + strspn(line + length + 1, " \t");
}

/* Reads a head up to the empty line. Returns the status of the answer, as far
 * as the head decides it; 0: nobody is there any more. */
static int read_head(FILE *in, struct request *r) {
  char line[LINE];
  int end = 0;
  if (!read_line(in, line)) return 0;
  if (sscanf(line, "%15[A-Z] %255s HTTP/1.%1d%n", r->method, r->path, &r->minor, &end) != 3 ||
      line[end] != '\0')
    return 400;
  r->last = r->minor == 0;
  while (read_line(in, line) && line[0] != '\0') {
    if (value_of(line, "Host") != NULL) r->hosts++;
    const char *length = value_of(line, "Content-Length");
    const char *connection = value_of(line, "Connection");
    if (connection != NULL && strcasecmp(connection, "close") == 0) r->last = 1;
    if (value_of(line, "Transfer-Encoding") != NULL) return 413;
    if (length == NULL) continue;
    if (*length == '\0' || length[strspn(length, "0123456789")] != '\0') return 400;
    r->length = strtoll(length, NULL, 10);
  }
  if (line[0] != '\0' || r->hosts > 1 || (r->hosts == 0 && r->minor > 0)) return 400;
  return r->length > LONGEST ? 413 : 200;
}

static const char *reason(int status) {
  switch (status) {
  case 200: return "OK";
  case 204: return "No Content";
  case 400: return "Bad Request";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  default: return "Content Too Large";
  }
}

static int answer(int fd, const struct request *r, int status, const char *content, size_t length) {
  char head[512], date[64], field[64] = "";
  time_t now = time(NULL);
  struct tm utc;
  gmtime_r(&now, &utc);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  if (status != 204) snprintf(field, sizeof field, "Content-Length: %zu\r\n", length);
  int n = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%s\r\n", status,
                   reason(status), date, field, status == 405 ? "Allow: GET, HEAD, PUT\r\n" : "",
                   r->last ? "Connection: close\r\n" : "");
  int only_head = strcmp(r->method, "HEAD") == 0;
  return send_all(fd, head, (size_t)n) && (only_head || send_all(fd, content, length));
}

/* One request. Returns 0 if it was the last. */
static int serve(int fd, FILE *in) {
  struct request r = {.method = "?", .path = "?"};
  char content[LONGEST];
  int status = read_head(in, &r);
  if (status == 0) return 0;
  if (status != 200) { /* who knows where the next would begin */
    r.last = 1;
    answer(fd, &r, status, "Sorry.\n", 7);
    return 0;
  }
  size_t length = (size_t)r.length;
  if (fread(content, 1, length, in) < length) return 0;

  int put = strcmp(r.method, "PUT") == 0, sent;
  int get = strcmp(r.method, "GET") == 0 || strcmp(r.method, "HEAD") == 0;
  if (strcmp(r.path, "/note") != 0) {
    sent = answer(fd, &r, 404, "Sorry.\n", 7);
  } else if (put) {
    memcpy(note, content, length);
    note_length = strnlen(note, length);
    sent = answer(fd, &r, 204, "", 0);
  } else if (get) {
    sent = answer(fd, &r, 200, note, note_length);
  } else {
    sent = answer(fd, &r, 405, "Sorry.\n", 7);
  }
  return sent && !r.last;
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
    while (serve(fd, in)) {
    }
    fclose(in);
  }
}
