/* bind and getsockname: addresses, ports, and whose port it is. */
#include "check.h"

static const in_addr_t OUTSIDE = 0xc6336401, GROUP = 0xe0000001; /* 198.51.100.1, 224.0.0.1 */
static const int yes = 1;

static int stream(void) { return must(socket(AF_INET, SOCK_STREAM, 0), "socket"); }

static int reusing(int option) {
  int s = stream();
  must(setsockopt(s, SOL_SOCKET, option, &yes, sizeof yes), "setsockopt");
  return s;
}

static int bind_to(int s, in_addr_t host, in_port_t port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = port};
  a.sin_addr.s_addr = htonl(host);
  return bind(s, (struct sockaddr *)&a, sizeof a);
}

static in_port_t port_of(int s) {
  struct sockaddr_in a;
  socklen_t length = sizeof a;
  must(getsockname(s, (struct sockaddr *)&a, &length), "getsockname");
  return a.sin_port;
}

static void names(void) {
  heading("getsockname");
  struct sockaddr_storage a;
  socklen_t length = sizeof a;
  int s = stream();
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  CALL(bind_to(s, INADDR_ANY, 0));
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  unsigned port = ntohs(((struct sockaddr_in *)&a)->sin_port);
  VALUE(port >= 32768 && port <= 60999);
  CALL(bind_to(s, INADDR_ANY, 0));
  CALL(bind_to(s, INADDR_LOOPBACK, 0));
  CALL(getpeername(s, (struct sockaddr *)&a, &length));
  close(s);
  s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK, 0));
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  close(s);
}

static void addresses(void) {
  heading("addresses");
  struct sockaddr_in a = loopback(0);
  int s = stream();
  CALL(bind_to(s, OUTSIDE, 0));
  a.sin_family = AF_INET6;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  a.sin_family = AF_UNIX;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  a.sin_family = AF_UNSPEC;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  a.sin_addr.s_addr = INADDR_ANY;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  close(s);
  s = stream();
  CALL(bind_to(s, GROUP, 0));
  close(s);
  s = stream();
  CALL(bind_to(s, INADDR_BROADCAST, 0));
  close(s);
  s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK + 1, 0));
  socklen_t length = sizeof a;
  CALL(getsockname(s, (struct sockaddr *)&a, &length));
  ADDRESS(a, length);
  close(s);
}

static void taken(void) {
  heading("a port that another has");
  int first = stream();
  must(bind_to(first, INADDR_LOOPBACK, 0), "bind");
  in_port_t port = port_of(first);
  int s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK, port));
  CALL(bind_to(s, INADDR_ANY, port));
  CALL(bind_to(s, INADDR_LOOPBACK + 1, port));
  close(s);
  s = reusing(SO_REUSEADDR);
  CALL(bind_to(s, INADDR_LOOPBACK, port));
  close(s);
  close(first);
  s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK, port));
  close(s);
}

static void address_reuse(void) {
  heading("SO_REUSEADDR on both");
  int first = reusing(SO_REUSEADDR), second = reusing(SO_REUSEADDR);
  must(bind_to(first, INADDR_ANY, 0), "bind");
  in_port_t port = port_of(first);
  CALL(bind_to(second, INADDR_ANY, port));
  CALL(listen(first, 1));
  CALL(listen(second, 1));
  int third = reusing(SO_REUSEADDR);
  CALL(bind_to(third, INADDR_ANY, port));
  CALL(bind_to(third, INADDR_LOOPBACK, port));
  close(first);
  CALL(listen(second, 1));
  close(second);
  CALL(bind_to(third, INADDR_LOOPBACK, port));
  close(third);
}

static void port_reuse(void) {
  heading("SO_REUSEPORT");
  int first = reusing(SO_REUSEPORT), second = reusing(SO_REUSEPORT), third = stream();
  must(bind_to(first, INADDR_LOOPBACK, 0), "bind");
  in_port_t port = port_of(first);
  CALL(bind_to(second, INADDR_LOOPBACK, port));
  CALL(bind_to(third, INADDR_LOOPBACK, port));
  CALL(listen(first, 1));
  CALL(listen(second, 1));
  CALL(setsockopt(third, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  CALL(bind_to(third, INADDR_LOOPBACK, port));
  close(first);
  close(second);
  close(third);
}

static void connected(void) {
  heading("the port of a connection");
  struct sockaddr_in a, name;
  socklen_t length = sizeof name;
  int s = listener(&a, 5), c = stream();
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  CALL(getsockname(c, (struct sockaddr *)&name, &length));
  ADDRESS(name, length);
  in_port_t port = name.sin_port;
  CALL(bind_to(c, INADDR_LOOPBACK, 0));
  CALL(bind_to(c, OUTSIDE, 0));
  name.sin_family = AF_INET6;
  CALL(bind(c, (struct sockaddr *)&name, sizeof name));
  int other = stream();
  CALL(bind_to(other, INADDR_LOOPBACK, port));
  CALL(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  CALL(bind_to(other, INADDR_LOOPBACK, port));
  close(other);
  int accepted = OPEN(accept(s, (struct sockaddr *)&name, &length));
  VALUE(name.sin_port == port);
  CALL(getsockname(accepted, (struct sockaddr *)&name, &length));
  VALUE(name.sin_port == a.sin_port);
  CALL(bind_to(accepted, INADDR_LOOPBACK, 0));
  close(s);
  s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK, a.sin_port));
  close(s);
  close(accepted);
  close(c);
}

/* Who closes first keeps the port for a minute. */
static void time_wait(void) {
  heading("TIME_WAIT");
  struct sockaddr_in a;
  char byte;
  int server = listener(&a, 1), client = stream();
  must(connect(client, (struct sockaddr *)&a, sizeof a), "connect");
  int accepted = must(accept(server, NULL, NULL), "accept");
  close(server);
  close(accepted);
  VALUE(recv(client, &byte, 1, 0));
  close(client);
  int s = stream();
  CALL(bind_to(s, INADDR_LOOPBACK, a.sin_port));
  CALL(bind_to(s, INADDR_ANY, a.sin_port));
  CALL(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes));
  CALL(bind_to(s, INADDR_LOOPBACK, a.sin_port));
  CALL(listen(s, 1));
  close(s);
}

/* Those who are connected to a server that is gone keep its port too, until it may be reused. */
static void restarted(void) {
  heading("a server that starts again");
  struct sockaddr_in a = loopback(0);
  socklen_t length = sizeof a;
  int server = reusing(SO_REUSEADDR), client = stream();
  must(bind(server, (struct sockaddr *)&a, sizeof a), "bind");
  must(listen(server, 1), "listen");
  must(getsockname(server, (struct sockaddr *)&a, &length), "getsockname");
  must(connect(client, (struct sockaddr *)&a, sizeof a), "connect");
  int accepted = must(accept(server, NULL, NULL), "accept");
  close(server);
  server = stream();
  CALL(bind_to(server, INADDR_LOOPBACK, a.sin_port));
  close(server);
  server = reusing(SO_REUSEADDR);
  CALL(bind_to(server, INADDR_LOOPBACK, a.sin_port));
  CALL(listen(server, 1));
  close(server);
  close(accepted);
  close(client);
}

int main(void) {
  names();
  addresses();
  taken();
  address_reuse();
  port_reuse();
  connected();
  time_wait();
  restarted();
}
