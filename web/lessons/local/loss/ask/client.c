/* Asks a server for words, once each: ./client PORT WORD... */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LONGEST 512 /* of a question or an answer */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(in_port_t port) {
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (connect(fd, (struct sockaddr *)&server, sizeof server) == -1)
    die("connect");
  return fd;
}

static void ask(int fd, int number, const char *word) {
  char question[LONGEST], answer[LONGEST];
  snprintf(question, sizeof question, "%d %s", number, word);
  if (send(fd, question, strlen(question), 0) == -1) die("send");

  ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
  if (n == -1) die("recv");
  answer[n] = '\0';
  const char *blank = strchr(answer, ' ');
  if (blank != NULL) printf("%s\n", blank + 1);
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT WORD...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = connect_to((in_port_t)atoi(argv[1]));

  for (int i = 2; i < argc; i++)
    ask(fd, i - 1, argv[i]);
  close(fd);
  return 0;
}
