/* Takes one call and tells the states that it goes through: ./server PORT */
#define _GNU_SOURCE /* for struct tcp_info */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 5
#define LOOK_MS 10    /* between two looks at the state */
#define THINK_MS 1000 /* before it closes its side */

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

/* Tells each new state, until it is `last`. */
static void watch(int fd, int last) {
  for (int state = -1; state != last; poll(NULL, 0, LOOK_MS)) {
    int now = state_of(fd);
    if (now != state) printf("%s\n", names[now]);
    state = now;
  }
}

static int listen_on(in_port_t port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_on((in_port_t)atoi(argv[1]));
  watch(listener, TCP_LISTEN);
  int connection = accept(listener, NULL, NULL);
  if (connection == -1) die("accept");
  watch(connection, TCP_CLOSE_WAIT);
  poll(NULL, 0, THINK_MS);

  printf("shutdown\n");
  if (shutdown(connection, SHUT_WR) == -1) die("shutdown");
  watch(connection, TCP_CLOSE);
  close(connection);
  close(listener);
  return 0;
}
