/* AF_INET6: its addresses, and the two families on one socket. */
#include "check.h"
#include <net/if.h>

static char buffer[70000];

static struct sockaddr_in6 address(const char *text, in_port_t port) {
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = port};
  inet_pton(AF_INET6, text, &a.sin6_addr);
  return a;
}

static int bind_to(int s, const char *text, in_port_t port) {
  struct sockaddr_in6 a = address(text, port);
  return bind(s, (struct sockaddr *)&a, sizeof a);
}

static int connect_to(int s, const char *text, in_port_t port) {
  struct sockaddr_in6 a = address(text, port);
  return connect(s, (struct sockaddr *)&a, sizeof a);
}

static int make(int type, int only) {
  int s = must(socket(AF_INET6, type, 0), "socket");
  must(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only), "IPV6_V6ONLY");
  return s;
}

static in_port_t port_of(int s) {
  struct sockaddr_in6 a;
  socklen_t length = sizeof a;
  must(getsockname(s, (struct sockaddr *)&a, &length), "getsockname");
  return a.sin6_port;
}

static void name(int s) {
  struct sockaddr_in6 a;
  socklen_t length = sizeof a;
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
}

static void peer(int s) {
  struct sockaddr_in6 a;
  socklen_t length = sizeof a;
  CALL(getpeername(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
}

static void binding(void) {
  heading("bind");
  struct sockaddr_in6 a = address("::", 0);
  struct sockaddr_in four = loopback(0);
  struct sockaddr *to = (struct sockaddr *)&a;
  int s = make(SOCK_STREAM, 0);
  name(s);
  CALL(bind(s, to, 23));
  CALL(bind(s, to, 1));
  CALL(bind(s, (struct sockaddr *)&four, sizeof four));
  CALL(bind_to(s, "2001:db8::1", 0));
  CALL(bind_to(s, "fe80::1", 0));
  CALL(bind_to(s, "ff02::1", 0));
  CALL(bind_to(s, "::ffff:198.51.100.1", 0));
  a = address("fe80::1", 0);
  a.sin6_scope_id = if_nametoindex("lo");
  CALL(bind(s, to, sizeof a));
  a.sin6_scope_id = 999;
  CALL(bind(s, to, sizeof a));
  close(s);
  s = make(SOCK_STREAM, 0);
  a = address("::1", 0);
  CALL(bind(s, to, 24));
  name(s);
  CALL(bind(s, to, sizeof a));
  close(s);
  s = make(SOCK_STREAM, 1);
  CALL(bind_to(s, "::ffff:127.0.0.1", 0));
  CALL(bind_to(s, "::", 0));
  name(s);
  close(s);
  s = make(SOCK_DGRAM, 0);
  CALL(bind_to(s, "::ffff:127.0.0.1", 0));
  name(s);
  close(s);
  s = make(SOCK_DGRAM, 0);
  CALL(bind_to(s, "2001:db8::1", 0));
  CALL(bind_to(s, "ff15::1", 0));
  name(s);
  close(s);
}

static void streams(void) {
  heading("TCP");
  static const char *const at[] = {"::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0"};
  static const char *const to[] = {"::1", "::ffff:127.0.0.1", "::ffff:127.0.0.2"};
  for (int only = 0; only < 2; only++)
    for (int i = 0; i < 4 - 2 * only; i++) {
      int s = make(SOCK_STREAM, only);
      must(bind_to(s, at[i], 0), "bind");
      must(listen(s, 5), "listen");
      for (int j = 0; j < 3; j++) {
        int c = make(SOCK_STREAM, 0);
        printf("%s%s, connect to %s\n", at[i], only ? " only" : "", to[j]);
        if (!CALL(connect_to(c, to[j], port_of(s)))) {
          int d = accept(s, NULL, NULL);
          peer(c);
          name(d);
          printf("its port is %s\n", port_of(c) && write(c, "abc", 3) == 3 ? "there" : "not there");
          CALL(read(d, buffer, sizeof buffer));
          close(d);
        }
        close(c);
      }
      close(s);
    }
}

/* A client of AF_INET, a server of AF_INET6, and the other way round. */
static void across(void) {
  heading("TCP, across the families");
  int s = make(SOCK_STREAM, 0), c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(bind_to(s, "::", 0), "bind");
  must(listen(s, 5), "listen");
  struct sockaddr_in a = loopback(port_of(s));
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  struct sockaddr_in6 from;
  socklen_t length = sizeof from;
  int d = OPEN(accept(s, (struct sockaddr *)&from, &length));
  VALUE(length);
  VALUE(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
  name(d);
  CALL(write(d, "hello", 5));
  CALL(read(c, buffer, sizeof buffer));
  close(c);
  CALL(read(d, buffer, sizeof buffer));
  close(d);
  close(s);
  s = listener(&a, 5);
  c = make(SOCK_STREAM, 0);
  CALL(connect_to(c, "::1", a.sin_port));
  close(c);
  c = make(SOCK_STREAM, 0);
  CALL(connect_to(c, "::ffff:127.0.0.1", a.sin_port));
  peer(c);
  close(c);
  c = make(SOCK_STREAM, 1);
  CALL(connect_to(c, "::ffff:127.0.0.1", a.sin_port));
  close(c);
  c = make(SOCK_STREAM, 0);
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  struct sockaddr_in6 short_one = address("::1", a.sin_port);
  CALL(connect(c, (struct sockaddr *)&short_one, 23));
  CALL(connect_to(c, "ff02::1", a.sin_port));
  close(c);
  c = make(SOCK_STREAM, 0);
  CALL(connect_to(c, "::", a.sin_port));
  close(c);
  close(s);
}

static int send_to(int s, const char *text, in_port_t port) {
  struct sockaddr_in6 a = address(text, port);
  return (int)sendto(s, text, strlen(text), 0, (struct sockaddr *)&a, sizeof a);
}

static void datagrams(void) {
  heading("UDP");
  int s = make(SOCK_DGRAM, 0), c = make(SOCK_DGRAM, 0);
  must(bind_to(s, "::", 0), "bind");
  static const char *const to[] = {"::1", "::", "::ffff:127.0.0.1", "::ffff:127.0.0.2",
                                   "::ffff:0.0.0.0"};
  for (int i = 0; i < 5; i++) {
    struct sockaddr_in6 from;
    socklen_t length = sizeof from;
    printf("to %s\n", to[i]);
    CALL(send_to(c, to[i], port_of(s)));
    if (CALL(recvfrom(s, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&from, &length)) >=
        0)
      ADDRESS(from, length);
  }
  CALL(send_to(c, "::1", 0));
  CALL(send_to(c, "2001:db8::1", 0));
  struct sockaddr_in6 a = address("::1", port_of(s));
  struct sockaddr_in four = loopback(port_of(s));
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&a, 23));
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&a, 24));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&four, sizeof four));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  four.sin_family = AF_UNIX;
  CALL(sendto(c, "x", 1, 0, (struct sockaddr *)&four, sizeof four));
  CALL(send(c, "x", 1, 0));
  close(c);
  c = make(SOCK_DGRAM, 1);
  CALL(send_to(c, "::ffff:127.0.0.1", port_of(s)));
  CALL(connect_to(c, "::ffff:127.0.0.1", port_of(s)));
  CALL(connect_to(c, "::1", port_of(s)));
  name(c);
  peer(c);
  CALL(send(c, "x", 1, 0));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  close(c);
  c = make(SOCK_DGRAM, 0);
  CALL(connect_to(c, "::ffff:127.0.0.1", port_of(s)));
  name(c);
  CALL(send(c, "x", 1, 0));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  close(c);
  c = make(SOCK_DGRAM, 0);
  CALL(sendto(c, buffer, 60000, 0, (struct sockaddr *)&a, sizeof a));
  CALL(recv(s, buffer, sizeof buffer, MSG_DONTWAIT));
  CALL(sendto(c, buffer, 65528, 0, (struct sockaddr *)&a, sizeof a));
  in_port_t port = port_of(s);
  close(s);
  CALL(connect_to(c, "::1", port));
  CALL(send(c, "x", 1, 0));
  CALL(send(c, "x", 1, 0));
  CALL(connect_to(c, "::ffff:127.0.0.1", port));
  CALL(connect(c, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof(struct sockaddr)));
  CALL(connect_to(c, "::ffff:127.0.0.1", port));
  CALL(send(c, "x", 1, 0));
  CALL(send(c, "x", 1, 0));
  close(c);
}

static void link_local(void) {
  heading("addresses of the link");
  struct sockaddr_in6 a = address("fe80::1234", htons(9));
  int c = make(SOCK_DGRAM, 0);
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  close(c);
  c = make(SOCK_STREAM, 0);
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  close(c);
}

static void types(void) {
  heading("socket");
  static const int families[] = {AF_INET, AF_INET6};
  static const struct {
    int type, protocol;
  } kinds[] = {{SOCK_STREAM, 0},
               {SOCK_STREAM, IPPROTO_TCP},
               {SOCK_STREAM, IPPROTO_UDP},
               {SOCK_DGRAM, 0},
               {SOCK_DGRAM, IPPROTO_UDP},
               {SOCK_DGRAM, IPPROTO_TCP},
               {SOCK_DGRAM, 99},
               {SOCK_DGRAM, -1},
               {SOCK_DGRAM, 9999},
               {SOCK_RAW, 0},
               {SOCK_RDM, 0},
               {SOCK_SEQPACKET, 0},
               {SOCK_SEQPACKET, 99},
               {0, 0},
               {11, 0},
               {-1, 0}};
  for (int f = 0; f < 2; f++)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
      char call[80];
      snprintf(call, sizeof call, "socket(AF_INET%s, %d, %d)", f ? "6" : "", kinds[i].type,
               kinds[i].protocol);
      errno = 0;
      int s = (int)check_open(call, socket(families[f], kinds[i].type, kinds[i].protocol));
      if (s < 0) continue;
      int protocol = 0;
      socklen_t length = sizeof protocol;
      CALL(getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &protocol, &length));
      VALUE(protocol);
      close(s);
    }
  int pair[2];
  CALL(socketpair(AF_INET, SOCK_STREAM, 0, pair));
  CALL(socketpair(AF_INET6, SOCK_DGRAM, 0, pair));
  CALL(socketpair(AF_INET6, SOCK_SEQPACKET, 0, pair));
}

int main(void) {
  types();
  binding();
  streams();
  across();
  datagrams();
  link_local();
}
