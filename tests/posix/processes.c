/* Several processes: descriptors that are inherited, calls that sleep until another acts, how a
 * process ends. posix_spawn only: fork has its own program. */
#include "check.h"
#include <fcntl.h>

enum { RECORD = 100000 };
static char buffer[64], record[2 * RECORD];

/* --- what the children do --- */

/* argument: a listener. Serves one client: sends back what comes, in capitals. */
static int child_server(int s) {
  int c = accept(s, NULL, NULL);
  ssize_t n;
  while ((n = recv(c, buffer, sizeof buffer, 0)) > 0) {
    for (ssize_t i = 0; i < n; i++)
      buffer[i] = (char)(buffer[i] >= 'a' && buffer[i] <= 'z' ? buffer[i] - 32 : buffer[i]);
    if (send(c, buffer, (size_t)n, 0) != n) return 1;
  }
  return n == 0 ? 7 : 1;
}

/* argument: a connection, or the end of a pipe. */
static int child_writer(int fd) { return write(fd, "from the child", 14) == 14 ? 0 : 1; }
static int child_reader(int fd) { return (int)read(fd, buffer, sizeof buffer); }
static int child_waits(int fd) { return read(fd, buffer, 1) == 0 ? 3 : 4; }
static int child_looks(int fd) { return fcntl(fd, F_GETFD) == -1 && errno == EBADF ? 9 : 8; }
static int child_parent(int pid) { return getppid() == pid ? 5 : 6; }
static int child_signal(int sig) {
  raise(sig);
  return 0;
}
/* argument: a connection. Sends a record for every byte that it gets. */
static int child_records(int s, char letter) {
  memset(record, letter, RECORD);
  while (recv(s, buffer, 1, 0) == 1)
    if (send(s, record, RECORD, 0) != RECORD) return 1;
  return 0;
}
static int child_a(int s) { return child_records(s, 'a'); }
static int child_b(int s) { return child_records(s, 'b'); }

static int child(const char *role, int argument) {
  static const struct {
    const char *role;
    int (*run)(int);
  } roles[] = {{"server", child_server}, {"writer", child_writer}, {"reader", child_reader},
               {"waits", child_waits},   {"looks", child_looks},   {"parent", child_parent},
               {"signal", child_signal}, {"a", child_a},           {"b", child_b}};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (!strcmp(roles[i].role, role)) return roles[i].run(argument);
  return 100;
}

/* --- the parent --- */

static void serving(void) {
  heading("a server in another process");
  struct sockaddr_in a;
  int s = listener(&a, 5), c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  pid_t pid = start("server", s);
  close(s);
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  CALL(send(c, "hello", 5, 0));
  CALL(recv(c, buffer, sizeof buffer, 0));
  BYTES(buffer, 5);
  CALL(shutdown(c, SHUT_WR));
  CALL(recv(c, buffer, sizeof buffer, 0));
  VALUE(ended(pid));
  int d = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  CALL(connect(d, (struct sockaddr *)&a, sizeof a));
  close(c);
  close(d);
}

static void inherited(void) {
  heading("inherited descriptors");
  int pair[2], fds[2];
  tcp_pair(pair);
  pid_t pid = start("writer", pair[0]);
  close(pair[0]);
  CALL(recv(pair[1], buffer, 14, MSG_WAITALL));
  BYTES(buffer, 14);
  VALUE(ended(pid));
  CALL(recv(pair[1], buffer, 1, 0));
  close(pair[1]);
  must(pipe2(fds, O_CLOEXEC), "pipe2");
  VALUE(ended(start("looks", fds[0])));
  fcntl(fds[0], F_SETFD, 0);
  VALUE(ended(start("looks", fds[0])));
  CALL(write(fds[1], "12345", 5));
  VALUE(ended(start("reader", fds[0])));
  pid = start("waits", fds[0]);
  close(fds[1]);
  VALUE(ended(pid));
  close(fds[0]);
}

/* What there is room for is sent in one piece. */
static void two_senders(void) {
  heading("two processes send on one socket");
  int pair[2], room = 1 << 20, mixed = 0;
  tcp_pair(pair);
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  pid_t a = start("a", pair[0]), b = start("b", pair[0]);
  for (int round = 0; round < 1000; round++) {
    must((int)send(pair[1], "..", 2, 0), "send");
    must((int)recv(pair[1], record, sizeof record, MSG_WAITALL), "recv");
    for (int i = 1; i < RECORD; i++)
      mixed += record[i] != record[0] || record[RECORD + i] != record[RECORD];
  }
  VALUE(mixed);
  shutdown(pair[1], SHUT_WR);
  VALUE(ended(a));
  VALUE(ended(b));
  close(pair[0]);
  close(pair[1]);
}

static void ends(void) {
  heading("how a process ends");
  int fds[2], status;
  VALUE(ended(start("nobody", 0)));
  VALUE(ended(start("signal", SIGTERM)));
  VALUE(ended(start("signal", SIGKILL)));
  VALUE(ended(start("signal", SIGPIPE)));
  VALUE(ended(start("signal", SIGCHLD)));
  CALL(waitpid(-1, &status, 0));
  CALL(waitpid(getpid(), &status, WNOHANG));
  CALL(waitpid(-1, &status, 9999));
  must(pipe(fds), "pipe");
  pid_t pid = start("waits", fds[0]);
  CALL(waitpid(-1, &status, WNOHANG));
  CALL(kill(pid, 0));
  CALL(kill(pid, SIGTERM));
  VALUE(ended(pid));
  CALL(kill(pid, 0));
  close(fds[0]);
  close(fds[1]);
}

/* What a process held is closed when it is killed, as it sleeps or as it runs. */
static void killed(void) {
  heading("a killed process's sockets");
  struct sockaddr_in a;
  int s = listener(&a, 5), c = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  pid_t pid = start("server", s);
  close(s);
  must(connect(c, (struct sockaddr *)&a, sizeof a), "connect");
  must((int)send(c, "x", 1, 0), "send");
  must((int)recv(c, buffer, 1, 0), "recv");
  CALL(kill(pid, SIGKILL));
  VALUE(ended(pid));
  CALL(recv(c, buffer, 1, 0));
  CALL(connect(c, (struct sockaddr *)&a, sizeof a));
  close(c);
}

static void children(void) {
  heading("SIGCHLD");
  sigset_t set, none;
  int status;
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  catch(SIGCHLD, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t pid = start("nobody", 0);
  CALL(sigsuspend(&none));
  VALUE(caught);
  VALUE(waitpid(-1, &status, WNOHANG) == pid);
  VALUE(WEXITSTATUS(status));
  VALUE(getpgrp() == getpgid(0));
  VALUE(ended(start("parent", getpid())));
}

static void spawn_errors(void) {
  heading("posix_spawn");
  char name[] = "none", *argv[] = {name, NULL};
  pid_t pid = -1;
  printf("posix_spawn of what is not there = %s\n",
         error_name(posix_spawn(&pid, "/none", NULL, NULL, argv, environ)));
  printf("posix_spawn of a folder = %s\n",
         error_name(posix_spawn(&pid, "/tmp", NULL, NULL, argv, environ)));
}

int main(int argc, char **argv) {
  check_argv = argv;
  if (argc > 2) return child(argv[1], atoi(argv[2]));
  serving();
  inherited();
  two_senders();
  ends();
  killed();
  children();
  spawn_errors();
}
