/* Shows a port and an address as bytes: ./order ADDRESS PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const char *what, const void *bytes, size_t n) {
  const unsigned char *byte = bytes;
  printf("%-18s", what);
  for (size_t i = 0; i < n; i++)
    printf(" %02x", byte[i]);
  printf("\n");
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s ADDRESS PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  uint16_t port = (uint16_t)atoi(argv[2]);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, argv[1], &a.sin_addr) != 1) {
    fprintf(stderr, "%s: not an IPv4 address\n", argv[1]);
    return EXIT_FAILURE;
  }

  show("port", &port, sizeof port);
  show("htons(port)", &a.sin_port, sizeof a.sin_port);
  show("address", &a.sin_addr, sizeof a.sin_addr);
  show("struct sockaddr_in", &a, sizeof a);

  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &a.sin_addr, text, sizeof text);
  printf("back again: %s port %d\n", text, ntohs(a.sin_port));
  return 0;
}
