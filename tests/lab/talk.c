/* A conversation over TCP, or UDP: talk HOST PORT [udp]. Standard input goes there, and what comes
 * goes to standard output, until both have ended; of UDP, until standard input has. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int dial(const char *host, const char *port, int type) {
  struct addrinfo hints = {.ai_socktype = type}, *list;
  int s = -1, error = getaddrinfo(host, port, &hints, &list);
  if (error) {
    fprintf(stderr, "talk: %s: %s\n", host, gai_strerror(error));
    return -1;
  }
  for (struct addrinfo *a = list; a && s < 0; a = a->ai_next) {
    s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (s < 0 || !connect(s, a->ai_addr, a->ai_addrlen)) continue;
    close(s);
    s = -1;
  }
  freeaddrinfo(list);
  if (s < 0) perror("talk");
  return s;
}

/* What there is, from one to the other. 0: the end; -1: it failed. */
static ssize_t carry(int from, int to) {
  char bytes[4096];
  ssize_t n = read(from, bytes, sizeof bytes);
  for (ssize_t done = 0, m; done < n; done += m)
    if ((m = write(to, bytes + done, (size_t)(n - done))) < 0) return -1;
  return n;
}

int main(int argc, char **argv) {
  bool udp = argc == 4 && !strcmp(argv[3], "udp");
  int s = argc < 3 ? -1 : dial(argv[1], argv[2], udp ? SOCK_DGRAM : SOCK_STREAM);
  if (s < 0) return 1;
  struct pollfd ends[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = s, .events = POLLIN}};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends, 2, -1) < 0) return 1;
    if (ends[1].revents && carry(s, STDOUT_FILENO) <= 0) ends[1].fd = -1;
    if (ends[0].revents && carry(STDIN_FILENO, s) <= 0) {
      shutdown(s, SHUT_WR);
      ends[0].fd = -1;
      if (udp) break;
    }
  }
  return 0;
}
