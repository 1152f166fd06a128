/* Asks everyone on the network who is there: ./client ADDRESS PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUIET 500 /* milliseconds without an answer; then all have spoken */

static const char question[] = "who is there?";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static void print_answer(int fd) {
  char name[256], address[INET_ADDRSTRLEN];
  struct sockaddr_in sender;
  socklen_t size = sizeof sender;
  ssize_t n =
      recvfrom(fd, name, sizeof name, 0, (struct sockaddr *)&sender, &size);
  if (n == -1) die("recvfrom");
  inet_ntop(AF_INET, &sender.sin_addr, address, sizeof address);
  printf("%s is %.*s\n", address, (int)n, name);
}

int main(int argc, char *argv[]) {
  struct sockaddr_in all = {.sin_family = AF_INET};
  if (argc != 3 || inet_pton(AF_INET, argv[1], &all.sin_addr) != 1) {
    fprintf(stderr, "usage: %s ADDRESS PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  all.sin_port = htons((in_port_t)atoi(argv[2]));

  int yes = 1;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (sendto(fd, question, strlen(question), 0, (struct sockaddr *)&all,
             sizeof all) == -1)
    die("sendto");

  int ready;
  struct pollfd p = {.fd = fd, .events = POLLIN};
  while ((ready = poll(&p, 1, QUIET)) > 0)
    print_answer(fd);
  if (ready == -1) die("poll");
  close(fd);
  return 0;
}
