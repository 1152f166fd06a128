/* ss: sockets and their states, from /proc/net, where the lab has a listener's backlog, too, and
 * whether a socket is for IPv6 only. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CELL = 160, LINE = 1024, USERS = 2048, STATES = 12 };
enum {
  ALL = (1 << STATES) - 1,
  LISTENING = 1 << TCP_LISTEN | 1 << TCP_CLOSE,
  CONNECTED = ALL & ~(LISTENING | 1 << TCP_TIME_WAIT | 1 << TCP_SYN_RECV)
};

static const char *const states[STATES] = {"UNKNOWN",    "ESTAB",      "SYN-SENT",  "SYN-RECV",
                                           "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN",
                                           "CLOSE-WAIT", "LAST-ACK",   "LISTEN",    "CLOSING"};

enum family { TCP, UDP, RAW, LOCAL, FAMILIES };
static const struct {
  const char *file, *file6, *name;
} families[FAMILIES] = {{"/proc/net/tcp", "/proc/net/tcp6", "tcp"},
                        {"/proc/net/udp", "/proc/net/udp6", "udp"},
                        {"/proc/net/raw", "/proc/net/raw6", "???"},
                        {"/proc/net/unix", NULL, "u_str"}};

static struct {
  bool shown[FAMILIES], numeric, users, information, timers, only4, only6, no_header;
  unsigned states;
  bool states_given;
  int source, destination; /* ports; -1: any */
} options = {.source = -1, .destination = -1};

enum {
  NETID,
  STATE,
  RECEIVED,
  SENT,
  LOCAL_ADDRESS,
  LOCAL_PORT,
  PEER_ADDRESS,
  PEER_PORT,
  PROCESS,
  COLUMNS
};
struct row {
  struct row *next;
  char cells[COLUMNS][CELL], more[CELL];
};
static struct row *rows, **last_row = &rows;

/* --- who has a socket --- */

struct user {
  struct user *next;
  unsigned long inode;
  int pid, fd;
  char name[32];
};
static struct user *users;

static void add_user(int pid, int fd, unsigned long inode) {
  struct user *u = calloc(1, sizeof *u);
  char path[64];
  if (!u) return;
  *u = (struct user){.next = users, .inode = inode, .pid = pid, .fd = fd};
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  FILE *f = fopen(path, "r");
  if (f && fgets(u->name, sizeof u->name, f)) u->name[strcspn(u->name, "\n")] = 0;
  if (f) fclose(f);
  users = u;
}

static void find_descriptors(int pid) {
  char path[64], link[400], target[64];
  unsigned long inode;
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d));) {
    snprintf(link, sizeof link, "%s/%s", path, e->d_name);
    ssize_t n = readlink(link, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    if (sscanf(target, "socket:[%lu]", &inode) == 1) add_user(pid, atoi(e->d_name), inode);
  }
  if (d) closedir(d);
}

static void find_users(void) {
  DIR *d = opendir("/proc");
  for (struct dirent *e; d && (e = readdir(d));)
    if (isdigit((unsigned char)*e->d_name)) find_descriptors(atoi(e->d_name));
  if (d) closedir(d);
}

/* users:(("nc",pid=5,fd=3)) */
static void put_users(char *to, size_t room, unsigned long inode) {
  size_t n = 0;
  for (const struct user *u = users; u && inode; u = u->next) {
    if (u->inode != inode) continue;
    n += (size_t)snprintf(to + n, room - n, "%s(\"%s\",pid=%d,fd=%d)", n ? "," : " users:(",
                          u->name, u->pid, u->fd);
    if (n + 2 > room) return;
  }
  if (n) snprintf(to + n, room - n, ")");
}

/* --- rows --- */

static void put_port(char *to, unsigned port, const char *protocol) {
  struct servent *s = options.numeric ? NULL : getservbyport(htons((uint16_t)port), protocol);
  if (!port)
    strcpy(to, "*");
  else if (s)
    snprintf(to, CELL, "%s", s->s_name);
  else
    snprintf(to, CELL, "%u", port);
}

/* An address as /proc has it: words of it in hex, as they are in memory. Any address of both
 * versions of IP is a star. */
static void put_address(char *to, const char *hex, bool both) {
  uint32_t words[4];
  char text[INET6_ADDRSTRLEN];
  int n = sscanf(hex, "%8x%8x%8x%8x", &words[0], &words[1], &words[2], &words[3]);
  static const uint32_t none[4];
  if (n < 4) {
    inet_ntop(AF_INET, words, text, sizeof text);
    strcpy(to, text);
  } else if (!words[0] && !words[1] && words[2] == htonl(0xffff)) {
    inet_ntop(AF_INET, &words[3], text, sizeof text);
    snprintf(to, CELL, "[::ffff:%s]", text);
  } else {
    inet_ntop(AF_INET6, words, text, sizeof text);
    snprintf(to, CELL, both && !memcmp(words, none, sizeof none) ? "*" : "[%s]", text);
  }
}

static struct row *row_add(void) {
  struct row *r = calloc(1, sizeof *r);
  if (!r) exit(1);
  *last_row = r;
  last_row = &r->next;
  return r;
}

struct parsed {
  char local[40], remote[40];
  unsigned local_port, remote_port, state, sent, received, timer, retries;
  unsigned long due, inode;
  unsigned rto, window, backlog;
  int threshold, only6;
};

static void put_timer(char *to, const struct parsed *p) {
  static const char *const names[] = {"off", "on", "keepalive", "timewait", "persist", "unknown"};
  unsigned long ms = p->due * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
  char time[32];
  if (ms < 1000)
    snprintf(time, sizeof time, "%lums", ms);
  else if (ms < 60000)
    snprintf(time, sizeof time, ms < 10000 ? "%lu.%03lus" : "%lusec", ms / 1000, ms % 1000);
  else if (ms < 600000 && ms / 1000 % 60)
    snprintf(time, sizeof time, "%lumin%lusec", ms / 60000, ms / 1000 % 60);
  else
    snprintf(time, sizeof time, "%lumin", ms / 60000);
  snprintf(to, CELL, " timer:(%s,%s,%u)", names[p->timer < 5 ? p->timer : 5], time, p->retries);
}

static bool wanted(const struct parsed *p) {
  return p->state < STATES && options.states >> p->state & 1 &&
         (options.source < 0 || (unsigned)options.source == p->local_port) &&
         (options.destination < 0 || (unsigned)options.destination == p->remote_port);
}

static void add_inet(enum family family, const char *line) {
  struct parsed p = {.threshold = -1};
  int more = 0;
  if (sscanf(line, " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %x:%x %x:%lx %x %*u %*d %lu %*d %*s%n",
             p.local, &p.local_port, p.remote, &p.remote_port, &p.state, &p.sent, &p.received,
             &p.timer, &p.due, &p.retries, &p.inode, &more) < 11 ||
      !wanted(&p))
    return;
  if (family == TCP)
    sscanf(line + more, "%u %*u %*u %u %d %u %d", &p.rto, &p.window, &p.threshold, &p.backlog,
           &p.only6);
  else
    sscanf(line + more, "%*u %d", &p.only6);
  struct row *r = row_add();
  strcpy(r->cells[NETID], families[family].name);
  strcpy(r->cells[STATE], states[p.state]);
  snprintf(r->cells[RECEIVED], CELL, "%u", p.received);
  snprintf(r->cells[SENT], CELL, "%u", p.state == TCP_LISTEN ? p.backlog : p.sent);
  put_address(r->cells[LOCAL_ADDRESS], p.local, !p.only6);
  put_address(r->cells[PEER_ADDRESS], p.remote, !p.only6);
  const char *protocol = family == UDP ? "udp" : "tcp";
  put_port(r->cells[LOCAL_PORT], p.local_port, protocol);
  put_port(r->cells[PEER_PORT], p.remote_port, protocol);
  if (family == RAW) {
    struct protoent *e = options.numeric ? NULL : getprotobynumber((int)p.local_port);
    if (e) snprintf(r->cells[LOCAL_PORT], CELL, "%s", e->p_name);
  }
  if (options.users) put_users(r->cells[PROCESS], CELL, p.inode);
  if (options.timers && p.timer) {
    size_t n = strlen(r->cells[PROCESS]);
    if (n + 64 < CELL) put_timer(r->cells[PROCESS] + n, &p);
  }
  if (!options.information || family != TCP) return;
  int n = snprintf(r->more, CELL, " rto:%lu cwnd:%u",
                   p.rto * 1000ul / (unsigned long)sysconf(_SC_CLK_TCK), p.window);
  if (p.threshold > 0) snprintf(r->more + n, CELL - (size_t)n, " ssthresh:%d", p.threshold);
}

static void add_local(const char *line) {
  unsigned flags, type, connection;
  unsigned long inode;
  char path[CELL] = "*";
  enum { ACCEPTS = 0x10000, CONNECTED_STATE = 3 };
  if (sscanf(line, "%*s %*x %*x %x %x %x %lu %150s", &flags, &type, &connection, &inode, path) < 4)
    return;
  struct parsed p = {.state = flags & ACCEPTS                 ? TCP_LISTEN
                              : connection == CONNECTED_STATE ? TCP_ESTABLISHED
                                                              : TCP_CLOSE};
  if (!wanted(&p)) return;
  struct row *r = row_add();
  strcpy(r->cells[NETID], type == SOCK_STREAM ? "u_str" : type == SOCK_DGRAM ? "u_dgr" : "u_seq");
  strcpy(r->cells[STATE], states[p.state]);
  strcpy(r->cells[RECEIVED], "0");
  strcpy(r->cells[SENT], "0");
  strcpy(r->cells[LOCAL_ADDRESS], path);
  snprintf(r->cells[LOCAL_PORT], CELL, "%lu", inode);
  strcpy(r->cells[PEER_ADDRESS], "*");
  strcpy(r->cells[PEER_PORT], "0");
  if (options.users) put_users(r->cells[PROCESS], CELL, inode);
}

static void read_file(enum family family, const char *path) {
  char line[LINE];
  FILE *f = path ? fopen(path, "r") : NULL;
  if (!f) return;
  bool titles = fgets(line, sizeof line, f);
  while (titles && fgets(line, sizeof line, f)) {
    if (family == LOCAL)
      add_local(line);
    else
      add_inet(family, line);
  }
  fclose(f);
}

/* --- as a table --- */

static bool several_families(void) {
  return options.shown[TCP] + options.shown[UDP] + options.shown[RAW] + options.shown[LOCAL] > 1 ||
         options.shown[LOCAL];
}

static bool several_states(void) { return options.states & (options.states - 1); }

static void print_row(const struct row *r, const size_t width[COLUMNS], bool header) {
  char between = !header && !strncmp(r->cells[NETID], "u_", 2) ? ' ' : ':';
  if (several_families()) printf("%-*s ", (int)width[NETID], r->cells[NETID]);
  if (several_states()) printf("%-*s ", (int)width[STATE], r->cells[STATE]);
  printf("%-*s %-*s %*s%c%-*s %*s%c%-*s%-*s\n", (int)width[RECEIVED], r->cells[RECEIVED],
         (int)width[SENT], r->cells[SENT], (int)width[LOCAL_ADDRESS], r->cells[LOCAL_ADDRESS],
         between, (int)width[LOCAL_PORT], r->cells[LOCAL_PORT], (int)width[PEER_ADDRESS],
         r->cells[PEER_ADDRESS], between, (int)width[PEER_PORT], r->cells[PEER_PORT],
         header || !options.information ? (int)width[PROCESS] : 0, r->cells[PROCESS]);
  if (*r->more) printf("\t%s\n", r->more);
}

static void print_table(void) {
  struct row head = {.next = rows,
                     .cells = {"Netid", "State", "Recv-Q", "Send-Q", "Local Address", "Port",
                               "Peer Address", "Port", "Process"}};
  size_t width[COLUMNS] = {0};
  for (const struct row *r = &head; r; r = r->next)
    for (int c = 0; c < COLUMNS; c++)
      if (strlen(r->cells[c]) > width[c]) width[c] = strlen(r->cells[c]);
  for (const struct row *r = options.no_header ? rows : &head; r; r = r->next)
    print_row(r, width, r == &head);
}

/* --- what is asked for --- */

static _Noreturn void usage(void) {
  fprintf(stderr, "Usage: ss [ -46Hailnoptuwx ] [ state STATE ] [ exclude STATE ] "
                  "[ sport = :PORT ] [ dport = :PORT ]\n");
  exit(255);
}

static unsigned states_of(const char *name) {
  static const struct {
    const char *name;
    unsigned states;
  } groups[] = {{"all", ALL},
                {"connected", ALL & ~LISTENING},
                {"established", 1 << TCP_ESTABLISHED},
                {"listening", 1 << TCP_LISTEN},
                {"closed", 1 << TCP_CLOSE},
                {"synchronized", ALL & ~(LISTENING | 1 << TCP_SYN_SENT)},
                {"bucket", 1 << TCP_SYN_RECV | 1 << TCP_TIME_WAIT},
                {"big", ALL & ~(1 << TCP_SYN_RECV | 1 << TCP_TIME_WAIT)}};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (!strcmp(groups[i].name, name)) return groups[i].states;
  for (int i = 1; i < STATES; i++)
    if (!strcasecmp(states[i], name)) return 1u << i;
  fprintf(stderr, "ss: wrong state name: %s\n", name);
  exit(255);
}

static int port_of(const char *text) {
  const char *colon = strrchr(text, ':');
  const char *name = colon ? colon + 1 : text;
  struct servent *s = getservbyname(name, NULL);
  return s ? ntohs((uint16_t)s->s_port) : atoi(name);
}

/* state NAME, exclude NAME, sport = :PORT, dport = :PORT */
static void filter(char **words) {
  while (*words) {
    bool exclude = !strcmp(*words, "exclude"), source = !strcmp(*words, "sport");
    if (!words[1]) usage();
    if (exclude || !strcmp(*words, "state")) {
      unsigned s = states_of(words[1]);
      options.states = exclude ? (options.states_given ? options.states : ALL) & ~s
                               : (options.states_given ? options.states : 0) | s;
      options.states_given = true;
      words += 2;
    } else if (source || !strcmp(*words, "dport")) {
      bool sign = !strcmp(words[1], "=") || !strcmp(words[1], "eq");
      if (sign && !words[2]) usage();
      *(source ? &options.source : &options.destination) = port_of(words[1 + sign]);
      words += 2 + sign;
    } else {
      usage();
    }
  }
}

static void option(int letter) {
  switch (letter) {
  case 't': options.shown[TCP] = true; return;
  case 'u': options.shown[UDP] = true; return;
  case 'w': options.shown[RAW] = true; return;
  case 'x': options.shown[LOCAL] = true; return;
  case 'a': options.states = ALL; return;
  case 'l': options.states = LISTENING; return;
  case 'n': options.numeric = true; return;
  case 'p': options.users = true; return;
  case 'i': options.information = true; return;
  case 'o': options.timers = true; return;
  case '4': options.only4 = true; return;
  case '6': options.only6 = true; return;
  case 'H': options.no_header = true; return;
  default: usage();
  }
}

int main(int argc, char **argv) {
  options.states = CONNECTED;
  for (int letter; (letter = getopt(argc, argv, "46Hailnoptuwx")) != -1;)
    option(letter);
  filter(argv + optind);
  bool inet = options.only4 || options.only6, none = true;
  for (int i = 0; i < FAMILIES; i++)
    none = none && !options.shown[i];
  for (int i = 0; none && i < FAMILIES; i++)
    options.shown[i] = i != LOCAL || !inet;
  if (options.users) find_users();
  for (enum family f = LOCAL;; f = f == LOCAL ? RAW : f == RAW ? UDP : TCP) {
    if (options.shown[f] && !options.only6) read_file(f, families[f].file);
    if (options.shown[f] && !options.only4) read_file(f, families[f].file6);
    if (f == TCP) break;
  }
  print_table();
  return 0;
}
