/* Prints what is said in a multicast group: ./listener GROUP PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A socket that hears the group, and nothing else. */
static int member_of(const struct sockaddr_in *group) {
  int yes = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ip_mreq membership = {.imr_multiaddr = group->sin_addr};
  membership.imr_interface.s_addr = htonl(INADDR_ANY); /* you choose, kernel */
  if (fd == -1) die("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("SO_REUSEADDR");
  if (bind(fd, (const struct sockaddr *)group, sizeof *group) == -1)
    die("bind");
  if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
                 sizeof membership) == -1)
    die("IP_ADD_MEMBERSHIP");
  return fd;
}

int main(int argc, char *argv[]) {
  struct sockaddr_in group = {.sin_family = AF_INET}, sender;
  char text[1024], address[INET_ADDRSTRLEN];
  if (argc != 3 || inet_pton(AF_INET, argv[1], &group.sin_addr) != 1) {
    fprintf(stderr, "usage: %s GROUP PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  group.sin_port = htons((in_port_t)atoi(argv[2]));
  int fd = member_of(&group);

  for (;;) {
    socklen_t size = sizeof sender;
    ssize_t n =
        recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&sender, &size);
    if (n == -1) die("recvfrom");
    inet_ntop(AF_INET, &sender.sin_addr, address, sizeof address);
    printf("%s says %.*s\n", address, (int)n, text);
    fflush(stdout);
  }
}
