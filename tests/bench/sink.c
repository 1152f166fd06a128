/* The benchmarks' other server: ./sink prints two TCP ports, and serves any number of clients.
 *     the first     takes what is sent, and closes when the client has ended
 *     the second    closes each connection at once
 *     UDP, by the first's number: answers each datagram that begins with '!' with a byte */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 65536, BACKLOG = 1024, EVENTS = 64 };
static char block[BLOCK];
static int epoll;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void watch(int fd) {
  struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == -1) die("epoll_ctl");
}

/* port: 0 for any free one; it is set to what was taken. */
static int open_socket(int type, in_port_t *port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(*port)};
  socklen_t size = sizeof here;
  int yes = 1, s = socket(AF_INET, type, 0);
  if (s == -1) die("socket");
  if (type == SOCK_STREAM) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(s, (struct sockaddr *)&here, size) == -1) die("bind");
  if (type == SOCK_STREAM && listen(s, BACKLOG) == -1) die("listen");
  if (getsockname(s, (struct sockaddr *)&here, &size) == -1) die("getsockname");
  *port = ntohs(here.sin_port);
  watch(s);
  return s;
}

static void answer(int datagrams) {
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  ssize_t n = recvfrom(datagrams, block, BLOCK, 0, (struct sockaddr *)&from, &size);
  if (n > 0 && block[0] == '!') sendto(datagrams, block, 1, 0, (struct sockaddr *)&from, size);
}

int main(void) {
  struct epoll_event events[EVENTS];
  in_port_t first = 0, second = 0;
  signal(SIGPIPE, SIG_IGN);
  epoll = epoll_create1(0);
  if (epoll == -1) die("epoll_create1");
  int sink = open_socket(SOCK_STREAM, &first), closer = open_socket(SOCK_STREAM, &second);
  int datagrams = open_socket(SOCK_DGRAM, &first);
  printf("%d %d\n", first, second);
  fflush(stdout);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == datagrams)
        answer(fd);
      else if (fd == closer)
        close(accept(fd, NULL, NULL));
      else if (fd == sink)
        watch(accept(fd, NULL, NULL));
      else if (recv(fd, block, BLOCK, 0) <= 0)
        close(fd);
    }
  }
}
