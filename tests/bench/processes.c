/* What processes cost. It prints one number:
 *     ./processes fork TIMES      forked, ended and waited for, a second
 *     ./processes spawn TIMES     the same by posix_spawn
 *     ./processes signal TIMES    signals delivered a second, to and fro between two processes
 *     ./processes switch TIMES    switches a second between two processes, through pipes
 *     ./processes together COUNT  milliseconds until so many processes run at once; they stay until
 *                                 standard input ends
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char *own;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static pid_t must_fork(void) {
  pid_t pid = fork();
  if (pid == -1) die("fork");
  return pid;
}

static pid_t spawn(const char *what) {
  char *argv[] = {own, (char *)what, NULL};
  pid_t pid;
  if (posix_spawn(&pid, own, NULL, NULL, argv, environ) != 0) die("posix_spawn");
  return pid;
}

static void wait_for(pid_t pid) {
  if (waitpid(pid, NULL, 0) != pid) die("waitpid");
}

static double forks(int times) {
  double start = now();
  for (int i = 0; i < times; i++) {
    pid_t child = must_fork();
    if (child == 0) _exit(0);
    wait_for(child);
  }
  return times / (now() - start);
}

static double spawns(int times) {
  double start = now();
  for (int i = 0; i < times; i++)
    wait_for(spawn("end"));
  return times / (now() - start);
}

static volatile sig_atomic_t arrived;
static void on_signal(int signal) {
  (void)signal;
  arrived = 1;
}

/* Sends a signal and waits for one; the child does so in the other order. */
static void exchange(pid_t other, int times, int first, const sigset_t *open) {
  for (int i = 0; i < times; i++) {
    if (first && kill(other, SIGUSR1) == -1) die("kill");
    while (!arrived)
      sigsuspend(open);
    arrived = 0;
    if (!first && kill(other, SIGUSR1) == -1) die("kill");
  }
}

static double signals(int times) {
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t shut, open;
  sigemptyset(&shut);
  sigaddset(&shut, SIGUSR1);
  sigprocmask(SIG_BLOCK, &shut, &open);
  sigaction(SIGUSR1, &action, NULL);
  pid_t parent = getpid(), child = must_fork();
  if (child == 0) {
    exchange(parent, times, 0, &open);
    _exit(0);
  }
  exchange(child, 1, 1, &open); /* it runs */
  double start = now();
  exchange(child, times - 1, 1, &open);
  double seconds = now() - start;
  wait_for(child);
  return 2 * (times - 1) / seconds;
}

static double switches(int times) {
  int there[2], back[2];
  char byte = 0;
  if (pipe(there) == -1 || pipe(back) == -1) die("pipe");
  pid_t child = must_fork();
  if (child == 0) {
    close(there[1]);
    while (read(there[0], &byte, 1) == 1)
      if (write(back[1], &byte, 1) != 1) die("write");
    _exit(0);
  }
  double start = 0;
  for (int i = -1; i < times; i++) {
    if (i == 0) start = now(); /* the child runs */
    if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) die("pipe");
  }
  double seconds = now() - start;
  close(there[1]);
  wait_for(child);
  return 2 * times / seconds;
}

static double together(int count) {
  int started[2], rest[2];
  char byte;
  double start = now();
  if (pipe(started) == -1 || pipe(rest) == -1) die("pipe");
  for (int i = 0; i < count; i++) {
    if (must_fork() != 0) continue;
    close(rest[1]);
    if (write(started[1], "", 1) != 1) die("write");
    _exit(read(rest[0], &byte, 1) != 0);
  }
  for (int i = 0; i < count; i++)
    if (read(started[0], &byte, 1) != 1) die("read");
  double seconds = now() - start;
  printf("%.3f\n", 1000 * seconds);
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0)
    ;
  close(rest[1]);
  while (wait(NULL) > 0)
    ;
  exit(EXIT_SUCCESS);
}

int main(int argc, char *argv[]) {
  static const struct {
    const char *name;
    double (*run)(int times);
  } all[] = {{"fork", forks},
             {"spawn", spawns},
             {"signal", signals},
             {"switch", switches},
             {"together", together}};
  own = argv[0];
  if (argc == 2 && !strcmp(argv[1], "end")) return EXIT_SUCCESS;
  for (size_t i = 0; argc == 3 && i < sizeof all / sizeof *all; i++)
    if (!strcmp(argv[1], all[i].name)) return printf("%.3f\n", all[i].run(atoi(argv[2]))) < 0;
  fprintf(stderr, "usage: see processes.c\n");
  return 2;
}
