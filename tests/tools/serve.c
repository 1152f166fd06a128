/* A server of one client, for strace to show. */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7000)};
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (struct sockaddr *)&a, sizeof a);
  listen(listener, 5);
  int fd = accept(listener, NULL, NULL);
  char c;
  while (read(fd, &c, 1) == 1)
    write(fd, &c, 1);
  return 3;
}
