/* system() and popen(), by way of /bin/sh -c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int spawn_shell(pid_t *pid, const char *command, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes) {
  char *argv[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
  return posix_spawn(pid, "/bin/sh", actions, attributes, argv, environ);
}

static int wait_for(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return status;
}

/* SIGINT and SIGQUIT are the command's while it runs, SIGCHLD waits. */
int system(const char *command) {
  if (!command) return access("/bin/sh", X_OK) == 0;
  struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
  sigset_t child, mask, defaults;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigaction(SIGINT, &ignore, &interrupt);
  sigaction(SIGQUIT, &ignore, &quit);
  sigprocmask(SIG_BLOCK, &child, &mask);
  sigemptyset(&defaults);
  if (interrupt.sa_handler != SIG_IGN) sigaddset(&defaults, SIGINT);
  if (quit.sa_handler != SIG_IGN) sigaddset(&defaults, SIGQUIT);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid;
  int error = spawn_shell(&pid, command, NULL, &attributes);
  int status = error ? -1 : wait_for(pid);
  if (!error) error = errno;
  sigaction(SIGINT, &interrupt, NULL);
  sigaction(SIGQUIT, &quit, NULL);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  if (status < 0) errno = error;
  return status;
}

struct piped {
  struct piped *next;
  FILE *file;
  pid_t pid;
};
static struct piped *piped;

FILE *popen(const char *command, const char *mode) {
  int child_end = *mode == 'w' ? 0 : 1, fds[2];
  struct piped *p = malloc(sizeof *p);
  if ((*mode != 'r' && *mode != 'w') || !p || pipe2(fds, O_CLOEXEC)) {
    if (*mode != 'r' && *mode != 'w') errno = EINVAL;
    free(p);
    return NULL;
  }
  p->file = fdopen(fds[!child_end], mode);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fds[child_end], child_end);
  int error = p->file ? spawn_shell(&p->pid, command, &actions, NULL) : errno;
  posix_spawn_file_actions_destroy(&actions);
  close(fds[child_end]);
  if (error) {
    if (p->file)
      fclose(p->file);
    else
      close(fds[!child_end]);
    free(p);
    errno = error;
    return NULL;
  }
  p->next = piped;
  piped = p;
  return p->file;
}

int pclose(FILE *file) {
  struct piped **at = &piped;
  while (*at && (*at)->file != file)
    at = &(*at)->next;
  struct piped *p = *at;
  if (!p) {
    errno = EINVAL;
    return -1;
  }
  *at = p->next;
  pid_t pid = p->pid;
  free(p);
  fclose(file);
  return wait_for(pid);
}
