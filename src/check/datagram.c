/* Datagrams, as the other side sends and gets them. */
#include "internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { MOST_IN_DATAGRAM = 65536, RETRY_MS = 5, REFUSAL_MS = 20 };

static struct sockaddr_storage sender; /* of what was heard last */
static socklen_t sender_size;

static int datagrams_at(const void *address, socklen_t size) {
  const struct sockaddr *a = address;
  if (failed()) return -1;
  int fd = socket(a->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || bind(fd, a, size) == -1) fail("the checker has no socket: %s", strerror(errno));
  return failed() ? -1 : fd;
}

/* At a port asked for by number: one that the system chose is lost with the end of a connect(). */
int datagrams(void) {
  struct sockaddr_in here = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)atoi(free_port()))};
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

void hear_this_datagram(int fd, const void *wanted, size_t n) {
  static char got[MOST_IN_DATAGRAM];
  size_t length = hear_datagram(fd, got, sizeof got);
  if (failed() || (length == n && memcmp(got, wanted, n) == 0)) return;
  size_t same = first_difference(got, wanted, length < n ? length : n);
  differ(shown_at(got, length, same), shown_at(wanted, n, same), "%s sends another datagram",
         who());
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

/* Has nobody this address? The system says so to a connected socket, after it has sent. */
static bool refused(int fd) {
  struct pollfd p = {.fd = fd};
  int error = 0;
  socklen_t size = sizeof error;
  poll(&p, 1, REFUSAL_MS);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == ECONNREFUSED;
}

/* Sends, again and again until the program has bound its socket, so that it comes once. */
static void send_to_bound(int fd, const void *bytes, size_t n, const struct sockaddr_in *to) {
  const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  int port = ntohs(to->sin_port);
  long until = patience_end();
  if (failed()) return;
  if (connect(fd, (const struct sockaddr *)to, sizeof *to) == -1)
    fail("connect to port %d: %s", port, strerror(errno));
  bool comes = false;
  while (!failed() && !comes) {
    const struct program *over = all_ended();
    comes = send(fd, bytes, n, MSG_NOSIGNAL) != -1 && !refused(fd);
    if (comes) break;
    if (over != NULL)
      fail("%s, and has no datagram socket at port %d", how_ended(over), port);
    else if (now_ms() >= until)
      fail("%s has no datagram socket at port %d after %s", who(), port, in_words(patience_ms));
    else
      pause_ms(RETRY_MS);
  }
  if (comes) note_sent(bytes, n, "");
  connect(fd, &nobody, sizeof nobody);
}

void say_datagram(int fd, const char *port, const void *bytes, size_t n) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (somebody_listened) {
    send_datagram(fd, bytes, n, &to, sizeof to);
  } else {
    send_to_bound(fd, bytes, n, &to);
    somebody_listened = !failed();
  }
}
