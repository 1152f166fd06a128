/* A DNS server (RFC 1035) for the names of /etc/hosts, or of another file like it, over UDP and
 * TCP: dns [-z ZONE] [PORT [FILE]].
 *
 * Its zone is the whole tree, or with -z what is in or below ZONE: what the file does not have does
 * not exist there, and elsewhere is for others to answer (REFUSED). The file is read for each
 * question, so the answer is what it says now. It asks nobody else. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { A = 1, SOA = 6, PTR = 12, AAAA = 28, IXFR = 251, AXFR = 252, MAILB = 253, MAILA = 254 };
enum { IN = 1, ANY = 255 }; /* ANY: a type and a class */
enum { OK = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, NOTIMP = 4, REFUSED = 5 };
enum { QR = 0x80, OPCODE = 0x78, AA = 0x04, TC = 0x02, RD = 0x01 }; /* in the header's third byte */
enum {
  HEADER = 12,
  NAME_LIMIT = 255,
  LABEL_LIMIT = 63,
  UDP_LIMIT = 512,
  TCP_LIMIT = 65535,
  QUERY_LIMIT = 4096, /* no question is longer */
  CLIENTS = 16,       /* on TCP; more wait in the backlog */
  PATIENCE = 10,      /* seconds for a TCP client to do something */
  TTL = 60
};

/* As in a message: labels, each behind its length, the last of length 0; in lower case. */
struct name {
  uint8_t bytes[NAME_LIMIT];
  size_t size;
};

/* --- names --- */

static bool add_label(struct name *to, const char *text, size_t length) {
  if (!length || length > LABEL_LIMIT || to->size + length + 2 > NAME_LIMIT) return false;
  to->bytes[to->size++] = (uint8_t)length;
  for (size_t i = 0; i < length; i++)
    to->bytes[to->size++] = (uint8_t)tolower((unsigned char)text[i]);
  return true;
}

static bool name_of_text(const char *text, struct name *to) {
  to->size = 0;
  for (;;) {
    size_t length = strcspn(text, ".");
    if (!add_label(to, text, length)) return false;
    text += length;
    if (!*text || !*++text) break; /* one dot may end it */
  }
  to->bytes[to->size++] = 0;
  return true;
}

/* 4.3.2.1.in-addr.arpa, or 32 digits before ip6.arpa */
static void name_of_address(int type, const uint8_t *address, struct name *to) {
  char text[80] = "";
  size_t n = 0;
  for (int i = type == A ? 3 : 15; i >= 0; i--)
    n += (size_t)(type == A ? sprintf(text + n, "%d.", address[i])
                            : sprintf(text + n, "%x.%x.", address[i] & 15, address[i] >> 4));
  strcpy(text + n, type == A ? "in-addr.arpa" : "ip6.arpa");
  name_of_text(text, to);
}

static bool is_name(const struct name *a, const struct name *b) {
  return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

static bool is_above(const struct name *a, const struct name *below) {
  for (size_t at = 0; at < below->size; at += 1u + below->bytes[at])
    if (below->size - at == a->size && !memcmp(below->bytes + at, a->bytes, a->size)) return true;
  return false;
}

/* The name in a question, which has nothing to point back to. Where it ends, or 0. */
static size_t read_name(const uint8_t *message, size_t size, size_t at, struct name *to) {
  to->size = 0;
  while (at < size) {
    size_t length = message[at++];
    if (length > LABEL_LIMIT || length > size - at || to->size + length + 1 > NAME_LIMIT) return 0;
    to->bytes[to->size++] = (uint8_t)length;
    if (!length) return at;
    for (; length; length--)
      to->bytes[to->size++] = (uint8_t)tolower(message[at++]);
  }
  return 0;
}

/* --- an answer, while it is made --- */

struct answer {
  uint8_t *bytes;
  size_t size, limit;
  struct name name; /* that is asked for */
  int type, count;
  bool exists, full; /* full: something did not fit */
};

static void put16(uint8_t *to, unsigned value) {
  to[0] = (uint8_t)(value >> 8);
  to[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *from) { return (unsigned)from[0] << 8 | from[1]; }

/* owner: where its name is in the message, or 0: the root. False: no room for it. */
static bool put_record(struct answer *a, unsigned owner, unsigned type, const void *data,
                       size_t size) {
  size_t head = owner ? 12 : 11;
  if (a->full || a->size + head + size > a->limit) {
    a->full = true;
    return false;
  }
  uint8_t *to = a->bytes + a->size;
  if (owner) *to++ = 0xc0;
  *to++ = (uint8_t)owner;
  put16(to, type);
  put16(to + 2, IN);
  put16(to + 4, 0);
  put16(to + 6, TTL);
  put16(to + 8, (unsigned)size);
  memcpy(to + 10, data, size);
  a->size += head + size;
  return true;
}

/* Not twice the same, as two lines of the file may say. */
static bool has_record(const struct answer *a, size_t from, int type, const void *data,
                       size_t size) {
  for (size_t at = from; at < a->size; at += 12 + get16(a->bytes + at + 10))
    if (get16(a->bytes + at + 2) == (unsigned)type && get16(a->bytes + at + 10) == size &&
        !memcmp(a->bytes + at + 12, data, size))
      return true;
  return false;
}

static void consider(struct answer *a, size_t from, const struct name *owner, int type,
                     const void *data, size_t size) {
  a->exists |= is_above(&a->name, owner);
  if (!is_name(&a->name, owner) || (a->type != type && a->type != ANY)) return;
  if (has_record(a, from, type, data, size)) return;
  if (put_record(a, HEADER, (unsigned)type, data, size)) a->count++;
}

/* A line: an address, then its names, of which the first is what the address is called. */
static void consider_line(struct answer *a, size_t from, char *line) {
  uint8_t address[16];
  struct name name, reverse;
  bool first = true;
  line[strcspn(line, "#\r\n")] = 0;
  char *rest = line, *word = strtok_r(rest, " \t", &rest);
  if (!word) return;
  int type = inet_pton(AF_INET, word, address) == 1    ? A
             : inet_pton(AF_INET6, word, address) == 1 ? AAAA
                                                       : 0;
  while (type && (word = strtok_r(NULL, " \t", &rest))) {
    if (!name_of_text(word, &name)) continue;
    consider(a, from, &name, type, address, type == A ? 4 : 16);
    name_of_address(type, address, &reverse);
    if (first) consider(a, from, &reverse, PTR, name.bytes, name.size);
    first = false;
  }
}

static const char *file = "/etc/hosts";
static struct name zone = {.size = 1};

static bool consider_file(struct answer *a) {
  FILE *f = fopen(file, "re");
  if (!f) return false;
  char line[1024];
  size_t from = a->size;
  while (fgets(line, sizeof line, f))
    consider_line(a, from, line);
  fclose(f);
  return true;
}

/* The root's SOA, which comes with a "no": how long that may be remembered (RFC 2308). */
static void put_soa(struct answer *a) {
  uint8_t data[2 + 20] = {0, 0, [5] = 1, [21] = TTL};
  put16(data + 8, 3600);
  put16(data + 12, 600);
  put16(data + 16, 3600);
  if (put_record(a, 0, SOA, data, sizeof data)) put16(a->bytes + 8, 1);
}

/* --- from a query to its answer --- */

static int answer_question(struct answer *a, int class) {
  if (class != IN && class != ANY) return REFUSED;
  if (a->type == AXFR || a->type == IXFR) return REFUSED;
  if (a->type == MAILB || a->type == MAILA) return NOTIMP;
  a->exists = a->name.size == 1; /* the root */
  if (!consider_file(a)) return SERVFAIL;
  put16(a->bytes + 6, (unsigned)a->count);
  if (!a->exists && !is_above(&zone, &a->name)) return REFUSED;
  if (!a->count && !a->full) put_soa(a);
  return a->exists ? OK : NXDOMAIN;
}

/* Answers a query in `bytes`, which has room for `limit`. The answer's size; 0: it gets none. */
static size_t answer(const uint8_t *query, size_t size, uint8_t *bytes, size_t limit) {
  if (size < HEADER || query[2] & QR) return 0;
  struct answer a = {.bytes = bytes, .size = HEADER, .limit = limit};
  memset(bytes, 0, HEADER);
  memcpy(bytes, query, 2);
  bytes[2] = (uint8_t)(QR | (query[2] & (OPCODE | RD)));
  if (query[2] & OPCODE) {
    bytes[3] = NOTIMP;
    return HEADER;
  }
  size_t end = get16(query + 4) == 1 ? read_name(query, size, HEADER, &a.name) : 0;
  if (!end || size - end < 4) {
    bytes[3] = FORMERR;
    return HEADER;
  }
  memcpy(bytes + HEADER, query + HEADER, end + 4 - HEADER);
  put16(bytes + 4, 1);
  a.size = end + 4;
  a.type = (int)get16(query + end);
  bytes[3] = (uint8_t)answer_question(&a, (int)get16(query + end + 2));
  if (bytes[3] == OK || bytes[3] == NXDOMAIN) bytes[2] |= AA;
  if (a.full) bytes[2] |= TC;
  return a.size;
}

static void serve_udp(int s) {
  uint8_t query[QUERY_LIMIT], reply[UDP_LIMIT];
  struct sockaddr_storage from;
  socklen_t length = sizeof from;
  ssize_t n = recvfrom(s, query, sizeof query, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
  size_t size = n > 0 ? answer(query, (size_t)n, reply, sizeof reply) : 0;
  if (size) sendto(s, reply, size, MSG_DONTWAIT, (struct sockaddr *)&from, length);
}

/* --- TCP: each message behind its length --- */

struct client {
  uint8_t in[2 + QUERY_LIMIT], *out; /* out: what is to be sent, or NULL */
  size_t received, size, sent;
  time_t active;
};

static time_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec;
}

/* Takes one query, if it is there as a whole. False: the client is to go. */
static bool take_query(struct client *c) {
  size_t size = c->received < 2 ? 0 : get16(c->in);
  if (c->received < 2) return true;
  if (size < HEADER || size > QUERY_LIMIT) return false;
  if (c->received < 2 + size) return true;
  c->out = malloc(2 + TCP_LIMIT);
  if (!c->out) return false;
  size_t answered = answer(c->in + 2, size, c->out + 2, TCP_LIMIT);
  put16(c->out, (unsigned)answered);
  c->size = 2 + answered;
  c->sent = 0;
  c->received -= 2 + size;
  memmove(c->in, c->in + 2 + size, c->received);
  return answered != 0;
}

static bool receive(struct client *c, int s) {
  ssize_t n = recv(s, c->in + c->received, sizeof c->in - c->received, MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  c->received += (size_t)n;
  return n && take_query(c);
}

static bool send_rest(struct client *c, int s) {
  ssize_t n = send(s, c->out + c->sent, c->size - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  c->sent += (size_t)n;
  if (c->sent < c->size) return true;
  free(c->out);
  c->out = NULL;
  return take_query(c);
}

static struct client clients[CLIENTS];

static void serve_client(struct client *c, struct pollfd *p) {
  if (p->revents) {
    c->active = now();
    if (c->out ? send_rest(c, p->fd) : receive(c, p->fd)) return;
  } else if (now() - c->active < PATIENCE)
    return;
  close(p->fd);
  free(c->out);
  c->out = NULL;
  p->fd = -1;
}

static void serve_listener(int listener, struct pollfd *places) {
  for (int i = 0; i < CLIENTS; i++) {
    if (places[i].fd >= 0) continue;
    places[i].fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    clients[i] = (struct client){.active = now()};
    return;
  }
}

/* --- start --- */

static void die(const char *what) {
  fprintf(stderr, "dns: %s: %s\n", what, strerror(errno));
  exit(EXIT_FAILURE);
}

/* A socket for every address that this host has, of both families if there are two. */
static int open_socket(int type, in_port_t port) {
  int yes = 1, no = 0;
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  int s = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool both = s >= 0;
  if (both) setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  if (s < 0) s = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s < 0) die("socket");
  if (type == SOCK_STREAM) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr *here = both ? (struct sockaddr *)&six : (struct sockaddr *)&four;
  if (bind(s, here, both ? sizeof six : sizeof four)) die("bind");
  if (type == SOCK_STREAM && listen(s, CLIENTS)) die("listen");
  return s;
}

static int take_arguments(int argc, char **argv) {
  char *end = NULL;
  bool good = true;
  for (int option; (option = getopt(argc, argv, "z:")) != -1;)
    good = option == 'z' && name_of_text(optarg, &zone);
  argv += optind;
  argc -= optind;
  long port = argc ? strtol(argv[0], &end, 10) : 53;
  if (!good || argc > 2 || (end && (*end || end == argv[0])) || port < 1 || port > 65535) {
    fprintf(stderr, "usage: dns [-z ZONE] [PORT [FILE]]\n");
    exit(2);
  }
  if (argc > 1) file = argv[1];
  return (int)port;
}

int main(int argc, char **argv) {
  int port = take_arguments(argc, argv);
  struct pollfd polled[2 + CLIENTS], *places = polled + 2;
  polled[0] = (struct pollfd){.fd = open_socket(SOCK_DGRAM, (in_port_t)port), .events = POLLIN};
  polled[1] = (struct pollfd){.fd = open_socket(SOCK_STREAM, (in_port_t)port)};
  for (int i = 0; i < CLIENTS; i++)
    places[i] = (struct pollfd){.fd = -1};
  for (;;) {
    int busy = 0;
    for (int i = 0; i < CLIENTS; i++) {
      places[i].events = clients[i].out ? POLLOUT : POLLIN;
      busy += places[i].fd >= 0;
    }
    polled[1].events = busy < CLIENTS ? POLLIN : 0;
    if (poll(polled, 2 + CLIENTS, busy ? 1000 : -1) < 0) continue;
    for (int i = 0; i < CLIENTS; i++)
      if (places[i].fd >= 0) serve_client(&clients[i], &places[i]);
    if (polled[0].revents) serve_udp(polled[0].fd);
    if (polled[1].revents & POLLIN) serve_listener(polled[1].fd, places);
  }
}
