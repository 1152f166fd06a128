/* Calls, closes, and tells the states on the way: ./client HOST PORT */
#define _GNU_SOURCE /* for struct tcp_info */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_MS 10   /* between two looks at the state */
#define STAY_MS 1000 /* before it closes its side */

static const char *const names[] = {[TCP_ESTABLISHED] = "ESTABLISHED",
                                    [TCP_SYN_SENT] = "SYN_SENT",
                                    [TCP_SYN_RECV] = "SYN_RECV",
                                    [TCP_FIN_WAIT1] = "FIN_WAIT1",
                                    [TCP_FIN_WAIT2] = "FIN_WAIT2",
                                    [TCP_TIME_WAIT] = "TIME_WAIT",
                                    [TCP_CLOSE] = "CLOSE",
                                    [TCP_CLOSE_WAIT] = "CLOSE_WAIT",
                                    [TCP_LAST_ACK] = "LAST_ACK",
                                    [TCP_LISTEN] = "LISTEN",
                                    [TCP_CLOSING] = "CLOSING"};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int state_of(int fd) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == -1)
    die("getsockopt");
  return info.tcpi_state;
}

/* Tells each new state, until it is `last` or the connection is over. */
static void watch(int fd, int last) {
  for (int state = -1; state != last; poll(NULL, 0, LOOK_MS)) {
    int now = state_of(fd);
    if (now != state) printf("%s\n", names[now]);
    if (state != -1 && now == TCP_CLOSE) break;
    state = now;
  }
}

int main(int argc, char *argv[]) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *to;
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int error = getaddrinfo(argv[1], argv[2], &hints, &to);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
    return EXIT_FAILURE;
  }
  int fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK, 0);
  if (fd == -1) die("socket");
  watch(fd, TCP_CLOSE);

  printf("connect\n"); /* which does not wait here, so that we can watch */
  if (connect(fd, to->ai_addr, to->ai_addrlen) == -1 && errno != EINPROGRESS)
    die("connect");
  freeaddrinfo(to);
  watch(fd, TCP_ESTABLISHED);
  poll(NULL, 0, STAY_MS);

  printf("shutdown\n");
  if (shutdown(fd, SHUT_WR) == -1) die("shutdown");
  watch(fd, TCP_CLOSE);
  close(fd);
  return 0;
}
