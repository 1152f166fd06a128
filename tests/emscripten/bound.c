/* Ends when somebody on this host has the UDP port that is its argument: an empty datagram is no
 * longer refused. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  int s = socket(AF_INET, SOCK_DGRAM, 0), error = ECONNREFUSED;
  if (argc != 2 || s < 0) return 2;
  a.sin_port = htons((in_port_t)atoi(argv[1]));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s, (struct sockaddr *)&a, sizeof a) < 0) return 1;
  while (error == ECONNREFUSED) {
    socklen_t length = sizeof error;
    send(s, "", 0, 0);
    if (getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return 1;
  }
  return error;
}
