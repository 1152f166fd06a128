/* wrong: That was a stranger */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST 32

static const char question[] = "time?";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sockaddr_in server = {.sin_family = AF_INET};
  server.sin_port = htons((in_port_t)atoi(argv[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (sendto(fd, question, strlen(question), 0, (struct sockaddr *)&server, sizeof server) == -1)
    die("sendto");

  char answer[LONGEST];
  ssize_t n = recv(fd, answer, sizeof answer, MSG_TRUNC);
  if (n == -1) die("recv");
  if (n > LONGEST) {
    fprintf(stderr, "an answer of %zd bytes is too long\n", n);
    return EXIT_FAILURE;
  }
  printf("%.*s\n", (int)n, answer);
  close(fd);
  return 0;
}
