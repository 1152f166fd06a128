/* The benchmarks' client. It prints one number:
 *     ./client ADDRESS PORT up BYTES     MB/s that it sends, in writes of 64 KiB
 *     ./client ADDRESS PORT down BYTES   MB/s that it receives
 *     ./client ADDRESS PORT ping TIMES   microseconds for one byte there and back */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 65536 };
static char block[BLOCK];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void send_all(int s, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t sent = send(s, bytes, n, 0);
    if (sent == -1) die("send");
    bytes += sent;
    n -= (size_t)sent;
  }
}

static size_t receive(int s, size_t most) {
  ssize_t n = recv(s, block, most, 0);
  if (n == -1) die("recv");
  if (n == 0) {
    fprintf(stderr, "the server closed\n");
    exit(EXIT_FAILURE);
  }
  return (size_t)n;
}

static void up(int s, long long n) {
  for (long long left = n; left > 0; left -= BLOCK)
    send_all(s, block, left < BLOCK ? (size_t)left : BLOCK);
  receive(s, 1);
}

static void down(int s, long long n) {
  while (n > 0)
    n -= (long long)receive(s, BLOCK);
}

static void ping(int s, long long times) {
  for (long long i = 0; i < times; i++) {
    send_all(s, block, 1);
    receive(s, 1);
  }
}

int main(int argc, char *argv[]) {
  if (argc < 5) {
    fprintf(stderr, "usage: %s ADDRESS PORT up|down|ping N\n", argv[0]);
    return 2;
  }
  const char *what = argv[3];
  long long n = atoll(argv[4]);
  char line[64];
  int yes = 1, s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(argv[2]))};
  inet_pton(AF_INET, argv[1], &there.sin_addr);
  if (s == -1) die("socket");
  if (connect(s, (struct sockaddr *)&there, sizeof there) == -1) die("connect");
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);

  int pings = !strcmp(what, "ping"), downwards = !strcmp(what, "down");
  int length = snprintf(line, sizeof line, "%s %lld\n", what, n);
  send_all(s, line, (size_t)length);
  double start = now();
  (pings ? ping : downwards ? down : up)(s, n);
  double seconds = now() - start;
  printf("%.3f\n", pings ? seconds * 1e6 / (double)n : (double)n / 1e6 / seconds);
  close(s);
  return 0;
}
