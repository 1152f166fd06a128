/* Speaks in groups, on the loopback interface. */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char interface[] = "127.0.0.1";
static char group[16], other[16]; /* that no other check on this host is in */
static int voice;                 /* the checker's, on the loopback interface */

static struct program *tune_in(const char *port) {
  struct program *p = start("tuner", interface, group, port, NULL);
  prints(p, "tuned in\n");
  return p;
}

static void open_voice(void) {
  struct in_addr on = {.s_addr = htonl(INADDR_LOOPBACK)};
  voice = socket(AF_INET, SOCK_DGRAM, 0);
  if (voice == -1 ||
      setsockopt(voice, IPPROTO_IP, IP_MULTICAST_IF, &on, sizeof on) == -1)
    fail("the checker has no socket: %s", strerror(errno));
}

static void speak(const char *address, const char *port, const char *text) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((in_port_t)atoi(port))};
  inet_pton(AF_INET, address, &to.sin_addr);
  if (!failed() && sendto(voice, text, strlen(text), 0, (struct sockaddr *)&to,
                          sizeof to) == -1)
    fail("the checker cannot send to %s: %s", address, strerror(errno));
}

/* The host hears the other group, too: a socket of the checker is in it. */
static void join_other(void) {
  struct ip_mreq membership = {.imr_interface.s_addr = htonl(INADDR_LOOPBACK)};
  inet_pton(AF_INET, other, &membership.imr_multiaddr);
  if (setsockopt(voice, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
                 sizeof membership) == -1)
    fail("the checker cannot join %s: %s", other, strerror(errno));
}

static void hears(void) {
  const char *port = free_port();
  open_voice();
  struct program *p = tune_in(port);
  speak(group, port, "north wind");
  prints(p, "north wind\n");
  speak(group, port, "rain");
  speak(group, port, "end");
  prints(p, "rain\n");
  prints_end(p);
  ends(p, 0);
}

static void two(void) {
  const char *port = free_port();
  open_voice();
  struct program *p = tune_in(port), *q = tune_in(port);
  speak(group, port, "snow");
  prints(p, "snow\n");
  prints(q, "snow\n");
}

static void another(void) {
  const char *port = free_port();
  open_voice();
  join_other();
  struct program *p = tune_in(port);
  speak(other, port, "from another group");
  speak(group, port, "sun");
  prints(p, "sun\n");
}

static void alone(void) {
  const char *port = free_port();
  open_voice();
  struct program *p = tune_in(port);
  speak(interface, port, "not to the group");
  speak(group, port, "fog");
  prints(p, "fog\n");
}

int main(int argc, char *argv[]) {
  snprintf(group, sizeof group, "239.20.%d.1", getpid() % 256);
  snprintf(other, sizeof other, "239.20.%d.2", getpid() % 256);
  check_begin(argc, argv);
  check("it hears the group on the interface that it is given", hears,
        "Join with IP_ADD_MEMBERSHIP: imr_multiaddr is the GROUP, and "
        "imr_interface is the INTERFACE.");
  check("two of them on one host hear the group", two,
        "Both bind the same port: SO_REUSEADDR, before bind.");
  check("the host is in another group too", another,
        "A socket bound to INADDR_ANY hears every group that anyone on this "
        "host has joined, so another group too. Bind it to the group's "
        "address.");
  check("a datagram comes to the host's own address", alone,
        "Bound to the group's address, a socket hears nothing but the group.");
  return check_end();
}
