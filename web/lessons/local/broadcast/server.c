/* Answers "who is there?" with its host's name: ./server */
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 9999

static const char question[] = "who is there?";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int bound_to(in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  here.sin_addr.s_addr = htonl(INADDR_ANY); /* hears broadcasts, too */
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  return fd;
}

int main(void) {
  char name[HOST_NAME_MAX + 1], text[sizeof question];
  if (gethostname(name, sizeof name) == -1) die("gethostname");
  int fd = bound_to(PORT);

  for (;;) {
    struct sockaddr_in sender;
    socklen_t size = sizeof sender;
    ssize_t n =
        recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&sender, &size);
    if (n == -1) die("recvfrom");
    if ((size_t)n != strlen(question) || memcmp(text, question, (size_t)n) != 0)
      continue;
    if (sendto(fd, name, strlen(name), 0, (struct sockaddr *)&sender, size) ==
        -1)
      perror("sendto");
  }
}
