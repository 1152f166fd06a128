/* The benchmarks' server: ./server PORT (0: any free one) prints its port, and serves one client
 * after another. A client's first line says what it wants:
 *     up N     it sends N bytes; the server answers with one byte when it has them all
 *     down N   the server sends N bytes
 *     ping N   the server sends back what comes, until end of file */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 65536 };
static char block[BLOCK];

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void take(int s, long long n) {
  while (n > 0) {
    ssize_t got = recv(s, block, BLOCK, 0);
    if (got <= 0) return;
    n -= got;
  }
  send(s, block, 1, 0);
}

static void give(int s, long long n) {
  while (n > 0) {
    ssize_t sent = send(s, block, n < BLOCK ? (size_t)n : BLOCK, 0);
    if (sent == -1) return;
    n -= sent;
  }
}

static void echo(int s) {
  ssize_t n;
  while ((n = recv(s, block, BLOCK, 0)) > 0)
    if (send(s, block, (size_t)n, 0) == -1) return;
}

static void serve(int s) {
  char line[64];
  size_t length = 0;
  do { /* a byte at a time: what comes after the line is not ours to take */
    if (length == sizeof line - 1 || recv(s, line + length, 1, 0) != 1) return;
  } while (line[length++] != '\n');
  line[length] = '\0';
  if (!strncmp(line, "up ", 3)) take(s, atoll(line + 3));
  if (!strncmp(line, "down ", 5)) give(s, atoll(line + 5));
  if (!strncmp(line, "ping ", 5)) echo(s);
}

static int listen_on(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  socklen_t size = sizeof here;
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, size) == -1) die("bind");
  if (listen(listener, 5) == -1) die("listen");
  if (getsockname(listener, (struct sockaddr *)&here, &size) == -1) die("getsockname");
  printf("%d\n", ntohs(here.sin_port));
  fflush(stdout);
  return listener;
}

int main(int argc, char *argv[]) {
  signal(SIGPIPE, SIG_IGN);
  int listener = listen_on(argc > 1 ? (in_port_t)atoi(argv[1]) : 0), yes = 1;
  for (;;) {
    int s = accept(listener, NULL, NULL);
    if (s == -1) continue;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    serve(s);
    close(s);
  }
}
