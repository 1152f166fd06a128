/* Finds all who answer: ./client BROADCAST-ADDRESS PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 63 /* bytes of a name */
#define MOST 256   /* names */
#define LISTEN_MS 400

static const char question[] = "who is there?";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void ask(int fd, const struct sockaddr_in *all) {
  int yes = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (sendto(fd, question, strlen(question), 0, (const struct sockaddr *)all,
             sizeof *all) == -1)
    die("sendto");
}

static bool known(const char *name, char names[][LONGEST + 1], int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

/* Prints each name once; returns how many there are. */
static int listen_for(int fd, int ms) {
  char names[MOST][LONGEST + 1];
  int count = 0;
  struct pollfd p = {.fd = fd, .events = POLLIN};
  long end = now_ms() + ms;
  for (long left = ms; left > 0 && count < MOST; left = end - now_ms()) {
    int ready = poll(&p, 1, (int)left);
    if (ready == -1) die("poll");
    if (ready == 0) break;
    ssize_t n = recv(fd, names[count], LONGEST, 0);
    if (n == -1) die("recv");
    names[count][n] = '\0';
    if (!known(names[count], names, count)) printf("%s\n", names[count++]);
  }
  return count;
}

int main(int argc, char *argv[]) {
  struct sockaddr_in all = {.sin_family = AF_INET};
  if (argc != 3 || inet_pton(AF_INET, argv[1], &all.sin_addr) != 1) {
    fprintf(stderr, "usage: %s BROADCAST-ADDRESS PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  all.sin_port = htons((in_port_t)atoi(argv[2]));
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  ask(fd, &all);
  if (listen_for(fd, LISTEN_MS) == 0) {
    fprintf(stderr, "nobody is there\n");
    return EXIT_FAILURE;
  }
  close(fd);
  return 0;
}
