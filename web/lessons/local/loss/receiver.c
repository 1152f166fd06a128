/* Tells which numbered datagrams come, until no more do: ./receiver */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 9999
#define NUMBERS 1000
#define QUIET 1000 /* milliseconds; then it is over */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int bound_to(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  return fd;
}

/* The next datagram's number; 0 for one that is none of ours. */
static uint32_t receive(int fd) {
  uint32_t bytes;
  ssize_t n = recv(fd, &bytes, sizeof bytes, MSG_TRUNC);
  if (n == -1) die("recv");
  uint32_t number = n == sizeof bytes ? ntohl(bytes) : 0;
  return number < NUMBERS ? number : 0;
}

int main(void) {
  bool came[NUMBERS] = {false};
  uint32_t highest = 0;
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct pollfd p = {.fd = bound_to(PORT), .events = POLLIN};
  printf("waiting on port %d\n", PORT);

  int ready; /* -1: wait for the first one as long as it takes */
  while ((ready = poll(&p, 1, highest == 0 ? -1 : QUIET)) > 0) {
    uint32_t number = receive(p.fd);
    if (number == 0) continue;
    const char *how = came[number] ? " again" : number < highest ? " late" : "";
    printf("%u%s\n", (unsigned)number, how);
    came[number] = true;
    if (number > highest) highest = number;
  }
  if (ready == -1) die("poll");

  printf("nothing more comes; missing:");
  for (uint32_t number = 1; number < highest; number++)
    if (!came[number]) printf(" %u", (unsigned)number);
  printf("\n");
  close(p.fd);
  return 0;
}
