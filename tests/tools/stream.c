/* Calls on stream sockets, for strace to show. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
  struct linger linger = {1, 5};
  socklen_t length = sizeof a, room = sizeof(struct sockaddr_in6);
  int on = 1, error, listener = socket(AF_INET, SOCK_STREAM, 0);
  char bytes[100];
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(listener, (struct sockaddr *)&a, sizeof a);
  listen(listener, 5);
  getsockname(listener, (struct sockaddr *)&a, &length);
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  connect(client, (struct sockaddr *)&a, sizeof a);
  int server = accept4(listener, (struct sockaddr *)&peer, &room, SOCK_NONBLOCK);
  getpeername(client, (struct sockaddr *)&peer, &length);
  length = sizeof error;
  getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length);
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  recv(server, bytes, sizeof bytes, MSG_DONTWAIT);
  send(client, "hello\r\n\1\2x\0003", 12, MSG_NOSIGNAL);
  recv(server, bytes, sizeof bytes, MSG_PEEK);
  recv(server, bytes, 5, MSG_WAITALL);
  send(server, "a line that has more bytes than strace shows of a string\n", 57, 0);
  recv(client, bytes, sizeof bytes, 0);
  shutdown(client, SHUT_WR);
  connect(99, (struct sockaddr *)&a, sizeof a);
  connect(client, (struct sockaddr *)&a, sizeof a);
  listen(client, -1);
  socket(AF_INET, SOCK_STREAM, IPPROTO_UDP);
  socket(AF_INET6, SOCK_RAW, 255);
  shutdown(listener, 7);
  return error;
}
