/* The ends of a connection: shutdown three ways, close, reset, SO_LINGER, both at once. */
#include "check.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

static char buffer[64];
static int pair[2];

static void put(int s, const char *text) {
  must(send(s, text, strlen(text), 0) == (ssize_t)strlen(text) ? 0 : -1, "send");
}

static void close_both(void) {
  close(pair[0]);
  close(pair[1]);
}

static void writing(void) {
  heading("SHUT_WR: half closed");
  tcp_pair(pair);
  put(pair[0], "last");
  CALL(shutdown(pair[0], SHUT_WR));
  wait_for(pair[1], POLLRDHUP);
  READY(pair[0]);
  READY(pair[1]);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  READY(pair[1]);
  CALL(send(pair[0], "x", 1, 0));
  VALUE(caught);
  CALL(write(pair[0], "x", 1));
  VALUE(caught);
  CALL(send(pair[0], "x", 1, MSG_NOSIGNAL));
  VALUE(caught);
  CALL(send(pair[1], "answer", 6, 0));
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(shutdown(pair[0], SHUT_WR));
  CALL(shutdown(pair[1], SHUT_WR));
  wait_for(pair[0], POLLIN);
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  READY(pair[0]);
  READY(pair[1]);
  CALL(shutdown(pair[0], SHUT_WR));
  CALL(shutdown(pair[1], SHUT_RD));
  close_both();
}

static void reading(void) {
  heading("SHUT_RD");
  tcp_pair(pair);
  put(pair[1], "before");
  wait_for(pair[0], POLLIN);
  CALL(shutdown(pair[0], SHUT_RD));
  READY(pair[0]);
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  READY(pair[1]);
  CALL(send(pair[1], "after", 5, 0));
  for (int n = 0; n < 5;)
    must(ioctl(pair[0], FIONREAD, &n), "FIONREAD");
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(send(pair[0], "still", 5, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(shutdown(pair[0], SHUT_RD));
  close_both();
}

static void both_ways(void) {
  heading("SHUT_RDWR");
  tcp_pair(pair);
  CALL(shutdown(pair[0], SHUT_RDWR));
  READY(pair[0]);
  wait_for(pair[1], POLLRDHUP);
  READY(pair[1]);
  CALL(recv(pair[0], buffer, 1, 0));
  CALL(send(pair[0], "x", 1, MSG_NOSIGNAL));
  CALL(recv(pair[1], buffer, 1, 0));
  CALL(send(pair[1], "x", 1, MSG_NOSIGNAL));
  CALL(shutdown(pair[0], 3));
  CALL(shutdown(pair[0], -1));
  close_both();
}

static void shut_while_pending(void) {
  heading("SHUT_RDWR, data unread");
  tcp_pair(pair);
  put(pair[1], "data");
  wait_for(pair[0], POLLIN);
  CALL(shutdown(pair[0], SHUT_RDWR));
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(recv(pair[0], buffer, sizeof buffer, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  close_both();
}

static void closing(void) {
  heading("close");
  tcp_pair(pair);
  put(pair[0], "all of it");
  CALL(close(pair[0]));
  CALL(close(pair[0]));
  wait_for(pair[1], POLLRDHUP);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  BYTES(buffer, 9);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  READY(pair[1]);
  CALL(send(pair[1], "x", 1, 0));
  wait_for(pair[1], POLLHUP);
  READY(pair[1]);
  caught = 0;
  CALL(recv(pair[1], buffer, sizeof buffer, MSG_PEEK));
  CALL(send(pair[1], "x", 1, 0));
  VALUE(caught);
  CALL(send(pair[1], "x", 1, 0));
  VALUE(caught);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  close(pair[1]);
}

static void unread(void) {
  heading("close with data unread");
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  tcp_pair(pair);
  put(pair[0], "for you");
  put(pair[1], "unheard");
  wait_for(pair[0], POLLIN);
  close(pair[0]);
  wait_for(pair[1], POLLHUP);
  READY(pair[1]);
  CALL(getpeername(pair[1], (struct sockaddr *)&name, &length));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  READY(pair[1]);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(shutdown(pair[1], SHUT_WR));
  close(pair[1]);
}

static void reset(void) {
  heading("SO_LINGER of no seconds: a reset");
  struct linger at_once = {.l_onoff = 1};
  int error = 0;
  socklen_t length = sizeof error;
  tcp_pair(pair);
  put(pair[0], "dropped or not");
  CALL(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  CALL(close(pair[0]));
  wait_for(pair[1], POLLHUP);
  READY(pair[1]);
  CALL(getsockopt(pair[1], SOL_SOCKET, SO_ERROR, &error, &length));
  VALUE(error == ECONNRESET);
  READY(pair[1]);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  caught = 0;
  CALL(send(pair[1], "x", 1, 0));
  VALUE(caught);
  close(pair[1]);
  tcp_pair(pair);
  setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(pair[0]);
  wait_for(pair[1], POLLHUP);
  CALL(send(pair[1], "x", 1, 0));
  CALL(send(pair[1], "x", 1, 0));
  VALUE(caught);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  close(pair[1]);
}

static void lingering(void) {
  heading("SO_LINGER of some seconds");
  struct linger two = {.l_onoff = 1, .l_linger = 1};
  static char much[1 << 16];
  tcp_pair(pair);
  setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &two, sizeof two);
  put(pair[0], "heard");
  SPEND(0, close(pair[0]));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  close(pair[1]);
  heading("SO_LINGER, and nobody reads");
  tcp_pair(pair);
  setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &two, sizeof two);
  while (send(pair[0], much, sizeof much, MSG_DONTWAIT) > 0)
    ;
  SPEND(1000, close(pair[0]));
  close(pair[1]);
}

static void in_flight(void) {
  heading("close with data in flight");
  static char much[1 << 16];
  size_t sent = 0, got = 0;
  ssize_t n;
  tcp_pair(pair);
  while ((n = send(pair[0], much, sizeof much, MSG_DONTWAIT)) > 0)
    sent += (size_t)n;
  SPEND(0, close(pair[0]));
  while ((n = recv(pair[1], much, sizeof much, 0)) > 0)
    got += (size_t)n;
  VALUE(n);
  VALUE(got == sent);
  close(pair[1]);
}

static void at_the_same_time(void) {
  heading("both close at once");
  tcp_pair(pair);
  CALL(shutdown(pair[0], SHUT_WR));
  CALL(shutdown(pair[1], SHUT_WR));
  wait_for(pair[0], POLLIN);
  wait_for(pair[1], POLLIN);
  CALL(recv(pair[0], buffer, 1, 0));
  CALL(recv(pair[1], buffer, 1, 0));
  READY(pair[0]);
  READY(pair[1]);
  close_both();
}

static void copies(void) {
  heading("a copy of the descriptor");
  tcp_pair(pair);
  int copy = OPEN(dup(pair[0]));
  CALL(close(pair[0]));
  CALL(send(copy, "open", 4, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  CALL(recv(pair[1], buffer, sizeof buffer, MSG_DONTWAIT));
  int other = OPEN(dup(copy));
  CALL(shutdown(other, SHUT_WR));
  CALL(send(copy, "x", 1, MSG_NOSIGNAL));
  close(copy);
  close(other);
  CALL(recv(pair[1], buffer, sizeof buffer, 0));
  close(pair[1]);
}

int main(void) {
  catch(SIGPIPE, 0);
  writing();
  reading();
  both_ways();
  shut_while_pending();
  closing();
  unread();
  reset();
  lingering();
  in_flight();
  at_the_same_time();
  copies();
}
