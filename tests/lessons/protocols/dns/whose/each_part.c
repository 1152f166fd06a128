/* wrong: the whole name */
/* Asks a DNS server for the names of an IPv4 address: ./whose SERVER PORT
 * ADDRESS */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Of RFC 1035 */
enum { HEADER = 12, MESSAGE = 512, LABEL = 63, NAME = 254, POINTER = 0xc0 };
enum { RESPONSE = 0x80, RECURSE = 0x01, CODE = 0x0f };
enum { PTR = 12, INTERNET = 1, NO_SUCH_NAME = 3 };
enum { TRIES = 3, PATIENCE = 1 /* second */ };

struct message {
  unsigned char bytes[MESSAGE];
  size_t size, at; /* at: what is read next */
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void give_up(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(EXIT_FAILURE);
}

/* --- the question --- */

static void put(struct message *m, unsigned byte) {
  if (m->size == sizeof m->bytes) give_up("that name is too long");
  m->bytes[m->size++] = (unsigned char)byte;
}

static void put16(struct message *m, unsigned value) {
  put(m, value >> 8);
  put(m, value & 0xff);
}

/* Each label behind its length, and at the end one of length 0. */
static void put_name(struct message *m, const char *name) {
  if (strlen(name) >= NAME) give_up("that name is too long");
  while (*name != '\0') {
    size_t length = strcspn(name, ".");
    if (length == 0 || length > LABEL) give_up("a label has 1 to 63 bytes");
    put(m, (unsigned)length);
    for (size_t i = 0; i < length; i++)
      put(m, (unsigned char)name[i]);
    name += length + (name[length] == '.');
  }
  put(m, 0);
}

static void make_query(struct message *m, const char *name, unsigned type) {
  unsigned char id[2];
  if (getrandom(id, sizeof id, 0) != sizeof id) die("getrandom");
  *m = (struct message){.bytes = {id[0], id[1], RECURSE, 0, 0, 1},
                        .size = HEADER}; /* one question, nothing else */
  put_name(m, name);
  put16(m, type);
  put16(m, INTERNET);
}

/* --- the answer --- */

static unsigned take(struct message *m, size_t bytes) {
  unsigned value = 0;
  if (bytes > m->size - m->at) give_up("the answer is malformed");
  while (bytes-- > 0)
    value = value << 8 | m->bytes[m->at++];
  return value;
}

/* Reads a name: labels up to one of length 0, or up to a pointer to where the
 * rest stands. A pointer has to lead back, so that there is an end. */
static void take_name(struct message *m, char name[NAME]) {
  size_t length = 0, start = m->at, end = 0, size;
  while ((size = take(m, 1)) != 0) {
    if (size >= POINTER) {
      size_t to = (size - POINTER) << 8 | take(m, 1);
      if (end == 0) end = m->at;
      if (to >= start) give_up("the answer has a pointer that leads nowhere");
      m->at = start = to;
      continue;
    }
    if (size > LABEL) give_up("the answer has a name that is too long");
    if (length > 0) name[length++] = '.';
    for (; size > 0; size--) {
      int c = (int)take(m, 1);
      name[length++] = (char)(isgraph(c) && c != '.' ? c : '?');
    }
  }
  name[length] = '\0';
  if (end != 0) m->at = end;
}

static void show_record(struct message *m) {
  char owner[NAME], name[NAME];
  take_name(m, owner);
  unsigned type = take(m, 2), class = take(m, 2);
  take(m, 4); /* how long it holds */
  size_t size = take(m, 2), end = m->at + size;
  if (end > m->size) give_up("the answer is malformed");
  if (class == INTERNET && type == PTR) {
    take_name(m, name);
    if (m->at != end) give_up("the answer is malformed");
    printf("%s\n", name);
  }
  m->at = end;
}

/* --- the conversation --- */

static int connect_to(const char *server, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
  struct timeval patience = {.tv_sec = PATIENCE};
  int error = getaddrinfo(server, port, &hints, &list);
  if (error != 0) give_up(gai_strerror(error));
  int fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, list->ai_addr, list->ai_addrlen) == -1) die("connect");
  freeaddrinfo(list);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1) die("setsockopt");
  return fd;
}

/* Is it the answer to this query: the same ID, the same question? */
static int answers(const struct message *m, const struct message *query) {
  return m->size >= query->size && (m->bytes[2] & RESPONSE) != 0 &&
         memcmp(m->bytes, query->bytes, 2) == 0 &&
         memcmp(m->bytes + HEADER, query->bytes + HEADER, query->size - HEADER) == 0;
}

static void ask(int fd, const struct message *query, struct message *answer) {
  for (int i = 0; i < TRIES; i++) {
    if (send(fd, query->bytes, query->size, 0) == -1) die("send");
    ssize_t n;
    while ((n = recv(fd, answer->bytes, sizeof answer->bytes, 0)) >= 0) {
      answer->size = (size_t)n;
      if (answers(answer, query)) return;
    }
    if (errno != EAGAIN) die("recv");
  }
  give_up("nobody answers");
}

/* 10.0.0.1 is asked for as 1.0.0.10.in-addr.arpa */
static void reverse(const char *address, char name[NAME]) {
  unsigned char bytes[sizeof(struct in_addr)];
  if (inet_pton(AF_INET, address, bytes) != 1) give_up("that is no address");
  snprintf(name, NAME, "%d.%d.%d.%d.in-addr.arpa", bytes[3], bytes[2], bytes[1], bytes[0]);
}

int main(int argc, char *argv[]) {
  struct message query, answer;
  char name[NAME];
  if (argc != 4) {
    fprintf(stderr, "usage: %s SERVER PORT ADDRESS\n", argv[0]);
    return EXIT_FAILURE;
  }
  reverse(argv[3], name);
  make_query(&query, name, PTR);
  int fd = connect_to(argv[1], argv[2]);
  ask(fd, &query, &answer);
  close(fd);
  unsigned code = answer.bytes[3] & CODE;
  if (code == NO_SUCH_NAME) give_up("that address has no name");
  if (code != 0) give_up("the server cannot answer that");
  answer.at = 6; /* where the header counts the answers */
  unsigned count = take(&answer, 2);
  answer.at = query.size; /* they stand behind the question */
  while (count-- > 0)
    show_record(&answer);
  return 0;
}
