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
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of RFC 1035 and 2308 */
enum { HEADER = 12, MESSAGE = 512, LABEL = 63, POINTER = 0xc0 };
enum {
  RESPONSE = 0x80,
  FIRST_HAND = 0x04,
  CUT_SHORT = 0x02,
  RECURSE = 0x01,
  CODE = 0x0f
};
enum { NO_ERROR = 0, NO_SUCH_NAME = 3, SOA = 6 };
enum { SOA_NUMBERS = 20, MINIMUM = 4 /* bytes, of these the last */ };
enum { UNDER_WAY = 64, ENTRIES = 128 };
static const long long MS = 1000, NS_IN_MS = 1000000;
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

struct pending {
  struct asker asker;
  unsigned char id[2]; /* ours, to the server */
  bool used;
};

struct entry {
  struct message answer;
  long long since, until; /* as of now_ms() */
};

static int clients, upstream;
static struct pending under_way[UNDER_WAY];
static struct entry entries[ENTRIES];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static long long now_ms(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t) == -1) die("clock_gettime");
  return t.tv_sec * MS + t.tv_nsec / NS_IN_MS;
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

/* --- the memory --- */

/* For how many seconds the answer is good. */
static unsigned lifetime(struct message *m) {
  unsigned code = m->bytes[3] & CODE, shortest = INT32_MAX;
  unsigned answers = number_at(m, ANSWERS), count = count_records(m);
  bool no = code == NO_SUCH_NAME || answers == 0, has_soa = false;
  if ((code != NO_ERROR && code != NO_SUCH_NAME) ||
      (m->bytes[2] & CUT_SHORT) != 0)
    return 0;
  m->at = m->end;
  for (struct record r; count > 0 && next_record(m, &r); count--) {
    if (r.ttl < shortest) shortest = r.ttl;
    if (!no || r.type != SOA || r.size < SOA_NUMBERS) continue;
    struct message soa = *m;
    soa.at = r.data + r.size - MINIMUM;
    unsigned minimum = take(&soa, MINIMUM);
    if (minimum < shortest) shortest = minimum;
    has_soa = true;
  }
  return no && !has_soa ? 0 : shortest;
}

static const struct entry *find(const struct message *query) {
  long long now = now_ms();
  for (const struct entry *e = entries; e < entries + ENTRIES; e++)
    if (now < e->until && same_question(&e->answer, query)) return e;
  return NULL;
}

/* In the place of the one that is of use for the shortest time. */
static void keep(struct message *answer) {
  long long now = now_ms(), until = now + lifetime(answer) * MS;
  struct entry *first = entries;
  if (until == now) return;
  for (struct entry *e = entries; e < entries + ENTRIES; e++)
    if (e->until < first->until) first = e;
  *first = (struct entry){.answer = *answer, .since = now, .until = until};
}

/* --- from question to answer --- */

static void grow_older(struct message *m, long long seconds) {
  struct record r;
  unsigned count = count_records(m);
  m->at = m->end;
  for (; count > 0 && next_record(m, &r); count--) {
    long long ttl = r.ttl > seconds ? r.ttl - seconds : 0;
    for (size_t i = 0; i < 4; i++)
      m->bytes[r.ttl_at + i] = (unsigned char)(ttl >> (24 - 8 * i));
  }
}

/* The answer, with the ID and the question as this one has asked. */
static void reply(const struct asker *to, const struct message *answer,
                  long long age) {
  const struct message *query = &to->query;
  struct message m = *answer;
  memcpy(m.bytes, query->bytes, 2);
  memcpy(m.bytes + HEADER, query->bytes + HEADER, query->end - HEADER);
  m.bytes[2] = (unsigned char)((m.bytes[2] & ~(FIRST_HAND | RECURSE)) |
                               (query->bytes[2] & RECURSE));
  grow_older(&m, age);
  sendto(clients, m.bytes, m.size, 0, (const struct sockaddr *)&to->address,
         to->length);
}

/* In the place of the oldest: who has waited so long has asked again. */
static void pass_on(const struct asker *from) {
  static size_t next;
  struct pending *p = &under_way[next++ % UNDER_WAY];
  struct message m = from->query;
  *p = (struct pending){.asker = *from, .used = true};
  if (getrandom(p->id, sizeof p->id, 0) != sizeof p->id) die("getrandom");
  memcpy(m.bytes, p->id, sizeof p->id);
  m.bytes[2] = RECURSE;
  m.bytes[3] = 0;
  memset(m.bytes + ANSWERS, 0, HEADER - ANSWERS);
  send(upstream, m.bytes, m.end, 0);
}

static void on_query(void) {
  struct asker from = {.length = sizeof from.address};
  struct message *query = &from.query;
  ssize_t n = recvfrom(clients, query->bytes, sizeof query->bytes, MSG_DONTWAIT,
                       (struct sockaddr *)&from.address, &from.length);
  query->size = n > 0 ? (size_t)n : 0;
  if (!read_question(query) || (query->bytes[2] & RESPONSE) != 0) return;
  const struct entry *e = find(query);
  if (e == NULL)
    pass_on(&from);
  else
    reply(&from, &e->answer, (now_ms() - e->since) / MS);
}

static void on_answer(void) {
  struct message answer;
  ssize_t n = recv(upstream, answer.bytes, sizeof answer.bytes, MSG_DONTWAIT);
  answer.size = n > 0 ? (size_t)n : 0;
  if (!read_answer(&answer)) return;
  for (struct pending *p = under_way; p < under_way + UNDER_WAY; p++)
    if (p->used && memcmp(p->id, answer.bytes, sizeof p->id) == 0 &&
        same_question(&answer, &p->asker.query)) {
      p->used = false;
      keep(&answer);
      reply(&p->asker, &answer, 0);
      return;
    }
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
