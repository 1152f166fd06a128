/* Datagrams, as the other side sends and gets them. */
#include "internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static struct sockaddr_storage sender; /* of what was heard last */
static socklen_t sender_size;

static int datagrams_at(const void *address, socklen_t size) {
  const struct sockaddr *a = address;
  if (failed()) return -1;
  int fd = socket(a->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || bind(fd, a, size) == -1) fail("the checker has no socket: %s", strerror(errno));
  return failed() ? -1 : fd;
}

int datagrams(void) {
  struct sockaddr_in here = {.sin_family = AF_INET};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return datagrams_at(&here, sizeof here);
}

int datagrams_unix(const char *path) {
  struct sockaddr_un here = {.sun_family = AF_UNIX};
  if (failed()) return -1;
  remove_later(path);
  snprintf(here.sun_path, sizeof here.sun_path, "%s", path);
  return datagrams_at(&here, sizeof here);
}

/* Its length, or -1: none came until then. */
static ssize_t receive(int fd, void *to, size_t most, long until) {
  while (!failed()) {
    sender_size = sizeof sender;
    ssize_t n = recvfrom(fd, to, most, MSG_DONTWAIT, (struct sockaddr *)&sender, &sender_size);
    if (n >= 0) return n;
    if (errno == ECONNREFUSED) continue; /* what an earlier datagram met with */
    if (errno != EAGAIN && errno != EINTR)
      fail("recvfrom: %s", strerror(errno));
    else if (all_ended() != NULL || !attend(fd, POLLIN, until))
      return -1;
  }
  return -1;
}

size_t hear_datagram(int fd, void *to, size_t most) {
  if (failed()) return 0;
  ssize_t n = receive(fd, to, most, patience_end());
  if (n >= 0) return (size_t)n;
  const struct program *over = all_ended();
  if (over != NULL)
    fail("%s before it sent a datagram", how_ended(over));
  else
    fail("%s has not sent a datagram after %s", who(), in_words(patience_ms));
  return 0;
}

void hear_no_datagram(int fd, int ms) {
  char got[2048];
  if (failed()) return;
  long until = now_ms() + ms;
  ssize_t n = receive(fd, got, sizeof got, until);
  if (n >= 0) differ(shown(got, (size_t)n), "no datagram", "%s sends one datagram too many", who());
}

static void send_datagram(int fd, const void *bytes, size_t n, const void *to, socklen_t size) {
  long until = patience_end();
  if (failed()) return;
  note_sent(bytes, n, "");
  while (!failed() && sendto(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL, to, size) == -1) {
    if (errno == EINTR || errno == ECONNREFUSED) continue;
    if (errno != EAGAIN)
      fail("sendto: %s", strerror(errno));
    else if (!attend(fd, POLLOUT, until))
      fail("%s does not read its datagrams", who());
  }
}

void answer(int fd, const void *bytes, size_t n) {
  send_datagram(fd, bytes, n, &sender, sender_size);
}

void say_datagram(int fd, const char *port, const void *bytes, size_t n) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  send_datagram(fd, bytes, n, &to, sizeof to);
}
