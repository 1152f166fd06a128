/* Welcomes as many clients as it has descriptors for: ./hall PORT DESCRIPTORS
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, MOST = 1024 };

static struct pollfd watched[MOST]; /* the first is the listener */
static nfds_t count = 1;
static bool full; /* there was no descriptor for the next client */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void welcome(void) {
  int client = accept(watched[0].fd, NULL, NULL);
  if (client != -1) {
    watched[count++] = (struct pollfd){.fd = client, .events = POLLIN};
    if (send(client, "welcome\n", 8, MSG_NOSIGNAL) == -1) perror("send");
  } else if (errno == EMFILE || errno == ENFILE) {
    printf("%d clients, and then: ", (int)count - 1);
    fflush(stdout);
    perror("accept");
    full = true;
  }
}

/* False when this client is to go. */
static bool serve(int client) {
  char buffer[1024];
  return recv(client, buffer, sizeof buffer, MSG_DONTWAIT) > 0;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT DESCRIPTORS\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct rlimit descriptors;
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == -1) die("getrlimit");
  descriptors.rlim_cur = (rlim_t)atoi(argv[2]);
  if (setrlimit(RLIMIT_NOFILE, &descriptors) == -1) die("setrlimit");
  watched[0].fd = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    watched[0].events = full || count == MOST ? 0 : POLLIN;
    if (poll(watched, count, -1) == -1) die("poll");
    for (nfds_t i = count - 1; i >= 1; i--) {
      if (watched[i].revents == 0 || serve(watched[i].fd)) continue;
      close(watched[i].fd);
      watched[i] = watched[--count];
      full = false;
    }
    if (watched[0].revents != 0) welcome();
  }
}
