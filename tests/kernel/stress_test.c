/* Processes that are killed at any moment, whatever they are doing: the kernel goes on, and in the
 * end nothing is left of them. */
#include "test.h"
#include "tcp.h"

#include "lwip/etharp.h"
#include <sys/socket.h>
#include <sys/time.h>

enum { SECONDS = 3, ALIVE = 12, FIRST_PORT = 20000, PORTS = 1000 };

/* not netinet/in.h: lwIP has its own of the same names */
struct internet {
  uint16_t family, port;
  uint32_t ip;
  uint8_t zero[8];
};

static int pairs; /* how many servers and clients there have been */
static char bytes[100000];

static int tcp_socket_at(int port, struct internet *a, uint32_t ip) {
  *a = (struct internet){AF_INET, lwip_htons((uint16_t)port), lwip_htonl(ip), {0}};
  return (int)__syscall_socket(AF_INET, SOCK_STREAM, 0, 0, 0, 0);
}

static int current_port(void) {
  return FIRST_PORT + __atomic_load_n(&pairs, __ATOMIC_SEQ_CST) % PORTS;
}

static void serve(void) {
  struct internet a;
  int on = 1, fd = tcp_socket_at(current_port(), &a, 0);
  __syscall_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, U(&on), sizeof on, 0);
  __syscall_bind(fd, U(&a), sizeof a, 0, 0, 0);
  __syscall_listen(fd, 3, 0, 0, 0, 0);
  char b[10000];
  for (long peer, n; (peer = __syscall_accept4(fd, 0, 0, 0, 0, 0)) >= 0; shut(peer))
    while ((n = take(peer, b, sizeof b)) > 0)
      put(peer, b, (size_t)n / 3);
}

static void stream(void) {
  struct internet a;
  int fd = tcp_socket_at(current_port(), &a, 0x0a000001);
  if (__syscall_connect(fd, U(&a), sizeof a, 0, 0, 0)) return;
  file_control(fd, F_SETFL, O_NONBLOCK);
  for (;;) {
    char b[10000];
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    __syscall_poll(U(&p), 1, -1);
    if (p.revents & POLLIN && take(fd, b, sizeof b) <= 0) return;
    if (p.revents & POLLOUT) put(fd, bytes, sizeof bytes);
    if (p.revents & (POLLERR | POLLHUP)) return;
  }
}

static void come_and_go(void) {
  for (;;) {
    struct internet a;
    int fd = tcp_socket_at(current_port(), &a, 0x0a000001);
    if (!__syscall_connect(fd, U(&a), sizeof a, 0, 0, 0)) put(fd, bytes, 1000);
    shut(fd);
  }
}

static void drain(void) {
  char b[1000];
  while (take(0, b, sizeof b) > 0) {
  }
}

static void pour(void) {
  int ends[2];
  __syscall_pipe2(U(ends), 0);
  start_child(drain);
  start_child(drain);
  for (;;)
    put(ends[1], bytes, sizeof bytes);
}

static void write_files(void) {
  mode_t mode = 0600;
  char name[] = "a", to[] = "/tmp/a";
  for (unsigned i = 0;; i++) {
    name[0] = (char)('a' + i % 5);
    to[5] = (char)('a' + i % 3);
    long fd = __syscall_openat(AT_FDCWD, U(name), O_CREAT | O_RDWR, U(&mode));
    put(fd, bytes, i * 97 % sizeof bytes);
    __syscall_renameat(AT_FDCWD, U(name), AT_FDCWD, U(to));
    if (i % 7 == 0) __syscall_unlinkat(AT_FDCWD, U(to), 0);
    shut(fd);
  }
}

static void tick(int sig) { (void)sig; }
static void be_interrupted(void) {
  struct itimerval v = {.it_value.tv_usec = 500, .it_interval.tv_usec = 500};
  on_signal(SIGALRM, tick, SA_RESTART);
  __syscall_setitimer(ITIMER_REAL, U(&v), 0);
  for (;;)
    sleep_ms(3);
}

static void just_compute(void) { compute(); }

static void (*const bodies[])(void) = {serve,        stream,         stream,      come_and_go,
                                       pour,         write_files,    serve,       stream,
                                       just_compute, be_interrupted, come_and_go, stream};
enum { BODIES = sizeof bodies / sizeof *bodies };

static const char *const hosts[] = {"alice", "bob", "carol"};

static void remove_files(void) {
  char name[] = "a", path[] = "/tmp/a";
  for (; *name <= 'e'; path[5] = ++*name) {
    __syscall_unlinkat(AT_FDCWD, U(name), 0);
    __syscall_unlinkat(AT_FDCWD, U(path), 0);
  }
}

/* Runs and kills for a time; how many were killed. */
static int turmoil(int64_t until) {
  int killed = 0;
  uint32_t random = 1;
  while (now_ns() < until && program_count < 4000) {
    random = random * 1664525 + 1013904223;
    int alive = 0, victim = 0, at = (int)(random >> 16) % ALIVE;
    lock();
    for (struct proc *p = processes; p; p = p->next)
      if (p->state == PROC_RUNNING && alive++ == at) victim = p->pid;
    unlock();
    if (victim) killed += !k_kill(victim, random & 1 << 12 ? SIGKILL : SIGTERM);
    for (; alive < ALIVE; alive++) {
      random = random * 1664525 + 1013904223;
      void (*body)(void) = bodies[(random >> 16) % BODIES];
      if (body == serve) __atomic_add_fetch(&pairs, 1, __ATOMIC_SEQ_CST);
      start_on(body == serve ? "alice" : hosts[random >> 8 & 1], body);
    }
    pump((int)(random >> 20) % 4);
  }
  k_kill(-1, SIGKILL);
  return killed;
}

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
static size_t heap_used(void) { return __sanitizer_get_current_allocated_bytes(); }
#else
static size_t heap_used(void) { return 0; }
#endif

static size_t settle(void) {
  run(remove_files);
  k_kill(-1, SIGKILL);
  UNTIL(!processes && !tcp_active_pcbs && !tcp_bound_pcbs && !tcp_listen_pcbs.pcbs);
  lock();
  tcp_wait_end(0);
  struct netif *n;
  NETIF_FOREACH(n) etharp_cleanup_netif(n);
  unlock();
  pump(1);
  return heap_used();
}

int main(void) {
  boot();
  turmoil(now_ns() + 200000000);
  size_t before = settle(), files = inode_bytes;
  int killed = turmoil(now_ns() + SECONDS * INT64_C(1000000000));
  ok(killed > 10, "%d processes were killed at any moment", killed);
  is((long)(settle() - before), 0, "and nothing is left of them");
  is((long)inode_bytes, (long)files, "not in the file system either");
  return finish();
}
