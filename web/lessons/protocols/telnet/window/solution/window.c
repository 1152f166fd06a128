/* A Telnet client that tells the size of its window: ./window HOST PORT
 * COLUMNS ROWS. What the two sides negotiate goes to standard error. */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 854's commands, each behind an IAC */
enum { SE = 240, SB = 250, WILL = 251, WONT, DO, DONT, IAC };
enum { PIECE = 1024, NAWS = 31 };

struct telnet {
  int fd;
  enum { TEXT, COMMAND, OPTION, SUB, SUB_COMMAND } state;
  unsigned char command; /* in OPTION: WILL, WONT, DO or DONT */
  unsigned columns, rows;
  int told; /* NAWS is on */
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

static void send_all(int fd, const unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
    if (n == -1) die("send");
    bytes += n;
    size -= (size_t)n;
  }
}

static void show(const char *who, unsigned char command, unsigned char option) {
  static const char *const names[] = {"WILL", "WONT", "DO", "DONT"};
  fprintf(stderr, "%s %s %d\n", who, names[command - WILL], option);
}

static void answer(struct telnet *t, unsigned char command,
                   unsigned char option) {
  unsigned char bytes[] = {IAC, command, option};
  show(">", command, option);
  send_all(t->fd, bytes, sizeof bytes);
}

/* Puts a number in two bytes, with an IAC before each that is one. */
static size_t put_number(unsigned char *to, unsigned number) {
  unsigned char bytes[] = {(unsigned char)(number >> 8), (unsigned char)number};
  size_t n = 0;
  for (size_t i = 0; i < sizeof bytes; i++) {
    if (bytes[i] == IAC) to[n++] = IAC;
    to[n++] = bytes[i];
  }
  return n;
}

static void tell_size(struct telnet *t) {
  unsigned char bytes[16] = {IAC, SB, NAWS};
  size_t n = 3;
  n += put_number(bytes + n, t->columns);
  n += put_number(bytes + n, t->rows);
  bytes[n++] = IAC;
  bytes[n++] = SE;
  send_all(t->fd, bytes, n);
}

/* All options but NAWS are off, and stay so. Only what would change something
 * is answered. */
static void take_option(struct telnet *t, unsigned char option) {
  show("<", t->command, option);
  if (t->command == WILL) answer(t, DONT, option);
  if (t->command == DO && option != NAWS) answer(t, WONT, option);
  if (t->command == DO && option == NAWS && !t->told) {
    t->told = 1;
    answer(t, WILL, NAWS);
    tell_size(t);
  }
  if (t->command == DONT && option == NAWS && t->told) {
    t->told = 0;
    answer(t, WONT, NAWS);
  }
}

static void take_byte(struct telnet *t, unsigned char byte) {
  switch (t->state) {
  case TEXT:
    if (byte == IAC)
      t->state = COMMAND;
    else if (byte != '\0') /* only fills up a bare \r */
      putchar(byte);
    break;
  case COMMAND:
    t->command = byte;
    t->state = byte == SB ? SUB : byte >= WILL && byte <= DONT ? OPTION : TEXT;
    if (byte == IAC) putchar(byte); /* doubled: a character */
    break;
  case OPTION:
    t->state = TEXT;
    take_option(t, byte);
    break;
  case SUB:
    if (byte == IAC) t->state = SUB_COMMAND;
    break;
  case SUB_COMMAND: t->state = byte == SE ? TEXT : SUB; break;
  }
}

/* Sends what was typed; on the way a line ends with \r\n. */
static void send_typed(int fd, const unsigned char *text, size_t size) {
  unsigned char bytes[2 * PIECE];
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '\n') bytes[n++] = '\r';
    if (text[i] == IAC) bytes[n++] = IAC;
    bytes[n++] = text[i];
  }
  send_all(fd, bytes, n);
}

int main(int argc, char *argv[]) {
  unsigned char piece[PIECE];
  ssize_t n;
  if (argc != 5) {
    fprintf(stderr, "usage: %s HOST PORT COLUMNS ROWS\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct telnet t = {.fd = connect_to(argv[1], argv[2]),
                     .columns = (unsigned)strtoul(argv[3], NULL, 10),
                     .rows = (unsigned)strtoul(argv[4], NULL, 10)};
  struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                             {.fd = t.fd, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) == -1) die("poll");
    if (watched[0].revents != 0) {
      n = read(STDIN_FILENO, piece, sizeof piece);
      if (n > 0) send_typed(t.fd, piece, (size_t)n);
      if (n <= 0) watched[0].fd = -1; /* no more is typed: only listen */
    }
    if (watched[1].revents != 0) {
      n = recv(t.fd, piece, sizeof piece, 0);
      if (n == -1) die("recv");
      if (n == 0) return 0;
      for (ssize_t i = 0; i < n; i++)
        take_byte(&t, piece[i]);
      fflush(stdout);
    }
  }
}
