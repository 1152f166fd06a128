/* getsockopt and setsockopt: what is there at first, what becomes of what is set, and what cannot
 * be. tcp(7), socket(7). */
#include "check.h"
#include <net/if.h>
#include <netinet/tcp.h>

static int fresh(void) { return must(socket(AF_INET, SOCK_STREAM, 0), "socket"); }

static long get(int s, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(s, level, name, &value, &length) ? -1 : value;
}

static int set(int s, int level, int name, int value) {
  return setsockopt(s, level, name, &value, sizeof value);
}

/* Its value, then those that each of the others becomes. */
static void option(int level, int name, const char *label, int count, const int values[]) {
  int s = fresh();
  errno = 0;
  check_call(label, get(s, level, name));
  for (int i = 0; i < count; i++) {
    char call[64];
    snprintf(call, sizeof call, "%s set to %d", label, values[i]);
    errno = 0;
    if (check_call(call, set(s, level, name, values[i]))) continue;
    errno = 0;
    check_call(label, get(s, level, name));
  }
  close(s);
}
#define OPTION(level, name, ...)                                                                   \
  option(level, name, #level ", " #name, sizeof((int[]){__VA_ARGS__}) / sizeof(int),               \
         (int[]){__VA_ARGS__})

static void of_all_sockets(void) {
  heading("SOL_SOCKET");
  OPTION(SOL_SOCKET, SO_REUSEADDR, 1, 0, 7, -1);
  OPTION(SOL_SOCKET, SO_REUSEPORT, 1, 0, 7);
  OPTION(SOL_SOCKET, SO_KEEPALIVE, 1, 0, 7);
  OPTION(SOL_SOCKET, SO_BROADCAST, 1, 0, 7);
  OPTION(SOL_SOCKET, SO_OOBINLINE, 1, 0, 7);
  OPTION(SOL_SOCKET, SO_DONTROUTE, 1, 0, 7);
  OPTION(SOL_SOCKET, SO_TYPE, 2);
  OPTION(SOL_SOCKET, SO_DOMAIN, 2);
  OPTION(SOL_SOCKET, SO_PROTOCOL, 2);
  OPTION(SOL_SOCKET, SO_ERROR, 2);
  OPTION(SOL_SOCKET, SO_ACCEPTCONN, 1);
  OPTION(SOL_SOCKET, SO_RCVLOWAT, 10, 0);
  OPTION(SOL_SOCKET, SO_SNDLOWAT, 10);
  OPTION(SOL_SOCKET, SO_PRIORITY, 3);
  OPTION(SOL_SOCKET, SO_TIMESTAMP, 1, 0);
  OPTION(SOL_SOCKET, 9999, 1);
}

static void buffers(void) {
  heading("buffers");
  OPTION(SOL_SOCKET, SO_SNDBUF, 20000, 1, 0);
  OPTION(SOL_SOCKET, SO_RCVBUF, 20000, 1, 0);
}

static void of_tcp(void) {
  heading("IPPROTO_TCP");
  OPTION(IPPROTO_TCP, TCP_NODELAY, 1, 0, 7);
  OPTION(IPPROTO_TCP, TCP_CORK, 1, 0, 7);
  OPTION(IPPROTO_TCP, TCP_KEEPIDLE, 1, 100, 32767, 0, 32768, -1);
  OPTION(IPPROTO_TCP, TCP_KEEPINTVL, 1, 100, 32767, 0, 32768);
  OPTION(IPPROTO_TCP, TCP_KEEPCNT, 1, 127, 0, 128);
  OPTION(IPPROTO_TCP, TCP_SYNCNT, 1, 127, 0, 128);
  OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT, 5000, 0, -1);
  OPTION(IPPROTO_TCP, TCP_MAXSEG, 87, 32768);
  OPTION(IPPROTO_TCP, TCP_LINGER2, 30, -1);
  OPTION(IPPROTO_TCP, TCP_QUICKACK, 0, 1);
  OPTION(IPPROTO_TCP, 9999, 1);
  OPTION(9999, 1, 1);
}

static void not_in_the_lab(void) {
  heading("what the lab's TCP does not have");
  char value[16];
  socklen_t length = sizeof value;
  int s = fresh();
  CALL(getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, value, &length));
  CALL(getsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, value, &length));
  CALL(getsockopt(s, IPPROTO_TCP, TCP_FASTOPEN, value, &length));
  CALL(getsockopt(s, IPPROTO_TCP, TCP_WINDOW_CLAMP, value, &length));
  close(s);
}

static void lingering(void) {
  heading("SO_LINGER");
  struct linger l = {99, 99};
  socklen_t length = sizeof l;
  int s = fresh();
  CALL(getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &length));
  printf("l_onoff, l_linger, length = %d, %d, %u\n", l.l_onoff, l.l_linger, (unsigned)length);
  l = (struct linger){3, 12};
  CALL(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  CALL(getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &length));
  printf("l_onoff, l_linger = %d, %d\n", l.l_onoff, l.l_linger);
  l = (struct linger){0, 5};
  CALL(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l));
  CALL(getsockopt(s, SOL_SOCKET, SO_LINGER, &l, &length));
  printf("l_onoff, l_linger = %d, %d\n", l.l_onoff, l.l_linger);
  CALL(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l - 1));
  CALL(setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof(int)));
  close(s);
}

static void time_limits(void) {
  heading("SO_RCVTIMEO, SO_SNDTIMEO");
  struct timeval t = {9, 9};
  socklen_t length = sizeof t;
  int s = fresh();
  CALL(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, &length));
  VALUE(t.tv_sec || t.tv_usec);
  VALUE(length == sizeof t);
  t = (struct timeval){3, 500000};
  CALL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
  CALL(getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, &length));
  VALUE(t.tv_sec);
  VALUE(t.tv_usec);
  t = (struct timeval){0, 1000000};
  CALL(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
  t = (struct timeval){0, -1};
  CALL(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
  t = (struct timeval){-1, 0};
  CALL(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t));
  CALL(getsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, &length));
  VALUE(t.tv_sec);
  CALL(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t - 1));
  CALL(setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(int)));
  length = 3;
  CALL(getsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, &length));
  VALUE(length);
  close(s);
}

static void lengths(void) {
  heading("lengths");
  int s = fresh(), value = -1;
  long long wide = 1;
  socklen_t length = 1;
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &length));
  VALUE(length);
  VALUE(value & 0xff);
  length = 0;
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &length));
  VALUE(length);
  length = sizeof wide;
  CALL(getsockopt(s, SOL_SOCKET, SO_TYPE, &wide, &length));
  VALUE(length);
  CALL(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &wide, sizeof wide));
  CALL(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, 0));
  CALL(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, 4));
  CALL(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &value, 1));
  CALL(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &value, 0));
  length = 2;
  CALL(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &value, &length));
  VALUE(length);
  length = (socklen_t)-1;
  CALL(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &value, &length));
  close(s);
}

static void devices(void) {
  heading("SO_BINDTODEVICE");
  char name[IFNAMSIZ] = "?";
  socklen_t length = sizeof name;
  int s = fresh();
  CALL(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
  VALUE(length);
  CALL(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  length = sizeof name;
  CALL(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
  BYTES(name, length);
  length = 1;
  CALL(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
  CALL(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "none such", 9));
  CALL(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
  length = sizeof name;
  CALL(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
  VALUE(length);
  close(s);
}

/* A connection's state, by the numbers of TCP_INFO. */
static int state(int s) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  must(getsockopt(s, IPPROTO_TCP, TCP_INFO, &info, &length), "TCP_INFO");
  return info.tcpi_state;
}

static void await_state(int s, int wanted) {
  int64_t start = check_now();
  while (state(s) != wanted && check_now() - start < SAFETY_MS)
    poll(NULL, 0, 1);
}

static void information(void) {
  heading("TCP_INFO");
  int pair[2], s = fresh();
  struct sockaddr_in a;
  struct tcp_info info = {0};
  socklen_t length = 4;
  VALUE(state(s) == TCP_CLOSE);
  close(s);
  s = listener(&a, 5);
  VALUE(state(s) == TCP_LISTEN);
  close(s);
  tcp_pair(pair);
  VALUE(state(pair[0]) == TCP_ESTABLISHED);
  CALL(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
  VALUE(length);
  CALL(send(pair[0], "abc", 3, 0));
  wait_for(pair[1], POLLIN);
  length = sizeof info;
  CALL(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
  VALUE(info.tcpi_ca_state);
  VALUE(info.tcpi_retransmits);
  VALUE((info.tcpi_options & TCPI_OPT_WSCALE) != 0);
  VALUE(info.tcpi_snd_mss > 500);
  VALUE(info.tcpi_rto >= 200000);
  VALUE(info.tcpi_total_retrans);
  shutdown(pair[0], SHUT_WR);
  await_state(pair[0], TCP_FIN_WAIT2);
  VALUE(state(pair[0]) == TCP_FIN_WAIT2);
  VALUE(state(pair[1]) == TCP_CLOSE_WAIT);
  shutdown(pair[1], SHUT_WR);
  await_state(pair[1], TCP_CLOSE);
  VALUE(state(pair[1]) == TCP_CLOSE);
  VALUE(state(pair[0]) == TCP_CLOSE);
  close(pair[0]);
  close(pair[1]);
}

static void connected(void) {
  heading("of a connection");
  int pair[2];
  tcp_pair(pair);
  VALUE(get(pair[0], SOL_SOCKET, SO_TYPE) == SOCK_STREAM);
  VALUE(get(pair[1], SOL_SOCKET, SO_DOMAIN) == AF_INET);
  VALUE(get(pair[1], SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP);
  VALUE(get(pair[1], SOL_SOCKET, SO_ACCEPTCONN));
  VALUE(get(pair[0], IPPROTO_TCP, TCP_MAXSEG) > 32000);
  VALUE(get(pair[0], SOL_SOCKET, SO_SNDBUF) >= 16384);
  VALUE(get(pair[0], SOL_SOCKET, SO_RCVBUF) >= 65536);
  CALL(set(pair[0], SOL_SOCKET, SO_RCVBUF, 30000));
  VALUE(get(pair[0], SOL_SOCKET, SO_RCVBUF));
  CALL(set(pair[0], IPPROTO_TCP, TCP_MAXSEG, 1000));
  CALL(set(pair[0], SOL_SOCKET, SO_KEEPALIVE, 1));
  CALL(set(pair[0], IPPROTO_TCP, TCP_KEEPIDLE, 50));
  VALUE(get(pair[0], IPPROTO_TCP, TCP_KEEPIDLE));
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  of_all_sockets();
  buffers();
  of_tcp();
  not_in_the_lab();
  lingering();
  time_limits();
  lengths();
  devices();
  information();
  connected();
}
