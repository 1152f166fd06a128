/* fork: what a child has of its parent's, what it has for itself, and how it is waited for. */
#include "check.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char buffer[64];
static int number = 1;
static pid_t forked;

/* A child that runs that, and the parent waits for its end. */
#define CHILD(body)                                                                                \
  do {                                                                                             \
    fflush(stdout);                                                                                \
    if (!(forked = fork())) {                                                                      \
      body;                                                                                        \
      fflush(stdout);                                                                              \
      _exit(0);                                                                                    \
    }                                                                                              \
    printf("a child ended = %d\n", ended(forked));                                                 \
  } while (0)

static int deep(int n) {
  char here[100];
  memset(here, n, sizeof here);
  int result = n ? deep(n - 1) + 1 : (int)fork();
  for (size_t i = 0; i < sizeof here; i++)
    if (here[i] != n) return -1000;
  return result;
}

static void memory(void) {
  heading("memory");
  int local = 1, *heap = malloc(sizeof *heap), fds[2];
  *heap = 1;
  must(pipe(fds), "pipe");
  CHILD({
    VALUE(number);
    VALUE(local);
    VALUE(*heap);
    number = local = *heap = 2;
    VALUE(number + local + *heap);
  });
  VALUE(number);
  VALUE(local);
  VALUE(*heap);
  CHILD(_exit(7));
  CHILD(abort());
  CHILD(raise(SIGTERM));
  char *large = calloc(1, 8 << 20);
  CHILD({
    VALUE(large[5 << 20]);
    large[5 << 20] = 1;
    char *more = malloc(8 << 20);
    memset(more, 1, 8 << 20);
    VALUE(more[8 << 19]);
  });
  VALUE(large[5 << 20]);
  free(large);
  free(heap);
  int result = deep(50);
  if (result == 50) {
    write(fds[1], "child", 5);
    _exit(0);
  }
  VALUE(ended(result - 50));
  VALUE(read(fds[0], buffer, 5));
  BYTES(buffer, 5);
  close(fds[0]);
  close(fds[1]);
}

static void nested(void) {
  heading("children of children");
  CHILD({
    number = 10;
    CHILD({
      number++;
      CHILD({
        VALUE(number);
        _exit(number);
      });
    });
  });
  pid_t pids[10];
  int sum = 0;
  fflush(stdout);
  for (int i = 0; i < 10; i++)
    if (!(pids[i] = fork())) _exit(i);
  for (int i = 0; i < 10; i++)
    sum += ended(pids[i]);
  VALUE(sum);
  CALL(waitpid(-1, NULL, WNOHANG));
}

static void identity(void) {
  heading("who is who");
  pid_t parent = getpid();
  CHILD({
    VALUE(getpid() != parent);
    VALUE(getppid() == parent);
    VALUE(getpgrp() == getpgid(parent));
    VALUE(getsid(0) == getsid(parent));
    CALL(setpgid(0, 0));
    VALUE(getpgrp() == getpid());
    CALL(setsid());
  });
  CHILD({
    VALUE(setsid() == getpid());
    VALUE(getsid(0) == getpid());
    VALUE(getpgrp() == getpid());
  });
}

static void descriptors(void) {
  heading("descriptors are shared");
  int fds[2], file = must(open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600), "open");
  unlink("shared");
  CHILD({
    VALUE(write(file, "child", 5));
    fcntl(file, F_SETFL, O_APPEND);
  });
  VALUE((long)lseek(file, 0, SEEK_CUR));
  VALUE((fcntl(file, F_GETFL) & O_APPEND) != 0);
  CHILD(close(file));
  VALUE(fcntl(file, F_GETFD));
  close(file);
  must(pipe2(fds, O_CLOEXEC), "pipe2");
  CHILD({
    VALUE(fcntl(fds[0], F_GETFD));
    VALUE(write(fds[1], "abc", 3));
  });
  close(fds[1]);
  VALUE(read(fds[0], buffer, sizeof buffer));
  VALUE(read(fds[0], buffer, sizeof buffer));
  close(fds[0]);
}

/* A server that forks for each client. */
static void serving(void) {
  heading("a process per client");
  struct sockaddr_in a;
  int s = listener(&a, 5), clients[3];
  fflush(stdout);
  pid_t server = fork();
  if (!server) {
    for (int n = 0; n < 3; n++) {
      int c = accept(s, NULL, NULL);
      if (fork()) {
        close(c);
        continue;
      }
      close(s);
      ssize_t got;
      while ((got = recv(c, buffer, sizeof buffer, 0)) > 0)
        send(c, buffer, (size_t)got, 0);
      _exit(5);
    }
    close(s);
    int status;
    int sum = 0;
    while (wait(&status) > 0)
      sum += WEXITSTATUS(status);
    _exit(sum);
  }
  close(s);
  for (int n = 0; n < 3; n++) {
    clients[n] = must(socket(AF_INET, SOCK_STREAM, 0), "socket");
    must(connect(clients[n], (struct sockaddr *)&a, sizeof a), "connect");
  }
  for (int n = 2; n >= 0; n--) {
    CALL(send(clients[n], "hello", 5, 0));
    CALL(recv(clients[n], buffer, sizeof buffer, 0));
    shutdown(clients[n], SHUT_WR);
    CALL(recv(clients[n], buffer, sizeof buffer, 0));
    close(clients[n]);
  }
  VALUE(ended(server));
}

static void stdio(void) {
  heading("what is not flushed yet is there twice");
  FILE *f = fopen("twice", "w+");
  fputs("once ", f);
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    fclose(f);
    _exit(0);
  }
  ended(pid);
  fflush(f);
  rewind(f);
  VALUE((long)fread(buffer, 1, sizeof buffer, f));
  BYTES(buffer, 10);
  fclose(f);
  unlink("twice");
}

static void at_the_end(void) { printf("atexit ran in the child\n"); }

static void exits(void) {
  heading("exit and _exit");
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    atexit(at_the_end);
    exit(3);
  }
  VALUE(ended(pid));
  if (!(pid = fork())) {
    atexit(at_the_end);
    _exit(4);
  }
  VALUE(ended(pid));
}

static void zombies(void) {
  heading("zombies and orphans");
  int fds[2], status;
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) _exit(9);
  siginfo_t info = {0};
  CALL(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  VALUE(info.si_pid == pid);
  VALUE(info.si_code == CLD_EXITED);
  VALUE(info.si_status);
  VALUE(info.si_signo == SIGCHLD);
  CALL(kill(pid, 0));
  VALUE(waitpid(pid, &status, WNOHANG) == pid);
  VALUE(WEXITSTATUS(status));
  CALL(waitpid(pid, &status, 0));
  CALL(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
  CALL(waitid(P_ALL, 0, &info, 0));
  must(pipe(fds), "pipe");
  if (!(pid = fork())) {
    pid_t parent = getpid();
    if (!fork()) {
      close(fds[1]);
      read(fds[0], buffer, 1); /* the end: the parent is gone */
      while (getppid() == parent)
        sched_yield();
      _exit(0);
    }
    _exit(0);
  }
  VALUE(ended(pid));
  close(fds[0]);
  close(fds[1]);
  CALL(waitpid(-1, &status, 0));
  signal(SIGCHLD, SIG_IGN);
  if (!(pid = fork())) _exit(9);
  CALL(waitpid(pid, &status, 0));
  signal(SIGCHLD, SIG_DFL);
  struct rusage used;
  if (!(pid = fork())) _exit(2);
  VALUE(wait4(pid, &status, 0, &used) == pid);
  VALUE(WEXITSTATUS(status));
}

static void signals(void) {
  heading("signals");
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  catch(SIGUSR1, 0);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  CHILD({
    sigpending(&pending);
    VALUE(sigismember(&pending, SIGUSR1));
    raise(SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    VALUE(caught);
  });
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  VALUE(caught);
  struct itimerval hour = {.it_value = {.tv_sec = 3600}}, left;
  setitimer(ITIMER_REAL, &hour, NULL);
  CHILD({
    getitimer(ITIMER_REAL, &left);
    VALUE((long)left.it_value.tv_sec);
  });
  setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
  fflush(stdout);
  catch(SIGCHLD, SA_RESTART);
  pid_t pid = fork();
  if (!pid) _exit(0);
  VALUE(ended(pid));
  VALUE(caught);
  pid = fork();
  if (!pid)
    for (;;)
      pause();
  CALL(kill(pid, SIGINT));
  VALUE(ended(pid));
  pid = fork();
  if (!pid)
    for (;;) {
    }
  CALL(kill(pid, SIGKILL));
  VALUE(ended(pid));
  signal(SIGCHLD, SIG_DFL);
}

int main(void) {
  memory();
  nested();
  identity();
  descriptors();
  serving();
  stdio();
  exits();
  zombies();
  signals();
}
