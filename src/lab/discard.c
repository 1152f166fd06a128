/* The Discard service (RFC 863): what comes is thrown away, over TCP and over UDP. discard [PORT]
 */
#include "service.h"
#include <stdint.h>
#include <sys/socket.h>

static size_t throw_away(struct client *c, const char *bytes, size_t size) {
  *(uint64_t *)c->session += size;
  return size;
}

static void tell(struct client *c) {
  client_log(c, "sent %llu bytes", (unsigned long long)*(uint64_t *)c->session);
}

static void throw_datagram_away(int s) {
  char byte;
  recv(s, &byte, sizeof byte, MSG_DONTWAIT); /* the rest of it goes too */
}

static const struct service discard = {
    .session = sizeof(uint64_t), .raw = true, .patience = 600, .bytes = throw_away, .gone = tell};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 9, "discard [PORT]"), &discard, throw_datagram_away);
  service_run();
}
