/* A DNS question sent, and its answer waited for: by UDP, by TCP what does not fit there. */
#define _GNU_SOURCE
#include "dns.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 53, FIRST_PORT = 1024, PORT_TRIES = 8 };

/* --- /etc/resolv.conf, see resolv.conf(5) --- */

static void set_option(const char *word, const char *name, int limit, int *to) {
  size_t length = strlen(name);
  if (strncmp(word, name, length) != 0) return;
  long n = strtol(word + length, NULL, 10);
  *to = n < 0 ? 0 : n > limit ? limit : (int)n;
}

static void set_line(struct dns_setup *s, char **fields, int n) {
  if (!strcmp(fields[0], "nameserver")) {
    struct address *a = &s->servers[s->server_count];
    if (s->server_count < SERVERS && n > 1 && address_parse(fields[1], a)) s->server_count++;
  } else if (!strcmp(fields[0], "search") || !strcmp(fields[0], "domain")) {
    s->search_count = 0;
    for (int i = 1; i < n && s->search_count < SEARCHES; i++)
      if (strlen(fields[i]) < NAME_LIMIT) strcpy(s->search[s->search_count++], fields[i]);
  } else if (!strcmp(fields[0], "options")) {
    for (int i = 1; i < n; i++) {
      set_option(fields[i], "ndots:", 15, &s->ndots);
      set_option(fields[i], "timeout:", 30, &s->timeout);
      set_option(fields[i], "attempts:", 5, &s->attempts);
      s->tcp |= !strcmp(fields[i], "use-vc");
    }
  }
}

void dns_setup(struct dns_setup *to) {
  *to = (struct dns_setup){.ndots = 1, .timeout = 5, .attempts = 2};
  FILE *f = fopen("/etc/resolv.conf", "re");
  if (!f) return;
  char line[LINE_LIMIT], *fields[1 + SEARCHES];
  for (int n; next_fields(f, line, fields, 1 + SEARCHES, &n);)
    set_line(to, fields, n);
  fclose(f);
  if (!to->timeout) to->timeout = 1;
  if (!to->attempts) to->attempts = 1;
}

/* --- waiting, until a time in milliseconds --- */

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool wait_for(int s, short events, int64_t end) {
  for (;;) {
    int64_t left = end - now();
    struct pollfd p = {.fd = s, .events = events};
    int n = left > 0 ? poll(&p, 1, (int)left) : 0;
    if (n > 0) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

/* A socket connected to the server, so that only what comes from there comes in. -1: none. */
static int open_socket(const struct address *server, int type) {
  struct sockaddr_in6 to, from = {.sin6_family = (sa_family_t)server->family};
  socklen_t length = address_put(server, htons(PORT), &to);
  int s = socket(server->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s < 0) return -1;
  /* from a port that nobody can guess; the kernel's choice if none of those is free */
  for (int i = 0; type == SOCK_DGRAM && i < PORT_TRIES; i++) {
    uint16_t port;
    if (getrandom(&port, sizeof port, 0) != sizeof port || port < FIRST_PORT) continue;
    from.sin6_port = port; /* where sin_port is, too */
    if (!bind(s, (struct sockaddr *)&from, length)) break;
  }
  if (!connect(s, (struct sockaddr *)&to, length) || errno == EINPROGRESS) return s;
  close(s);
  return -1;
}

/* --- one question to one server: the answer's size, or 0 --- */

static size_t ask_udp(const struct address *server, const struct dns_query *q, uint8_t *answer,
                      int64_t end) {
  int s = open_socket(server, SOCK_DGRAM);
  if (s < 0) return 0;
  size_t size = 0;
  if (send(s, q->bytes, q->size, MSG_NOSIGNAL) == (ssize_t)q->size)
    while (!size && wait_for(s, POLLIN, end)) {
      ssize_t n = recv(s, answer, DNS_ANSWER_LIMIT, 0);
      if (n >= 0 && dns_answers(q, answer, (size_t)n)) size = (size_t)n; /* others are not for us */
      if (n < 0 && errno != EAGAIN && errno != EINTR) break;             /* nobody is there */
    }
  close(s);
  return size;
}

static bool send_all(int s, const uint8_t *bytes, size_t size, int64_t end) {
  for (size_t sent = 0; sent < size;) {
    if (!wait_for(s, POLLOUT, end)) return false;
    ssize_t n = send(s, bytes + sent, size - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (n > 0) sent += (size_t)n;
  }
  return true;
}

static bool receive_all(int s, uint8_t *bytes, size_t size, int64_t end) {
  for (size_t received = 0; received < size;) {
    if (!wait_for(s, POLLIN, end)) return false;
    ssize_t n = recv(s, bytes + received, size - received, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (n > 0) received += (size_t)n;
  }
  return true;
}

static size_t ask_tcp(const struct address *server, const struct dns_query *q, uint8_t *answer,
                      int64_t end) {
  uint8_t message[2 + DNS_QUERY_LIMIT] = {(uint8_t)(q->size >> 8), (uint8_t)q->size}, length[2];
  memcpy(message + 2, q->bytes, q->size);
  int s = open_socket(server, SOCK_STREAM);
  if (s < 0) return 0;
  size_t size = 0;
  if (send_all(s, message, 2 + q->size, end) && receive_all(s, length, sizeof length, end)) {
    size = (size_t)length[0] << 8 | length[1];
    if (!receive_all(s, answer, size, end) || !dns_answers(q, answer, size)) size = 0;
  }
  close(s);
  return size;
}

static size_t ask_server(const struct dns_setup *setup, const struct address *server,
                         struct dns_query *q, uint8_t *answer) {
  if (getrandom(q->bytes, 2, 0) != 2) return 0;
  int64_t patience = setup->timeout * INT64_C(1000);
  size_t size = setup->tcp ? 0 : ask_udp(server, q, answer, now() + patience);
  if (setup->tcp || (size && dns_cut_short(answer)))
    size = ask_tcp(server, q, answer, now() + patience);
  bool useful = size && (dns_code(answer) == DNS_OK || dns_code(answer) == DNS_NXDOMAIN);
  return useful ? size : 0;
}

int dns_ask(const struct dns_setup *setup, struct dns_query *q, uint8_t *answer) {
  int error = errno;
  size_t size = 0;
  for (int i = 0; !size && i < setup->attempts * setup->server_count; i++)
    size = ask_server(setup, &setup->servers[i % setup->server_count], q, answer);
  errno = error;
  return size ? (int)size : EAI_AGAIN;
}
