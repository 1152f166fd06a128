/* Urgent data: one byte that can be read out of turn. tcp(7), "Urgent data"; socket(7), SIGURG. */
#include "check.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/select.h>

static char buffer[64];
static int pair[2];

static void put(int s, const char *text, int flags) {
  must(send(s, text, strlen(text), flags) == (ssize_t)strlen(text) ? 0 : -1, "send");
}

static void close_both(void) {
  close(pair[0]);
  close(pair[1]);
}

static int at_mark(int s) {
  int mark = -1;
  must(ioctl(s, SIOCATMARK, &mark), "SIOCATMARK");
  return mark;
}

static int waiting(int s) {
  int n = -1;
  must(ioctl(s, FIONREAD, &n), "FIONREAD");
  return n;
}

static void out_of_band(void) {
  heading("out of band");
  tcp_pair(pair);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  VALUE(at_mark(pair[1]));
  put(pair[0], "abc", 0);
  CALL(send(pair[0], "!", 1, MSG_OOB));
  put(pair[0], "def", 0);
  wait_for(pair[1], POLLPRI);
  READY(pair[1]);
  VALUE(at_mark(pair[1]));
  CALL(recv(pair[1], buffer, 1, MSG_OOB | MSG_PEEK));
  CALL(recv(pair[1], buffer, 8, MSG_OOB));
  BYTES(buffer, 1);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  READY(pair[1]);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 3);
  VALUE(at_mark(pair[1]));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 3);
  VALUE(at_mark(pair[1]));
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  close_both();
}

static void never_fetched(void) {
  heading("an urgent byte that nobody fetches");
  tcp_pair(pair);
  put(pair[0], "ab", 0);
  put(pair[0], "!", MSG_OOB);
  put(pair[0], "cd", 0);
  wait_for(pair[1], POLLPRI);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  VALUE(at_mark(pair[1]));
  VALUE(waiting(pair[1]));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 2);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  READY(pair[1]);
  close_both();
}

static void several_bytes(void) {
  heading("several bytes: the last is urgent");
  tcp_pair(pair);
  CALL(send(pair[0], "xyz", 3, MSG_OOB));
  wait_for(pair[1], POLLPRI);
  CALL(recv(pair[1], buffer, 4, MSG_OOB));
  BYTES(buffer, 1);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 2);
  CALL(recv(pair[1], buffer, sizeof buffer, MSG_DONTWAIT));
  put(pair[0], "1", MSG_OOB);
  wait_for(pair[1], POLLPRI);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  BYTES(buffer, 1);
  put(pair[0], "2", MSG_OOB);
  wait_for(pair[1], POLLPRI);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  BYTES(buffer, 1);
  close_both();
}

static void in_line(void) {
  heading("SO_OOBINLINE");
  int on = 1;
  tcp_pair(pair);
  CALL(setsockopt(pair[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
  put(pair[0], "ab", 0);
  put(pair[0], "!", MSG_OOB);
  put(pair[0], "cd", 0);
  wait_for(pair[1], POLLPRI);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 2);
  VALUE(at_mark(pair[1]));
  READY(pair[1]);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 3);
  VALUE(at_mark(pair[1]));
  close_both();
}

static void exceptional(void) {
  heading("select's third set");
  fd_set r, e;
  struct timeval now = {0};
  tcp_pair(pair);
  put(pair[0], "!", MSG_OOB);
  wait_for(pair[1], POLLPRI);
  FD_ZERO(&r);
  FD_ZERO(&e);
  FD_SET(pair[1], &r);
  FD_SET(pair[1], &e);
  CALL(select(pair[1] + 1, &r, NULL, &e, &now));
  VALUE(FD_ISSET(pair[1], &r) != 0);
  VALUE(FD_ISSET(pair[1], &e) != 0);
  close_both();
}

static void signalled(void) {
  heading("SIGURG");
  sigset_t urgent, none;
  tcp_pair(pair);
  catch(SIGURG, 0);
  sigemptyset(&none);
  sigemptyset(&urgent);
  sigaddset(&urgent, SIGURG);
  CALL(fcntl(pair[1], F_SETOWN, getpid()));
  sigprocmask(SIG_BLOCK, &urgent, NULL);
  put(pair[0], "!", MSG_OOB);
  CALL(sigsuspend(&none));
  VALUE(caught);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  BYTES(buffer, 1);
  sigprocmask(SIG_UNBLOCK, &urgent, NULL);
  close_both();
}

static void at_the_end(void) {
  heading("at the end");
  tcp_pair(pair);
  put(pair[0], "!", MSG_OOB);
  close(pair[0]);
  wait_for(pair[1], POLLRDHUP);
  READY(pair[1]);
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  CALL(recv(pair[1], buffer, 1, 0));
  CALL(recv(pair[1], buffer, 1, MSG_OOB));
  CALL(send(pair[1], "", 0, MSG_OOB));
  close(pair[1]);
}

int main(void) {
  out_of_band();
  never_fetched();
  several_bytes();
  in_line();
  exceptional();
  signalled();
  at_the_end();
}
