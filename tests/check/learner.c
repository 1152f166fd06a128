/* The learner's program, good or bad: ./learner KIND [PORT or PATH] */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static union {
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  struct sockaddr_un un;
} there;

static socklen_t there_size = sizeof there.in;

static int make_socket(const char *where, int type, bool six) {
  there.any.sa_family = AF_INET;
  there.in.sin_port = htons((in_port_t)atoi(where));
  there.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (six) {
    memset(&there, 0, there_size);
    there.any.sa_family = AF_INET6;
    there.in6.sin6_port = htons((in_port_t)atoi(where));
    there.in6.sin6_addr = in6addr_loopback;
    there_size = sizeof there.in6;
  }
  if (*where == '/') {
    memset(&there, 0, there_size);
    there.any.sa_family = AF_UNIX;
    snprintf(there.un.sun_path, sizeof there.un.sun_path, "%s", where);
    there_size = sizeof there.un;
  }
  return socket(there.any.sa_family, type, 0);
}

static int call(const char *where, bool six) {
  int fd = make_socket(where, SOCK_STREAM, six);
  if (connect(fd, &there.any, there_size) == -1) perror("connect"), exit(1);
  return fd;
}

static int serve(const char *where, bool six) {
  int fd = make_socket(where, SOCK_STREAM, six);
  if (bind(fd, &there.any, there_size) == -1) perror("bind"), exit(1);
  listen(fd, 5);
  return accept(fd, NULL, NULL);
}

static void put(int fd, const char *text) { send(fd, text, strlen(text), MSG_NOSIGNAL); }

/* Copies what comes, until its end. */
static void copy(int from, int to) {
  char bytes[1000];
  ssize_t n;
  while ((n = read(from, bytes, sizeof bytes)) > 0)
    write(to, bytes, (size_t)n);
}

static void crash(void) {
  int *volatile nowhere = NULL;
  printf("%d\n", *nowhere);
}

static void echo_datagrams(int fd) {
  char bytes[1000];
  for (;;) {
    struct sockaddr_storage from;
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
    sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&from, size);
  }
}

int main(int argc, char *argv[]) {
  const char *kind = argv[1], *where = argc > 2 ? argv[2] : "0";
  bool six = argc > 3;
  char bytes[64];
  if (!strcmp(kind, "silent")) pause();
  if (!strcmp(kind, "loop"))
    for (volatile int i = 0;; i++) {
    }
  if (!strcmp(kind, "flood"))
    for (;;)
      puts("again and again");
  if (!strcmp(kind, "drip"))
    for (;; usleep(1000))
      write(STDOUT_FILENO, "x", 1);
  if (!strcmp(kind, "crash")) crash();
  if (!strcmp(kind, "early")) {
    fprintf(stderr, "one\ntwo\n");
    return 3;
  }
  if (!strcmp(kind, "many")) /* lines on its standard error */
    for (int i = 1; i <= 30; i++)
      fprintf(stderr, "line %d\n", i);
  if (!strcmp(kind, "cat")) copy(STDIN_FILENO, STDOUT_FILENO);
  if (!strcmp(kind, "client")) copy(call(where, six), STDOUT_FILENO);
  if (!strcmp(kind, "peek")) read(call(where, six), bytes, 1); /* unread bytes: a reset */
  if (!strcmp(kind, "deaf")) call(where, six), pause();
  if (!strcmp(kind, "hello")) put(call(where, six), "hello\nworld\n");
  if (!strcmp(kind, "listening hello")) {
    int fd = call(where, six);
    put(fd, "hello\nworld\n");
    copy(fd, STDOUT_FILENO);
  }
  if (!strcmp(kind, "half")) put(call(where, six), "hel"), pause();
  if (!strcmp(kind, "crashing client")) call(where, six), crash();
  if (!strcmp(kind, "echo")) {
    int fd = serve(where, six);
    copy(fd, fd);
  }
  if (!strcmp(kind, "hanging up")) close(serve(where, six)), pause();
  if (!strcmp(kind, "datagrams")) {
    int fd = make_socket(where, SOCK_DGRAM, six);
    bind(fd, &there.any, there_size);
    puts("bound");
    fflush(stdout);
    echo_datagrams(fd);
  }
  if (!strcmp(kind, "ask")) {
    int fd = make_socket(where, SOCK_DGRAM, six);
    sendto(fd, "ping", 4, 0, &there.any, there_size);
    printf("%zd\n", recv(fd, bytes, sizeof bytes, 0));
  }
  if (!strcmp(kind, "descriptors")) {
    int n = 0;
    while (dup(0) != -1)
      n++;
    printf("%d\n", n + 3);
  }
  return 0;
}
