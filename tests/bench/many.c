/* The benchmarks' client with many sockets. It prints one number:
 *     ./many streams ADDRESS PORT COUNT BYTES   MB/s, sent over so many connections at once
 *     ./many connects ADDRESS PORT TIMES        connections made and closed a second
 *     ./many datagrams ADDRESS PORT TIMES       datagrams of 1,000 bytes a second
 *     ./many poll COUNT TIMES                   events found a second, each among so many sockets
 *     ./many epoll COUNT TIMES
 *     ./many idle COUNT                         bytes of the kernel's memory for each open socket
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 65536, DATAGRAM = 1000, WINDOW = 32, MOST = 16384 };
static char block[BLOCK];
static int sockets[MOST];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int dial(const char *address, const char *port, int type) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
  inet_pton(AF_INET, address, &there.sin_addr);
  int s = socket(AF_INET, type, 0);
  if (s == -1) die("socket");
  if (connect(s, (struct sockaddr *)&there, sizeof there) == -1) die("connect");
  return s;
}

static void send_all(int s, size_t n) {
  while (n > 0) {
    ssize_t sent = send(s, block, n, 0);
    if (sent == -1) die("send");
    n -= (size_t)sent;
  }
}

static void hear_end(int s) {
  if (recv(s, block, 1, 0) != 0) die("recv");
  close(s);
}

static double streams(char *argv[]) {
  int count = atoi(argv[2]);
  double bytes = atof(argv[3]);
  for (int i = 0; i < count; i++)
    sockets[i] = dial(argv[0], argv[1], SOCK_STREAM);
  double start = now();
  for (double sent = 0; sent < bytes;)
    for (int i = 0; i < count && sent < bytes; i++, sent += BLOCK)
      send_all(sockets[i], BLOCK);
  for (int i = 0; i < count; i++)
    shutdown(sockets[i], SHUT_WR);
  for (int i = 0; i < count; i++)
    hear_end(sockets[i]);
  return bytes / 1e6 / (now() - start);
}

static double connects(char *argv[]) {
  int times = atoi(argv[2]);
  double start = now();
  for (int i = 0; i < times; i++)
    hear_end(dial(argv[0], argv[1], SOCK_STREAM));
  return times / (now() - start);
}

/* So many that none is lost are on their way; then the last one's answer is waited for. */
static double datagrams(char *argv[]) {
  int times = atoi(argv[2]), s = dial(argv[0], argv[1], SOCK_DGRAM);
  double start = now();
  for (int i = 1; i <= times; i++) {
    block[0] = i % WINDOW && i < times ? '.' : '!';
    if (send(s, block, DATAGRAM, 0) == -1) die("send");
    if (block[0] == '!' && recv(s, block, 1, 0) != 1) die("recv");
  }
  return times / (now() - start);
}

/* Pairs of connected sockets: 2 * i and 2 * i + 1. */
static void pairs(int count) {
  for (int i = 0; i < count; i++)
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets + 2 * i) == -1) die("socketpair");
}

static double by_poll(char *argv[]) {
  static struct pollfd polled[MOST];
  int count = atoi(argv[0]), times = atoi(argv[1]);
  pairs(count);
  for (int i = 0; i < count; i++)
    polled[i] = (struct pollfd){.fd = sockets[2 * i], .events = POLLIN};
  double start = now();
  for (int n = 0, i; n < times; n++) {
    send_all(sockets[2 * (n * 7 % count) + 1], 1);
    if (poll(polled, (nfds_t)count, -1) != 1) die("poll");
    for (i = 0; !polled[i].revents;)
      i++;
    if (recv(polled[i].fd, block, 1, 0) != 1) die("recv");
  }
  return times / (now() - start);
}

static double by_epoll(char *argv[]) {
  int count = atoi(argv[0]), times = atoi(argv[1]), epoll = epoll_create1(0);
  struct epoll_event e;
  pairs(count);
  for (int i = 0; i < count; i++) {
    e = (struct epoll_event){.events = EPOLLIN, .data.fd = sockets[2 * i]};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, e.data.fd, &e) == -1) die("epoll_ctl");
  }
  double start = now();
  for (int n = 0; n < times; n++) {
    send_all(sockets[2 * (n * 7 % count) + 1], 1);
    if (epoll_wait(epoll, &e, 1, -1) != 1) die("epoll_wait");
    if (recv(e.data.fd, block, 1, 0) != 1) die("recv");
  }
  return times / (now() - start);
}

/* Bytes of the kernel's own memory, by proc(5). */
static double kernel_memory(void) {
  double kilobytes = -1;
  char line[128];
  FILE *f = fopen("/proc/meminfo", "r");
  if (!f) die("/proc/meminfo");
  while (fgets(line, sizeof line, f))
    sscanf(line, "Slab: %lf kB", &kilobytes);
  fclose(f);
  return kilobytes * 1024;
}

/* Connections to a listener of its own, both ends of which stay open; at its end they are reset, so
 * that none is left in TIME_WAIT. */
static double idle(char *argv[]) {
  int count = atoi(argv[0]);
  struct sockaddr_in here = {.sin_family = AF_INET};
  socklen_t size = sizeof here;
  struct linger none = {.l_onoff = 1};
  inet_pton(AF_INET, "127.0.0.1", &here.sin_addr);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&here, size) == -1 || listen(listener, 5) == -1)
    die("listen");
  getsockname(listener, (struct sockaddr *)&here, &size);
  double before = kernel_memory();
  for (int i = 0; i < count; i += 2) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == -1) die("socket");
    setsockopt(s, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (connect(s, (struct sockaddr *)&here, sizeof here) == -1) die("connect");
    if (accept(listener, NULL, NULL) == -1) die("accept");
  }
  return (kernel_memory() - before) / count;
}

int main(int argc, char *argv[]) {
  static const struct {
    const char *name;
    int arguments;
    double (*run)(char *argv[]);
  } all[] = {{"streams", 4, streams}, {"connects", 3, connects}, {"datagrams", 3, datagrams},
             {"poll", 2, by_poll},    {"epoll", 2, by_epoll},    {"idle", 1, idle}};
  struct rlimit most = {MOST + 64, MOST + 64};
  if (setrlimit(RLIMIT_NOFILE, &most) == -1) die("setrlimit");
  for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
    if (!strcmp(argv[1], all[i].name) && argc == 2 + all[i].arguments)
      return printf("%.3f\n", all[i].run(argv + 2)) < 0;
  fprintf(stderr, "usage: see many.c\n");
  return 2;
}
