/* tcpdump: the packets that pass an interface, a line for each; or those in a file of them. */
#define _GNU_SOURCE
#include "tcpdump/dump.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
  SNAPSHOT = 262144,
  FILE_HEADER = 24,
  PACKET_HEADER = 16,
  STATISTICS = 6,
  SOL_OF_PACKET = 263
};
#define MICROSECONDS UINT32_C(0xa1b2c3d4)
#define NANOSECONDS UINT32_C(0xa1b23c4d)

struct dump_options options;
static struct {
  const char *interface, *read, *write;
  long count; /* 0: without end */
} wanted;
static FILE *written;
static volatile sig_atomic_t stopped;
static long captured;

static _Noreturn void fail(const char *what, const char *name) {
  fprintf(stderr, "tcpdump: %s%s%s\n", what, *what ? ": " : "", name);
  exit(1);
}

/* --- files: libpcap's format --- */

static void write_header(int link) {
  struct {
    uint32_t magic;
    uint16_t major, minor;
    int32_t zone;
    uint32_t figures, snapshot, link;
  } h = {MICROSECONDS, 2, 4, 0, 0, SNAPSHOT, (uint32_t)link};
  written = strcmp(wanted.write, "-") ? fopen(wanted.write, "w") : stdout;
  if (!written) fail(wanted.write, strerror(errno));
  fwrite(&h, sizeof h, 1, written);
}

static void write_packet(const struct packet *p) {
  uint32_t h[4] = {(uint32_t)(p->us / 1000000), (uint32_t)(p->us % 1000000), (uint32_t)p->length,
                   (uint32_t)p->full};
  fwrite(h, sizeof h, 1, written);
  fwrite(p->bytes, p->length, 1, written);
  fflush(written);
}

static void take_packet(const struct packet *p, const struct filter *filter) {
  if (!filter_matches(filter, p)) return;
  captured++;
  if (written) {
    write_packet(p);
  } else {
    print_packet(p);
    fflush(stdout);
  }
}

static bool enough(void) { return stopped || (wanted.count && captured >= wanted.count); }

static uint32_t field(const uint8_t *at, bool swapped) {
  uint32_t n;
  memcpy(&n, at, sizeof n);
  return swapped ? __builtin_bswap32(n) : n;
}

static void read_packets(FILE *f, bool swapped, bool fine, int link, const struct filter *filter) {
  static uint8_t bytes[SNAPSHOT];
  uint8_t h[PACKET_HEADER];
  while (!enough() && fread(h, sizeof h, 1, f) == 1) {
    uint32_t part = field(h + 4, swapped);
    struct packet p = {.us = (int64_t)field(h, swapped) * 1000000 + (fine ? part / 1000 : part),
                       .bytes = bytes,
                       .length = field(h + 8, swapped),
                       .full = field(h + 12, swapped),
                       .link = link};
    if (p.length > sizeof bytes) fail("", "invalid packet capture length");
    if (fread(bytes, 1, p.length, f) != p.length) fail("", "truncated dump file");
    take_packet(&p, filter);
  }
}

static void read_file(const struct filter *filter) {
  FILE *f = strcmp(wanted.read, "-") ? fopen(wanted.read, "r") : stdin;
  uint8_t h[FILE_HEADER];
  if (!f) fail(wanted.read, strerror(errno));
  if (fread(h, sizeof h, 1, f) != 1) fail("", "unknown file format");
  uint32_t magic = field(h, false), other = field(h, true);
  bool swapped = other == MICROSECONDS || other == NANOSECONDS;
  if (swapped) magic = other;
  if (magic != MICROSECONDS && magic != NANOSECONDS) fail("", "unknown file format");
  int link = (int)field(h + 20, swapped);
  if (link != LINK_ETHERNET && link != LINK_RAW) fail("", "unknown link type");
  fprintf(stderr, "reading from file %s, link-type %s, snapshot length %u\n", wanted.read,
          link == LINK_RAW ? "RAW (Raw IP)" : "EN10MB (Ethernet)",
          (unsigned)field(h + 16, swapped));
  if (wanted.write) write_header(link);
  read_packets(f, swapped, magic == NANOSECONDS, link, filter);
}

/* --- an interface --- */

static const char *first_interface(void) {
  static char name[IF_NAMESIZE];
  struct if_nameindex *all = if_nameindex();
  for (struct if_nameindex *i = all; i && i->if_index; i++)
    if (!*name || !strcmp(name, "lo")) snprintf(name, sizeof name, "%s", i->if_name);
  if_freenameindex(all);
  if (!*name) fail("", "no suitable device found");
  return name;
}

static int open_interface(const char *name) {
  bool any = !strcmp(name, "any");
  struct sockaddr_ll a = {.sll_family = AF_PACKET,
                          .sll_protocol = htons(ETH_P_ALL),
                          .sll_ifindex = any ? 0 : (int)if_nametoindex(name)};
  int on = 1, s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (s < 0) {
    fprintf(stderr,
            "tcpdump: %s: You don't have permission to perform this capture on that device\n"
            "(socket: %s)\n",
            name, strerror(errno));
    exit(1);
  }
  if (!any && !a.sll_ifindex) {
    fprintf(stderr, "tcpdump: %s: No such device exists\n(SIOCGIFHWADDR: %s)\n", name,
            strerror(ENODEV));
    exit(1);
  }
  if (bind(s, (struct sockaddr *)&a, sizeof a)) fail(name, strerror(errno));
  setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
  return s;
}

static int64_t time_of(struct msghdr *m) {
  struct timeval t;
  gettimeofday(&t, NULL);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMP)
      memcpy(&t, CMSG_DATA(c), sizeof t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

/* On the loopback everything is seen twice, as it goes and as it comes: once is enough. */
static bool seen_twice(const struct sockaddr_ll *from) {
  return from->sll_pkttype == PACKET_OUTGOING && from->sll_hatype == 772;
}

static void listen_on(int s, const struct filter *filter) {
  static uint8_t bytes[SNAPSHOT];
  while (!enough()) {
    struct sockaddr_ll from;
    union {
      struct cmsghdr aligned;
      char room[CMSG_SPACE(sizeof(struct timeval))];
    } control;
    struct iovec v = {bytes, sizeof bytes};
    struct msghdr m = {.msg_name = &from,
                       .msg_namelen = sizeof from,
                       .msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s, &m, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("recvmsg", strerror(errno));
    if (seen_twice(&from)) continue;
    take_packet(&(struct packet){.us = time_of(&m),
                                 .bytes = bytes,
                                 .length = (size_t)n,
                                 .full = (size_t)n,
                                 .link = LINK_ETHERNET},
                filter);
  }
  unsigned statistics[2] = {0, 0};
  socklen_t length = sizeof statistics;
  getsockopt(s, SOL_OF_PACKET, STATISTICS, statistics, &length);
  fprintf(stderr,
          "%s%ld packet%s captured\n%u packets received by filter\n%u packets dropped by kernel\n",
          stopped ? "\n" : "", captured, captured == 1 ? "" : "s", statistics[0], statistics[1]);
}

static void stop(int sig) {
  (void)sig;
  stopped = true;
}

static void capture(const struct filter *filter) {
  const char *name = wanted.interface ? wanted.interface : first_interface();
  int s = open_interface(name);
  sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);
  if (wanted.write)
    write_header(LINK_ETHERNET);
  else if (!options.verbose)
    fprintf(stderr, "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n");
  fprintf(stderr, "%slistening on %s, link-type EN10MB (Ethernet), snapshot length %d bytes\n",
          wanted.write || options.verbose ? "tcpdump: " : "", name, SNAPSHOT);
  listen_on(s, filter);
}

static _Noreturn void usage(void) {
  fprintf(stderr, "Usage: tcpdump [-AenqStvxX] [-c COUNT] [-i INTERFACE] [-r FILE] [-w FILE] "
                  "[EXPRESSION]\n");
  exit(1);
}

static void option(int letter) {
  switch (letter) {
  case 'A': options.text = true; return;
  case 'c':
    if ((wanted.count = strtol(optarg, NULL, 10)) <= 0) fail("invalid packet count", optarg);
    return;
  case 'e': options.link = true; return;
  case 'i': wanted.interface = optarg; return;
  case 'l':
  case 'U':
  case 'p': return; /* every line and packet is written at once; nobody else's frames come here */
  case 'n': options.numeric = true; return;
  case 'q': options.quiet = true; return;
  case 'r': wanted.read = optarg; return;
  case 'S': options.absolute = true; return;
  case 't': options.clock++; return;
  case 'v': options.verbose++; return;
  case 'w': wanted.write = optarg; return;
  case 'X':
    options.text = true;
    options.hex++;
    return;
  case 'x': options.hex++; return;
  default: usage();
  }
}

int main(int argc, char **argv) {
  for (int letter; (letter = getopt(argc, argv, "Ac:ei:lnpqr:StUvw:xX")) != -1;)
    option(letter);
  const struct filter *filter = filter_parse(argv + optind);
  if (wanted.read)
    read_file(filter);
  else
    capture(filter);
  return 0;
}
