/* Hosts for ./reach: some of their addresses answer, or none, or there is no
 * such host. */
#include "check.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

/* The program came to this listener, and says so. */
static void comes(struct program *p, int listener, const char *address) {
  char line[64];
  snprintf(line, sizeof line, "reached %s port %s\n", address,
           port_of(listener));
  int connection = caller(listener);
  prints(p, line);
  prints_end(p);
  hear_end(connection);
  ends(p, 0);
}

static void four(void) {
  int listener = listen_tcp();
  comes(start("reach", "127.0.0.1", port_of(listener), NULL), listener,
        "127.0.0.1");
}

static void six(void) {
  int listener = listen_tcp6();
  comes(start("reach", "::1", port_of(listener), NULL), listener, "::1");
}

static void by_name(void) {
  int listener = listen_tcp();
  comes(start("reach", "localhost", port_of(listener), NULL), listener,
        "127.0.0.1");
}

static void own_six(void) {
  int listener = listen_tcp6();
  comes(start("reach", port_of(listener), NULL), listener, "::1");
}

static void second(void) {
  int listener = listen_tcp();
  comes(start("reach", port_of(listener), NULL), listener, "127.0.0.1");
}

static void nobody(void) {
  struct program *p = start("reach", free_port(), NULL);
  ends_badly(p);
  prints_end(p);
  prints_error(p, "::1");
  prints_error(p, "127.0.0.1");
  prints_error(p, strerror(ECONNREFUSED));
}

/* getaddrinfo fails for these, and the program says it in the same words. */
static void is_not_known(const char *host, const char *service) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *addresses;
  int error = getaddrinfo(host, service, &hints, &addresses);
  if (error == 0) {
    freeaddrinfo(addresses);
    fail("this system knows %s and %s: the check does not", host, service);
    return;
  }
  struct program *p = start("reach", host, service, NULL);
  ends_badly(p);
  prints_end(p);
  prints_error(p, gai_strerror(error));
}

static void no_host(void) { is_not_known("no..host", "80"); }
static void no_service(void) { is_not_known("localhost", "nosuchservice"); }

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("an IPv4 address", four,
        "Print the address and port that were reached, then close.");
  check("an IPv6 address", six,
        "AF_UNSPEC asks for both families, and a socket has the family of the "
        "address it goes to.");
  check("a name", by_name, "getnameinfo with NI_NUMERICHOST gives the number.");
  check("its own host, over IPv6", own_six,
        "Without a host, getaddrinfo tells the addresses of the host itself.");
  check("the first address refuses, the second answers", second,
        "Go on with ai_next, and with a new socket for each address.");
  check("no address answers", nobody,
        "Say of each address why not, and end with another status than 0.");
  check("a host that is not known", no_host,
        "getaddrinfo returns its error: print gai_strerror of it, not perror.");
  check("a service that is not known", no_service,
        "getaddrinfo returns its error: print gai_strerror of it, not perror.");
  return check_end();
}
