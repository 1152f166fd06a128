/* Whose port it is, and who gets a datagram: UDP, both families, SO_REUSEADDR and SO_REUSEPORT; the
 * ports of TCP under IPv6. */
#include "check.h"

static const int yes = 1;
static char buffer[64];

enum { PLAIN, REUSE = SO_REUSEADDR, SHARE = SO_REUSEPORT, ONLY6 = -1, BOTH = -2 };

static const char *option_name(int option) {
  return option == REUSE ? " reuse" : option == SHARE ? " share" : option == ONLY6 ? " only6" : "";
}

static int make(const char *host, int type, int option) {
  bool six = strchr(host, ':');
  int s = must(socket(six ? AF_INET6 : AF_INET, type, 0), "socket");
  if (option == ONLY6 || option == BOTH) {
    int only = option == ONLY6;
    must(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only), "IPV6_V6ONLY");
  } else if (option) {
    must(setsockopt(s, SOL_SOCKET, option, &yes, sizeof yes), "setsockopt");
  }
  return s;
}

static socklen_t fill(struct sockaddr_storage *a, const char *host, in_port_t port) {
  struct sockaddr_in6 *six = (void *)a;
  struct sockaddr_in *four = (void *)a;
  *a = (struct sockaddr_storage){0};
  if (strchr(host, ':')) {
    six->sin6_family = AF_INET6;
    six->sin6_port = port;
    inet_pton(AF_INET6, host, &six->sin6_addr);
    return sizeof *six;
  }
  four->sin_family = AF_INET;
  four->sin_port = port;
  inet_pton(AF_INET, host, &four->sin_addr);
  return sizeof *four;
}

static int bind_to(int s, const char *host, in_port_t port) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, host, port);
  return bind(s, (struct sockaddr *)&a, length);
}

static in_port_t port_of(int s) {
  struct sockaddr_in6 a;
  socklen_t length = sizeof a;
  must(getsockname(s, (struct sockaddr *)&a, &length), "getsockname");
  return a.sin6_port; /* where sin_port is too */
}

/* One socket bound to `first`, and then another one to the same port of `second`. */
static void two(int type, const char *first, int option, const char *second, int second_option) {
  int a = make(first, type, option), b = make(second, type, second_option);
  must(bind_to(a, first, 0), "bind");
  char call[128];
  snprintf(call, sizeof call, "%s %s%s, then %s%s", type == SOCK_STREAM ? "TCP" : "UDP", first,
           option_name(option), second, option_name(second_option));
  errno = 0;
  check_call(call, bind_to(b, second, port_of(a)));
  close(a);
  close(b);
}

static void conflicts(int type) {
  heading(type == SOCK_STREAM ? "TCP" : "UDP");
  static const int options[] = {PLAIN, REUSE, SHARE};
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      two(type, "127.0.0.1", options[i], "127.0.0.1", options[j]);
  two(type, "127.0.0.1", PLAIN, "127.0.0.2", PLAIN);
  two(type, "0.0.0.0", PLAIN, "127.0.0.2", PLAIN);
  two(type, "127.0.0.2", PLAIN, "0.0.0.0", PLAIN);
  two(type, "0.0.0.0", REUSE, "127.0.0.2", REUSE);
  two(type, "0.0.0.0", SHARE, "127.0.0.2", SHARE);
  two(type, "::", PLAIN, "0.0.0.0", PLAIN);
  two(type, "0.0.0.0", PLAIN, "::", PLAIN);
  two(type, "::", ONLY6, "0.0.0.0", PLAIN);
  two(type, "0.0.0.0", PLAIN, "::", ONLY6);
  two(type, "::", PLAIN, "127.0.0.1", PLAIN);
  two(type, "::", ONLY6, "127.0.0.1", PLAIN);
  two(type, "127.0.0.1", PLAIN, "::", PLAIN);
  two(type, "::1", PLAIN, "127.0.0.1", PLAIN);
  two(type, "::1", PLAIN, "0.0.0.0", PLAIN);
  two(type, "0.0.0.0", PLAIN, "::1", PLAIN);
  two(type, "::1", PLAIN, "::", PLAIN);
  two(type, "::1", PLAIN, "::", ONLY6);
  two(type, "::", ONLY6, "::", ONLY6);
  two(type, "::", REUSE, "0.0.0.0", REUSE);
  two(type, "::", SHARE, "0.0.0.0", SHARE);
  two(type, "::ffff:127.0.0.1", PLAIN, "127.0.0.1", PLAIN);
  two(type, "::ffff:127.0.0.1", PLAIN, "127.0.0.2", PLAIN);
  two(type, "::ffff:127.0.0.1", PLAIN, "::1", PLAIN);
  two(type, "::ffff:0.0.0.0", PLAIN, "127.0.0.1", PLAIN);
}

static void spaces(void) {
  heading("TCP's ports are not UDP's");
  int a = make("127.0.0.1", SOCK_STREAM, PLAIN), b = make("127.0.0.1", SOCK_DGRAM, PLAIN);
  CALL(bind_to(a, "127.0.0.1", 0));
  CALL(bind_to(b, "127.0.0.1", port_of(a)));
  CALL(bind_to(b, "127.0.0.1", 0));
  CALL(bind_to(b, "127.0.0.2", 0));
  close(a);
  close(b);
}

static int send_to(int s, const char *host, in_port_t port) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, host, port);
  return (int)sendto(s, "x", 1, 0, (struct sockaddr *)&a, length);
}

/* Who of them has got it. */
static void got(const char *what, const int *sockets, int count) {
  printf("%s:", what);
  for (int i = 0; i < count; i++)
    if (recv(sockets[i], buffer, sizeof buffer, MSG_DONTWAIT) >= 0) printf(" %d", i);
  printf("\n");
}

static void choice(void) {
  heading("who gets a datagram");
  int s[4], from = make("127.0.0.1", SOCK_DGRAM, PLAIN),
            other = make("127.0.0.1", SOCK_DGRAM, PLAIN);
  static const char *const hosts[] = {"0.0.0.0", "127.0.0.1", "127.0.0.1", "127.0.0.2"};
  in_port_t port = 0;
  for (int i = 0; i < 4; i++) {
    s[i] = make(hosts[i], SOCK_DGRAM, REUSE);
    must(bind_to(s[i], hosts[i], port), "bind");
    port = port_of(s[i]);
  }
  must(bind_to(from, "127.0.0.1", 0), "bind");
  must(bind_to(other, "127.0.0.1", 0), "bind");
  CALL(send_to(from, "127.0.0.1", port));
  got("two at the address: the later one", s, 4);
  CALL(send_to(from, "127.0.0.2", port));
  got("one at the address", s, 4);
  CALL(send_to(from, "127.0.0.3", port));
  got("none at the address", s, 4);
  struct sockaddr_storage a;
  socklen_t length = fill(&a, "127.0.0.1", port_of(from));
  CALL(connect(s[1], (struct sockaddr *)&a, length));
  CALL(send_to(from, "127.0.0.1", port));
  got("one is connected to the sender", s, 4);
  CALL(send_to(other, "127.0.0.1", port));
  got("one is connected to another", s, 4);
  CALL(connect(s[0], (struct sockaddr *)&a, length));
  CALL(send_to(from, "127.0.0.1", port));
  got("two are connected to the sender", s, 4);
  for (int i = 0; i < 4; i++)
    close(s[i]);
  CALL(send_to(from, "127.0.0.1", port));
  close(from);
  close(other);
}

static void sharing(void) {
  heading("SO_REUSEPORT");
  int s[2], counts[2] = {0}, wrong = 0;
  in_port_t port = 0;
  for (int i = 0; i < 2; i++) {
    s[i] = make("127.0.0.1", SOCK_DGRAM, SHARE);
    must(bind_to(s[i], "127.0.0.1", port), "bind");
    port = port_of(s[i]);
  }
  for (int i = 0; i < 64; i++) {
    int from = make("127.0.0.1", SOCK_DGRAM, PLAIN), first = -1;
    for (int n = 0; n < 3; n++) {
      send_to(from, "127.0.0.1", port);
      int to = recv(s[0], buffer, sizeof buffer, MSG_DONTWAIT) < 0;
      if (to) recv(s[1], buffer, sizeof buffer, MSG_DONTWAIT);
      if (first >= 0 && to != first) wrong++;
      first = to;
    }
    counts[first]++;
    close(from);
  }
  VALUE(wrong);
  VALUE(counts[0] > 8 && counts[1] > 8);
  close(s[0]);
  close(s[1]);
}

static void both_families(void) {
  heading("who gets it, of both families");
  int s[2] = {make("::", SOCK_DGRAM, REUSE), make("0.0.0.0", SOCK_DGRAM, REUSE)};
  int four = make("127.0.0.1", SOCK_DGRAM, PLAIN), six = make("::1", SOCK_DGRAM, PLAIN);
  must(bind_to(s[0], "::", 0), "bind");
  in_port_t port = port_of(s[0]);
  must(bind_to(s[1], "0.0.0.0", port), "bind");
  CALL(send_to(four, "127.0.0.1", port));
  got("IPv4", s, 2);
  CALL(send_to(six, "::1", port));
  got("IPv6", s, 2);
  CALL(send_to(six, "::ffff:127.0.0.1", port));
  got("mapped", s, 2);
  close(s[1]);
  CALL(send_to(four, "127.0.0.1", port));
  got("IPv4", s, 1);
  close(s[0]);
  close(four);
  close(six);
}

int main(void) {
  conflicts(SOCK_DGRAM);
  conflicts(SOCK_STREAM);
  spaces();
  choice();
  sharing();
  both_families();
}
