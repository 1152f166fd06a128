/* Every call that blocks: a handler interrupts it, and a kill ends it, with nothing left behind. */
#include "test.h"
#include "tcp.h"

#include "lwip/etharp.h"
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

/* not netinet/in.h: lwIP has its own of the same names */
struct internet {
  uint16_t family, port;
  uint32_t ip;
  uint8_t zero[8];
};
static struct internet address_of(uint32_t ip, int port) {
  return (struct internet){AF_INET, lwip_htons((uint16_t)port), lwip_htonl(ip), {0}};
}
enum { ALICE = 0x0a000001, NOBODY = 0x0a0000c8, OUTSIDE = 0x08080808 };

static long result;
static char large[4 << 20];
static uint64_t none;
static int ends[2];
static bool about_to_block;
#define BLOCK(call) (__atomic_store_n(&about_to_block, true, __ATOMIC_SEQ_CST), result = (call))

static void open_pipe(void) { __syscall_pipe2(U(ends), 0); }
static void do_pause(void) { BLOCK(__syscall_pause()); }
static void do_suspend(void) { BLOCK(__syscall_rt_sigsuspend(U(&none))); }
static void do_sleep(void) { BLOCK(sleep_ms(100000)); }
static void do_read(void) {
  open_pipe();
  BLOCK(take(ends[0], large, 1));
}
static void do_write(void) {
  open_pipe();
  put(ends[1], large, PIPE_SIZE);
  BLOCK(put(ends[1], large, 1));
}
static void do_poll(void) {
  open_pipe();
  struct pollfd p[] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[0], .events = POLLPRI}};
  BLOCK(__syscall_poll(U(p), 2, -1));
}
static void do_select(void) {
  fd_set in;
  open_pipe();
  FD_ZERO(&in);
  FD_SET(ends[0], &in);
  BLOCK(__syscall__newselect(ends[0] + 1, U(&in), 0, 0, 0));
}
static void do_pselect(void) {
  struct {
    uptr set;
    size_t size;
  } mask = {U(&none), 8};
  BLOCK(__syscall_pselect6(0, 0, 0, 0, 0, U(&mask)));
}
static void sleeper(void) { sleep_ms(100000); }
static void do_wait(void) {
  long child = start_child(sleeper);
  BLOCK(__syscall_wait4(-1, 0, 0, 0));
  __syscall_kill((int)child, SIGKILL);
}

/* --- with a terminal --- */

static void do_read_terminal(void) { BLOCK(take(0, large, 16)); }
static void do_write_terminal(void) {
  file_control(1, F_SETFL, O_NONBLOCK);
  while (put(1, large, 1000) > 0) {
  }
  file_control(1, F_SETFL, 0);
  BLOCK(put(1, large, 1000));
}

/* --- sockets --- */

static int new_socket(void) { return (int)__syscall_socket(AF_INET, SOCK_STREAM, 0, 0, 0, 0); }
static long connect_to(int fd, uint32_t ip, int port) {
  struct internet a = address_of(ip, port);
  return __syscall_connect(fd, U(&a), sizeof a, 0, 0, 0);
}
static int listener(int port) {
  int fd = new_socket(), on = 1;
  struct internet a = address_of(0, port);
  __syscall_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, U(&on), sizeof on, 0);
  if (__syscall_bind(fd, U(&a), sizeof a, 0, 0, 0)) abort();
  __syscall_listen(fd, 5, 0, 0, 0, 0);
  return fd;
}
/* Both ends of a connection of alice's with itself; the accepted one is not closed. */
static int pair(int *accepted) {
  int server = listener(7000), client = new_socket();
  connect_to(client, ALICE, 7000);
  *accepted = (int)__syscall_accept4(server, 0, 0, 0, 0, 0);
  return client;
}
static void do_accept(void) { BLOCK(__syscall_accept4(listener(7001), 0, 0, 0, 0, 0)); }
static void do_connect(void) { BLOCK(connect_to(new_socket(), NOBODY, 7000)); }
static void do_connect_outside(void) { BLOCK(connect_to(new_socket(), OUTSIDE, 80)); }
static void do_receive(void) {
  int peer, fd = pair(&peer);
  BLOCK(__syscall_recvfrom(fd, U(large), 16, 0, 0, 0));
}
static void do_receive_all(void) {
  int peer, fd = pair(&peer);
  BLOCK(__syscall_recvfrom(fd, U(large), 16, MSG_WAITALL, 0, 0));
}
/* Until no more goes in, even after TCP's timers. */
static void fill(int fd) {
  file_control(fd, F_SETFL, O_NONBLOCK);
  for (int refused = 0; refused < 2; sleep_ms(100))
    for (refused++; put(fd, large, sizeof large) > 0;)
      refused = 0;
  file_control(fd, F_SETFL, 0);
}
static void do_send(void) {
  int peer, fd = pair(&peer);
  fill(fd);
  BLOCK(put(fd, large, 1));
}
static void do_poll_sockets(void) {
  int peer, fd = pair(&peer);
  struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = peer, .events = POLLIN}};
  BLOCK(__syscall_poll(U(p), 2, -1));
}
static void do_receive_outside(void) {
  int fd = new_socket();
  connect_to(fd, OUTSIDE, 80);
  BLOCK(take(fd, large, 16));
}
static void do_send_outside(void) {
  int fd = new_socket();
  connect_to(fd, OUTSIDE, 80);
  fill(fd);
  BLOCK(put(fd, large, 1));
}

/* --- sockets of AF_UNIX --- */

struct local_name {
  uint16_t family;
  char path[5]; /* abstract */
};
static const struct local_name name = {AF_UNIX, "\0kill"};
enum { NAME_SIZE = 7 };

static int unix_socket_of(int type) { return (int)__syscall_socket(AF_UNIX, type, 0, 0, 0, 0); }
static int unix_pair_of(int type) {
  int fds[2];
  __syscall_socketpair(AF_UNIX, type, 0, U(fds), 0, 0);
  return fds[0];
}
static int unix_bound(int type) {
  int fd = unix_socket_of(type);
  if (__syscall_bind(fd, U(&name), NAME_SIZE, 0, 0, 0)) abort();
  return fd;
}
static int unix_listener(void) {
  int fd = unix_bound(SOCK_STREAM);
  __syscall_listen(fd, 0, 0, 0, 0, 0);
  return fd;
}
static long unix_connect(int fd) { return __syscall_connect(fd, U(&name), NAME_SIZE, 0, 0, 0); }
static void do_unix_accept(void) { BLOCK(__syscall_accept4(unix_listener(), 0, 0, 0, 0, 0)); }
static void do_unix_connect(void) {
  unix_listener();
  unix_connect(unix_socket_of(SOCK_STREAM));
  BLOCK(unix_connect(unix_socket_of(SOCK_STREAM)));
}
static void do_unix_receive(void) { BLOCK(take(unix_pair_of(SOCK_STREAM), large, 1)); }
static void do_unix_receive_packet(void) { BLOCK(take(unix_pair_of(SOCK_SEQPACKET), large, 1)); }
static void do_unix_send(void) {
  int fd = unix_pair_of(SOCK_STREAM);
  fill(fd);
  BLOCK(put(fd, large, 1));
}
static void do_unix_send_packet(void) {
  int fd = unix_pair_of(SOCK_DGRAM);
  file_control(fd, F_SETFL, O_NONBLOCK);
  while (put(fd, large, 10000) > 0) {
  }
  file_control(fd, F_SETFL, 0);
  BLOCK(put(fd, large, 10000));
}
static void do_unix_send_to_full(void) {
  int fd = unix_socket_of(SOCK_DGRAM);
  unix_bound(SOCK_DGRAM);
  unix_connect(fd);
  for (int i = 0; i < 11; i++)
    put(fd, large, 1);
  BLOCK(put(fd, large, 1));
}

/* --- epoll, eventfd, timerfd --- */

static void do_epoll(void) {
  struct epoll_event e = {.events = EPOLLIN};
  int ep = (int)__syscall_epoll_create1(0);
  open_pipe();
  __syscall_epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], U(&e));
  BLOCK(__syscall_epoll_pwait(ep, U(&e), 1, -1, 0, 0));
}
static void do_event_read(void) { BLOCK(take(__syscall_eventfd2(0, 0), large, 8)); }
static void do_event_write(void) {
  uint64_t most = UINT64_MAX - 1;
  long fd = __syscall_eventfd2(0, 0);
  put(fd, (char *)&most, sizeof most);
  BLOCK(put(fd, (char *)&most, sizeof most));
}
static void do_timer_read(void) {
  BLOCK(take(__syscall_timerfd_create(CLOCK_MONOTONIC, 0), large, 8));
}

/* --- the cases --- */

enum with { ALONE, TERMINAL, CONNECTED_OUTSIDE };
static const struct blocking {
  const char *name;
  void (*body)(void);
  enum with with;
} calls[] = {
    {"pause", do_pause, ALONE},
    {"sigsuspend", do_suspend, ALONE},
    {"nanosleep", do_sleep, ALONE},
    {"wait", do_wait, ALONE},
    {"read of a pipe", do_read, ALONE},
    {"write to a pipe", do_write, ALONE},
    {"poll", do_poll, ALONE},
    {"select", do_select, ALONE},
    {"pselect", do_pselect, ALONE},
    {"read of a terminal", do_read_terminal, TERMINAL},
    {"write to a terminal", do_write_terminal, TERMINAL},
    {"accept", do_accept, ALONE},
    {"connect to nobody", do_connect, ALONE},
    {"connect to the outside", do_connect_outside, ALONE},
    {"recv", do_receive, ALONE},
    {"recv MSG_WAITALL", do_receive_all, ALONE},
    {"send", do_send, ALONE},
    {"poll of sockets", do_poll_sockets, ALONE},
    {"recv from the outside", do_receive_outside, CONNECTED_OUTSIDE},
    {"send to the outside", do_send_outside, CONNECTED_OUTSIDE},
    {"accept of AF_UNIX", do_unix_accept, ALONE},
    {"connect to a full listener", do_unix_connect, ALONE},
    {"recv of AF_UNIX", do_unix_receive, ALONE},
    {"recv of a packet", do_unix_receive_packet, ALONE},
    {"send of AF_UNIX", do_unix_send, ALONE},
    {"send of a datagram", do_unix_send_packet, ALONE},
    {"send to a full queue", do_unix_send_to_full, ALONE},
    {"epoll_wait", do_epoll, ALONE},
    {"read of an eventfd", do_event_read, ALONE},
    {"write to an eventfd", do_event_write, ALONE},
    {"read of a timerfd", do_timer_read, ALONE},
};

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
static size_t heap_used(void) { return __sanitizer_get_current_allocated_bytes(); }
#else
static size_t heap_used(void) { return 0; }
#endif

/* Processes, connections and the Worker's descriptors are gone; what lwIP keeps for a time is
 * dropped. Returns what is still allocated. */
static size_t settle(void) {
  k_kill(-1, SIGKILL); /* orphans */
  UNTIL(!processes && !tcp_active_pcbs && !tcp_bound_pcbs && !tcp_listen_pcbs.pcbs);
  lock();
  tcp_wait_end(0);
  struct netif *n;
  NETIF_FOREACH(n) etharp_cleanup_netif(n); /* packets that wait for an answer from nobody */
  int held = 0;
  for (int fd = 0; fd < FD_LIMIT; fd++)
    held += kernel_proc.files[fd] != NULL;
  unlock();
  if (held) ok(false, "%d descriptors are held", held);
  pump(1);
  return heap_used();
}

static void catch(int sig) { (void)sig; }
static void (*body)(void);
static void with_handler(void) {
  on_signal(SIGUSR1, catch, 0);
  body();
}

/* Whether it sleeps in the call that is meant. */
static bool blocked(int pid) {
  lock();
  struct proc *p = proc_find(pid);
  bool asleep = __atomic_load_n(&about_to_block, __ATOMIC_SEQ_CST) && p->threads->asleep;
  unlock();
  return asleep;
}

/* Starts it and waits until it sleeps for good; sends it the signal. Its status. */
static int signalled(const struct blocking *c, int sig) {
  int master = -1, slave = -1;
  if (c->with == TERMINAL) {
    int both = k_pty(80, 24);
    master = both >> 16;
    slave = both & 0xffff;
  }
  body = c->body;
  result = 99;
  about_to_block = false;
  gateway = -1;
  int pid = spawn_program("alice", "/bin/program", with_handler, slave, slave, slave);
  if (slave >= 0) k_close(slave);
  if (c->with == CONNECTED_OUTSIDE) {
    UNTIL(gateway >= 0);
    k_gateway_connected(gateway);
  }
  UNTIL(blocked(pid));
  k_kill(pid, sig);
  int status = wait_for(pid);
  if (master >= 0) k_close(master);
  if (gateway >= 0) k_close(gateway);
  return status;
}

int main(void) {
  boot();
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    const struct blocking *c = &calls[i];
    is(signalled(c, SIGUSR1), 0, c->name);
    ok(result == -EINTR, "is interrupted by a handler (%ld)", result);
    size_t before = settle();
    is(signalled(c, SIGKILL), SIGKILL, "is ended by a kill");
    ok(result == 99, "and does not return");
    is((long)(settle() - before), 0, "and leaves nothing behind");
  }
  return finish();
}
