/* Names and addresses as far as they need no network: prints what each call answers. The same
 * lines are to come on Linux and in the lab. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define FLAGS(flags) .ai_flags = flags
#define ASK(name, service, ...)                                                                    \
  ask(#name " " #service " " #__VA_ARGS__, name, service, (struct addrinfo){__VA_ARGS__})

static void print_result(const struct addrinfo *r) {
  char host[NI_MAXHOST], service[NI_MAXSERV];
  int error = getnameinfo(r->ai_addr, r->ai_addrlen, host, sizeof host, service, sizeof service,
                          NI_NUMERICHOST | NI_NUMERICSERV);
  printf("  family %d type %d protocol %d length %d: %s %s %s\n", r->ai_family == AF_INET ? 4 : 6,
         r->ai_socktype, r->ai_protocol, (int)r->ai_addrlen, error ? gai_strerror(error) : host,
         error ? "" : service, r->ai_canonname ? r->ai_canonname : "");
}

static void ask(const char *what, const char *name, const char *service, struct addrinfo hints) {
  struct addrinfo *list = NULL;
  int error = getaddrinfo(name, service, &hints, &list);
  printf("getaddrinfo %s = %d %s\n", what, error, error ? gai_strerror(error) : "");
  if (error) return;
  for (struct addrinfo *r = list; r; r = r->ai_next)
    print_result(r);
  freeaddrinfo(list);
}

static void addresses(void) {
  ASK("1.2.3.4", "80", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "80", .ai_socktype = SOCK_DGRAM);
  ASK("1.2.3.4", "80", .ai_protocol = IPPROTO_TCP);
  ASK("1.2.3.4", "80", .ai_protocol = IPPROTO_UDP);
  ASK("1.2.3.4", "80", .ai_family = AF_UNSPEC);
  ASK("1.2.3.4", NULL, .ai_socktype = SOCK_STREAM);
  ASK("127.1", NULL, .ai_socktype = SOCK_STREAM);
  ASK("0x7f000001", NULL, .ai_socktype = SOCK_STREAM);
  ASK("0177.0.0.1", NULL, .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4.5", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICHOST));
  ASK("256.1.1.1", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICHOST));
  ASK("", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICHOST));
  ASK("::1", "80", .ai_socktype = SOCK_STREAM);
  ASK("2001:db8::5", "0", .ai_socktype = SOCK_STREAM);
  ASK("::ffff:1.2.3.4", NULL, .ai_socktype = SOCK_STREAM);
  ASK("fe80::1%7", NULL, .ai_socktype = SOCK_STREAM);
  ASK("1::2::3", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICHOST));
  ASK("1.2.3.4", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM);
  ASK("::1", NULL, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_V4MAPPED));
  ASK("1.2.3.4", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM,
      FLAGS(AI_V4MAPPED | AI_ALL));
  ASK("1.2.3.4", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_CANONNAME));
  ASK("::1", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_CANONNAME | AI_NUMERICHOST));
  ASK("localhost", NULL, .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICHOST));
}

static void services(void) {
  ASK(NULL, "80", .ai_family = AF_INET, .ai_socktype = SOCK_STREAM);
  ASK(NULL, "80", .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, FLAGS(AI_PASSIVE));
  ASK(NULL, "80", .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_PASSIVE));
  ASK(NULL, "80", .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM);
  ASK(NULL, "80", .ai_family = AF_INET);
  ASK(NULL, NULL, .ai_family = AF_INET);
  ASK("1.2.3.4", "http", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "nosuchservice", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "nosuchservice", .ai_family = AF_INET);
  ASK("1.2.3.4", "http", .ai_socktype = SOCK_STREAM, FLAGS(AI_NUMERICSERV));
  ASK("1.2.3.4", "65535", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "65537", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "-1", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "", .ai_socktype = SOCK_STREAM);
  ASK("1.2.3.4", "80", .ai_socktype = SOCK_RAW);
  ASK("1.2.3.4", NULL, .ai_socktype = SOCK_RAW, .ai_protocol = IPPROTO_ICMP);
}

static void wrong(void) {
  ASK("1.2.3.4", "80", .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_UDP);
  ASK("1.2.3.4", "80", .ai_socktype = 77);
  ASK("1.2.3.4", "80", .ai_protocol = 77);
  ASK("1.2.3.4", "80", .ai_family = AF_UNIX);
  ASK("1.2.3.4", "80", .ai_family = 77);
  ASK("1.2.3.4", "80", FLAGS(0x40000));
  ASK(NULL, "80", FLAGS(AI_CANONNAME));
}

static void ask_name(const char *text, int flags, socklen_t host_size, socklen_t service_size) {
  char host[NI_MAXHOST] = "", service[NI_MAXSERV] = "";
  struct sockaddr_storage a = {.ss_family = AF_INET};
  struct sockaddr_in *four = (void *)&a;
  struct sockaddr_in6 *six = (void *)&a;
  four->sin_port = htons(80);
  if (inet_pton(AF_INET, text, &four->sin_addr) != 1) {
    a.ss_family = AF_INET6;
    inet_pton(AF_INET6, text, &six->sin6_addr);
  }
  socklen_t length = a.ss_family == AF_INET ? sizeof *four : sizeof *six;
  int error = getnameinfo((void *)&a, length, host, host_size, service, service_size, flags);
  printf("getnameinfo %s %d %d %d = %d %s '%s' '%s'\n", text, flags, (int)host_size,
         (int)service_size, error, error && error > EAI_SYSTEM ? gai_strerror(error) : "",
         error ? "" : host, error ? "" : service);
}

static void name_info(void) {
  ask_name("1.2.3.4", NI_NUMERICHOST, 100, 20);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 100, 20);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 7, 20);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 8, 2);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 8, 0);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 0, 3);
  ask_name("1.2.3.4", NI_NUMERICHOST | NI_NUMERICSERV, 0, 0);
  ask_name("2001:db8::5", NI_NUMERICHOST | NI_NUMERICSERV, 100, 20);
  ask_name("::1", NI_NUMERICHOST | NI_NUMERICSERV, 100, 20);
  ask_name("1.2.3.4", NI_DGRAM | NI_NUMERICHOST, 100, 20);
  struct sockaddr_in a = {.sin_family = 77};
  char host[100];
  printf("family 77: %s\n",
         gai_strerror(getnameinfo((void *)&a, sizeof a, host, sizeof host, NULL, 0, 0)));
  a.sin_family = AF_INET;
  printf("length 3: %s\n", gai_strerror(getnameinfo((void *)&a, 3, host, sizeof host, NULL, 0, 0)));
}

static void print_host(const char *what, const struct hostent *h) {
  printf("%s: ", what);
  if (!h) {
    printf("none, %s\n", hstrerror(h_errno));
    return;
  }
  printf("%s type %d length %d:", h->h_name, h->h_addrtype == AF_INET ? 4 : 6, h->h_length);
  char text[INET6_ADDRSTRLEN];
  for (char **a = h->h_addr_list; *a; a++)
    printf(" %s", inet_ntop(h->h_addrtype, *a, text, sizeof text));
  printf("\n");
}

static void old_names(void) {
  print_host("gethostbyname 1.2.3.4", gethostbyname("1.2.3.4"));
  print_host("gethostbyname2 ::1", gethostbyname2("::1", AF_INET6));
  const char *protocols[] = {"ip", "icmp", "tcp", "udp", "TCP", "ipv6", "nosuch"};
  for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
    struct protoent *p = getprotobyname(protocols[i]);
    printf("protocol %s: %s %d\n", protocols[i], p ? p->p_name : "none", p ? p->p_proto : -1);
  }
  struct servent *s = getservbyname("http", "tcp");
  printf("http: %s %d %s\n", s ? s->s_name : "none", s ? ntohs((in_port_t)s->s_port) : 0,
         s ? s->s_proto : "");
  s = getservbyport(htons(25), "tcp");
  printf("25: %s\n", s ? s->s_name : "none");
}

static void messages(void) {
  const int errors[] = {EPERM,        ENOENT,          EINTR,        EBADF,      EAGAIN,
                        EACCES,       EFAULT,          EINVAL,       EMFILE,     EPIPE,
                        ENOTSOCK,     EADDRINUSE,      ECONNREFUSED, ETIMEDOUT,  ENETUNREACH,
                        EHOSTUNREACH, ECONNRESET,      EISCONN,      ENOTCONN,   EADDRNOTAVAIL,
                        EINPROGRESS,  EAFNOSUPPORT,    EMSGSIZE,     ENOSYS,     EALREADY,
                        ECONNABORTED, EDESTADDRREQ,    ENOPROTOOPT,  EDOM,       ERANGE,
                        ENOBUFS,      EPROTONOSUPPORT, ESHUTDOWN,    EOPNOTSUPP, ENAMETOOLONG};
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    printf("%s\n", strerror(errors[i]));
  printf("%s\n", strerror(0));
  printf("%s\n", strerror(4000));
  printf("%s\n", strerror(-1));
  for (int i = -11; i < 0; i++) /* before and after, glibc's differ from version to version */
    printf("%d %s\n", i, gai_strerror(i));
  for (int i = -2; i < 7; i++)
    printf("%d %s\n", i, hstrerror(i));
  for (int i = 1; i < 32; i++)
    printf("%s\n", strsignal(i));
}

/* What depends on the system's /etc/hosts. */
static void hosts(void) {
  ASK("alice", "9999", .ai_socktype = SOCK_STREAM);
  ASK("ALICE.lab", "9999", .ai_socktype = SOCK_DGRAM, FLAGS(AI_CANONNAME));
  ASK("alice", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM);
  ASK("alice", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_V4MAPPED));
  ASK("both", NULL, .ai_socktype = SOCK_STREAM);
  ASK("both", NULL, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_V4MAPPED | AI_ALL));
  ASK("localhost", NULL, .ai_family = AF_INET, .ai_socktype = SOCK_STREAM);
  ASK("nosuch", NULL, .ai_socktype = SOCK_STREAM);
  ASK("alic", NULL, .ai_socktype = SOCK_STREAM);
  ask_name("10.0.0.1", NI_NUMERICSERV, 100, 20);
  ask_name("10.0.0.1", NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD, 100, 20);
  ask_name("10.0.0.9", NI_NUMERICSERV | NI_NAMEREQD, 100, 20);
  print_host("gethostbyname alice", gethostbyname("alice"));
  print_host("gethostbyname nosuch", gethostbyname("nosuch"));
  print_host("gethostbyname2 alice", gethostbyname2("alice", AF_INET6));
  struct in_addr alice = {htonl(0x0a000001)}, nobody = {htonl(0x0a000009)};
  print_host("gethostbyaddr 10.0.0.1", gethostbyaddr(&alice, sizeof alice, AF_INET));
  print_host("gethostbyaddr 10.0.0.9", gethostbyaddr(&nobody, sizeof nobody, AF_INET));
}

int main(int argc, char **argv) {
  if (argc > 1) {
    hosts();
    return 0;
  }
  addresses();
  services();
  wrong();
  name_info();
  old_names();
  messages();
  return 0;
}
