/* What datagrams do between hosts, and TCP over IPv6. Every host runs this program: bob and carol
 * do what alice tells them over a TCP connection, a line a command, and alice prints each command
 * of the script and what became of it. The same on Linux, with a network namespace for each host:
 * see hosts.test.js.
 *
 * hosts agent    on bob and carol, first        hosts    on alice */
#include "../posix/check.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#pragma GCC diagnostic ignored "-Wsign-compare" /* Emscripten's CMSG_NXTHDR */

enum { CONTROL_PORT = 7000, SOCKETS = 8, WAIT_MS = 300, LINE = 256 };

static const char *const script[] = {
    "# one datagram, each way",
    "bob open 0 4 0.0.0.0 45000",
    "alice open 0 4 0.0.0.0 45000",
    "alice send 0 10.0.0.2 45000 10",
    "bob receive 0",
    "bob send 0 10.0.0.1 45000 20",
    "alice receive 0",
    "alice send 0 10.0.0.2 45000 0",
    "bob receive 0",
    "# longer than a frame",
    "alice send 0 10.0.0.2 45000 1472",
    "bob receive 0",
    "alice send 0 10.0.0.2 45000 1473",
    "bob receive 0",
    "alice send 0 10.0.0.2 45000 9000",
    "bob receive 0",
    "alice send 0 10.0.0.2 45000 65507",
    "bob receive 0",
    "alice send 0 10.0.0.2 45000 65508",
    "alice set 0 whole 2",
    "alice send 0 10.0.0.2 45000 1472",
    "bob receive 0",
    "alice send 0 10.0.0.2 45000 1473",
    "alice set 0 whole 1",
    "# to one's own address",
    "alice send 0 10.0.0.1 45000 3",
    "alice receive 0",
    "alice send 0 127.0.0.1 45000 3",
    "alice receive 0",
    "# nobody there",
    "alice open 1 4 0.0.0.0 0",
    "alice connect 1 10.0.0.2 45999",
    "alice send 1 - 0 1",
    "alice receive 1",
    "alice send 1 - 0 1",
    "alice error 1",
    "alice error 1",
    "alice close 1",
    "# whose address",
    "alice open 1 4 127.0.0.1 0",
    "alice send 1 10.0.0.2 45000 1",
    "alice close 1",
    "alice open 1 4 10.0.0.1 0",
    "alice send 1 10.0.0.2 45000 1",
    "bob receive 0",
    "alice send 1 127.0.0.1 45000 1",
    "alice receive 0",
    "alice close 1",
    "alice open 1 4 10.0.0.2 0",
    "alice open 1 4 10.0.0.255 45001",
    "alice close 1",
    "# broadcast",
    "carol open 0 4 0.0.0.0 45000",
    "alice send 0 10.0.0.255 45000 4",
    "alice set 0 broadcast 1",
    "alice send 0 10.0.0.255 45000 4",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "bob receive 0",
    "bob open 1 4 10.0.0.2 45000",
    "bob open 1 4 10.0.0.2 45002",
    "bob open 2 4 10.0.0.255 45002",
    "alice send 0 10.0.0.255 45002 4",
    "bob receive 1",
    "bob receive 2",
    "bob close 1",
    "bob close 2",
    "alice send 0 10.0.0.255 45999 4",
    "alice error 0",
    "alice send 0 10.0.0.255 45000 3000",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "# multicast",
    "alice send 0 239.1.1.1 45000 5",
    "bob receive 0",
    "bob join 0 239.1.1.1",
    "alice send 0 239.1.1.1 45000 5",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "carol join 0 239.1.1.1",
    "alice join 0 239.1.1.1",
    "alice send 0 239.1.1.1 45000 6",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "alice set 0 loop 0",
    "alice send 0 239.1.1.1 45000 7",
    "alice receive 0",
    "bob receive 0",
    "alice set 0 loop 1",
    "alice set 0 multicast-ttl 0",
    "carol receive 0",
    "alice send 0 239.1.1.1 45000 8",
    "alice receive 0",
    "bob receive 0",
    "alice set 0 multicast-ttl 1",
    "alice send 0 239.1.1.1 45000 2000",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "bob leave 0 239.1.1.1",
    "alice send 0 239.1.1.1 45000 9",
    "alice receive 0",
    "bob receive 0",
    "carol receive 0",
    "alice send 0 224.0.0.1 45000 9",
    "bob receive 0",
    "carol receive 0",
    "alice receive 0",
    "# IPv6",
    "bob open 1 6 :: 45000",
    "bob open 1 6 :: 45006",
    "carol open 1 6 :: 45006",
    "alice open 1 6 :: 45006",
    "alice send 1 fd00:6c61:62::2 45006 10",
    "bob receive 1",
    "bob send 1 fd00:6c61:62::1 45006 11",
    "alice receive 1",
    "alice send 1 fd00:6c61:62::2 45006 1452",
    "bob receive 1",
    "alice send 1 fd00:6c61:62::2 45006 1453",
    "bob receive 1",
    "alice send 1 fd00:6c61:62::2 45006 20000",
    "bob receive 1",
    "alice send 1 ::ffff:10.0.0.2 45006 12",
    "bob receive 1",
    "alice send 1 fe80::ff:fe00:2 45006 13",
    "bob receive 1",
    "alice send 1 fd00:6c61:62::1 45006 14",
    "alice receive 1",
    "alice send 1 fe80::ff:fe00:1 45006 15",
    "alice receive 1",
    "alice open 2 6 fd00:6c61:62::1 0",
    "alice send 2 fd00:6c61:62::2 45006 16",
    "bob receive 1",
    "alice connect 2 fd00:6c61:62::2 45999",
    "alice send 2 - 0 1",
    "alice receive 2",
    "alice close 2",
    "# IPv6, groups",
    "alice send 1 ff15::7 45006 17",
    "bob receive 1",
    "bob six-join 1 ff15::7",
    "alice six-join 1 ff15::7",
    "alice send 1 ff15::7 45006 18",
    "alice receive 1",
    "bob receive 1",
    "carol receive 1",
    "alice set 1 loop6 0",
    "alice send 1 ff15::7 45006 19",
    "alice receive 1",
    "bob receive 1",
    "alice set 1 loop6 1",
    "alice send 1 ff15::7 45006 3000",
    "alice receive 1",
    "bob receive 1",
    "alice send 1 ff02::1 45006 20",
    "alice receive 1",
    "bob receive 1",
    "carol receive 1",
    "# echo",
    "alice ping 10.0.0.2 56",
    "alice ping 10.0.0.1 56",
    "alice ping 127.0.0.1 56",
    "alice ping 10.0.0.2 3000",
    "alice ping 10.0.0.255 56",
    "alice ping fd00:6c61:62::2 56",
    "alice ping fe80::ff:fe00:2 56",
    "alice ping fd00:6c61:62::1 56",
    "alice ping ::1 56",
    "alice ping fd00:6c61:62::2 3000",
    "# TCP over IPv6",
    "bob listen 3 6 45010",
    "alice dial 3 fd00:6c61:62::2 45010",
    "bob accept 3 4",
    "alice write 3 20000",
    "bob read 4 20000",
    "bob write 4 15000",
    "alice read 3 15000",
    "alice close 3",
    "bob read 4 1",
    "bob close 4",
    "alice dial 3 fe80::ff:fe00:2 45010",
    "bob accept 3 4",
    "alice close 3",
    "bob close 4",
    "alice dial 3 10.0.0.2 45010",
    "bob accept 3 4",
    "alice close 3",
    "bob close 4",
    "alice dial 3 fd00:6c61:62::2 45011",
    "alice listen 3 6 45012",
    "alice dial 4 fd00:6c61:62::1 45012",
    "alice accept 3 5",
    "alice dial 4 fe80::ff:fe00:1 45012",
    "alice accept 3 5",
    "carol dial 3 fd00:6c61:62::1 45012",
    "alice accept 3 5",
    "# outside",
    "alice send 0 198.51.100.7 45000 1",
    "alice connect 1 2001:db8::1 45000",
};
enum { STEPS = sizeof script / sizeof *script };

static int sockets[SOCKETS];
static unsigned char bytes[70000];

/* --- what a host can do; each writes its result --- */

static socklen_t fill(struct sockaddr_storage *a, const char *text, int port) {
  struct sockaddr_in6 *six = (void *)a;
  struct sockaddr_in *four = (void *)a;
  *a = (struct sockaddr_storage){0};
  if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((unsigned short)port);
    six->sin6_scope_id =
        IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&six->sin6_addr) ? 2 : 0;
    return sizeof *six;
  }
  four->sin_family = AF_INET;
  four->sin_port = htons((unsigned short)port);
  inet_pton(AF_INET, text, &four->sin_addr);
  return sizeof *four;
}

static void result(char *to, long value) {
  snprintf(to, LINE, "%ld%s%s", value, value < 0 ? " " : "", value < 0 ? error_name(errno) : "");
}

static void open_one(int n, int family, const char *address, int port, char *to) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, address, port);
  int yes = 1;
  sockets[n] = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  setsockopt(sockets[n], IPPROTO_IP, IP_RECVTTL, &yes, sizeof yes);
  setsockopt(sockets[n], IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
  if (family == 6) setsockopt(sockets[n], IPPROTO_IPV6, IPV6_RECVPKTINFO, &yes, sizeof yes);
  long error = bind(sockets[n], (struct sockaddr *)&a, length);
  result(to, error);
  if (error) close(sockets[n]);
}

static void send_one(int n, const char *address, int port, int size, char *to) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, address, port);
  for (int i = 0; i < size; i++)
    bytes[i] = (unsigned char)(i * 7 + size);
  result(to, *address == '-'
                 ? send(sockets[n], bytes, (size_t)size, 0)
                 : sendto(sockets[n], bytes, (size_t)size, 0, (struct sockaddr *)&a, length));
}

static bool sound(ssize_t size) {
  for (ssize_t i = 0; i < size; i++)
    if (bytes[i] != (unsigned char)(i * 7 + size)) return false;
  return true;
}

/* Where it came from and was sent to, by what interface. */
static void receive_one(int n, char *to) {
  struct sockaddr_storage a;
  char from[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN] = "", control[256];
  struct iovec piece = {bytes, sizeof bytes};
  struct msghdr m = {.msg_name = &a,
                     .msg_namelen = sizeof a,
                     .msg_iov = &piece,
                     .msg_iovlen = 1,
                     .msg_control = control,
                     .msg_controllen = sizeof control};
  struct pollfd p = {.fd = sockets[n], .events = POLLIN};
  int ttl = -1, device = 0;
  if (!poll(&p, 1, WAIT_MS)) {
    strcpy(to, "nothing");
    return;
  }
  ssize_t size = recvmsg(sockets[n], &m, MSG_DONTWAIT);
  if (size < 0) {
    result(to, size);
    return;
  }
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
      memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      inet_ntop(AF_INET, &info.ipi_addr, own, sizeof own);
      device = info.ipi_ifindex;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      inet_ntop(AF_INET6, &info.ipi6_addr, own, sizeof own);
      device = (int)info.ipi6_ifindex;
    }
  const struct sockaddr_in6 *six = (void *)&a;
  const void *at = a.ss_family == AF_INET ? (void *)&((struct sockaddr_in *)&a)->sin_addr
                                          : (void *)&six->sin6_addr;
  inet_ntop(a.ss_family, at, from, sizeof from);
  snprintf(to, LINE, "%zd bytes%s from %s%s to %s by %d ttl %d", size, sound(size) ? "" : ", WRONG",
           from, a.ss_family == AF_INET6 && six->sin6_scope_id == 2 ? "%2" : "", own, device, ttl);
}

static void connect_one(int n, const char *address, int port, char *to) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, address, port);
  result(to, connect(sockets[n], (struct sockaddr *)&a, length));
}

static void error_of(int n, char *to) {
  int error = -1;
  socklen_t length = sizeof error;
  getsockopt(sockets[n], SOL_SOCKET, SO_ERROR, &error, &length);
  snprintf(to, LINE, "%s", error ? error_name(error) : "0");
}

static void set_option(int n, const char *name, int value, char *to) {
  static const struct {
    const char *name;
    int level, option;
  } options[] = {{"broadcast", SOL_SOCKET, SO_BROADCAST},
                 {"loop", IPPROTO_IP, IP_MULTICAST_LOOP},
                 {"multicast-ttl", IPPROTO_IP, IP_MULTICAST_TTL},
                 {"loop6", IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
                 {"whole", IPPROTO_IP, IP_MTU_DISCOVER}};
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    if (!strcmp(options[i].name, name))
      result(to, setsockopt(sockets[n], options[i].level, options[i].option, &value, sizeof value));
}

static void group(int n, const char *address, bool join, char *to) {
  struct ip_mreqn m = {.imr_ifindex = 2};
  inet_pton(AF_INET, address, &m.imr_multiaddr);
  result(to, setsockopt(sockets[n], IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &m,
                        sizeof m));
}

static void group6(int n, const char *address, char *to) {
  struct ipv6_mreq m = {.ipv6mr_interface = 2};
  inet_pton(AF_INET6, address, &m.ipv6mr_multiaddr);
  result(to, setsockopt(sockets[n], IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof m));
}

/* An echo request by a socket of icmp(7), and the reply. */
static void ping(const char *address, int size, char *to) {
  struct sockaddr_storage a, from;
  socklen_t length = fill(&a, address, 0), from_length = sizeof from;
  bool six = a.ss_family == AF_INET6;
  struct icmphdr h = {.type = six ? ICMP6_ECHO_REQUEST : ICMP_ECHO, .un.echo.sequence = htons(5)};
  int s = socket(a.ss_family, SOCK_DGRAM, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
  struct pollfd p = {.fd = s, .events = POLLIN};
  memset(bytes, 'p', (size_t)size + sizeof h);
  memcpy(bytes, &h, sizeof h);
  ssize_t n = sendto(s, bytes, (size_t)size + sizeof h, 0, (struct sockaddr *)&a, length);
  if (n < 0) {
    result(to, n);
  } else if (!poll(&p, 1, WAIT_MS)) {
    strcpy(to, "nothing");
  } else {
    memset(bytes, 0, sizeof bytes);
    n = recvfrom(s, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_length);
    memcpy(&h, bytes, sizeof h);
    snprintf(to, LINE, "%zd bytes, type %d sequence %d%s", n, h.type, ntohs(h.un.echo.sequence),
             bytes[n - 1] == 'p' ? "" : ", WRONG");
  }
  close(s);
}

static void listen_one(int n, int family, int port, char *to) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, family == 6 ? "::" : "0.0.0.0", port);
  sockets[n] = socket(a.ss_family, SOCK_STREAM, 0);
  long error = bind(sockets[n], (struct sockaddr *)&a, length);
  result(to, error ? error : listen(sockets[n], 5));
}

static void dial_one(int n, const char *address, int port, char *to) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, address, port);
  sockets[n] = socket(a.ss_family, SOCK_STREAM, 0);
  result(to, connect(sockets[n], (struct sockaddr *)&a, length));
}

static void accept_one(int n, int as, char *to) {
  struct sockaddr_in6 a;
  socklen_t length = sizeof a;
  char text[INET6_ADDRSTRLEN];
  sockets[as] = accept(sockets[n], (struct sockaddr *)&a, &length);
  snprintf(to, LINE, "from %s scope %u", inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof text),
           (unsigned)a.sin6_scope_id);
}

static void write_one(int n, int size, char *to) {
  for (int i = 0; i < size; i++)
    bytes[i] = (unsigned char)(i * 7 + size);
  result(to, write(sockets[n], bytes, (size_t)size));
}

static void read_one(int n, int size, char *to) {
  ssize_t got = recv(sockets[n], bytes, (size_t)size, MSG_WAITALL);
  result(to, got);
  if (!sound(got)) strcat(to, ", WRONG");
}

static void run(const char *command, char *to) {
  char verb[20], address[64] = "";
  int n = 0, a = 0, b = 0;
  strcpy(to, "not understood");
  sscanf(command, "%19s", verb);
  if (sscanf(command, "open %d %d %63s %d", &n, &a, address, &b) == 4)
    open_one(n, a, address, b, to);
  else if (sscanf(command, "send %d %63s %d %d", &n, address, &a, &b) == 4)
    send_one(n, address, a, b, to);
  else if (sscanf(command, "receive %d", &n) == 1)
    receive_one(n, to);
  else if (sscanf(command, "connect %d %63s %d", &n, address, &a) == 3)
    connect_one(n, address, a, to);
  else if (sscanf(command, "set %d %63s %d", &n, address, &a) == 3)
    set_option(n, address, a, to);
  else if (sscanf(command, "join %d %63s", &n, address) == 2)
    group(n, address, true, to);
  else if (sscanf(command, "leave %d %63s", &n, address) == 2)
    group(n, address, false, to);
  else if (sscanf(command, "six-join %d %63s", &n, address) == 2)
    group6(n, address, to);
  else if (sscanf(command, "ping %63s %d", address, &a) == 2)
    ping(address, a, to);
  else if (sscanf(command, "listen %d %d %d", &n, &a, &b) == 3)
    listen_one(n, a, b, to);
  else if (sscanf(command, "dial %d %63s %d", &n, address, &a) == 3)
    dial_one(n, address, a, to);
  else if (sscanf(command, "accept %d %d", &n, &a) == 2)
    accept_one(n, a, to);
  else if (sscanf(command, "write %d %d", &n, &a) == 2)
    write_one(n, a, to);
  else if (sscanf(command, "read %d %d", &n, &a) == 2)
    read_one(n, a, to);
  else if (sscanf(command, "error %d", &n) == 1)
    error_of(n, to);
  else if (sscanf(command, "close %d", &n) == 1)
    result(to, close(sockets[n]));
}

/* --- between the hosts --- */

static int agent(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(CONTROL_PORT)};
  char line[LINE], answer[LINE];
  int yes = 1, s = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 1)) return 1;
  FILE *in = fdopen(accept(s, NULL, NULL), "r+");
  while (in && fgets(line, sizeof line, in)) {
    run(line, answer);
    fseek(in, 0, SEEK_CUR); /* from reading to writing, as C wants it */
    fprintf(in, "%s\n", answer);
    fflush(in);
  }
  return 0;
}

/* Once the agent listens: on Linux nobody says when. */
static FILE *dial(const char *address) {
  struct sockaddr_storage a;
  socklen_t length = fill(&a, address, CONTROL_PORT);
  for (int tries = 0; tries < 100; tries++) {
    int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
    if (!connect(s, (struct sockaddr *)&a, length)) return fdopen(s, "r+");
    close(s);
    poll(NULL, 0, 20);
  }
  return NULL;
}

static void ask(FILE *f, const char *command, char *to) {
  fprintf(f, "%s\n", command);
  fflush(f);
  if (!fgets(to, LINE, f)) strcpy(to, "is gone");
  to[strcspn(to, "\n")] = 0;
}

int main(int argc, char **argv) {
  char answer[LINE];
  if (argc > 1) return agent();
  FILE *bob = dial("10.0.0.2"), *carol = dial("10.0.0.3");
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (!bob || !carol) return 1;
  for (int i = 0; i < STEPS; i++) {
    const char *command = strchr(script[i], ' ') + 1;
    if (*script[i] == '#') {
      printf("%s\n", script[i]);
      continue;
    }
    if (*script[i] == 'a')
      run(command, answer);
    else
      ask(*script[i] == 'b' ? bob : carol, command, answer);
    printf("%s: %s\n", script[i], answer);
  }
  (void)argv;
}
