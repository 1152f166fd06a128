/* Says its words, each as a line, in one piece, and prints the answers: ./say
 * HOST PORT WORD... */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM},
                  *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int connection =
      socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (connection == -1) die("socket");
  if (connect(connection, there->ai_addr, there->ai_addrlen) == -1)
    die("connect");
  freeaddrinfo(there);
  return connection;
}

int main(int argc, char *argv[]) {
  char text[1024];
  size_t length = 0;
  ssize_t n;
  if (argc < 4) {
    fprintf(stderr, "usage: %s HOST PORT WORD...\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (int i = 3; i < argc && length + strlen(argv[i]) + 1 < sizeof text; i++)
    length +=
        (size_t)snprintf(text + length, sizeof text - length, "%s\n", argv[i]);
  int connection = connect_to(argv[1], argv[2]);
  if (send(connection, text, length, MSG_NOSIGNAL) == -1) die("send");
  shutdown(connection, SHUT_WR); /* that was all */
  while ((n = recv(connection, text, sizeof text, 0)) > 0)
    fwrite(text, 1, (size_t)n, stdout);
  if (n == -1) die("recv");
  close(connection);
  return 0;
}
