/* wrong: another group */
/* Prints what a group is told: ./tuner INTERFACE GROUP PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int socket_for(struct in_addr interface, struct in_addr group, in_port_t port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct ip_mreq membership = {.imr_multiaddr = group, .imr_interface = interface};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int yes = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1) die("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("SO_REUSEADDR");
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) == -1)
    die("IP_ADD_MEMBERSHIP");
  return fd;
}

/* Prints a datagram; false at the last one. */
static bool print_next(int fd) {
  char text[1024];
  ssize_t n = recv(fd, text, sizeof text - 1, 0);
  if (n == -1) die("recv");
  text[n] = '\0';
  if (strcmp(text, "end") == 0) return false;
  printf("%s\n", text);
  fflush(stdout);
  return true;
}

int main(int argc, char *argv[]) {
  struct in_addr interface, group;
  if (argc != 4 || inet_pton(AF_INET, argv[1], &interface) != 1 ||
      inet_pton(AF_INET, argv[2], &group) != 1) {
    fprintf(stderr, "usage: %s INTERFACE GROUP PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  int fd = socket_for(interface, group, (in_port_t)atoi(argv[3]));
  printf("tuned in\n");
  fflush(stdout);
  while (print_next(fd))
    continue;
  close(fd);
  return 0;
}
