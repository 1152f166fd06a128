/* wrong: ended with status 1 before it sent a datagram */
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

#define LONGEST 512 /* of a question or an answer */
#define LONGEST_WORD 256
#define WAIT_MS 250
#define TRIES 1

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(in_port_t port) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (connect(fd, (struct sockaddr *)&server, sizeof server) == -1) die("connect");
  return fd;
}

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for the answer to this question, and puts its text into `text`. false:
   it has not come in time. */
static bool receive(int fd, unsigned long number, char text[LONGEST]) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  long end = now_ms() + WAIT_MS;
  for (long left = WAIT_MS; left > 0; left = end - now_ms()) {
    int ready = poll(&p, 1, (int)left);
    if (ready == -1) die("poll");
    if (ready == 0) return false;
    char answer[LONGEST], *blank;
    ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
    if (n == -1) die("recv");
    answer[n] = '\0';
    if (strtoul(answer, &blank, 10) == number && *blank == ' ') {
      strcpy(text, blank + 1);
      return true;
    }
  }
  return false;
}

static bool ask(int fd, unsigned long number, const char *word) {
  char question[LONGEST], text[LONGEST];
  int length = snprintf(question, sizeof question, "%lu %s", number, word);
  for (int tries = 0; tries < TRIES; tries++) {
    if (send(fd, question, (size_t)length, 0) == -1) die("send");
    if (receive(fd, number, text)) {
      printf("%s\n", text);
      return true;
    }
  }
  return false;
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT WORD...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to((in_port_t)atoi(argv[1]));

  for (int i = 2; i < argc; i++) {
    if (strlen(argv[i]) > LONGEST_WORD || !ask(fd, (unsigned long)i - 1, argv[i])) {
      fprintf(stderr, "no answer for %s\n", argv[i]);
      return EXIT_FAILURE;
    }
  }
  close(fd);
  return 0;
}
