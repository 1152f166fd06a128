/* Sends each line back to whom it came from, one client at a time. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(7000)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 5)) {
    perror("server");
    return EXIT_FAILURE;
  }
  printf("waiting on port 7000\n");
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    char bytes[1024];
    for (ssize_t n; (n = recv(client, bytes, sizeof bytes, 0)) > 0;)
      send(client, bytes, n, 0);
    close(client);
  }
}
