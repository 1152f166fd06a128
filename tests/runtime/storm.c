/* A kill storm: ./storm COUNT starts as many processes, some at a time, each of which goes into a
 * call that blocks, or out of one and into another, and kills each at a random moment. It says how
 * many it has killed, and in which calls. What they leave behind is for storm.test.js to see. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ALIVE = 12, LARGE = 200000, MOST_MS = 20 };
extern char **environ;
static char large[LARGE];
static const char *own_path;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static struct sockaddr_in loopback(in_port_t port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

static int listener(in_port_t *port) {
  struct sockaddr_in a = loopback(0);
  socklen_t length = sizeof a;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (s == -1 || bind(s, (struct sockaddr *)&a, sizeof a) == -1 || listen(s, 4) == -1)
    die("listen");
  getsockname(s, (struct sockaddr *)&a, &length);
  *port = ntohs(a.sin_port);
  return s;
}

static int tcp(int pair[2]) {
  in_port_t port;
  int s = listener(&port);
  struct sockaddr_in a = loopback(port);
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(pair[0], (struct sockaddr *)&a, sizeof a) == -1) die("connect");
  pair[1] = accept(s, NULL, NULL);
  close(s);
  return pair[0];
}

static int local(int type) {
  int pair[2];
  if (socketpair(AF_UNIX, type, 0, pair) == -1) die("socketpair");
  return pair[0];
}

static int piped(int end) {
  int ends[2];
  if (pipe(ends) == -1) die("pipe");
  return ends[end];
}

static void send_all(int fd) {
  while (write(fd, large, LARGE) > 0)
    ;
}

static void do_accept(void) {
  in_port_t port;
  accept(listener(&port), NULL, NULL);
}
static void do_connect(void) {
  struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(99)};
  nobody.sin_addr.s_addr = htonl(0x0a0000c8);
  for (;;)
    connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&nobody, sizeof nobody);
}
static void do_recv(void) {
  int pair[2];
  recv(tcp(pair), large, 1, 0);
}
static void do_send(void) {
  int pair[2];
  send_all(tcp(pair));
}
static void do_poll(void) {
  int pair[2];
  struct pollfd p[] = {{.fd = tcp(pair), .events = POLLIN}, {.fd = piped(0), .events = POLLIN}};
  poll(p, 2, -1);
}
static void do_select(void) {
  fd_set set;
  int fd = piped(0);
  FD_ZERO(&set);
  FD_SET(fd, &set);
  select(fd + 1, &set, NULL, NULL, NULL);
}
static void do_epoll(void) {
  struct epoll_event e = {.events = EPOLLIN};
  int pair[2], ep = epoll_create1(0);
  epoll_ctl(ep, EPOLL_CTL_ADD, tcp(pair), &e);
  epoll_wait(ep, &e, 1, -1);
}
static void do_pipe_read(void) { read(piped(0), large, 1); }
static void do_pipe_write(void) {
  int ends[2];
  if (pipe(ends) == -1) die("pipe");
  send_all(ends[1]);
}
static void do_wait(void) {
  if (!fork()) pause();
  wait(NULL);
}
static void do_sleep(void) { sleep(1000); }
static void do_tty(void) { read(STDIN_FILENO, large, 1); }
static void do_local_recv(void) { recv(local(SOCK_STREAM), large, 1, 0); }
static void do_local_send(void) { send_all(local(SOCK_STREAM)); }
static void do_local_packet(void) {
  int fd = local(SOCK_DGRAM);
  while (send(fd, large, 1000, 0) > 0)
    ;
}
static void do_local_accept(void) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(s, (struct sockaddr *)&a, sizeof a.sun_family); /* a name that nobody has */
  listen(s, 4);
  accept(s, NULL, NULL);
}
static void do_datagram(void) {
  struct sockaddr_in a = loopback(0);
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  bind(s, (struct sockaddr *)&a, sizeof a);
  recv(s, large, 1, 0);
}
static void do_suspend(void) {
  sigset_t none;
  sigemptyset(&none);
  sigsuspend(&none);
}
static void do_fork(void) {
  for (pid_t child;;) {
    if ((child = fork()) == -1) die("fork");
    if (!child) _exit(0);
    waitpid(child, NULL, 0);
  }
}
static void do_spawn(void) {
  char *argv[] = {(char *)own_path, NULL};
  for (pid_t child; !posix_spawn(&child, own_path, NULL, NULL, argv, environ);)
    waitpid(child, NULL, 0);
}
static void do_compute(void) {
  for (volatile int n = 0;; n++)
    ;
}
/* Large pieces from two processes through one socket, while a third takes them: one is killed
 * alone, while it sends, and the other has to go on. */
static void do_share(void) {
  int pair[2], fd = tcp(pair);
  if (!fork()) {
    close(fd);
    while (read(pair[1], large, LARGE) > 0)
      ;
    _exit(0);
  }
  close(pair[1]);
  for (;;) {
    pid_t one = fork();
    if (one == -1) die("fork");
    if (!one) send_all(fd);
    struct timespec moment = {.tv_nsec = (long)getpid() * 7919 % 3000000};
    nanosleep(&moment, NULL);
    kill(one, SIGKILL);
    waitpid(one, NULL, 0);
    alarm(20); /* whom the other's turn has been left to waits in vain: SIGALRM tells */
    if (write(fd, large, LARGE) != LARGE) die("write");
    alarm(0);
  }
}

static const struct call {
  const char *name;
  void (*body)(void);
} calls[] = {
    {"accept", do_accept},
    {"connect", do_connect},
    {"recv", do_recv},
    {"send", do_send},
    {"poll", do_poll},
    {"select", do_select},
    {"epoll_wait", do_epoll},
    {"pipe read", do_pipe_read},
    {"pipe write", do_pipe_write},
    {"wait", do_wait},
    {"sleep", do_sleep},
    {"terminal", do_tty},
    {"local recv", do_local_recv},
    {"local send", do_local_send},
    {"local packet", do_local_packet},
    {"local accept", do_local_accept},
    {"datagram", do_datagram},
    {"sigsuspend", do_suspend},
    {"fork", do_fork},
    {"spawn", do_spawn},
    {"compute", do_compute},
    {"share", do_share},
};
enum { CALLS = sizeof calls / sizeof *calls };

static unsigned random_below(unsigned n) {
  static uint32_t state = 1;
  state = state * 1664525 + 1013904223;
  return (state >> 8) % n;
}

static int started[2]; /* a pipe: each writes a byte before it goes into its call */

/* Starts one, and waits until it runs. */
static pid_t start(const char *path, const struct call *call) {
  posix_spawnattr_t attributes;
  char byte, number[12], *argv[] = {(char *)path, number, (char *)call->name, NULL};
  pid_t pid;
  snprintf(number, sizeof number, "%d", started[1]);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  int error = posix_spawn(&pid, path, NULL, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  return error || read(started[0], &byte, 1) != 1 ? -1 : pid;
}

/* Ends one, and all that it has made. */
static void end(pid_t pid) {
  int status;
  kill(-pid, random_below(2) ? SIGKILL : SIGTERM);
  kill(-pid, SIGCONT); /* the terminal has stopped who reads it in the background */
  if (waitpid(pid, &status, 0) != pid) die("waitpid");
  kill(-pid, SIGKILL);
  if (!WIFSIGNALED(status) || WTERMSIG(status) == SIGALRM)
    printf("one ended by itself: %x\n", (unsigned)status);
}

int main(int argc, char *argv[]) {
  pid_t alive[ALIVE] = {0};
  own_path = argv[0];
  if (argc == 3) {
    if (write(atoi(argv[1]), "", 1) != 1) die("write");
    for (int i = 0; i < CALLS; i++)
      if (!strcmp(calls[i].name, argv[2])) calls[i].body();
  }
  if (argc != 2 || !atoi(argv[1])) return EXIT_SUCCESS;
  int count = atoi(argv[1]);
  if (pipe(started) == -1) die("pipe");
  for (int n = 0; n < count + ALIVE; n++) {
    pid_t *slot = &alive[n < count ? (int)random_below(ALIVE) : n - count];
    if (*slot) end(*slot);
    *slot = 0;
    if (n >= count) continue;
    if ((*slot = start(argv[0], &calls[n % CALLS])) < 0) die("posix_spawn");
    struct timespec moment = {.tv_nsec = (long)random_below(MOST_MS * 1000000)};
    nanosleep(&moment, NULL);
  }
  printf("%d killed, in %d calls\n", count, (int)CALLS);
  return EXIT_SUCCESS;
}
