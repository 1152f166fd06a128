/* Says something in a multicast group: ./speaker GROUP PORT TEXT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
  struct sockaddr_in group = {.sin_family = AF_INET};
  if (argc != 4 || inet_pton(AF_INET, argv[1], &group.sin_addr) != 1) {
    fprintf(stderr, "usage: %s GROUP PORT TEXT\n", argv[0]);
    return EXIT_FAILURE;
  }
  group.sin_port = htons((in_port_t)atoi(argv[2]));
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) {
    perror("socket");
    return EXIT_FAILURE;
  }
  if (sendto(fd, argv[3], strlen(argv[3]), 0, (struct sockaddr *)&group,
             sizeof group) == -1) {
    perror("sendto");
    return EXIT_FAILURE;
  }
  close(fd);
  return 0;
}
