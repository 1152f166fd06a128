/* client HOST: sends what is typed, and prints what comes back. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *to;
  int error = getaddrinfo(argc > 1 ? argv[1] : "localhost", "7000", &hints, &to);
  if (error) {
    fprintf(stderr, "client: %s\n", gai_strerror(error));
    return EXIT_FAILURE;
  }
  int server = socket(to->ai_family, to->ai_socktype, to->ai_protocol);
  if (connect(server, to->ai_addr, to->ai_addrlen)) {
    perror("client");
    return EXIT_FAILURE;
  }
  char line[1024];
  while (fgets(line, sizeof line, stdin)) {
    send(server, line, strlen(line), 0);
    ssize_t n = recv(server, line, sizeof line, 0);
    if (n <= 0) break;
    fwrite(line, 1, n, stdout);
  }
  freeaddrinfo(to);
  return 0;
}
