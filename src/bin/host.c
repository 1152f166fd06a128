/* host: asks a DNS server for what belongs to a name or an address (RFC 1035). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { MESSAGE = 65535, HEADER = 12, NAME = 256, PORT = 53, JUMPS = 64, NXDOMAIN = 3 };
enum { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, ANY = 255 };

static const struct type {
  int number;
  const char *name, *says;
} types[] = {{A, "A", "has address"},
             {AAAA, "AAAA", "has IPv6 address"},
             {MX, "MX", "mail is handled by"},
             {CNAME, "CNAME", "is an alias for"},
             {NS, "NS", "name server"},
             {PTR, "PTR", "domain name pointer"},
             {TXT, "TXT", "descriptive text"},
             {SOA, "SOA", "has SOA record"},
             {ANY, "ANY", ""}};
enum { TYPES = sizeof types / sizeof *types };

static struct {
  char server[64], search[NAME];
  bool tcp;
} config;

static struct {
  uint8_t bytes[MESSAGE];
  size_t length;
} answer;

static const struct type *type_of(int number) {
  for (int i = 0; i < TYPES; i++)
    if (types[i].number == number) return &types[i];
  return NULL;
}

/* --- the question --- */

/* A name as labels; where it ends, 0: it is none. */
static size_t put_name(uint8_t *to, const char *name) {
  size_t at = 0;
  while (*name) {
    size_t n = strcspn(name, ".");
    if (!n || n > 63 || at + n + 2 > NAME) return 0;
    to[at++] = (uint8_t)n;
    memcpy(to + at, name, n);
    at += n;
    name += n + (name[n] == '.');
  }
  to[at++] = 0;
  return at;
}

static size_t question(uint8_t *to, uint16_t id, const char *name, int type) {
  const uint8_t head[HEADER] = {(uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1};
  memcpy(to, head, HEADER);
  size_t n = put_name(to + HEADER, name);
  const uint8_t tail[] = {0, (uint8_t)type, 0, 1};
  if (!n) return 0;
  memcpy(to + HEADER + n, tail, sizeof tail);
  return HEADER + n + sizeof tail;
}

static bool read_all(int fd, uint8_t *to, size_t n) {
  for (ssize_t got; n; to += got, n -= (size_t)got)
    if ((got = recv(fd, to, n, 0)) <= 0) return false;
  return true;
}

static bool exchange(int fd, const uint8_t *q, size_t n, bool tcp) {
  uint8_t length[2] = {(uint8_t)(n >> 8), (uint8_t)n};
  if (tcp && send(fd, length, 2, MSG_MORE) != 2) return false;
  if (send(fd, q, n, 0) != (ssize_t)n) return false;
  if (tcp) {
    if (!read_all(fd, length, 2)) return false;
    answer.length = (size_t)length[0] << 8 | length[1];
    return read_all(fd, answer.bytes, answer.length);
  }
  do { /* an answer to something else is none */
    ssize_t got = recv(fd, answer.bytes, MESSAGE, 0);
    if (got < 0) return false;
    answer.length = (size_t)got;
  } while (answer.length < HEADER || memcmp(answer.bytes, q, 2));
  return true;
}

static bool ask(const uint8_t *q, size_t n, bool tcp) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
  struct timeval limit = {.tv_sec = 5};
  bool is6 = inet_pton(AF_INET6, config.server, &six.sin6_addr) == 1;
  if (!is6) inet_pton(AF_INET, config.server, &a.sin_addr);
  int fd = socket(is6 ? AF_INET6 : AF_INET, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const struct sockaddr *to = is6 ? (void *)&six : (void *)&a;
  bool fine = !connect(fd, to, is6 ? sizeof six : sizeof a) && exchange(fd, q, n, tcp);
  close(fd);
  return fine && answer.length >= HEADER && !memcmp(answer.bytes, q, 2);
}

/* The answer's code (RFC 1035, RCODE); exits if there is none. */
static int query(const char *name, int type) {
  uint8_t q[HEADER + NAME + 4];
  uint16_t id;
  getrandom(&id, sizeof id, 0);
  size_t n = question(q, id, name, type);
  if (!n) {
    printf("host: '%s' is not a legal name (bad label type)\n", name);
    exit(1);
  }
  bool truncated = false;
  if (!ask(q, n, config.tcp) || ((truncated = answer.bytes[2] & 2) && !ask(q, n, true))) {
    printf(";; connection timed out; no servers could be reached\n");
    exit(1);
  }
  return answer.bytes[3] & 15;
}

/* --- the answer --- */

/* A name that begins at `at`; where it ends, 0: it is broken. */
static size_t get_name(size_t at, char name[NAME]) {
  size_t end = 0, used = 0;
  for (int jumps = 0; at < answer.length && jumps < JUMPS; jumps++) {
    size_t length = answer.bytes[at];
    if (length >= 0xc0) {
      if (at + 1 >= answer.length) return 0;
      if (!end) end = at + 2;
      at = (length & 0x3f) << 8 | answer.bytes[at + 1];
      continue;
    }
    at++;
    if (!length) {
      name[used ? used - 1 : 0] = 0; /* without the last dot */
      return end ? end : at;
    }
    if (at + length > answer.length || used + length + 1 >= NAME) return 0;
    memcpy(name + used, answer.bytes + at, length);
    used += length;
    name[used++] = '.';
    at += length;
  }
  return 0;
}

static void print_text(size_t at, size_t n) {
  for (size_t i = 0; i < n; i += 1u + answer.bytes[at + i]) {
    size_t length = answer.bytes[at + i];
    if (i + 1 + length > n) return;
    printf(" \"%.*s\"", (int)length, (const char *)answer.bytes + at + i + 1);
  }
}

static void print_soa(size_t at) {
  char server[NAME], mail[NAME];
  size_t end = get_name(at, server);
  if (end) end = get_name(end, mail);
  if (!end || end + 20 > answer.length) return;
  printf(" %s. %s.", server, mail);
  for (int i = 0; i < 5; i++, end += 4) {
    const uint8_t *b = answer.bytes + end;
    printf(" %u", (unsigned)b[0] << 24 | (unsigned)(b[1] << 16 | b[2] << 8 | b[3]));
  }
}

static void print_record(const char *name, int number, size_t at, size_t n) {
  const struct type *type = type_of(number);
  const uint8_t *b = answer.bytes + at;
  char text[NAME];
  if (!type) return;
  printf("%s %s", name, type->says);
  if ((number == A && n == 4) || (number == AAAA && n == 16)) {
    printf(" %s", inet_ntop(number == A ? AF_INET : AF_INET6, b, text, sizeof text));
  } else if (number == MX && n > 2) {
    if (get_name(at + 2, text)) printf(" %d %s.", b[0] << 8 | b[1], text);
  } else if (number == TXT) {
    print_text(at, n);
  } else if (number == SOA) {
    print_soa(at);
  } else if (get_name(at, text)) {
    printf(" %s.", text);
  }
  printf("\n");
}

/* Prints what is in the answer; how many that were. */
static int print_records(void) {
  char name[NAME];
  const uint8_t *b = answer.bytes;
  int questions = b[4] << 8 | b[5], records = b[6] << 8 | b[7], count = 0;
  size_t at = HEADER;
  for (int i = 0; at && i < questions; i++)
    if ((at = get_name(at, name))) at += 4;
  for (int i = 0; at && i < records; i++) {
    at = get_name(at, name);
    if (!at || at + 10 > answer.length) break;
    size_t n = (size_t)b[at + 8] << 8 | b[at + 9];
    if (at + 10 + n > answer.length) break;
    print_record(name, b[at] << 8 | b[at + 1], at + 10, n);
    at += 10 + n;
    count++;
  }
  return count;
}

/* --- what is asked --- */

static void read_config(void) {
  char line[512], server[64];
  FILE *f = fopen("/etc/resolv.conf", "r");
  while (f && fgets(line, sizeof line, f)) {
    if (!*config.server && sscanf(line, "nameserver %63s", server) == 1)
      strcpy(config.server, server);
    sscanf(line, "search %255s", config.search);
    if (!strncmp(line, "options", 7) && strstr(line, "use-vc")) config.tcp = true;
  }
  if (f) fclose(f);
  if (!*config.server) strcpy(config.server, "127.0.0.1");
}

/* The name under which an address is to be asked for. False: it is no address. */
static bool reverse(const char *text, char name[NAME]) {
  uint8_t a[16];
  if (inet_pton(AF_INET, text, a) == 1) {
    snprintf(name, NAME, "%u.%u.%u.%u.in-addr.arpa", a[3], a[2], a[1], a[0]);
    return true;
  }
  if (inet_pton(AF_INET6, text, a) != 1) return false;
  for (int i = 15, n = 0; i >= 0; i--)
    n += snprintf(name + n, NAME - (size_t)n, "%x.%x.", a[i] & 15, a[i] >> 4);
  strcat(name, "ip6.arpa");
  return true;
}

static const char *code_name(int code) {
  static const char *const names[] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                      "NXDOMAIN", "NOTIMP",  "REFUSED"};
  return code < 6 ? names[code] : "RESERVED";
}

static int not_found(const char *name, int code) {
  printf("Host %s not found: %d(%s)\n", name, code, code_name(code));
  return 1;
}

/* A name of one part is looked for in the domain of /etc/resolv.conf, too. */
static int look_up(char *name, int type) {
  char longer[NAME];
  bool single = !strchr(name, '.') && *config.search;
  snprintf(longer, sizeof longer, "%.120s.%.120s", name, config.search);
  int code = single ? query(longer, type) : NXDOMAIN;
  if (!code)
    snprintf(name, NAME, "%s", longer);
  else
    code = query(name, type);
  return code;
}

static int host(char *name, int type) {
  static const int usual[] = {A, AAAA, MX};
  char pointer[NAME];
  if (!type && reverse(name, pointer)) {
    int code = query(pointer, PTR);
    if (!code && print_records()) return 0;
    return not_found(pointer, code ? code : NXDOMAIN);
  }
  int code = look_up(name, type ? type : A);
  if (code) return not_found(name, code);
  if (type) {
    if (!print_records()) printf("%s has no %s record\n", name, type_of(type)->name);
    return 0;
  }
  print_records();
  for (size_t i = 1; i < sizeof usual / sizeof *usual; i++)
    if (!query(name, usual[i])) print_records();
  return 0;
}

static int usage(void) {
  fprintf(stderr, "Usage: host [-T] [-t TYPE] {NAME | ADDRESS} [SERVER]\n");
  return 1;
}

int main(int argc, char **argv) {
  int type = 0;
  char name[NAME];
  read_config();
  for (int letter; (letter = getopt(argc, argv, "aTt:")) != -1;) {
    if (letter == 'T')
      config.tcp = true;
    else if (letter == 'a')
      type = ANY;
    else if (letter != 't')
      return usage();
    for (int i = 0; letter == 't' && i < TYPES; i++)
      if (!strcasecmp(types[i].name, optarg)) type = types[i].number;
    if (letter == 't' && !type) {
      fprintf(stderr, "host: invalid type: %s\n", optarg);
      return 2;
    }
  }
  if (optind >= argc || argc - optind > 2 || strlen(argv[optind]) >= NAME) return usage();
  snprintf(name, sizeof name, "%s", argv[optind]);
  if (argc - optind == 2) {
    snprintf(config.server, sizeof config.server, "%.63s", argv[optind + 1]);
    printf("Using domain server:\nName: %s\nAddress: %s#%d\nAliases: \n\n", argv[optind + 1],
           config.server, PORT);
  }
  return host(name, type);
}
