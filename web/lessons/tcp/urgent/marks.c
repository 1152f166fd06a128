/* Says what recv gives when there is urgent data in the stream: ./marks */
#define _GNU_SOURCE /* POLLRDHUP */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t urgent;

static void on_urgent(int sig) { urgent = sig; }

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void connect_both(int *out, int *in) {
  struct sockaddr_in here = {.sin_family = AF_INET};
  socklen_t size = sizeof here;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  *out = socket(AF_INET, SOCK_STREAM, 0);
  if (listener == -1 || *out == -1) die("socket");
  if (listen(listener, 1) == -1) die("listen"); /* at any port */
  if (getsockname(listener, (struct sockaddr *)&here, &size) == -1)
    die("getsockname");
  if (connect(*out, (struct sockaddr *)&here, size) == -1) die("connect");
  *in = accept(listener, NULL, NULL);
  if (*in == -1) die("accept");
  close(listener);
}

static void say(int fd, const char *text, int flags) {
  if (send(fd, text, strlen(text), flags) == -1) die("send");
}

static void show(int fd, const char *call, int flags) {
  char text[16];
  ssize_t n = recv(fd, text, sizeof text, flags);
  if (n == -1)
    printf("  %s: %s\n", call, strerror(errno));
  else
    printf("  %s: \"%.*s\"; at the mark: %s\n", call, (int)n, text,
           sockatmark(fd) == 1 ? "yes" : "no");
}

static void try(const char *title, int in_line) {
  int out, in;
  connect_both(&out, &in);
  if (setsockopt(in, SOL_SOCKET, SO_OOBINLINE, &in_line, sizeof in_line) == -1)
    die("setsockopt");
  if (fcntl(in, F_SETOWN, getpid()) == -1) die("fcntl"); /* who gets SIGURG */
  urgent = 0;
  say(out, "abc", 0);
  say(out, "xyz", MSG_OOB);
  say(out, "def", 0);
  if (shutdown(out, SHUT_WR) == -1) die("shutdown");
  struct pollfd end = {.fd = in, .events = POLLRDHUP}; /* all has come */
  while (poll(&end, 1, -1) == -1)
    if (errno != EINTR) die("poll");

  printf("%s, SIGURG %s:\n", title,
         urgent == SIGURG ? "has come" : "is missing");
  show(in, "recv with MSG_OOB", MSG_OOB);
  show(in, "recv", 0);
  show(in, "recv", 0);
  close(in);
  close(out);
}

int main(void) {
  struct sigaction action = {.sa_handler = on_urgent};
  if (sigaction(SIGURG, &action, NULL) == -1) die("sigaction");
  try("apart", false);
  try("in line", true);
  return 0;
}
