/* The Echo service (RFC 862): what comes goes back, over TCP and over UDP. echo [PORT] */
#include "service.h"
#include <netinet/in.h>
#include <sys/socket.h>

static size_t give_back(struct client *c, const char *bytes, size_t size) {
  client_write(c, bytes, size);
  return size;
}

static int port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                              : ((const struct sockaddr_in *)address)->sin_port);
}

/* Two echo services, one told that the other had asked, would answer each other for ever; so what
 * comes from a service's own port gets no answer. */
static void give_datagram_back(int s) {
  static char bytes[65536];
  struct sockaddr_storage from;
  socklen_t length = sizeof from;
  ssize_t n = recvfrom(s, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
  if (n < 0 || port_of(&from) < IPPORT_RESERVED) return;
  sendto(s, bytes, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&from, length);
}

static const struct service echo = {.raw = true, .patience = 600, .bytes = give_back};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 7, "echo [PORT]"), &echo, give_datagram_back);
  service_run();
}
