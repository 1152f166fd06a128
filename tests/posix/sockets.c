/* socket(): families, types, protocols, flags; and calls on what is no socket, or no descriptor. */
#include "check.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

static void arguments(void) {
  heading("socket");
  int s = OPEN(socket(AF_INET, SOCK_STREAM, 0));
  close(s);
  close(OPEN(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)));
  CALL(socket(AF_INET, SOCK_STREAM, 99));
  CALL(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  CALL(socket(AF_INET, SOCK_STREAM, -1));
  CALL(socket(AF_INET, SOCK_STREAM, 256));
  CALL(socket(AF_INET, SOCK_STREAM, 1 << 20));
  CALL(socket(AF_INET, 99, 0));
  CALL(socket(AF_INET, -1, 0));
  CALL(socket(AF_INET, 0, 0));
  CALL(socket(AF_INET, SOCK_SEQPACKET, 0));
  CALL(socket(AF_INET, SOCK_RDM, 0));
  CALL(socket(-1, SOCK_STREAM, 0));
  CALL(socket(0, SOCK_STREAM, 0));
  CALL(socket(999, SOCK_STREAM, 0));
  CALL(socket(AF_INET, SOCK_STREAM | 0x10000000, 0));
}

static void flags(void) {
  heading("SOCK_CLOEXEC, SOCK_NONBLOCK");
  int s = OPEN(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CALL(fcntl(s, F_GETFD));
  VALUE(fcntl(s, F_GETFL) == O_RDWR);
  close(s);
  s = OPEN(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  CALL(fcntl(s, F_GETFD));
  VALUE(fcntl(s, F_GETFL) == (O_RDWR | O_NONBLOCK));
  close(s);
}

static void close_all(void) {
  for (int fd = 3; fd < 3000; fd++)
    close(fd);
}

static void more(void) {
  heading("more descriptors than a process begins with");
  struct rlimit l = {.rlim_cur = 3000, .rlim_max = 4000};
  int s = -1, n = 0;
  close_all();
  CALL(setrlimit(RLIMIT_NOFILE, &l));
  CALL(dup2(0, 2999));
  CALL(dup2(0, 3000));
  CALL(fcntl(0, F_DUPFD, 2500));
  while ((s = socket(AF_INET, SOCK_STREAM, 0)) >= 0)
    n++;
  printf("socket() until none is left = %s after %d\n", error_name(errno), n);
  l.rlim_max = 4001;
  CALL(setrlimit(RLIMIT_NOFILE, &l));
  close_all();
}

static void many(void) {
  heading("too many descriptors");
  struct rlimit few = {.rlim_cur = 16, .rlim_max = 16};
  int s = -1, n = 0;
  CALL(setrlimit(RLIMIT_NOFILE, &few));
  while ((s = socket(AF_INET, SOCK_STREAM, 0)) >= 0)
    n++;
  printf("socket() until none is left = %s after %d\n", error_name(errno), n);
  int fds[2];
  CALL(pipe(fds));
  CALL(dup(0));
  close(15);
  VALUE(socket(AF_INET, SOCK_STREAM, 0) == 15);
}

int main(void) {
  arguments();
  flags();
  more();
  many();
}
