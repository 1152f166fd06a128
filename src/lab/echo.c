/* The Echo service (RFC 862): what comes goes back, over TCP and over UDP. echo [PORT] */
#include "service.h"
#include <sys/socket.h>

static size_t give_back(struct client *c, const char *bytes, size_t size) {
  client_write(c, bytes, size);
  return size;
}

static void give_datagram_back(int s) {
  static char bytes[65536];
  struct sockaddr_storage from;
  ssize_t n = datagram_receive(s, bytes, sizeof bytes, &from);
  if (n >= 0) datagram_answer(s, bytes, (size_t)n, &from);
}

static const struct service echo = {.raw = true, .patience = 600, .bytes = give_back};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 7, "echo [PORT]"), &echo, give_datagram_back);
  service_run();
}
