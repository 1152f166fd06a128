/* wrong: it may have none */
/* Gives a file in datagrams, several at a time: ./give HOST PORT FILE */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 1024
#define HEADER 8  /* checksum, number */
#define ANSWER 12 /* checksum, the next that is wanted, which others came */
#define AGAIN_MS 200
#define GIVE_UP_MS 1000
#define WINDOW 8

static uint32_t next_wanted; /* the other side has all blocks before this */
static uint32_t count;       /* of blocks */

/* The blocks from next_wanted on, by number % WINDOW. */
static struct {
  long due;  /* when to send it; 0: at once */
  bool here; /* the other side has it */
} window[WINDOW];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *to, uint32_t number) {
  for (int i = 0; i < 4; i++)
    to[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* Adler-32, as in RFC 1950. */
static uint32_t checksum(const uint8_t *bytes, size_t size) {
  uint32_t a = 1, b = 0, prime = 65521;
  for (size_t i = 0; i < size; i++) {
    a = (a + bytes[i]) % prime;
    b = (b + a) % prime;
  }
  return b << 16 | a;
}

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  struct addrinfo *to;
  int error = getaddrinfo(host, port, &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, to->ai_addr, to->ai_addrlen) == -1) die("connect");
  freeaddrinfo(to);
  return fd;
}

/* The last block is shorter than the others, and has 0 bytes if need be. */
static int open_file(const char *name) {
  struct stat about;
  int file = open(name, O_RDONLY);
  if (file == -1) die(name);
  if (fstat(file, &about) == -1) die("fstat");
  count = (uint32_t)((about.st_size + BLOCK - 1) / BLOCK);
  return file;
}

/* What the network does with it shows in the answers, or in their absence. */
static void send_block(int fd, int file, uint32_t number) {
  uint8_t datagram[HEADER + BLOCK];
  ssize_t n = pread(file, datagram + HEADER, BLOCK, (off_t)number * BLOCK);
  if (n == -1) die("pread");
  put32(datagram + 4, number);
  put32(datagram, checksum(datagram + 4, (size_t)n + 4));
  send(fd, datagram, (size_t)n + HEADER, 0);
}

/* The other side has all blocks before `next`: the window moves on. */
static void move_to(uint32_t next) {
  for (; next_wanted < next; next_wanted++) {
    window[next_wanted % WINDOW].due = 0;
    window[next_wanted % WINDOW].here = false;
  }
}

/* Takes an answer, if it is one. true: it is. */
static bool hear(int fd) {
  uint8_t answer[ANSWER + 1];
  if (recv(fd, answer, sizeof answer, 0) != ANSWER ||
      get32(answer) != checksum(answer + 4, ANSWER - 4))
    return false;
  uint32_t next = get32(answer + 4), ahead = get32(answer + 8);
  if (next > count) return false;
  if (next < next_wanted) return true; /* an old one */
  move_to(next);
  for (uint32_t i = 1; i < WINDOW; i++)
    if (ahead >> (i - 1) & 1) window[(next + i) % WINDOW].here = true;
  return true;
}

/* Sends what is due in the window. When is the next one? */
static long send_due(int fd, int file) {
  long now = now_ms(), next = now + AGAIN_MS;
  for (uint32_t i = 0; i < WINDOW && next_wanted + i < count; i++) {
    uint32_t number = next_wanted + i;
    if (window[number % WINDOW].here) continue;
    if (window[number % WINDOW].due <= now) {
      send_block(fd, file, number);
      window[number % WINDOW].due = now + AGAIN_MS;
    }
    if (window[number % WINDOW].due < next) next = window[number % WINDOW].due;
  }
  return next;
}

static bool give(int fd, int file) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  long heard = now_ms();
  while (next_wanted < count) {
    long left = send_due(fd, file) - now_ms();
    int ready = poll(&p, 1, left > 0 ? (int)left : 0);
    if (ready == -1) die("poll");
    if (ready == 1 && hear(fd)) heard = now_ms();
    if (now_ms() - heard >= GIVE_UP_MS) return false;
  }
  return true;
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT FILE\n", argv[0]);
    return EXIT_FAILURE;
  }
  int file = open_file(argv[3]), fd = connect_to(argv[1], argv[2]);
  long begin = now_ms();
  if (!give(fd, file)) {
    fprintf(stderr, "nobody answers; block %u is next\n", (unsigned)next_wanted);
    return EXIT_FAILURE;
  }
  printf("%u blocks in %ld ms\n", (unsigned)count, now_ms() - begin);
  return 0;
}
