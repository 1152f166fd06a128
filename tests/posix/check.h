/* For the programs of this folder. Each stands alone and prints one line a check: a call as it is
 * written in C, and what it answered. conformance.js runs it on Linux and in the lab and compares
 * the lines, so nothing may be printed that differs from one run on Linux to the next: ports and
 * process ids are told by a letter, times only by whether they are near what is due, and a line
 * comes only when what it tells of is sure to have happened (ready() and wait_for(), never a
 * sleep). Heading lines begin with #: they keep the place, and do not count as checks. */
#ifndef PORTSIDE_CHECK_H
#define PORTSIDE_CHECK_H

#define _GNU_SOURCE /* so include this file first */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAYBE __attribute__((unused)) static

enum { SAFETY_MS = 10000 }; /* nothing that works takes so long */

/* An address at which a program has no memory, in 32 and in 64 bits. */
MAYBE char *volatile const BAD = (char *)(uintptr_t)0xffffff00;

/* --- lines --- */

#define CALL(call) check_call(#call, (errno = 0, (long)(call)))      /* value or -1 and the errno */
#define OPEN(call) (int)check_open(#call, (errno = 0, (long)(call))) /* a descriptor: not which */
#define SPEND(ms, call)                                                                            \
  check_spend(#call, ms, (check_started = check_now(), errno = 0, (long)(call)))
#define VALUE(expression) check_value(#expression, (long)(expression))
#define BYTES(from, n) check_bytes(#from, from, (size_t)(n))
#define ADDRESS(address, length) check_address(#address, &(address), length)

MAYBE const char *error_name(int error) {
#define E(name)                                                                                    \
  {                                                                                                \
    name, #name                                                                                    \
  }
  static const struct {
    int number;
    const char *name;
  } names[] = {
      E(EPERM),        E(ENOENT),       E(ESRCH),           E(EINTR),         E(EIO),
      E(ENXIO),        E(E2BIG),        E(ENOEXEC),         E(EBADF),         E(ECHILD),
      E(EAGAIN),       E(ENOMEM),       E(EACCES),          E(EFAULT),        E(EBUSY),
      E(EEXIST),       E(EXDEV),        E(ENODEV),          E(ENOTDIR),       E(EISDIR),
      E(EINVAL),       E(ENFILE),       E(EMFILE),          E(ENOTTY),        E(ETXTBSY),
      E(EFBIG),        E(ENOSPC),       E(ESPIPE),          E(EROFS),         E(EMLINK),
      E(EPIPE),        E(EDOM),         E(ERANGE),          E(EDEADLK),       E(ENAMETOOLONG),
      E(ENOSYS),       E(ENOTEMPTY),    E(ELOOP),           E(EPROTO),        E(EBADMSG),
      E(EOVERFLOW),    E(EILSEQ),       E(ENOTSOCK),        E(EDESTADDRREQ),  E(EMSGSIZE),
      E(EPROTOTYPE),   E(ENOPROTOOPT),  E(EPROTONOSUPPORT), E(EOPNOTSUPP),    E(ESOCKTNOSUPPORT),
      E(EPFNOSUPPORT), E(EAFNOSUPPORT), E(EADDRINUSE),      E(EADDRNOTAVAIL), E(ENETDOWN),
      E(ENETUNREACH),  E(ENETRESET),    E(ECONNABORTED),    E(ECONNRESET),    E(ENOBUFS),
      E(EISCONN),      E(ENOTCONN),     E(ESHUTDOWN),       E(ETOOMANYREFS),  E(ETIMEDOUT),
      E(ECONNREFUSED), E(EHOSTDOWN),    E(EHOSTUNREACH),    E(EALREADY),      E(EINPROGRESS),
      E(ECANCELED),    E(ENOTSUP)};
#undef E
  static char other[32];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == error) return names[i].name;
  snprintf(other, sizeof other, error ? "errno %d" : "0", error);
  return other;
}

MAYBE void heading(const char *text) { printf("# %s\n", text); }

MAYBE long check_call(const char *call, long result) {
  int error = errno;
  printf("%s = %ld%s%s\n", call, result, result == -1 ? " " : "",
         result == -1 ? error_name(error) : "");
  errno = error;
  return result;
}

MAYBE long check_open(const char *call, long result) {
  if (result < 0) return check_call(call, result);
  printf("%s = a descriptor\n", call);
  return result;
}

MAYBE long check_value(const char *expression, long value) {
  printf("%s = %ld\n", expression, value);
  return value;
}

MAYBE int64_t check_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* A call that is to wait about that long: less by what passed before it, and a while more, for the
 * machine may be busy. */
MAYBE int64_t check_started;
MAYBE long check_spend(const char *call, int ms, long result) {
  int error = errno;
  long took = (long)(check_now() - check_started);
  printf("%s = %ld%s%s, ", call, result, result == -1 ? " " : "",
         result == -1 ? error_name(error) : "");
  if (took >= ms / 2 && took <= ms + 2000)
    printf("in %d ms\n", ms);
  else
    printf("in %ld ms, not %d\n", took, ms);
  return result;
}

MAYBE void check_bytes(const char *name, const void *from, size_t n) {
  const unsigned char *bytes = from;
  printf("%s = \"", name);
  for (size_t i = 0; i < n; i++)
    printf(bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' ? "\\%03o" : "%c", bytes[i]);
  printf("\" %zu\n", n);
}

/* --- what differs from run to run --- */

/* A number's letter: A for the first that is asked for, B for the next. */
MAYBE char letter(long number) {
  static long numbers[26];
  static int count;
  for (int i = 0; i < count; i++)
    if (numbers[i] == number) return (char)('A' + i);
  if (count == 26) return '?';
  numbers[count] = number;
  return (char)('A' + count++);
}

/* A port chosen by the system as a letter, 0 as 0. */
MAYBE const char *port_name(in_port_t network_order) {
  static char name[2];
  name[0] = network_order ? letter(ntohs(network_order)) : '0';
  return name;
}

MAYBE void check_address(const char *name, const void *address, socklen_t length) {
  struct sockaddr_storage a = {0};
  const struct sockaddr_in *in = (const void *)&a;
  const struct sockaddr_in6 *in6 = (const void *)&a;
  char text[INET6_ADDRSTRLEN];
  memcpy(&a, address, length < sizeof a ? length : sizeof a);
  printf("%s = ", name);
  if (a.ss_family == AF_INET && length >= sizeof *in)
    printf("%s:%s", inet_ntop(AF_INET, &in->sin_addr, text, sizeof text), port_name(in->sin_port));
  else if (a.ss_family == AF_INET6 && length >= sizeof *in6)
    printf("[%s]:%s scope %u", inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text),
           port_name(in6->sin6_port), (unsigned)in6->sin6_scope_id);
  else
    printf("family %d", a.ss_family);
  printf(", length %u\n", (unsigned)length);
}

/* --- readiness --- */

MAYBE const char *event_names(int events) {
  static const struct {
    int bit;
    const char *name;
  } names[] = {{POLLIN, " IN"},   {POLLPRI, " PRI"},     {POLLOUT, " OUT"},  {POLLERR, " ERR"},
               {POLLHUP, " HUP"}, {POLLRDHUP, " RDHUP"}, {POLLNVAL, " NVAL"}};
  static char text[64];
  *text = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (events & names[i].bit) strcat(text, names[i].name);
  return *text ? text + 1 : "nothing";
}

/* What poll says of a descriptor now. */
MAYBE int ready(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLPRI | POLLOUT | POLLRDHUP};
  poll(&p, 1, 0);
  return p.revents;
}
#define READY(fd) printf("ready(" #fd ") = %s\n", event_names(ready(fd)))

/* Waits until poll says one of the events, or POLLERR or POLLHUP, of it. */
MAYBE void wait_for(int fd, int events) {
  struct pollfd p = {.fd = fd, .events = (short)events};
  while (poll(&p, 1, SAFETY_MS) < 0 && errno == EINTR)
    ;
  if (!p.revents) printf("descriptor %d: waited for %s in vain\n", fd, event_names(events));
}

/* --- TCP over loopback --- */

MAYBE struct sockaddr_in loopback(in_port_t network_order) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = network_order};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

/* Fails only if the whole program must. */
MAYBE int must(int result, const char *what) {
  if (result >= 0) return result;
  printf("cannot go on: %s: %s\n", what, error_name(errno));
  exit(1);
}

/* A socket that listens on a port of the system's choosing, put into *a. */
MAYBE int listener(struct sockaddr_in *a, int backlog) {
  socklen_t length = sizeof *a;
  int s = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  *a = loopback(0);
  must(bind(s, (struct sockaddr *)a, sizeof *a), "bind");
  must(listen(s, backlog), "listen");
  must(getsockname(s, (struct sockaddr *)a, &length), "getsockname");
  return s;
}

/* A connection: pair[0] connected, pair[1] was accepted. */
MAYBE void tcp_pair(int pair[2]) {
  struct sockaddr_in a;
  int s = listener(&a, 1);
  pair[0] = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  must(connect(pair[0], (struct sockaddr *)&a, sizeof a), "connect");
  pair[1] = must(accept(s, NULL, NULL), "accept");
  close(s);
}

/* --- signals --- */

MAYBE volatile sig_atomic_t caught; /* how often the handler of catch() ran */
MAYBE void check_handler(int sig) {
  (void)sig;
  caught++;
}

MAYBE void catch (int sig, int flags) {
  struct sigaction a = {.sa_handler = check_handler, .sa_flags = flags};
  sigemptyset(&a.sa_mask);
  must(sigaction(sig, &a, NULL), "sigaction");
  caught = 0;
}

/* SIGALRM now and then, so that one comes while a call sleeps; 0 ms ends it. */
MAYBE void alarm_every(int ms) {
  struct itimerval t = {.it_value = {.tv_usec = ms * 1000}, .it_interval = {.tv_usec = ms * 1000}};
  must(setitimer(ITIMER_REAL, &t, NULL), "setitimer");
}

/* --- other processes --- */

extern char **environ;
MAYBE char **check_argv;

/* Lines go out whole, so that those of several processes keep their order. */
__attribute__((constructor)) static void check_begin(void) { setvbuf(stdout, NULL, _IOLBF, 4096); }

/* Starts this program once more, as main(argc, argv) with argv[1] = role and argv[2] = argument.
 * It has every descriptor of its parent's that is not close-on-exec. check_argv is main's argv. */
MAYBE pid_t start(const char *role, int argument) {
  char number[16], *argv[] = {check_argv[0], (char *)role, number, NULL};
  pid_t pid = 0;
  snprintf(number, sizeof number, "%d", argument);
  errno = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
  must(errno ? -1 : 0, "posix_spawn");
  return pid;
}

/* How a process ended: its exit status, or 1000 + the signal. */
MAYBE int ended(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#endif
