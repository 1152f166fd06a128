/* Signals in the middle of calls: EINTR, SA_RESTART, SIGPIPE, what a handler and a mask do. */
#include "check.h"
#include <fcntl.h>
#include <sys/select.h>

static char buffer[1 << 16];
static int pair[2];

/* SA_RESTART, and no end to the call but the handler's: so it ends it, the second time. */
static void end_it(int sig) {
  (void)sig;
  if (++caught == 2) shutdown(pair[0], SHUT_WR);
}

/* SIGALRM every 20 ms. */
static void alarms(int flags) {
  struct sigaction a = {.sa_handler = flags ? end_it : check_handler, .sa_flags = flags};
  sigemptyset(&a.sa_mask);
  caught = 0;
  must(sigaction(SIGALRM, &a, NULL), "sigaction");
  alarm_every(20);
}

#define INTERRUPTED(call)                                                                          \
  do {                                                                                             \
    alarms(0);                                                                                     \
    check_call(#call, (errno = 0, call));                                                          \
    alarm_every(0);                                                                                \
    VALUE(caught > 0);                                                                             \
  } while (0)

static void interrupted(void) {
  heading("EINTR");
  struct sockaddr_in a;
  struct timespec second = {.tv_sec = 1};
  struct timeval tv = {.tv_sec = 1};
  fd_set r;
  int s = listener(&a, 1), fds[2];
  must(pipe(fds), "pipe");
  tcp_pair(pair);
  struct pollfd p = {.fd = s, .events = POLLIN};
  INTERRUPTED(accept(s, NULL, NULL));
  INTERRUPTED(recv(pair[0], buffer, 1, 0));
  INTERRUPTED(recv(pair[0], buffer, 1, MSG_WAITALL));
  INTERRUPTED(read(pair[0], buffer, 1));
  INTERRUPTED(read(fds[0], buffer, 1));
  INTERRUPTED(poll(&p, 1, SAFETY_MS));
  FD_ZERO(&r);
  FD_SET(s, &r);
  INTERRUPTED(select(s + 1, &r, NULL, NULL, &tv));
  VALUE(FD_ISSET(s, &r) != 0);
  INTERRUPTED(nanosleep(&second, &second));
  VALUE(second.tv_sec == 0 && second.tv_nsec > 900000000);
  INTERRUPTED(pause());
  while (send(pair[0], buffer, sizeof buffer, MSG_DONTWAIT) > 0)
    ;
  INTERRUPTED(send(pair[0], buffer, 10, 0));
  close(pair[0]);
  close(pair[1]);
  close(s);
  close(fds[0]);
  close(fds[1]);
}

static void connecting(void) {
  heading("connect, interrupted, goes on");
  struct sockaddr_in a;
  int s = listener(&a, 0), c = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), d;
  must(connect(c, (struct sockaddr *)&a, sizeof a), "connect");
  d = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
  INTERRUPTED(connect(d, (struct sockaddr *)&a, sizeof a));
  READY(d);
  close(must(accept(s, NULL, NULL), "accept"));
  CALL(connect(d, (struct sockaddr *)&a, sizeof a));
  READY(d);
  close(c);
  close(d);
  close(s);
}

static void restarted(void) {
  heading("SA_RESTART");
  tcp_pair(pair);
  alarms(SA_RESTART);
  CALL(recv(pair[1], buffer, 1, 0));
  alarm_every(0);
  VALUE(caught >= 2);
  close(pair[0]);
  close(pair[1]);
  tcp_pair(pair);
  alarms(SA_RESTART);
  CALL(read(pair[1], buffer, 1));
  alarm_every(0);
  VALUE(caught >= 2);
  close(pair[0]);
  close(pair[1]);
}

/* With a time limit nothing is restarted; nor are these ever. */
static void never_restarted(void) {
  heading("not restarted");
  struct timeval limit = {.tv_sec = 5}, tv = {.tv_sec = 5};
  struct timespec five = {.tv_sec = 5};
  int fds[2];
  must(pipe(fds), "pipe");
  tcp_pair(pair);
  struct pollfd p = {.fd = pair[1], .events = POLLIN};
  alarms(SA_RESTART);
  CALL(poll(&p, 1, SAFETY_MS));
  alarms(SA_RESTART);
  CALL(select(0, NULL, NULL, NULL, &tv));
  alarms(SA_RESTART);
  CALL(nanosleep(&five, NULL));
  alarms(SA_RESTART);
  CALL(usleep(500000));
  setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  alarms(SA_RESTART);
  CALL(recv(pair[1], buffer, 1, 0));
  alarm_every(0);
  close(pair[0]);
  close(pair[1]);
}

static void broken_pipe(void) {
  heading("SIGPIPE");
  tcp_pair(pair);
  shutdown(pair[0], SHUT_WR);
  catch(SIGPIPE, 0);
  CALL(send(pair[0], "x", 1, 0));
  VALUE(caught);
  signal(SIGPIPE, SIG_IGN);
  CALL(send(pair[0], "x", 1, 0));
  VALUE(caught);
  close(pair[0]);
  close(pair[1]);
}

static int order[8], orders;
static void note(int sig) { order[orders++] = sig; }

static void masks(void) {
  heading("masks");
  sigset_t both, old, pending;
  struct sigaction a = {.sa_handler = note};
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigaddset(&both, SIGUSR2);
  sigaction(SIGUSR1, &a, NULL);
  sigaction(SIGUSR2, &a, NULL);
  CALL(sigprocmask(SIG_BLOCK, &both, &old));
  VALUE(sigismember(&old, SIGUSR1));
  CALL(kill(getpid(), SIGUSR2));
  CALL(kill(getpid(), SIGUSR1));
  CALL(kill(getpid(), SIGUSR1));
  CALL(sigpending(&pending));
  VALUE(sigismember(&pending, SIGUSR1));
  VALUE(sigismember(&pending, SIGALRM));
  VALUE(orders);
  CALL(sigprocmask(SIG_UNBLOCK, &both, NULL));
  VALUE(orders);
  printf("both = %d\n", order[0] + order[1] == SIGUSR1 + SIGUSR2);
  CALL(sigprocmask(99, &both, NULL));
  CALL(sigaction(SIGKILL, &a, NULL));
  CALL(sigaction(SIGSTOP, &a, NULL));
  CALL(sigaction(0, &a, NULL));
  CALL(sigaction(99, &a, NULL));
  CALL(kill(getpid(), 0));
  CALL(kill(getpid(), 99));
  CALL(kill(getpid(), -1));
  CALL(kill(999999, 0));
  CALL(raise(SIGUSR1));
  VALUE(orders);
}

static void handlers(void) {
  heading("handlers");
  struct sigaction a = {.sa_handler = check_handler, .sa_flags = SA_RESETHAND}, old;
  caught = 0;
  CALL(sigaction(SIGUSR1, &a, NULL));
  CALL(raise(SIGUSR1));
  VALUE(caught);
  CALL(sigaction(SIGUSR1, NULL, &old));
  VALUE(old.sa_handler == SIG_DFL);
  VALUE(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
  CALL(raise(SIGUSR2));
  VALUE(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
  CALL(alarm(100));
  CALL(alarm(0));
  CALL(alarm(0));
  sigset_t set, none;
  sigemptyset(&none);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  catch(SIGUSR1, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  CALL(sigsuspend(&none));
  VALUE(caught);
}

int main(void) {
  interrupted();
  connecting();
  restarted();
  never_restarted();
  broken_pipe();
  masks();
  handlers();
}
