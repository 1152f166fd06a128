/* Hosts that answer a broadcast: sockets which share a port. */
#include "check.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS = 3, STEP_MS = 100, BABBLE = 8 };

static const char all[] = "127.255.255.255", question[] = "who is there?";

static int host_at(const char *port) {
  int yes = 1;
  struct sockaddr_in here = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)atoi(port))};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd == -1 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1 ||
      bind(fd, (struct sockaddr *)&here, sizeof here) == -1)
    fail("the checker has no socket: %s", strerror(errno));
  return fd;
}

static void hear_question(int host) {
  hear_this_datagram(host, question, strlen(question));
}

static void tell(int host, const char *name) {
  answer(host, name, strlen(name));
}

static void one(void) {
  const char *port = free_port();
  int host = host_at(port);
  struct program *client = start("client", all, port, NULL);
  hear_question(host);
  tell(host, "north");
  prints(client, "north\n");
  ends(client, 0);
  hear_no_datagram(host, 0);
}

static void three(void) {
  const char *port = free_port(), *const name[HOSTS] = {"north", "east",
                                                        "south"};
  int host[HOSTS];
  for (int i = 0; i < HOSTS; i++)
    host[i] = host_at(port);
  struct program *client = start("client", all, port, NULL);
  for (int i = 0; i < HOSTS; i++)
    hear_question(host[i]);
  for (int i = 0; i < HOSTS; i++) {
    if (i > 0) pause_ms(STEP_MS);
    tell(host[i], name[i]);
  }
  prints(client, "north\neast\nsouth\n");
  prints_end(client);
  ends(client, 0);
}

static void twice(void) {
  const char *port = free_port();
  int host = host_at(port), other = host_at(port);
  struct program *client = start("client", all, port, NULL);
  hear_question(host);
  hear_question(other);
  tell(host, "northeast");
  tell(other, "north");
  tell(host, "northeast");
  tell(other, "north");
  prints(client, "northeast\nnorth\n");
  prints_end(client);
  ends(client, 0);
}

static void babble(void) {
  const char *port = free_port();
  int host = host_at(port);
  struct program *client = start("client", all, port, NULL);
  hear_question(host);
  for (int i = 0; i < BABBLE; i++) {
    tell(host, "brook");
    pause_ms(STEP_MS);
  }
  if (!failed() && still_runs(client))
    fail("the client still listens after %d ms", BABBLE * STEP_MS);
  prints(client, "brook\n");
  ends(client, 0);
}

static void nobody(void) {
  struct program *client = start("client", all, free_port(), NULL);
  ends_badly(client);
  prints_end(client);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one host answers", one,
        "It is asked once. Without SO_BROADCAST nothing can be sent to such an "
        "address; and the "
        "answer comes from another address, so a connected socket does not "
        "hear them.");
  check("three hosts answer", three,
        "Go on listening until the 400 ms are over.");
  check("two hosts answer twice", twice, "Who answers twice is printed once.");
  check("one never stops answering", babble,
        "The 400 ms begin with the question; an answer does not make them "
        "longer.");
  check("nobody answers", nobody, "Then the exit status is not 0.");
  return check_end();
}
