/* Three children end; one SIGCHLD tells of all of them: ./zombies */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 3 };
static pid_t children[CHILDREN];
static int results[CHILDREN]; /* as waitpid gives them */

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Asks for all that have ended. */
static void reap(int sig) {
  int error = errno, status;
  pid_t child;
  (void)sig;
  while ((child = waitpid(-1, &status, WNOHANG)) > 0)
    for (int i = 0; i < CHILDREN; i++)
      if (children[i] == child) results[i] = status;
  errno = error;
}

/* How many of the numbers still belong to a process. */
static int count(void) {
  int n = 0;
  for (int i = 0; i < CHILDREN; i++)
    n += kill(children[i], 0) == 0; /* signal 0: none, but is it there? */
  return n;
}

/* Waits until it has ended, and leaves it to be asked for. */
static void wait_for_end(pid_t child) {
  siginfo_t info;
  if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == -1) die("waitid");
}

static void tell(int number, int status) {
  if (WIFEXITED(status))
    printf("SIGCHLD: child %d ended with status %d\n", number,
           WEXITSTATUS(status));
  else
    printf("SIGCHLD: child %d ended by signal %d\n", number, WTERMSIG(status));
}

int main(void) {
  struct sigaction action = {.sa_handler = reap, .sa_flags = SA_RESTART};
  sigset_t blocked;
  if (sigaction(SIGCHLD, &action, NULL) == -1) die("sigaction");
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  for (int i = 0; i < CHILDREN; i++) {
    children[i] = fork();
    if (children[i] == -1) die("fork");
    if (children[i] == 0 && i < 2) _exit(10 * (i + 1));
    if (children[i] == 0) raise(SIGABRT);
  }
  for (int i = 0; i < CHILDREN; i++)
    wait_for_end(children[i]);
  printf("%d children have ended; kill finds %d of them\n", CHILDREN, count());
  sigprocmask(SIG_UNBLOCK, &blocked, NULL); /* now the handler runs */
  for (int i = 0; i < CHILDREN; i++)
    tell(i + 1, results[i]);
  printf("kill finds %d of them\n", count());
  return EXIT_SUCCESS;
}
