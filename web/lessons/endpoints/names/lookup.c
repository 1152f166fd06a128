/* Shows what a name stands for: ./lookup HOST [SERVICE] */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_SIZE 256

static void die(int error) {
  fprintf(stderr, "%s\n", gai_strerror(error));
  exit(EXIT_FAILURE);
}

/* The address and port in numbers, and the name that belongs to them. */
static void show(const struct addrinfo *a) {
  char address[NAME_SIZE], port[NAME_SIZE], name[NAME_SIZE];
  int error = getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address,
                          port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  if (error != 0) die(error);
  printf("  %s port %s", address, port);

  error = getnameinfo(a->ai_addr, a->ai_addrlen, name, sizeof name, NULL, 0,
                      NI_NAMEREQD);
  printf(" (%s)\n", error == 0 ? name : gai_strerror(error));
}

int main(int argc, char *argv[]) {
  char own[NAME_SIZE];
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: %s HOST [SERVICE]\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (gethostname(own, sizeof own) == -1) {
    perror("gethostname");
    return EXIT_FAILURE;
  }
  printf("on %s, %s is:\n", own, argv[1]);

  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error =
      getaddrinfo(argv[1], argc > 2 ? argv[2] : NULL, &hints, &addresses);
  if (error != 0) die(error);
  for (struct addrinfo *a = addresses; a != NULL; a = a->ai_next)
    show(a);
  freeaddrinfo(addresses);
  return 0;
}
