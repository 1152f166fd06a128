/* A small shell: it reads a line, splits it into words, runs the program they name, and waits. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE = 4096, WORDS = LINE / 2 };
extern char **environ;

static void prompt(void) {
  char host[64] = "", folder[LINE] = "?";
  const char *home = getenv("HOME");
  gethostname(host, sizeof host - 1);
  if (!getcwd(folder, sizeof folder)) perror("sh: getcwd");
  size_t n = home ? strlen(home) : 0;
  bool at_home = n && !strncmp(folder, home, n) && (!folder[n] || folder[n] == '/');
  printf("%s:%s%s$ ", host, at_home ? "~" : "", folder + (at_home ? n : 0));
  fflush(stdout);
}

/* Words are parted by blanks; quotes keep them together, and \ takes the next character as it is.
 * Puts them into `line` itself. Returns how many, or -1 when a quote is left open. */
static int split(char *line, char *words[WORDS]) {
  int count = 0;
  char *to = line, quote = 0;
  bool within = false;
  for (char *from = line; *from; from++) {
    bool blank = !quote && strchr(" \t\n", *from);
    if (!blank && !within) words[count++] = to;
    if (blank && within) *to++ = 0;
    within = !blank;
    if (blank) continue;
    if (quote == *from)
      quote = 0;
    else if (!quote && strchr("'\"", *from))
      quote = *from;
    else if (*from == '\\' && quote != '\'' && from[1])
      *to++ = *++from;
    else
      *to++ = *from;
  }
  *to = 0;
  words[count] = NULL;
  return quote ? -1 : count;
}

/* The program's process group has the terminal until the next prompt. Returns its status, as $?
 * would. */
static int run(char *words[]) {
  pid_t pid;
  int status;
  int error = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
  if (error == ENOENT && !strchr(words[0], '/')) {
    fprintf(stderr, "sh: %s: command not found\n", words[0]);
    return 127;
  }
  if (error) {
    fprintf(stderr, "sh: %s: %s\n", words[0], strerror(error));
    return error == ENOENT ? 127 : 126;
  }
  setpgid(pid, pid);
  tcsetpgrp(STDIN_FILENO, pid);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  if (WTERMSIG(status) == SIGINT)
    puts("");
  else if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM ||
           WTERMSIG(status) == SIGABRT)
    puts(strsignal(WTERMSIG(status)));
  return 128 + WTERMSIG(status);
}

/* Its status. */
static int command(char *line) {
  char *words[WORDS];
  int count = split(line, words);
  if (count < 0) {
    fprintf(stderr, "sh: a quote is left open\n");
    return 2;
  }
  if (!count) return 0;
  if (!strcmp(words[0], "exit")) exit(count > 1 ? atoi(words[1]) : 0);
  if (strcmp(words[0], "cd")) return run(words);
  const char *to = count > 1 ? words[1] : getenv("HOME");
  if (to && !chdir(to)) return 0;
  fprintf(stderr, "sh: cd: %s: %s\n", to ? to : "HOME is not set", strerror(errno));
  return 1;
}

static void interrupted(int sig) { (void)sig; }

int main(void) {
  char line[LINE];
  struct sigaction action = {.sa_handler = interrupted}; /* no SA_RESTART: fgets gives up */
  sigaction(SIGINT, &action, NULL);
  for (;;) {
    prompt();
    tcsetpgrp(STDIN_FILENO, getpgrp()); /* after the prompt: who sees this may type */
    if (fgets(line, sizeof line, stdin)) {
      command(line);
    } else if (errno == EINTR && ferror(stdin)) {
      clearerr(stdin);
      putchar('\n');
    } else {
      return 0;
    }
    errno = 0;
  }
}
