/* Passes questions on to a DNS server, and answers back:
 * ./resolve SERVER SERVER_PORT PORT */
#include <ctype.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of RFC 1035 */
enum { HEADER = 12, MESSAGE = 512, LABEL = 63, POINTER = 0xc0 };
enum { RESPONSE = 0x80 };
enum { QUESTIONS = 4, ANSWERS = 6 }; /* where the header counts them */

struct message {
  unsigned char bytes[MESSAGE];
  size_t size, at; /* at: what is read next */
  size_t end;      /* of the question, which begins behind the header */
  bool bad;        /* something was not as it should be */
};

struct record {
  unsigned type, ttl;
  size_t ttl_at, data, size; /* where they are in the message */
};

/* A question, and who has asked it. */
struct asker {
  struct message query;
  struct sockaddr_storage address;
  socklen_t length;
};

static int clients, upstream;
static struct asker last;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* --- reading messages --- */

static void skip(struct message *m, size_t bytes) {
  if (bytes > m->size - m->at)
    m->bad = true;
  else
    m->at += bytes;
}

static unsigned take(struct message *m, size_t bytes) {
  unsigned value = 0;
  skip(m, bytes);
  for (size_t i = m->at - bytes; !m->bad && i < m->at; i++)
    value = value << 8 | m->bytes[i];
  return value;
}

static unsigned number_at(struct message *m, size_t at) {
  m->at = at;
  return take(m, 2);
}

static void skip_name(struct message *m) {
  unsigned size;
  while ((size = take(m, 1)) != 0 && size <= LABEL)
    skip(m, size);
  if (size >= POINTER)
    skip(m, 1); /* a pointer ends the name, with its second byte */
  else if (size != 0)
    m->bad = true;
}

/* Has it one question, as it should be? m->at is then behind it. */
static bool read_question(struct message *m) {
  m->bad = m->size < HEADER;
  if (m->bad || number_at(m, QUESTIONS) != 1) return false;
  m->at = HEADER;
  skip_name(m);
  skip(m, 4); /* type and class */
  m->end = m->at;
  return !m->bad;
}

static bool next_record(struct message *m, struct record *r) {
  skip_name(m);
  r->type = take(m, 2);
  skip(m, 2); /* class */
  r->ttl_at = m->at;
  r->ttl = take(m, 4);
  if (r->ttl > INT32_MAX) r->ttl = 0; /* so RFC 2181 wants it */
  r->size = take(m, 2);
  r->data = m->at;
  skip(m, r->size);
  return !m->bad;
}

static unsigned count_records(struct message *m) {
  unsigned answers = number_at(m, ANSWERS), authority = take(m, 2);
  return answers + authority + take(m, 2);
}

/* An answer, with one question and with records that can be read? */
static bool read_answer(struct message *m) {
  struct record r;
  if (!read_question(m) || (m->bytes[2] & RESPONSE) == 0) return false;
  unsigned count = count_records(m);
  m->at = m->end;
  while (count-- > 0)
    if (!next_record(m, &r)) return false;
  return true;
}

/* The same name (capitals make no difference), type and class? */
static bool same_question(const struct message *a, const struct message *b) {
  size_t name_end = a->end - 4;
  if (a->end != b->end) return false;
  for (size_t i = HEADER; i < name_end; i++)
    if (tolower(a->bytes[i]) != tolower(b->bytes[i])) return false;
  return memcmp(a->bytes + name_end, b->bytes + name_end, 4) == 0;
}

/* --- from question to answer --- */

static void on_query(void) {
  struct message *query = &last.query;
  last.length = sizeof last.address;
  ssize_t n = recvfrom(clients, query->bytes, sizeof query->bytes, MSG_DONTWAIT,
                       (struct sockaddr *)&last.address, &last.length);
  query->size = n > 0 ? (size_t)n : 0;
  if (!read_question(query) || (query->bytes[2] & RESPONSE) != 0) return;
  query->size = query->end; /* no records: it may have offered more room */
  memset(query->bytes + ANSWERS, 0, HEADER - ANSWERS);
  send(upstream, query->bytes, query->size, 0);
}

static void reply(const struct asker *to, const struct message *answer) {
  sendto(clients, answer->bytes, answer->size, 0,
         (const struct sockaddr *)&to->address, to->length);
}

static void on_answer(void) {
  struct message answer;
  ssize_t n = recv(upstream, answer.bytes, sizeof answer.bytes, MSG_DONTWAIT);
  answer.size = n > 0 ? (size_t)n : 0;
  if (read_answer(&answer) && same_question(&answer, &last.query))
    reply(&last, &answer);
}

/* --- sockets --- */

/* A datagram socket connected to the server, or bound to the address. */
static int open_socket(const char *host, const char *port,
                       int (*use)(int, const struct sockaddr *, socklen_t)) {
  struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
  int error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  if (fd == -1) die("socket");
  if (use(fd, list->ai_addr, list->ai_addrlen) == -1) die(host);
  freeaddrinfo(list);
  return fd;
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s SERVER SERVER_PORT PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  upstream = open_socket(argv[1], argv[2], connect);
  clients = open_socket("127.0.0.1", argv[3], bind); /* for this host alone */
  struct pollfd polled[] = {{.fd = clients, .events = POLLIN},
                            {.fd = upstream, .events = POLLIN}};
  for (;;) {
    if (poll(polled, 2, -1) == -1) die("poll");
    if (polled[0].revents != 0) on_query();
    if (polled[1].revents != 0) on_answer();
  }
}
