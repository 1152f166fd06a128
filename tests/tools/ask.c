/* Its client; with an argument it kills itself. */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7000)};
  inet_pton(AF_INET, "10.0.0.2", &a.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  connect(fd, (struct sockaddr *)&a, sizeof a);
  send(fd, "x", 1, 0);
  char c;
  recv(fd, &c, 1, 0);
  if (argc > 1) kill(getpid(), SIGTERM);
  return 0;
}
