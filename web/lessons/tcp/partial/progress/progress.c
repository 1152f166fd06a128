/* Sends so many bytes, and prints the receipt: ./progress HOST PORT BYTES.
 * SIGUSR1 asks how far it has come. */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIPT = 16, LETTERS = 26 };

static volatile sig_atomic_t asked;

static void on_signal(int number) {
  (void)number;
  asked = 1;
}

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *there;
  int error = getaddrinfo(host, port, &hints, &there);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    exit(EXIT_FAILURE);
  }
  int fd = socket(there->ai_family, there->ai_socktype, there->ai_protocol);
  if (fd == -1) die("socket");
  if (connect(fd, there->ai_addr, there->ai_addrlen) == -1) die("connect");
  freeaddrinfo(there);
  return fd;
}

/* Answers, if somebody has asked. */
static void tell(size_t sent) {
  if (asked) fprintf(stderr, "%zu bytes so far\n", sent);
  asked = 0;
}

/* One call, and what it returns is believed to be all. */
static void send_all(int fd, const char *bytes, size_t length) {
  ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
  if (n == -1) die("send");
  tell((size_t)n);
}

static void recv_all(int fd, char *bytes, size_t length) {
  if (recv(fd, bytes, length, 0) == -1) die("recv");
}

int main(int argc, char *argv[]) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s HOST PORT BYTES\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
  if (sigaction(SIGUSR1, &action, NULL) == -1) die("sigaction");

  size_t size = strtoul(argv[3], NULL, 10);
  char *bytes = malloc(size);
  if (bytes == NULL) die("malloc");
  for (size_t i = 0; i < size; i++)
    bytes[i] = (char)('a' + i % LETTERS);

  char receipt[RECEIPT];
  int connection = connect_to(argv[1], argv[2]);
  send_all(connection, bytes, size);
  recv_all(connection, receipt, sizeof receipt);
  printf("%.*s\n", RECEIPT, receipt);
  close(connection);
  free(bytes);
  return 0;
}
