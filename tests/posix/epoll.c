/* epoll(7). */
#include "check.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static char bytes[4096];

static const char *epoll_names(unsigned events) {
  static char text[80];
  snprintf(
      text, sizeof text, "%s",
      event_names((int)(events & (POLLIN | POLLPRI | POLLOUT | POLLERR | POLLHUP | POLLRDHUP))));
  if (events & EPOLLRDNORM) strcat(text, " RDNORM");
  if (events & EPOLLWRNORM) strcat(text, " WRNORM");
  return text;
}

static int control(int ep, int operation, int fd, unsigned events) {
  struct epoll_event e = {.events = events,
                          .data.u64 = UINT64_C(0x1234567800000000) | (unsigned)fd};
  return epoll_ctl(ep, operation, fd, &e);
}

/* One epoll_wait: what it gives, in its order. The descriptors are named by the caller. */
static struct {
  int fd;
  const char *name;
} known[16];
static int known_count;
static void name_fd(int fd, const char *name) {
  for (int i = 0; i < known_count; i++)
    if (known[i].fd == fd) {
      known[i].name = name;
      return;
    }
  known[known_count].fd = fd;
  known[known_count++].name = name;
}
#define NAME(fd) name_fd(fd, #fd)

#define WAIT(ep, n, ms) wait_events("epoll_wait(" #ep ", " #n ", " #ms ")", ep, n, ms)
static int wait_events(const char *what, int ep, int n, int ms) {
  struct epoll_event e[16] = {0};
  int got = (int)check_call(what, epoll_wait(ep, e, n, ms));
  for (int i = 0; i < got; i++) {
    const char *name = "?";
    for (int k = 0; k < known_count; k++)
      if ((unsigned)known[k].fd == (unsigned)e[i].data.u64) name = known[k].name;
    printf("  %s = %s%s\n", name, epoll_names(e[i].events),
           e[i].data.u64 >> 32 == 0x12345678 ? "" : ", other data");
  }
  return got;
}

static void pair(int p[2]) { must(socketpair(AF_UNIX, SOCK_STREAM, 0, p), "socketpair"); }

static void making(void) {
  int ep = OPEN(epoll_create1(0)), p[2], plain;
  struct epoll_event e = {.events = EPOLLIN};
  heading("epoll_create, epoll_ctl");
  close(OPEN(epoll_create(1)));
  CALL(epoll_create(0));
  CALL(epoll_create(-1));
  CALL(epoll_create1(1));
  int close_on_exec = OPEN(epoll_create1(EPOLL_CLOEXEC));
  VALUE(fcntl(close_on_exec, F_GETFD));
  close(close_on_exec);
  must(pipe(p), "pipe");
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[1], &e));
  CALL(epoll_ctl(ep, 99, p[1], &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], NULL));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (struct epoll_event *)BAD));
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, 900, &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &e));
  CALL(epoll_ctl(900, EPOLL_CTL_ADD, p[0], &e));
  CALL(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
  plain = must(open("/tmp/portside-epoll", O_CREAT | O_RDWR, 0600), "open");
  unlink("/tmp/portside-epoll");
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, plain, &e));
  close(plain);
  plain = must(open("/tmp", O_RDONLY | O_DIRECTORY), "open");
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, plain, &e));
  close(plain);
  CALL(epoll_wait(ep, &e, 0, 0));
  volatile int negative = -1;
  CALL(epoll_wait(ep, &e, negative, 0));
  CALL(epoll_wait(ep, &e, 1, 0));
  CALL(epoll_wait(900, &e, 1, 0));
  CALL(epoll_wait(p[0], &e, 1, 0));
  CALL(read(ep, bytes, 8));
  CALL(write(ep, bytes, 8));
  VALUE(fcntl(ep, F_GETFL) & O_ACCMODE);
  READY(ep);
  SPEND(50, epoll_wait(ep, &e, 1, 50));
  CALL(control(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT));
  CALL(epoll_wait(ep, (struct epoll_event *)BAD, 1, 0));
  CALL(epoll_wait(ep, &e, 1, 0));
  close(p[0]), close(p[1]), close(ep);
}

static void level(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), a[2], b[2];
  heading("level-triggered");
  pair(a), pair(b);
  NAME(a[0]), NAME(b[0]);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN));
  CALL(control(ep, EPOLL_CTL_ADD, b[0], EPOLLIN | EPOLLRDNORM | EPOLLRDHUP));
  WAIT(ep, 8, 0);
  CALL(write(a[1], "xy", 2));
  WAIT(ep, 8, -1);
  WAIT(ep, 8, 0);
  CALL(read(a[0], bytes, 1));
  WAIT(ep, 8, 0);
  CALL(write(b[1], "x", 1));
  READY(ep);
  WAIT(ep, 8, 0);
  WAIT(ep, 1, 0);
  WAIT(ep, 1, 0);
  WAIT(ep, 1, 0);
  CALL(read(a[0], bytes, 10));
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLOUT | EPOLLWRNORM));
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], 0));
  WAIT(ep, 8, 0);
  CALL(shutdown(b[1], SHUT_WR));
  WAIT(ep, 8, 0);
  close(b[1]);
  WAIT(ep, 8, 0);
  close(a[1]);
  WAIT(ep, 8, 0);
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, b[0], NULL));
  WAIT(ep, 8, 0);
  close(a[0]);
  WAIT(ep, 8, 0);
  READY(ep);
  close(b[0]), close(ep);
}

static void edge(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), a[2], p[2];
  heading("edge-triggered");
  pair(a);
  NAME(a[0]);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN | EPOLLOUT | EPOLLET));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(write(a[1], "1234", 4));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(read(a[0], bytes, 2));
  WAIT(ep, 8, 0);
  CALL(write(a[1], "56", 2));
  WAIT(ep, 8, 0);
  CALL(write(a[1], "7", 1));
  CALL(write(a[1], "8", 1));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLET));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLOUT | EPOLLET));
  WAIT(ep, 8, 0);
  CALL(write(a[1], "9", 1));
  WAIT(ep, 8, 0);
  CALL(write(a[0], "to the peer", 11));
  WAIT(ep, 8, 0);
  CALL(read(a[1], bytes, 100));
  WAIT(ep, 8, 0);
  close(a[1]);
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  close(a[0]);

  heading("edge-triggered pipes");
  must(pipe2(p, O_NONBLOCK), "pipe2");
  NAME(p[0]), NAME(p[1]);
  CALL(control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET));
  CALL(control(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT | EPOLLET));
  WAIT(ep, 8, 0);
  CALL(write(p[1], "1234", 4));
  WAIT(ep, 8, 0);
  CALL(read(p[0], bytes, 2));
  WAIT(ep, 8, 0);
  CALL(write(p[1], "5", 1));
  WAIT(ep, 8, 0);
  CALL(read(p[0], bytes, 100));
  while (write(p[1], bytes, sizeof bytes) > 0)
    ;
  WAIT(ep, 8, 0);
  while (read(p[0], bytes, sizeof bytes) > 0)
    ;
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  close(p[1]);
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  close(p[0]), close(ep);
}

static void edge_tcp(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), t[2];
  heading("edge-triggered TCP");
  tcp_pair(t);
  NAME(t[0]), NAME(t[1]);
  CALL(control(ep, EPOLL_CTL_ADD, t[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(write(t[1], "1234", 4));
  WAIT(ep, 8, -1);
  WAIT(ep, 8, 0);
  CALL(read(t[0], bytes, 2));
  WAIT(ep, 8, 0);
  CALL(write(t[1], "56", 2));
  WAIT(ep, 8, -1);
  CALL(read(t[0], bytes, 100));
  WAIT(ep, 8, 0);
  CALL(write(t[0], "to the peer", 11));
  CALL(read(t[1], bytes, 100));
  WAIT(ep, 8, 0);
  CALL(shutdown(t[1], SHUT_WR));
  WAIT(ep, 8, -1);
  WAIT(ep, 8, 0);
  CALL(shutdown(t[0], SHUT_WR));
  WAIT(ep, 8, -1);
  CALL(control(ep, EPOLL_CTL_ADD, t[1], EPOLLIN | EPOLLRDHUP));
  WAIT(ep, 8, 0);
  close(t[0]), close(t[1]), close(ep);
}

/* As an event loop has them: a listener, connections that are being made, datagrams. */
static void servers(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), c[3], e, error = -1;
  struct sockaddr_in a, nobody;
  socklen_t length = sizeof error;
  heading("listeners, connections, datagrams");
  int s = listener(&a, 8), late = listener(&nobody, 1);
  close(late);
  fcntl(s, F_SETFL, O_NONBLOCK);
  NAME(s);
  CALL(control(ep, EPOLL_CTL_ADD, s, EPOLLIN));
  WAIT(ep, 8, 0);
  for (int i = 0; i < 2; i++) {
    c[i] = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    connect(c[i], (struct sockaddr *)&a, sizeof a);
  }
  NAME(c[0]);
  CALL(control(ep, EPOLL_CTL_ADD, c[0], EPOLLIN | EPOLLOUT | EPOLLET));
  wait_for(c[0], POLLOUT), wait_for(c[1], POLLOUT), wait_for(s, POLLIN);
  WAIT(ep, 1, -1);
  WAIT(ep, 8, -1);
  close(OPEN(accept(s, NULL, NULL)));
  close(OPEN(accept(s, NULL, NULL)));
  CALL(accept(s, NULL, NULL));
  CALL(control(ep, EPOLL_CTL_DEL, s, 0));
  CALL(control(ep, EPOLL_CTL_ADD, s, EPOLLIN | EPOLLET));
  WAIT(ep, 8, 0);
  c[2] = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  CALL(connect(c[2], (struct sockaddr *)&a, sizeof a));
  wait_for(s, POLLIN);
  WAIT(ep, 8, -1);
  WAIT(ep, 8, 0);
  e = OPEN(accept(s, NULL, NULL));
  WAIT(ep, 8, 0);
  close(e), close(s), close(c[0]), close(c[1]), close(c[2]);
  c[0] = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
  NAME(c[0]);
  CALL(control(ep, EPOLL_CTL_ADD, c[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP));
  WAIT(ep, 8, 0);
  connect(c[0], (struct sockaddr *)&nobody, sizeof nobody);
  wait_for(c[0], POLLOUT);
  WAIT(ep, 8, -1);
  CALL(getsockopt(c[0], SOL_SOCKET, SO_ERROR, &error, &length));
  printf("error = %s\n", error_name(error));
  WAIT(ep, 8, 0);
  close(c[0]);

  int from = must(socket(AF_INET, SOCK_DGRAM, 0), "socket"),
      to = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
  a = loopback(0);
  length = sizeof a;
  must(bind(to, (struct sockaddr *)&a, sizeof a), "bind");
  must(getsockname(to, (struct sockaddr *)&a, &length), "getsockname");
  NAME(to);
  CALL(control(ep, EPOLL_CTL_ADD, to, EPOLLIN | EPOLLOUT | EPOLLET));
  WAIT(ep, 8, 0);
  for (int i = 0; i < 2; i++)
    CALL(sendto(from, "abc", 3, 0, (struct sockaddr *)&a, sizeof a));
  wait_for(to, POLLIN);
  WAIT(ep, 8, -1);
  CALL(recv(to, bytes, 8, 0));
  WAIT(ep, 8, 0);
  CALL(recv(to, bytes, 8, 0));
  CALL(sendto(from, "abc", 3, 0, (struct sockaddr *)&a, sizeof a));
  WAIT(ep, 8, -1);
  close(from), close(to), close(ep);
}

static void oneshot(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), a[2];
  heading("EPOLLONESHOT, EPOLLEXCLUSIVE");
  pair(a);
  NAME(a[0]);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN | EPOLLONESHOT));
  CALL(write(a[1], "x", 1));
  WAIT(ep, 8, 0);
  WAIT(ep, 8, 0);
  CALL(write(a[1], "x", 1));
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT));
  WAIT(ep, 8, 0);
  close(a[1]);
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLONESHOT));
  WAIT(ep, 8, 0);
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLEXCLUSIVE));
  close(a[0]);
  pair(a);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN | EPOLLONESHOT | EPOLLEXCLUSIVE));
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN | EPOLLEXCLUSIVE));
  CALL(control(ep, EPOLL_CTL_MOD, a[0], EPOLLIN));
  CALL(write(a[1], "x", 1));
  WAIT(ep, 8, 0);
  int inner = must(epoll_create1(0), "epoll_create1");
  CALL(control(ep, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE));
  close(inner), close(a[0]), close(a[1]), close(ep);
}

/* An item goes when the open file is closed, not when one of its descriptors is. */
static void closing(void) {
  int ep = must(epoll_create1(0), "epoll_create1"), a[2];
  heading("closed descriptors");
  pair(a);
  NAME(a[0]);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN));
  int copy = must(dup(a[0]), "dup");
  NAME(copy);
  CALL(control(ep, EPOLL_CTL_ADD, copy, EPOLLIN));
  CALL(write(a[1], "x", 1));
  WAIT(ep, 8, 0);
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, copy, NULL));
  close(a[0]);
  WAIT(ep, 8, 0);
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, a[0], NULL));
  int again = must(fcntl(a[1], F_DUPFD, a[0]), "fcntl");
  VALUE(again == a[0]);
  CALL(epoll_ctl(ep, EPOLL_CTL_DEL, again, NULL));
  CALL(control(ep, EPOLL_CTL_ADD, again, EPOLLOUT));
  WAIT(ep, 8, 0);
  CALL(close(copy));
  WAIT(ep, 8, 0);
  close(again), close(a[1]);
  WAIT(ep, 8, 0);
  pair(a);
  CALL(control(ep, EPOLL_CTL_ADD, a[0], EPOLLIN));
  int other = must(dup(ep), "dup");
  close(ep);
  CALL(write(a[1], "x", 1));
  NAME(a[0]);
  WAIT(other, 8, 0);
  CALL(dup2(a[1], a[0]) == a[0]);
  WAIT(other, 8, 0);
  close(a[0]), close(a[1]), close(other);
}

static void nesting(void) {
  int ep[6], a[2];
  heading("epolls within epolls");
  pair(a);
  for (int i = 0; i < 6; i++)
    ep[i] = must(epoll_create1(0), "epoll_create1");
  NAME(a[0]), NAME(ep[0]), NAME(ep[1]);
  CALL(control(ep[0], EPOLL_CTL_ADD, a[0], EPOLLIN));
  CALL(control(ep[1], EPOLL_CTL_ADD, ep[0], EPOLLIN));
  CALL(control(ep[0], EPOLL_CTL_ADD, ep[1], EPOLLIN));
  WAIT(ep[1], 8, 0);
  CALL(write(a[1], "x", 1));
  READY(ep[0]);
  READY(ep[1]);
  WAIT(ep[1], 8, -1);
  WAIT(ep[0], 8, 0);
  WAIT(ep[1], 8, 0);
  CALL(read(a[0], bytes, 1));
  WAIT(ep[1], 8, 0);
  CALL(control(ep[1], EPOLL_CTL_MOD, ep[0], EPOLLIN | EPOLLET));
  CALL(write(a[1], "x", 1));
  WAIT(ep[1], 8, 0);
  WAIT(ep[1], 8, 0);
  CALL(write(a[1], "x", 1));
  WAIT(ep[1], 8, 0);
  CALL(control(ep[2], EPOLL_CTL_ADD, ep[1], EPOLLIN));
  CALL(control(ep[3], EPOLL_CTL_ADD, ep[2], EPOLLIN));
  CALL(control(ep[4], EPOLL_CTL_ADD, ep[3], EPOLLIN));
  CALL(control(ep[5], EPOLL_CTL_ADD, ep[4], EPOLLIN));
  CALL(control(ep[1], EPOLL_CTL_ADD, ep[4], EPOLLIN));
  CALL(epoll_ctl(ep[2], EPOLL_CTL_DEL, ep[1], NULL));
  CALL(control(ep[5], EPOLL_CTL_ADD, ep[4], EPOLLIN));
  CALL(control(ep[2], EPOLL_CTL_ADD, ep[1], EPOLLIN));
  close(ep[0]);
  WAIT(ep[1], 8, 0);
  for (int i = 1; i < 6; i++)
    close(ep[i]);
  close(a[0]), close(a[1]);
}

static void masks(void) {
  int ep = must(epoll_create1(0), "epoll_create1");
  struct epoll_event e;
  sigset_t set, none;
  heading("signals");
  catch(SIGALRM, SA_RESTART);
  alarm_every(30);
  CALL(epoll_wait(ep, &e, 1, -1));
  alarm_every(0);
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  catch(SIGUSR1, 0);
  raise(SIGUSR1);
  VALUE(caught);
  CALL(epoll_wait(ep, &e, 1, 0));
  CALL(epoll_pwait(ep, &e, 1, 10000, &none));
  VALUE(caught);
  sigprocmask(SIG_BLOCK, NULL, &none);
  VALUE(sigismember(&none, SIGUSR1));
  raise(SIGUSR1);
  CALL(epoll_pwait(ep, &e, 1, 0, &set));
  VALUE(caught);
  sigemptyset(&none);
  struct pollfd p = {.fd = ep, .events = POLLIN};
  CALL(ppoll(&p, 1, NULL, &none));
  VALUE(caught);
  SPEND(40, ppoll(&p, 1, &(struct timespec){.tv_nsec = 40000000}, &none));
  CALL(ppoll(&p, 1, &(struct timespec){.tv_nsec = -1}, NULL));
  CALL(ppoll(&p, 1, &(struct timespec){.tv_nsec = 1000000000}, NULL));
  CALL(ppoll(&p, 1, &(struct timespec){0}, (sigset_t *)BAD));
  CALL(epoll_pwait(ep, &e, 1, 0, (sigset_t *)BAD));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  close(ep);
}

/* Many descriptors: only those that are ready are given, each as often as it should be. */
static void many(void) {
  enum { COUNT = 200 };
  static int fds[COUNT];
  struct epoll_event e[COUNT];
  int ep = must(epoll_create1(0), "epoll_create1");
  heading("many descriptors");
  for (int i = 0; i < COUNT; i++) {
    fds[i] = must(eventfd(0, EFD_NONBLOCK), "eventfd");
    e[0] = (struct epoll_event){.events = EPOLLIN, .data.u32 = (unsigned)i};
    must(epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &e[0]), "epoll_ctl");
  }
  CALL(epoll_wait(ep, e, COUNT, 0));
  for (int i = 0; i < COUNT; i += 50)
    must(eventfd_write(fds[i], 1), "eventfd_write");
  CALL(epoll_wait(ep, e, COUNT, 0));
  VALUE(e[0].data.u32 + e[1].data.u32 + e[2].data.u32 + e[3].data.u32);
  for (int i = 0; i < COUNT; i++)
    must(eventfd_write(fds[i], 1), "eventfd_write");
  int seen[COUNT] = {0}, twice = 0, rounds = 0;
  for (; rounds < 20; rounds++) {
    int n = epoll_wait(ep, e, 10, 0);
    for (int k = 0; k < n; k++)
      twice += seen[e[k].data.u32]++ > 0;
  }
  VALUE(twice);
  CALL(epoll_wait(ep, e, COUNT, 0));
  for (int i = 0; i < COUNT; i++)
    close(fds[i]);
  CALL(epoll_wait(ep, e, COUNT, 0));
  close(ep);
}

int main(void) {
  making();
  level();
  edge();
  edge_tcp();
  servers();
  oneshot();
  closing();
  nesting();
  masks();
  many();
  return 0;
}
