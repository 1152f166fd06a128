/* wrong: having none is not a room */
/* A chat with rooms: ./rooms PORT. Who comes says a name first. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64
#define CLIENTS 64
#define NAME_SIZE 17  /* with the 0 */
#define LINE_SIZE 512 /* of what a client says, with the line end */
#define TEXT_SIZE 600 /* of what is told */
#define OUT_SIZE 65536

struct client {
  int fd;
  bool gone; /* to be removed */
  char name[NAME_SIZE];
  char room[NAME_SIZE]; /* empty: in none */
  char line[LINE_SIZE]; /* what has come of the next one */
  size_t have;
  bool skipping; /* the rest of a line that is too long */
  char out[OUT_SIZE];
  size_t out_size; /* what is not yet sent */
};

static struct client *clients[CLIENTS];
static nfds_t count;

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

/* --- telling: never waits; who does not read is put out --- */

static void tell(struct client *c, const char *text) {
  size_t n = strlen(text);
  if (c->out_size + n > sizeof c->out) {
    c->gone = true;
    return;
  }
  memcpy(c->out + c->out_size, text, n);
  c->out_size += n;
}

/* The others in its room, if it is in one. */
static int tell_others(const struct client *from, const char *text) {
  int told = 0;
  for (nfds_t i = 0; i < count; i++) {
    if (clients[i] == from || strcmp(clients[i]->room, from->room) != 0) continue;
    tell(clients[i], text);
    told++;
  }
  return told;
}

static void send_some(struct client *c) {
  ssize_t n = send(c->fd, c->out, c->out_size, MSG_NOSIGNAL);
  if (n == -1) {
    if (errno != EAGAIN && errno != EINTR) c->gone = true;
    return;
  }
  c->out_size -= (size_t)n;
  memmove(c->out, c->out + n, c->out_size);
}

/* --- what a client says --- */

static bool is_word(const char *text) {
  size_t n = 0;
  while (isalnum((unsigned char)text[n]))
    n++;
  return n > 0 && n < NAME_SIZE && text[n] == '\0';
}

static struct client *named(const char *name) {
  for (nfds_t i = 0; i < count; i++)
    if (strcmp(clients[i]->name, name) == 0) return clients[i];
  return NULL;
}

static void take_name(struct client *c, const char *name) {
  char text[TEXT_SIZE];
  if (!is_word(name)) {
    tell(c, "! a name has 1 to 16 letters or digits\n");
  } else if (named(name) != NULL) {
    snprintf(text, sizeof text, "! %s is taken\n", name);
    tell(c, text);
  } else {
    strcpy(c->name, name);
    snprintf(text, sizeof text, "* welcome, %s\n", name);
    tell(c, text);
  }
}

static void leave(struct client *c) {
  char text[TEXT_SIZE];
  snprintf(text, sizeof text, "* %s goes\n", c->name);
  tell_others(c, text);
  c->room[0] = '\0';
}

static void join(struct client *c, const char *room) {
  char text[TEXT_SIZE];
  if (!is_word(room)) {
    tell(c, "! a room has 1 to 16 letters or digits\n");
    return;
  }
  if (strcmp(c->room, room) != 0) {
    leave(c);
    strcpy(c->room, room);
    snprintf(text, sizeof text, "* %s comes\n", c->name);
    tell_others(c, text);
  }
  int others = tell_others(c, "");
  snprintf(text, sizeof text, "* you are in %s, others: %d\n", room, others);
  tell(c, text);
}

/* `rest` is a name, a blank, and what is to be said. */
static void tell_one(struct client *c, const char *rest) {
  char name[NAME_SIZE], text[TEXT_SIZE];
  size_t n = strcspn(rest, " ");
  struct client *to = NULL;
  if (n > 0 && n < sizeof name && rest[n] == ' ') {
    memcpy(name, rest, n);
    name[n] = '\0';
    to = named(name);
  }
  if (to == NULL) {
    tell(c, "! nobody has that name\n");
    return;
  }
  snprintf(text, sizeof text, "%s to you: %s\n", c->name, rest + n + 1);
  tell(to, text);
}

static void do_line(struct client *c, const char *line) {
  char text[TEXT_SIZE];
  if (c->name[0] == '\0') {
    take_name(c, line);
  } else if (strncmp(line, "/join ", 6) == 0) {
    join(c, line + 6);
  } else if (strncmp(line, "/to ", 4) == 0) {
    tell_one(c, line + 4);
  } else if (line[0] == '/') {
    tell(c, "! no such command\n");
  } else if (c->room[0] == '\0') {
    tell(c, "! you are in no room\n");
  } else {
    snprintf(text, sizeof text, "%s: %s\n", c->name, line);
    tell_others(c, text);
  }
}

/* Whole lines are done; what is left waits for more. */
static void do_lines(struct client *c) {
  char *begin = c->line, *end;
  while ((end = memchr(begin, '\n', c->have)) != NULL) {
    size_t n = (size_t)(end - begin) + 1;
    *end = '\0';
    if (end > begin && end[-1] == '\r') end[-1] = '\0';
    if (!c->skipping) do_line(c, begin);
    c->skipping = false;
    begin += n;
    c->have -= n;
  }
  memmove(c->line, begin, c->have);
  if (c->have == sizeof c->line) {
    if (!c->skipping) tell(c, "! that line is too long\n");
    c->skipping = true;
    c->have = 0;
  }
}

static void receive_some(struct client *c) {
  ssize_t n = recv(c->fd, c->line + c->have, sizeof c->line - c->have, 0);
  if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) c->gone = true;
  if (n <= 0) return;
  c->have += (size_t)n;
  do_lines(c);
}

/* --- who is there --- */

static void add_client(int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd == -1) return; /* it has gone again, or there is no descriptor */
  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1) die("fcntl");
  clients[count] = calloc(1, sizeof **clients);
  if (clients[count] == NULL) die("calloc");
  clients[count++]->fd = fd;
}

static void remove_client(nfds_t i) {
  struct client *c = clients[i];
  clients[i] = clients[--count];
  leave(c);
  close(c->fd);
  free(c);
}

/* Telling of one may be too much for another: so begin again. */
static void remove_gone(void) {
  for (nfds_t i = 0; i < count;) {
    if (clients[i]->gone) {
      remove_client(i);
      i = 0;
    } else {
      i++;
    }
  }
}

int main(int argc, char *argv[]) {
  static struct pollfd polled[CLIENTS + 1];
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    nfds_t n = count;
    for (nfds_t i = 0; i < n; i++) {
      short events = clients[i]->out_size > 0 ? POLLIN | POLLOUT : POLLIN;
      polled[i] = (struct pollfd){.fd = clients[i]->fd, .events = events};
    }
    polled[n].fd = n < CLIENTS ? listener : -1;
    polled[n].events = POLLIN;
    if (poll(polled, n + 1, -1) == -1 && errno != EINTR) die("poll");
    for (nfds_t i = 0; i < n; i++) {
      if (polled[i].revents & POLLOUT) send_some(clients[i]);
      if (polled[i].revents & ~POLLOUT) receive_some(clients[i]);
    }
    if (polled[n].revents) add_client(listener);
    remove_gone();
  }
}
