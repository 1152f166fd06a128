/* Takes a file that comes in datagrams: ./take PORT FILE */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK 1024
#define HEADER 8     /* checksum, number */
#define ANSWER 12    /* checksum, the next that is wanted, which others came */
#define AHEAD 32     /* blocks that are kept, from the next one on */
#define STAY_MS 1000 /* when all is here: the last answer may get lost */

struct block {
  bool here;
  size_t size;
  uint8_t data[BLOCK];
};
static struct block blocks[AHEAD]; /* those that are not written yet */
static uint32_t next_wanted;       /* all before it are in the file */
static bool complete;
static unsigned twice, damaged;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
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

static int bound_to(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  return fd;
}

/* Writes a block behind the others. So the file never has a gap, and its size
   says how far we are. */
static void put_block(int file, const uint8_t *data, size_t size) {
  if (pwrite(file, data, size, (off_t)next_wanted * BLOCK) != (ssize_t)size)
    die("pwrite");
  if (size < BLOCK) complete = true;
  next_wanted++;
}

/* Keeps a block, if it is a new one and not too far ahead. */
static void keep(int file, uint32_t number, const uint8_t *data, size_t size) {
  struct block *place = &blocks[number % AHEAD];
  if (number < next_wanted || (number - next_wanted < AHEAD && place->here))
    twice++;
  else if (number - next_wanted < AHEAD) {
    memcpy(place->data, data, size);
    place->size = size;
    place->here = true;
  }
  while ((place = &blocks[next_wanted % AHEAD])->here) {
    place->here = false;
    put_block(file, place->data, place->size);
  }
}

/* Which blocks behind the next one are here: a bit for each. */
static uint32_t ahead(void) {
  uint32_t bits = 0;
  for (uint32_t i = 1; i < AHEAD; i++)
    if (blocks[(next_wanted + i) % AHEAD].here) bits |= 1U << (i - 1);
  return bits;
}

static void take(int fd, int file) {
  uint8_t datagram[HEADER + BLOCK + 1], answer[ANSWER];
  struct sockaddr_in peer;
  socklen_t length = sizeof peer;
  ssize_t n = recvfrom(fd, datagram, sizeof datagram, 0,
                       (struct sockaddr *)&peer, &length);
  if (n == -1) die("recvfrom");
  if (n < HEADER || n > HEADER + BLOCK ||
      get32(datagram) != checksum(datagram + 4, (size_t)n - 4)) {
    damaged++;
    return;
  }
  keep(file, get32(datagram + 4), datagram + HEADER, (size_t)n - HEADER);
  put32(answer + 4, next_wanted);
  put32(answer + 8, ahead());
  put32(answer, checksum(answer + 4, sizeof answer - 4));
  if (sendto(fd, answer, sizeof answer, 0, (struct sockaddr *)&peer, length) ==
      -1)
    perror("sendto");
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT FILE\n", argv[0]);
    return EXIT_FAILURE;
  }
  int file = open(argv[2], O_WRONLY | O_CREAT, 0644);
  if (file == -1) die(argv[2]);
  off_t size = lseek(file, 0, SEEK_END);
  if (size == -1) die("lseek");
  next_wanted = (uint32_t)(size / BLOCK); /* what came the last time */
  printf("%u blocks are here\n", (unsigned)next_wanted);
  fflush(stdout);

  struct pollfd p = {.fd = bound_to((in_port_t)atoi(argv[1]))};
  p.events = POLLIN;
  for (;;) {
    int ready = poll(&p, 1, complete ? STAY_MS : -1);
    if (ready == -1) die("poll");
    if (ready == 0) break;
    take(p.fd, file);
  }
  printf("complete: %u blocks\n%u came again, %u damaged\n",
         (unsigned)next_wanted, twice, damaged);
  close(file);
  return 0;
}
