/* Asks a DNS server for the addresses of names typed: ./remember SERVER PORT */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

/* Of RFC 1035 and 2308 */
enum { HEADER = 12, MESSAGE = 512, LABEL = 63, NAME = 254, POINTER = 0xc0 };
enum { RESPONSE = 0x80, CUT_SHORT = 0x02, RECURSE = 0x01, CODE = 0x0f };
enum { A = 1, SOA = 6, INTERNET = 1, NO_ERROR = 0, NO_SUCH_NAME = 3 };
enum { ANSWERS = 6, AUTHORITY = 8 }; /* where the header counts records */
enum { SOA_NUMBERS = 20, MINIMUM = 4 /* bytes, of these the last */ };
enum { ENTRIES = 64, TRIES = 3, PATIENCE = 1 /* second */ };
static const long long MS = 1000, NS_IN_MS = 1000000;

struct message {
  unsigned char bytes[MESSAGE];
  size_t size, at; /* at: what is read next */
  bool bad;        /* something was not as it should be */
};

struct record {
  unsigned type, class, ttl;
  size_t data, size;
};

struct entry {
  char name[NAME];
  char says[INET_ADDRSTRLEN]; /* its address, or empty: it has none */
  long long until;            /* as of now_ms() */
};

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

/* --- messages --- */

static bool make_query(struct message *m, const char *name) {
  static const unsigned char end[] = {0, 0, A, 0, INTERNET};
  *m = (struct message){.bytes = {[2] = RECURSE, [5] = 1}, .size = HEADER};
  if (getrandom(m->bytes, 2, 0) != 2) die("getrandom");
  while (*name != '\0') {
    size_t length = strcspn(name, ".");
    if (length == 0 || length > LABEL) return false;
    m->bytes[m->size++] = (unsigned char)length;
    memcpy(m->bytes + m->size, name, length);
    m->size += length;
    name += length + (name[length] == '.');
  }
  memcpy(m->bytes + m->size, end, sizeof end);
  m->size += sizeof end;
  return true;
}

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

static void skip_name(struct message *m) {
  unsigned size;
  while ((size = take(m, 1)) != 0 && size <= LABEL)
    skip(m, size);
  if (size >= POINTER)
    skip(m, 1); /* a pointer ends the name, with its second byte */
  else if (size != 0)
    m->bad = true;
}

static bool next_record(struct message *m, struct record *r) {
  skip_name(m);
  r->type = take(m, 2);
  r->class = take(m, 2);
  r->ttl = take(m, 4);
  if (r->ttl >> 31 != 0) r->ttl = 0;
  r->size = take(m, 2);
  r->data = m->at;
  skip(m, r->size);
  return !m->bad;
}

/* How long a "no" may be remembered: what the SOA record with it says. */
static unsigned lifetime_of_no(struct message *m, unsigned authority) {
  struct record r = {.type = 0};
  while (authority-- > 0 && r.type != SOA)
    if (!next_record(m, &r)) return 0;
  if (r.type != SOA || r.size < SOA_NUMBERS) return 0;
  m->at = r.data + r.size - MINIMUM;
  unsigned minimum = take(m, MINIMUM);
  return minimum < r.ttl ? minimum : r.ttl;
}

/* Reads an answer into e. For how many seconds it is good; -1: it is not. */
static long long read_answer(struct message *m, size_t question,
                             struct entry *e) {
  unsigned code = m->bytes[3] & CODE;
  struct record r = {.ttl = 0};
  unsigned ttl = INT32_MAX;
  if ((code != NO_ERROR && code != NO_SUCH_NAME) ||
      (m->bytes[2] & CUT_SHORT) != 0)
    return -1;
  m->at = ANSWERS;
  unsigned answers = take(m, 2), authority = take(m, 2);
  m->at = question;
  for (; answers > 0; answers--) {
    if (!next_record(m, &r)) return -1;
    if (r.ttl < ttl) ttl = r.ttl;
    if (r.type == A && r.class == INTERNET && r.size == sizeof(struct in_addr))
      inet_ntop(AF_INET, m->bytes + r.data, e->says, sizeof e->says);
  }
  if (e->says[0] != '\0') return ttl;
  unsigned no = lifetime_of_no(m, authority);
  return no < ttl ? no : ttl;
}

/* --- the conversation --- */

static int connect_to(const char *server, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
  struct timeval patience = {.tv_sec = PATIENCE};
  int error = getaddrinfo(server, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", server, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, list->ai_addr, list->ai_addrlen) == -1) die("connect");
  freeaddrinfo(list);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == -1)
    die("setsockopt");
  return fd;
}

static bool answers(const struct message *m, const struct message *query) {
  return m->size >= query->size && (m->bytes[2] & RESPONSE) != 0 &&
         memcmp(m->bytes, query->bytes, 2) == 0 &&
         memcmp(m->bytes + HEADER, query->bytes + HEADER,
                query->size - HEADER) == 0;
}

static bool ask(int fd, const struct message *query, struct message *answer) {
  for (int i = 0; i < TRIES; i++) {
    ssize_t n = send(fd, query->bytes, query->size, 0);
    while (n >= 0 &&
           (n = recv(fd, answer->bytes, sizeof answer->bytes, 0)) >= 0) {
      answer->size = (size_t)n;
      if (answers(answer, query)) return true;
    }
  }
  return false;
}

/* --- the memory --- */

/* The entry of this name, or the one that is of use for the shortest time. */
static struct entry *place_of(const char *name) {
  struct entry *first = entries;
  for (struct entry *e = entries; e < entries + ENTRIES; e++) {
    if (strcasecmp(e->name, name) == 0) return e;
    if (e->until < first->until) first = e;
  }
  return first;
}

static void look_up(int fd, const char *name) {
  struct message query, answer = {.bad = false};
  struct entry *place = place_of(name), e = {.until = 0};
  const char *no = "no address";
  long long left = place->until - now_ms();
  if (strcasecmp(place->name, name) == 0 && left > 0) {
    printf("%s: %s, I remember, for another %lld ms\n", name,
           place->says[0] != '\0' ? place->says : no, left);
    return;
  }
  if (!make_query(&query, name)) {
    printf("%s: that is no name\n", name);
    return;
  }
  if (!ask(fd, &query, &answer)) {
    printf("%s: nobody answers\n", name);
    return;
  }
  long long ttl = read_answer(&answer, query.size, &e);
  if (ttl < 0) {
    printf("%s: I cannot use that answer\n", name);
    return;
  }
  printf("%s: %s, says the server, for %lld s\n", name,
         e.says[0] != '\0' ? e.says : no, ttl);
  e.until = now_ms() + ttl * MS;
  strcpy(e.name, name);
  if (ttl > 0) *place = e;
}

int main(int argc, char *argv[]) {
  char name[NAME];
  if (argc != 3) {
    fprintf(stderr, "usage: %s SERVER PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to(argv[1], argv[2]);
  while (fgets(name, sizeof name, stdin) != NULL) {
    name[strcspn(name, "\n")] = '\0';
    if (name[0] != '\0') look_up(fd, name);
  }
  return EXIT_SUCCESS;
}
