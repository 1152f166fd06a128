/* A DNS server and its clients, for ./resolve SERVER SERVER_PORT PORT. */
#include "check.h"
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HEADER = 12, MESSAGE = 512, RECORDS = 4, PORT = 8, NAME = 32 };
enum { A = 1, SOA = 6, AAAA = 28, INTERNET = 1 };
enum { NO_ERROR = 0, FAILURE = 2, NO_SUCH_NAME = 3 };
enum { RESPONSE = 0x80, CUT_SHORT = 0x02, RECURSE = 0x01, CODE = 0x0f };
enum { SLICE_MS = 20, AGE_MS = 1200, HOUR = 3600 };
enum { AT_ONCE = 8, UNANSWERED = 150, MANY = 200 };

struct message {
  unsigned char bytes[MESSAGE];
  size_t size, end; /* end: of the question */
  size_t ttl_at[RECORDS], records;
  char port[PORT]; /* whence it came */
};

static struct program *resolve;
static int server, client, other;
static char port[PORT];
static struct timespec began;

/* --- messages --- */

static void put(struct message *m, unsigned byte) {
  m->bytes[m->size++] = (unsigned char)byte;
}

static void put_number(struct message *m, size_t bytes, unsigned value) {
  while (bytes-- > 0)
    put(m, value >> (8 * bytes) & 0xff);
}

static unsigned number(const unsigned char *bytes, size_t n) {
  unsigned value = 0;
  for (size_t i = 0; i < n; i++)
    value = value << 8 | bytes[i];
  return value;
}

static struct message query(unsigned id, const char *name, unsigned type) {
  struct message m = {.bytes = {[2] = RECURSE, [5] = 1}};
  put_number(&m, 2, id);
  m.size = HEADER;
  while (*name != '\0') {
    size_t length = strcspn(name, ".");
    put(&m, (unsigned)length);
    for (; length > 0; length--)
      put(&m, (unsigned char)*name++);
    if (*name == '.') name++;
  }
  put(&m, 0);
  put_number(&m, 2, type);
  put_number(&m, 2, INTERNET);
  m.end = m.size;
  return m;
}

static struct message reply_to(const struct message *heard, unsigned code) {
  struct message m = *heard;
  m.size = m.end;
  memset(m.bytes + 6, 0, HEADER - 6);
  m.bytes[2] = RESPONSE | RECURSE;
  m.bytes[3] = (unsigned char)(0x80 | code);
  return m;
}

static void begin_record(struct message *m, unsigned type, unsigned ttl,
                         unsigned size) {
  put_number(m, 2, type);
  put_number(m, 2, INTERNET);
  m->ttl_at[m->records++] = m->size;
  put_number(m, 4, ttl);
  put_number(m, 2, size);
}

static void add_address(struct message *m, unsigned ttl, unsigned last) {
  put_number(m, 2, 0xc000 | HEADER);
  begin_record(m, A, ttl, 4);
  put_number(m, 4, 0x0a000000 | last);
  m->bytes[7]++;
}

static void add_soa(struct message *m, unsigned ttl, unsigned minimum) {
  put(m, 0);
  begin_record(m, SOA, ttl, 2 + 5 * 4);
  put_number(m, 2, 0);
  put_number(m, 4, 1);
  for (int i = 0; i < 3; i++)
    put_number(m, 4, HOUR);
  put_number(m, 4, minimum);
  m->bytes[9]++;
}

/* --- the conversation --- */

static void begin(void) {
  server = datagrams();
  client = datagrams();
  other = datagrams();
  if (failed()) return;
  snprintf(port, sizeof port, "%s", free_port());
  clock_gettime(CLOCK_MONOTONIC, &began);
  resolve = start("resolve", "127.0.0.1", port_of(server), port, NULL);
}

/* Which of the two has a datagram first? -1: neither. */
static int first_of(int a, int b) {
  struct pollfd p[] = {{.fd = a, .events = POLLIN},
                       {.fd = b, .events = POLLIN}};
  for (int ms = 0; !failed() && ms < patience_ms; ms += SLICE_MS) {
    if (poll(p, 2, SLICE_MS) > 0) return p[1].revents != 0 ? b : a;
    if (!still_runs(resolve)) break;
  }
  return -1;
}

static void receive(int fd, struct message *m) {
  struct sockaddr_in from = {.sin_port = 0};
  socklen_t size = sizeof from;
  if (failed()) return;
  recvfrom(fd, m->bytes, 1, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)&from,
           &size);
  snprintf(m->port, sizeof m->port, "%d", ntohs(from.sin_port));
  m->size = hear_datagram(fd, m->bytes, sizeof m->bytes);
}

static void ask(int fd, unsigned id, const char *name, unsigned type) {
  struct message m = query(id, name, type);
  say_datagram(fd, port, m.bytes, m.size);
}

/* In capitals or not. */
static bool same_question(const struct message *m, const struct message *as) {
  if (m->size < as->end || (m->bytes[2] & RESPONSE) != 0 ||
      memcmp(m->bytes + 4, as->bytes + 4, 2) != 0)
    return false;
  for (size_t i = HEADER; i < as->end - 4; i++)
    if (tolower(m->bytes[i]) != tolower(as->bytes[i])) return false;
  return memcmp(m->bytes + as->end - 4, as->bytes + as->end - 4, 4) == 0;
}

/* The server hears a question, and the client who asks it nothing yet. */
static struct message hear_query(int asker, const char *name, unsigned type) {
  struct message m = {.size = 0}, wanted = query(0, name, type);
  int fd = first_of(server, asker);
  if (failed()) return m;
  if (fd == asker)
    fail("%s with type %u is answered without asking the server", name, type);
  else if (fd == -1 && still_runs(resolve))
    fail("%s with type %u is asked for, and the server hears nothing of it",
         name, type);
  if (!failed()) receive(server, &m);
  m.end = wanted.end;
  if (!failed() && !same_question(&m, &wanted))
    fail("the server is sent %s; wanted is a question for %s, type %u",
         shown(m.bytes, m.size), name, type);
  return m;
}

static void say_message(const struct message *m) {
  say_datagram(server, m->port, m->bytes, m->size);
}

static long seconds_since_begin(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec - began.tv_sec + 1;
}

/* Each has become smaller by so many seconds at least; then they are made equal
 * for the comparison of everything else. */
static void compare_ttls(struct message *got, const struct message *wanted,
                         unsigned age) {
  for (size_t i = 0; !failed() && i < wanted->records; i++) {
    unsigned char *at = got->bytes + wanted->ttl_at[i];
    unsigned is = number(at, 4);
    unsigned was = number(wanted->bytes + wanted->ttl_at[i], 4);
    if (is + age > was && age > 0)
      fail("record %zu came with a TTL of %u s, and more than a second later "
           "is given on with %u s",
           i + 1, was, is);
    else if (is > was || is + seconds_since_begin() < was)
      fail("record %zu came with a TTL of %u s, and is given on with %u s",
           i + 1, was, is);
    memcpy(at, wanted->bytes + wanted->ttl_at[i], 4);
  }
}

/* The client hears the server's answer, with its own ID and question. */
static void hear_reply(int fd, const struct message *asked,
                       const struct message *answer, unsigned age) {
  struct message got = {.size = 0};
  size_t end = answer->end;
  receive(fd, &got);
  if (failed()) return;
  if (got.size != answer->size || (got.bytes[2] & RESPONSE) == 0 ||
      (got.bytes[3] & CODE) != (answer->bytes[3] & CODE) ||
      memcmp(got.bytes + 4, answer->bytes + 4, HEADER - 4) != 0)
    fail("the client hears %s; the server's answer was %s",
         shown(got.bytes, got.size), shown(answer->bytes, answer->size));
  else if (memcmp(got.bytes, asked->bytes, 2) != 0)
    fail("the client asked with the ID %u, and hears an answer with %u",
         number(asked->bytes, 2), number(got.bytes, 2));
  else if (memcmp(got.bytes + HEADER, asked->bytes + HEADER, end - HEADER) != 0)
    fail("the client asked %s, and hears an answer to %s",
         shown(asked->bytes + HEADER, end - HEADER),
         shown(got.bytes + HEADER, end - HEADER));
  compare_ttls(&got, answer, age);
  if (!failed() &&
      memcmp(got.bytes + end, answer->bytes + end, got.size - end) != 0)
    fail("the client hears the records %s; the server's were %s",
         shown(got.bytes + end, got.size - end),
         shown(answer->bytes + end, got.size - end));
}

static void hear_at(int fd, unsigned id, const char *name, unsigned type,
                    const struct message *answer) {
  struct message asked = query(id, name, type);
  if (first_of(fd, fd) == -1 && !failed() && still_runs(resolve))
    fail("the server has answered for %s, type %u, and the client hears "
         "nothing",
         name, type);
  hear_reply(fd, &asked, answer, 0);
}

/* Asks for what is to be remembered: the server must hear nothing. */
static void recall(int fd, unsigned id, const char *name, unsigned type,
                   const struct message *answer, unsigned age) {
  struct message asked = query(id, name, type);
  ask(fd, id, name, type);
  int first = first_of(fd, server);
  if (first == server)
    fail("the server is asked again for %s, type %u", name, type);
  else if (first == -1 && !failed() && still_runs(resolve))
    fail("%s, type %u, is asked for again, and the client hears nothing", name,
         type);
  hear_reply(fd, &asked, answer, age);
}

/* --- answers of all kinds --- */

static struct message address(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_address(&m, HOUR, 1);
  return m;
}

static struct message two_addresses(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_address(&m, HOUR, 1);
  add_address(&m, 60, 2);
  return m;
}

static struct message short_second(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_address(&m, HOUR, 1);
  add_address(&m, 1, 2);
  return m;
}

static struct message for_now(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_address(&m, HOUR, 1);
  add_address(&m, 0, 2);
  return m;
}

static struct message cut_short(const struct message *q) {
  struct message m = address(q);
  m.bytes[2] |= CUT_SHORT;
  return m;
}

static struct message server_failure(const struct message *q) {
  struct message m = reply_to(q, FAILURE);
  add_soa(&m, HOUR, HOUR);
  return m;
}

static struct message no_such_name(const struct message *q) {
  struct message m = reply_to(q, NO_SUCH_NAME);
  add_soa(&m, HOUR, 60);
  return m;
}

static struct message no_such_type(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_soa(&m, HOUR, 60);
  return m;
}

static struct message short_minimum(const struct message *q) {
  struct message m = reply_to(q, NO_SUCH_NAME);
  add_soa(&m, HOUR, 1);
  return m;
}

static struct message short_soa(const struct message *q) {
  struct message m = reply_to(q, NO_ERROR);
  add_soa(&m, 1, HOUR);
  return m;
}

static struct message bare_name(const struct message *q) {
  return reply_to(q, NO_SUCH_NAME);
}

static struct message bare_type(const struct message *q) {
  return reply_to(q, NO_ERROR);
}

typedef struct message maker(const struct message *query);

/* A question that the server has to answer. */
static struct message learn(const char *name, unsigned type, maker *make) {
  ask(client, 7, name, type);
  struct message q = hear_query(client, name, type), m = make(&q);
  if (failed()) return m;
  say_message(&m);
  hear_at(client, 7, name, type, &m);
  return m;
}

/* --- the checks --- */

static void one(void) {
  begin();
  learn("quay.lab", A, two_addresses);
}

static void at_once(void) {
  struct message heard[AT_ONCE];
  unsigned ids[AT_ONCE], same = 0;
  char name[NAME];
  begin();
  for (int i = 0; !failed() && i < AT_ONCE; i++) {
    int fd = i % 2 == 0 ? client : other;
    snprintf(name, sizeof name, "berth%d.lab", i);
    ask(fd, 7, name, A);
    heard[i] = hear_query(fd, name, A);
    ids[i] = number(heard[i].bytes, 2);
    same += i > 0 && ids[i] - ids[i - 1] <= 1;
  }
  if (failed()) return;
  if (same > AT_ONCE / 2) {
    fail("the server is asked with the IDs %u, %u, %u, %u and so on: they can "
         "be guessed, or are the clients' own",
         ids[0], ids[1], ids[2], ids[3]);
    return;
  }
  for (int i = AT_ONCE - 1; !failed() && i >= 0; i--) {
    struct message m = reply_to(&heard[i], NO_ERROR);
    add_address(&m, HOUR, (unsigned)i);
    say_message(&m);
    snprintf(name, sizeof name, "berth%d.lab", i);
    hear_at(i % 2 == 0 ? client : other, 7, name, A, &m);
  }
}

static void forged(void) {
  begin();
  ask(client, 7, "bank.lab", A);
  struct message q = hear_query(client, "bank.lab", A), m = address(&q), bad;
  if (failed()) return;
  bad = reply_to(&q, NO_ERROR);
  add_address(&bad, HOUR, 66);
  say_datagram(other, q.port, bad.bytes, bad.size);
  bad.bytes[1] ^= 1;
  say_message(&bad);
  bad.bytes[1] ^= 1;
  bad.bytes[HEADER + 1] = 't';
  say_message(&bad);
  bad.bytes[HEADER + 1] = 'b';
  bad.size -= 2;
  say_message(&bad);
  say_message(&m);
  hear_at(client, 7, "bank.lab", A, &m);
}

static void no_questions(void) {
  struct message m = query(7, "quay.lab", A);
  begin();
  for (size_t size = 1; size < m.size; size += 3)
    say_datagram(client, port, m.bytes, size);
  m.bytes[2] |= RESPONSE;
  say_datagram(client, port, m.bytes, m.size);
  m.bytes[2] = RECURSE;
  m.bytes[HEADER] = 0xc0;
  m.bytes[HEADER + 1] = 0xff;
  say_datagram(client, port, m.bytes, HEADER + 1);
  learn("quay.lab", A, address);
}

static void unanswered(void) {
  char name[NAME];
  begin();
  for (int i = 0; !failed() && i < UNANSWERED; i++) {
    snprintf(name, sizeof name, "fog%d.lab", i);
    ask(client, 7, name, A);
    hear_query(client, name, A);
  }
  learn("quay.lab", A, address);
}

static void again(void) {
  begin();
  struct message m = learn("Quay.lab", A, two_addresses);
  recall(other, 8, "Quay.lab", A, &m, 0);
  recall(client, 9, "qUAY.LAB", A, &m, 0);
}

static void types(void) {
  begin();
  struct message m = learn("quay.lab", A, address);
  learn("quay.lab", AAAA, no_such_type);
  learn("quai.lab", A, two_addresses);
  recall(client, 9, "quay.lab", A, &m, 0);
}

static void not_kept(void) {
  static maker *const makers[] = {for_now, server_failure, cut_short};
  begin();
  for (int i = 0; !failed() && i < 3 * 2; i++) {
    char name[NAME];
    static const char *const what[] = {"moment", "failure", "short"};
    snprintf(name, sizeof name, "%s.lab", what[i / 2]);
    learn(name, A, makers[i / 2]);
  }
}

static void many(void) {
  char name[NAME];
  struct message m = {.size = 0};
  begin();
  for (int i = 0; !failed() && i < MANY; i++) {
    snprintf(name, sizeof name, "ship%d.lab", i);
    m = learn(name, A, address);
  }
  recall(client, 9, name, A, &m, 0);
}

static void noes(void) {
  begin();
  struct message name = learn("reef.lab", A, no_such_name);
  struct message type = learn("quay.lab", AAAA, no_such_type);
  recall(client, 8, "reef.lab", A, &name, 0);
  recall(client, 9, "quay.lab", AAAA, &type, 0);
  learn("quay.lab", A, address);
}

static void bare_noes(void) {
  begin();
  for (int i = 0; !failed() && i < 2; i++) {
    learn("reef.lab", A, bare_name);
    learn("quay.lab", AAAA, bare_type);
  }
}

static void time_passes(void) {
  begin();
  struct message two = learn("two.lab", A, two_addresses);
  struct message no = learn("no.lab", A, no_such_name);
  learn("second.lab", A, short_second);
  learn("minimum.lab", A, short_minimum);
  learn("soa.lab", AAAA, short_soa);
  if (failed()) return;
  pause_ms(AGE_MS);
  recall(client, 8, "two.lab", A, &two, 1);
  recall(client, 9, "no.lab", A, &no, 1);
  learn("second.lab", A, short_second);
  learn("minimum.lab", A, short_minimum);
  learn("soa.lab", AAAA, short_soa);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a question goes to the server, its answer to the client", one, NULL);
  check("step 1: eight questions at once, answered backwards", at_once,
        "Keep for each question under way who asked it, with the client's ID, "
        "and give it one of your own from getrandom.");
  check("step 1: answers that are forged", forged,
        "Pass on what comes from the server, has your ID, and repeats the "
        "question; wait on after anything else.");
  check("step 1: what is no question", no_questions,
        "Leave aside what you cannot read, and what is an answer itself.");
  check("step 1: a hundred and fifty questions that nobody answers", unanswered,
        "When all places are taken, the oldest question gives way.");
  check("step 2: the same question again", again,
        "An answer from memory has the ID and the question of the one who "
        "asks now, to the letter.");
  check("step 2: another type, another name", types,
        "What is remembered answers the same name, type and class, and "
        "nothing else.");
  check("step 2: answers that are for now alone", not_kept,
        "A TTL of 0 in one record, a code other than 0 and 3, the bit TC: "
        "pass it on and forget it.");
  check("step 2: two hundred names", many,
        "When the memory is full, an old answer gives way to the new one.");
  check("step 3: no such name, no such type", noes,
        "A no that comes with an SOA record is remembered like an answer.");
  check("step 3: a no without SOA", bare_noes,
        "Nothing says how long it is good: do not remember it.");
  check("step 4: after a second", time_passes,
        "Subtract from each TTL the seconds since the answer came. It is good "
        "as long as its shortest TTL, and a no not longer than the SOA "
        "record's last number.");
  return check_end();
}
