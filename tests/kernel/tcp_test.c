/* TCP between the lab's hosts, over lwIP. */
#include "test.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PORT = 9999, LARGE = 8 << 20 };

static struct sockaddr_in address_of(const char *ip, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, ip, &a.sin_addr);
  return a;
}

static long new_socket(void) { return __syscall_socket(AF_INET, SOCK_STREAM, 0, 0, 0, 0); }

static long bind_to(long fd, const char *ip, int port) {
  struct sockaddr_in a = address_of(ip, port);
  return __syscall_bind((int)fd, U(&a), sizeof a, 0, 0, 0);
}

static long connect_to(long fd, const char *ip, int port) {
  struct sockaddr_in a = address_of(ip, port);
  return __syscall_connect((int)fd, U(&a), sizeof a, 0, 0, 0);
}

static long listen_at(const char *ip, int port, int backlog) {
  long fd = new_socket();
  int on = 1;
  __syscall_setsockopt((int)fd, SOL_SOCKET, SO_REUSEADDR, U(&on), sizeof on, 0);
  if (bind_to(fd, ip, port) || __syscall_listen((int)fd, backlog, 0, 0, 0, 0)) return -1;
  return fd;
}

static long accept_from(long fd) { return __syscall_accept4((int)fd, 0, 0, 0, 0, 0); }

static const char *name_of(long fd, bool peer) {
  static _Thread_local char text[64];
  struct sockaddr_in a = {0};
  int length = sizeof a;
  long error = peer ? __syscall_getpeername((int)fd, U(&a), U(&length), 0, 0, 0)
                    : __syscall_getsockname((int)fd, U(&a), U(&length), 0, 0, 0);
  if (error) return "no name";
  snprintf(text, sizeof text, "%s:%d", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
  return text;
}

static long take_whole(long fd, char *to, size_t n) {
  size_t done = 0;
  for (long got; done < n && (got = take(fd, to + done, n - done)) > 0;)
    done += (size_t)got;
  return (long)done;
}

/* Starts a server, and when it waits a client; their ends. */
static void serve(const char *server_host, void (*server)(void), const char *client_host,
                  void (*client)(void)) {
  int s = start_on(server_host, server);
  wait_asleep(s);
  int c = start_on(client_host, client);
  is(wait_for(c), 0, "the client ends");
  is(wait_for(s), 0, "the server ends");
}

/* --- the lesson --- */

static void thank_one(void) {
  long fd = listen_at("0.0.0.0", PORT, 5);
  struct sockaddr_in from;
  int length = sizeof from;
  long peer = __syscall_accept4((int)fd, U(&from), U(&length), 0, 0, 0);
  same(inet_ntoa(from.sin_addr), "10.0.0.2", "accept tells who it is");
  same(name_of(peer, false), "10.0.0.1:9999", "getsockname of the accepted");
  is(put(peer, "thank you\r\n", 11), 11, "send");
}

static void be_thanked(void) {
  char b[64];
  long fd = new_socket();
  is(connect_to(fd, "10.0.0.1", PORT), 0, "connect");
  same(name_of(fd, true), "10.0.0.1:9999", "getpeername");
  ok(!strncmp(name_of(fd, false), "10.0.0.2:", 9), "getsockname");
  is(take(fd, b, sizeof b), 11, "receive");
  same(b, "thank you\r\n", "what was sent");
  is(take(fd, b, sizeof b), 0, "and the end");
}

/* --- much, both ways at once --- */

static char pattern(size_t i) { return (char)(i * 7 + i / 251); }
static char *sent, *received;

static void echo_all(void) {
  static char b[65536];
  long fd = listen_at("0.0.0.0", PORT, 5), peer = accept_from(fd), n;
  while ((n = take(peer, b, sizeof b)) > 0)
    for (long done = 0, m; done < n && (m = put(peer, b + done, (size_t)(n - done))) > 0;)
      done += m;
}

static int echo_socket;
static void read_echo(void) {
  received[0] = !pattern(0);
  take_whole(echo_socket, received, LARGE);
}

static void send_much(void) {
  long fd = new_socket();
  connect_to(fd, "10.0.0.1", PORT);
  echo_socket = (int)fd;
  long child = start_child(read_echo);
  is(put(fd, sent, LARGE), LARGE, "a large write is written whole");
  __syscall_shutdown((int)fd, SHUT_WR, 0, 0, 0, 0);
  __syscall_wait4((int)child, 0, 0, 0);
  ok(!memcmp(sent, received, LARGE), "8 MiB come back as they were sent");
}

static void much(const char *server, const char *client) {
  sent = malloc(LARGE);
  received = malloc(LARGE);
  for (size_t i = 0; i < LARGE; i++)
    sent[i] = pattern(i);
  serve(server, echo_all, client, send_much);
  free(sent);
  free(received);
}

/* --- who may have which address --- */

static void addresses(void) {
  long fd = new_socket(), other = new_socket();
  is(__syscall_listen((int)fd, 5, 0, 0, 0, 0), 0, "listen without bind");
  ok(strncmp(name_of(fd, false), "0.0.0.0:0", 9) != 0, "takes a port");
  shut(fd);
  fd = new_socket();
  is(bind_to(fd, "10.0.0.1", 80), 0, "bind to its own address, and a low port");
  is(bind_to(fd, "10.0.0.1", 81), -EINVAL, "bind again");
  is(bind_to(other, "10.0.0.1", 80), -EADDRINUSE, "bind to what is in use");
  is(bind_to(other, "0.0.0.0", 80), -EADDRINUSE, "or to all of it");
  is(bind_to(other, "10.0.0.2", 80), -EADDRNOTAVAIL, "bind to another host's address");
  is(bind_to(other, "127.0.0.1", 80), 0, "bind to the loopback");
  is(connect_to(other, "10.0.0.1", 81), -ECONNREFUSED,
     "connect from it to a port without a server");
  shut(fd);
  shut(other);
  fd = new_socket();
  is(bind_to(fd, "10.0.0.1", 80), 0, "a port that was closed is free");
  is(bind_to(99, "10.0.0.1", 80), -EBADF, "bind of nothing");
  is(__syscall_bind((int)fd, 0, 16, 0, 0, 0), -EFAULT, "bind to a bad address");
  is(accept_from(fd), -EINVAL, "accept without listen");
  is(connect_to(new_socket(), "10.0.0.2", 81), -ECONNREFUSED, "connect to a port without a server");
}

static void hear_only_own(void) {
  long fd = listen_at("0.0.0.0", PORT, 5);
  ok(fd >= 0, "two hosts can have the same port");
  shut(accept_from(fd));
}

static void connect_to_bob(void) {
  is(connect_to(new_socket(), "10.0.0.1", PORT), -ECONNREFUSED,
     "a socket of bob's is none of alice's");
  is(connect_to(new_socket(), "10.0.0.2", PORT), 0, "but bob's");
}

static void loopback_only(void) {
  long fd = listen_at("127.0.0.1", PORT, 5), client = new_socket();
  is(connect_to(client, "127.0.0.1", PORT), 0, "connect on the loopback");
  long peer = accept_from(fd);
  ok(!strncmp(name_of(peer, true), "127.0.0.1:", 10), "from the loopback");
  is(connect_to(new_socket(), "10.0.0.1", PORT), -ECONNREFUSED, "whose server hears nothing else");
  put(client, "x", 1);
  char b[4];
  is(take(peer, b, 4), 1, "a byte");
}

/* --- ends --- */

static void reset_peer(void) {
  long fd = listen_at("0.0.0.0", PORT, 5), peer = accept_from(fd);
  char b[1];
  take(peer, b, 1);
  struct linger now = {.l_onoff = 1};
  if (__syscall_setsockopt((int)peer, SOL_SOCKET, SO_LINGER, U(&now), sizeof now, 0))
    put(peer, "", 0);
  shut(peer); /* with a byte unread, or lingering for no time: a reset */
}

static void be_reset(void) {
  char b[4];
  long fd = new_socket();
  connect_to(fd, "10.0.0.1", PORT);
  put(fd, "ab", 2);
  is(take(fd, b, 4), -ECONNRESET, "a reset connection");
  is(take(fd, b, 4), 0, "says so once");
  on_signal(SIGPIPE, SIG_IGN, 0);
  is(put(fd, "x", 1), -EPIPE, "and cannot be written");
}

static void half_close(void) {
  char b[8] = {0};
  long fd = listen_at("0.0.0.0", PORT, 5), peer = accept_from(fd);
  is(take_whole(peer, b, 8), 3, "the server reads to the end");
  is(put(peer, "got it", 6), 6, "and can still answer");
}

static void half_closed(void) {
  char b[8] = {0};
  long fd = new_socket();
  connect_to(fd, "10.0.0.1", PORT);
  put(fd, "abc", 3);
  is(__syscall_shutdown((int)fd, SHUT_WR, 0, 0, 0, 0), 0, "shutdown");
  on_signal(SIGPIPE, SIG_IGN, 0);
  is(put(fd, "x", 1), -EPIPE, "then it cannot be written");
  is(take(fd, b, 8), 6, "but read");
  is(__syscall_shutdown((int)new_socket(), SHUT_WR, 0, 0, 0, 0), -ENOTCONN,
     "shutdown without a connection");
}

/* --- without blocking --- */

static void nonblocking(void) {
  long fd = listen_at("0.0.0.0", PORT, 5), client = new_socket();
  file_control(fd, F_SETFL, O_NONBLOCK);
  file_control(client, F_SETFL, O_NONBLOCK);
  is(accept_from(fd), -EAGAIN, "accept with nobody there");
  long result = connect_to(client, "10.0.0.1", PORT);
  ok(result == -EINPROGRESS || result == 0, "connect does not wait");
  struct pollfd p[] = {{.fd = (int)client, .events = POLLOUT}, {.fd = (int)fd, .events = POLLIN}};
  while (__syscall_poll(U(p), 2, 1000) < 2) {
  }
  int error = -1, length = sizeof error;
  __syscall_getsockopt((int)client, SOL_SOCKET, SO_ERROR, U(&error), U(&length), 0);
  is(error, 0, "it is connected when it can be written");
  long peer = accept_from(fd);
  ok(peer > 0, "and can be accepted");
  char b[4];
  is(take(client, b, 4), -EAGAIN, "read with nothing there");
  static char much_to_send[4 << 20];
  long n = put(client, much_to_send, sizeof much_to_send);
  ok(n > 0 && n < (long)sizeof much_to_send, "a large write is written in part");
  while ((result = put(client, much_to_send, sizeof much_to_send)) > 0)
    n += result;
  is(result, -EAGAIN, "until nothing more goes in");
  p[0].revents = 0;
  is(__syscall_poll(U(p), 1, 0), 0, "and poll says so");
  for (long got = 0; got < n;)
    got += take(peer, much_to_send, sizeof much_to_send);
  is(__syscall_poll(U(p), 1, 1000), 1, "when all is read it can be written again");
  is(connect_to(client, "10.0.0.1", PORT), 0, "connect again tells that it has succeeded");
  is(connect_to(client, "10.0.0.1", PORT), -EISCONN, "once");
}

/* Both ends are full, and TCP's timers have asked each whether there is room again. */
static void both_full(void) {
  static char b[1 << 20];
  long fd = listen_at("0.0.0.0", PORT, 5), ends[2] = {new_socket()}, written[2] = {0}, n;
  connect_to(ends[0], "10.0.0.1", PORT);
  ends[1] = accept_from(fd);
  for (int round = 0; round < 6; round++, sleep_ms(100))
    for (int i = 0; i < 2; i++) {
      file_control(ends[i], F_SETFL, O_NONBLOCK);
      while ((n = put(ends[i], b, sizeof b)) > 0)
        written[i] += n;
    }
  ok(written[0] > 1 << 20 && written[1] > 1 << 20, "two ends write until both are full");
  for (int i = 0; i < 2; i++)
    for (struct pollfd p = {.fd = (int)ends[i], .events = POLLIN};
         written[!i] && __syscall_poll(U(&p), 1, 5000) == 1;)
      while ((n = take(ends[i], b, sizeof b)) > 0)
        written[!i] -= n;
  ok(!written[0] && !written[1], "and then each reads what the other wrote");
}

static void time_limit(void) {
  long fd = listen_at("0.0.0.0", PORT, 5), client = new_socket();
  connect_to(client, "10.0.0.1", PORT);
  struct timeval t = {.tv_usec = 30000};
  is(__syscall_setsockopt((int)client, SOL_SOCKET, SO_RCVTIMEO, U(&t), sizeof t, 0), 0,
     "SO_RCVTIMEO");
  int64_t before = now_ns();
  char b[4];
  is(take(client, b, 4), -EAGAIN, "a read ends after it");
  ok(now_ns() - before >= 30000000, "and not before");
  __syscall_setsockopt((int)fd, SOL_SOCKET, SO_RCVTIMEO, U(&t), sizeof t, 0);
  shut(accept_from(fd));
  is(accept_from(fd), -EAGAIN, "so does accept");
}

/* --- one after the other --- */

enum { ROUNDS = 300 };
static void answer_rounds(void) {
  long fd = listen_at("0.0.0.0", PORT, 5);
  for (int i = 0; i < ROUNDS; i++) {
    long peer = accept_from(fd);
    put(peer, "x", 1);
    shut(peer);
  }
}

static void ask_rounds(void) {
  int good = 0;
  for (int i = 0; i < ROUNDS; i++) {
    char b[2];
    long fd = new_socket();
    good += !connect_to(fd, "10.0.0.1", PORT) && take(fd, b, 2) == 1 && take(fd, b, 2) == 0;
    shut(fd);
  }
  is(good, ROUNDS, "connections one after the other");
}

static void flags(void) {
  char b[8] = {0};
  long fd = listen_at("0.0.0.0", PORT, 5), client = new_socket();
  connect_to(client, "10.0.0.1", PORT);
  long peer = accept_from(fd);
  put(client, "abcdef", 6);
  is(__syscall_recvfrom((int)peer, U(b), 3, MSG_PEEK, 0, 0), 3, "MSG_PEEK");
  is(__syscall_recvfrom((int)peer, U(b), 3, 0, 0, 0), 3, "leaves the bytes there");
  same(b, "abc", "which are the same");
  is(__syscall_recvfrom((int)peer, U(b), 3, 0, 0, 0), 3, "the rest");
  is(__syscall_recvfrom((int)peer, U(b), 1, MSG_DONTWAIT, 0, 0), -EAGAIN, "MSG_DONTWAIT");
  is(__syscall_recvfrom(99, U(b), 1, 0, 0, 0), -EBADF, "recv of nothing");
  is(__syscall_sendto((int)client, 8, 3, 0, 0, 0), -EFAULT, "send from a bad address");
  put(client, "x", 1);
  is(__syscall_recvfrom((int)peer, 8, 1, 0, 0, 0), -EFAULT, "recv to a bad address");
  is(__syscall_recvfrom((int)peer, U(b), 1, 0, 0, 0), 1, "loses nothing");
  int fds[2];
  __syscall_pipe2(U(fds), 0);
  is(__syscall_listen(fds[0], 1, 0, 0, 0, 0), -ENOTSOCK, "listen on a pipe");
  shut(peer);
  shut(client);
  is(__syscall_sendto((int)new_socket(), U(b), 1, MSG_NOSIGNAL, 0, 0), -EPIPE,
     "send without a connection");
  is(__syscall_recvfrom((int)new_socket(), U(b), 1, 0, 0, 0), -ENOTCONN,
     "recv without a connection");
}

int main(void) {
  boot();
  serve("alice", thank_one, "bob", be_thanked);
  much("alice", "carol");
  much("alice", "alice");
  run(addresses);
  serve("bob", hear_only_own, "alice", connect_to_bob);
  run(loopback_only);
  serve("alice", reset_peer, "bob", be_reset);
  serve("alice", half_close, "bob", half_closed);
  run(nonblocking);
  run(both_full);
  run(time_limit);
  serve("alice", answer_rounds, "bob", ask_rounds);
  run(flags);
  return finish();
}
