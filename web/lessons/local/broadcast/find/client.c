/* Finds all who answer: ./client BROADCAST-ADDRESS PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST 63 /* bytes of a name */

static const char question[] = "who is there?";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
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
  if (connect(fd, (struct sockaddr *)&all, sizeof all) == -1) die("connect");
  if (send(fd, question, strlen(question), 0) == -1) die("send");

  char name[LONGEST];
  ssize_t n = recv(fd, name, sizeof name, 0);
  if (n == -1) die("recv");
  printf("%.*s\n", (int)n, name);
  close(fd);
  return 0;
}
