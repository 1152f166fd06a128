/* wrong: no byte behind the empty line */
/* A web server with three pages: ./serve PORT */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
#define CLIENTS 64
#define REQUEST_SIZE 8192 /* of a request line and its fields */
#define HEADER_SIZE 256
#define TIDE_SIZE 1000000
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct page {
  const char *path, *type, *body;
  size_t size;
};

struct client {
  int fd;
  char request[REQUEST_SIZE + 1]; /* what has come, with a 0 behind it */
  size_t have;
  char header[HEADER_SIZE]; /* of the answer that is being sent */
  const char *body;
  size_t header_size, body_size, sent;
  bool last; /* close behind this answer */
};

static char tide[TIDE_SIZE];
#define TEXT(path, type, text) {path, type, text, sizeof(text) - 1}
static const struct page pages[] = {
    TEXT("/", "text/html",
         "<!doctype html>\n<link rel=stylesheet href=style.css>\n"
         "<h1>Harbour office</h1>\n<p><a href=tide.txt>The tides</a>\n"),
    TEXT("/style.css", "text/css", "h1 { color: navy; }\n"),
    {"/tide.txt", "text/plain", tide, sizeof tide}};
#define PROBLEM(text) TEXT("", "text/plain", text "\n")
static const struct page bad_request = PROBLEM("I do not understand."),
                         not_found = PROBLEM("There is no such page."),
                         too_large = PROBLEM("That is too much."),
                         not_known = PROBLEM("I only know GET and HEAD.");

static struct client clients[CLIENTS];
static struct pollfd polled[1 + CLIENTS]; /* the first is the listener */
static nfds_t used = 1;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void make_tide(void) {
  for (size_t i = 0; i < sizeof tide; i++)
    tide[i] = i % 64 == 63 ? '\n' : (char)('a' + i / 64 % 26);
}

/* --- one request --- */

static void answer(struct client *c, const char *status, const struct page *page, bool with_body) {
  c->header_size =
      (size_t)snprintf(c->header, sizeof c->header,
                       "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                       page->type, page->size, c->last ? "Connection: close\r\n" : "");
  c->body = page->body;
  c->body_size = page->size;
  c->sent = 0;
}

static void refuse(struct client *c, const char *status, const struct page *page) {
  c->last = true;
  answer(c, status, page, true);
}

/* Is there a line `Connection: WORD` among the fields? */
static bool has_connection(const char *fields, const char *word) {
  static const char name[] = "Connection:";
  for (const char *line = fields; *line != '\0'; line += strcspn(line, "\n")) {
    line += *line == '\n';
    if (strncasecmp(line, name, sizeof name - 1) != 0) continue;
    const char *value = line + sizeof name - 1;
    value += strspn(value, " \t");
    if (strncasecmp(value, word, strlen(word)) == 0) return true;
  }
  return false;
}

/* `head` is the request line and the fields, as a string. */
static void serve(struct client *c, const char *head) {
  char method[16], target[1024], version[16];
  if (sscanf(head, "%15[^ \r\n] %1023[^ \r\n] %15[^ \r\n]", method, target, version) != 3 ||
      strncmp(version, "HTTP/1.", 7) != 0) {
    refuse(c, "400 Bad Request", &bad_request);
    return;
  }
  if (strcmp(version, "HTTP/1.0") == 0)
    c->last = !has_connection(head, "keep-alive");
  else
    c->last = has_connection(head, "close");

  bool get = strcmp(method, "GET") == 0;
  if (!get && strcmp(method, "HEAD") != 0) {
    refuse(c, "501 Not Implemented", &not_known);
    return;
  }
  target[strcspn(target, "?")] = '\0';
  for (size_t i = 0; i < COUNT(pages); i++) {
    if (strcmp(pages[i].path, target) == 0) {
      answer(c, "200 OK", &pages[i], get);
      return;
    }
  }
  answer(c, "404 Not Found", &not_found, get);
}

static bool sending(const struct client *c) { return c->sent < c->header_size + c->body_size; }

/* Serves the next request, if all of it is here. */
static void next_request(struct client *c) {
  c->request[c->have] = '\0';
  char *end = strstr(c->request, "\r\n\r\n");
  if (end != NULL) {
    size_t size = (size_t)(end - c->request) + 4;
    end[2] = '\0';
    serve(c, c->request);
    c->have -= size;
    memmove(c->request, c->request + size, c->have);
  } else if (c->have == REQUEST_SIZE) {
    refuse(c, "431 Request Header Fields Too Large", &too_large);
  }
}

/* --- one client; false: the connection is over --- */

static bool send_some(struct client *c) {
  while (sending(c)) {
    bool in_header = c->sent < c->header_size;
    const char *from = in_header ? c->header + c->sent : c->body + (c->sent - c->header_size);
    size_t end = c->header_size + (in_header ? 0 : c->body_size);
    ssize_t n = send(c->fd, from, end - c->sent, MSG_NOSIGNAL);
    if (n == -1) return errno == EAGAIN || errno == EINTR;
    c->sent += (size_t)n;
  }
  return !c->last;
}

static bool receive_some(struct client *c) {
  ssize_t n = recv(c->fd, c->request + c->have, REQUEST_SIZE - c->have, 0);
  if (n == -1) return errno == EAGAIN || errno == EINTR;
  c->have += (size_t)n;
  return n > 0;
}

static bool attend(struct client *c, short events) {
  if (events & (POLLIN | POLLHUP | POLLERR) && !sending(c) && !receive_some(c)) return false;
  for (;;) {
    if (sending(c) && !send_some(c)) return false;
    if (sending(c)) return true; /* it reads slowly; others have their turn */
    next_request(c);
    if (!sending(c)) return true;
  }
}

/* --- all of them --- */

static void add_client(int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd == -1) return; /* it has gone again, or there is no descriptor */
  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
  clients[used - 1] = (struct client){.fd = fd};
  polled[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void remove_client(nfds_t i) {
  close(polled[i].fd);
  used--;
  polled[i] = polled[used];
  clients[i - 1] = clients[used - 1];
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  make_tide();
  polled[0].fd = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    polled[0].events = used <= CLIENTS ? POLLIN : 0;
    if (poll(polled, used, -1) == -1 && errno != EINTR) die("poll");
    for (nfds_t i = used - 1; i > 0; i--) {
      struct client *c = &clients[i - 1];
      if (polled[i].revents && !attend(c, polled[i].revents))
        remove_client(i);
      else
        polled[i].events = sending(c) ? POLLOUT : POLLIN;
    }
    if (polled[0].revents) add_client(polled[0].fd);
  }
}
