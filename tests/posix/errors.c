/* Every call on what is no descriptor, on what is no socket, and with bad addresses and lengths. */
#include "check.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/uio.h>

static struct sockaddr_in address;
static struct sockaddr *const to = (struct sockaddr *)&address;
static socklen_t length = sizeof address;
static char buffer[64];
static int number;

static void on(int fd) {
  struct iovec piece = {.iov_base = buffer, .iov_len = sizeof buffer};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  address = loopback(0);
  length = sizeof address;
  CALL(bind(fd, to, length));
  CALL(listen(fd, 1));
  CALL(accept(fd, to, &length));
  CALL(accept4(fd, to, &length, 0));
  CALL(connect(fd, to, sizeof address));
  CALL(getsockname(fd, to, &length));
  CALL(getpeername(fd, to, &length));
  CALL(send(fd, buffer, 1, 0));
  CALL(sendto(fd, buffer, 1, 0, to, sizeof address));
  CALL(sendmsg(fd, &message, 0));
  CALL(recv(fd, buffer, 1, 0));
  CALL(recvfrom(fd, buffer, 1, 0, to, &length));
  CALL(recvmsg(fd, &message, 0));
  CALL(shutdown(fd, SHUT_RDWR));
  length = sizeof number;
  CALL(getsockopt(fd, SOL_SOCKET, SO_TYPE, &number, &length));
  CALL(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &number, sizeof number));
}

static void no_descriptor(void) {
  heading("no descriptor");
  on(99);
  CALL(close(99));
  CALL(close(-1));
  CALL(read(99, buffer, 1));
  CALL(write(99, buffer, 1));
  CALL(dup(99));
  CALL(dup(-1));
  CALL(fcntl(99, F_GETFL));
  CALL(ioctl(99, FIONREAD, &number));
  CALL(listen(-1, 1));
  CALL(lseek(99, 0, SEEK_SET));
  READY(99);
}

static void no_socket(void) {
  heading("a pipe");
  int pipes[2];
  must(pipe(pipes), "pipe");
  on(pipes[0]);
  CALL(read(pipes[1], buffer, 1));
  CALL(write(pipes[0], buffer, 1));
  CALL(lseek(pipes[0], 0, SEEK_SET));
}

/* What is wrong is found in this order. */
static void order(int s) {
  heading("more than one thing wrong");
  CALL(bind(99, (struct sockaddr *)BAD, 1));
  CALL(bind(s, (struct sockaddr *)BAD, 4096));
  CALL(accept4(99, NULL, NULL, 1));
  CALL(accept4(s, NULL, NULL, 1));
  CALL(shutdown(99, 77));
  CALL(send(99, BAD, 4, 0));
}

static void bad_addresses(void) {
  heading("bad addresses");
  int pair[2], s = socket(AF_INET, SOCK_STREAM, 0);
  tcp_pair(pair);
  length = sizeof address;
  CALL(bind(s, (struct sockaddr *)BAD, sizeof address));
  CALL(connect(s, (struct sockaddr *)BAD, sizeof address));
  CALL(getsockname(s, (struct sockaddr *)BAD, &length));
  CALL(getsockname(s, to, (socklen_t *)BAD));
  CALL(getsockname(s, NULL, NULL));
  CALL(getpeername(pair[0], (struct sockaddr *)BAD, &length));
  CALL(getpeername(pair[0], to, (socklen_t *)BAD));
  CALL(send(pair[0], BAD, 4, 0));
  CALL(send(pair[0], BAD, 0, 0));
  CALL(write(pair[0], BAD, 4));
  CALL(sendto(pair[0], buffer, 1, 0, (struct sockaddr *)BAD, sizeof address));
  CALL(sendmsg(pair[0], (struct msghdr *)BAD, 0));
  CALL(recvmsg(pair[0], (struct msghdr *)BAD, 0));
  CALL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, BAD, sizeof number));
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, BAD, &length));
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, &number, (socklen_t *)BAD));
  must((int)send(pair[1], "data", 4, 0), "send");
  wait_for(pair[0], POLLIN);
  CALL(recv(pair[0], BAD, 4, 0));
  CALL(read(pair[0], BAD, 4));
  CALL(recv(pair[0], buffer, sizeof buffer, MSG_DONTWAIT));
  BYTES(buffer, 4);
  order(s);
}

static void accept_addresses(void) {
  heading("accept with bad addresses");
  struct sockaddr_in a;
  int s = listener(&a, 5), c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  fcntl(s, F_SETFL, O_NONBLOCK);
  must(connect(c, (struct sockaddr *)&a, sizeof a), "connect");
  wait_for(s, POLLIN);
  length = sizeof a;
  CALL(accept(s, (struct sockaddr *)BAD, &length));
  CALL(accept(s, NULL, NULL));
  c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(connect(c, (struct sockaddr *)&a, sizeof a), "connect");
  wait_for(s, POLLIN);
  length = (socklen_t)-1;
  CALL(accept(s, to, &length));
  CALL(accept(s, NULL, NULL));
}

static void bad_lengths(void) {
  heading("bad lengths");
  int pair[2], s = socket(AF_INET, SOCK_STREAM, 0);
  tcp_pair(pair);
  address = loopback(0);
  CALL(bind(s, to, 0));
  CALL(bind(s, to, 2));
  CALL(bind(s, to, sizeof address - 1));
  CALL(bind(s, to, 1000));
  CALL(bind(s, to, (socklen_t)-1));
  CALL(connect(s, to, 0));
  CALL(connect(s, to, 1));
  CALL(connect(s, to, sizeof address - 1));
  CALL(connect(s, to, (socklen_t)-1));
  length = (socklen_t)-1;
  CALL(getsockname(s, to, &length));
  CALL(getpeername(pair[0], to, &length));
  length = 0;
  CALL(getsockname(pair[0], to, &length));
  VALUE(length);
  memset(&address, 0x55, sizeof address);
  length = 3;
  CALL(getpeername(pair[0], to, &length));
  VALUE(length);
  BYTES(&address, 2);
  VALUE(((uint8_t *)&address)[3]);
  CALL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &number, 3));
  CALL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &number, (socklen_t)-1));
  length = (socklen_t)-1;
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, &number, &length));
  CALL(recv(pair[0], buffer, 0, MSG_DONTWAIT));
  CALL(read(pair[0], buffer, 0));
  CALL(send(pair[0], buffer, 0, 0));
  CALL(write(pair[0], buffer, 0));
}

int main(void) {
  catch(SIGPIPE, 0);
  no_descriptor();
  no_socket();
  bad_addresses();
  accept_addresses();
  bad_lengths();
}
