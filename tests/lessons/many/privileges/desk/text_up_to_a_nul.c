/* wrong: not at what strlen finds */
/* Runs a program for each line that a stranger says:
   ./desk PORT PROGRAM [ARGUMENT]... */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 100, DESCRIPTORS = 16, PATIENCE_MS = 2000, CANNOT_RUN = 127 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1) die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_good(const char *line, size_t n) {
  if (n == 0 || line[0] == '-') return false;
  for (size_t i = 0; i < n; i++)
    if (line[i] < ' ' || line[i] > '~') return false;
  return true;
}

/* A line without its end. false: it is too long, too late or not good. */
static bool hear_line(int client, char *line, size_t size) {
  size_t n = 0;
  struct pollfd p = {.fd = client, .events = POLLIN};
  for (long left, end = now_ms() + PATIENCE_MS; n < size;) {
    if ((left = end - now_ms()) <= 0 || poll(&p, 1, (int)left) <= 0) return false;
    ssize_t got = recv(client, line + n, size - n, 0);
    if (got <= 0) return false;
    char *newline = memchr(line + n, '\n', (size_t)got);
    n += (size_t)got;
    if (newline == NULL) continue;
    *newline = 0;
    return is_good(line, strlen(line));
  }
  return false;
}

/* In the child: the program takes its place, and has nothing of the server. */
static void run(int client, char *program[]) {
  struct rlimit most = {.rlim_cur = DESCRIPTORS, .rlim_max = DESCRIPTORS};
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null == -1 || dup2(null, STDIN_FILENO) == -1) _exit(CANNOT_RUN);
  if (dup2(client, STDOUT_FILENO) == -1) _exit(CANNOT_RUN);
  if (dup2(client, STDERR_FILENO) == -1) _exit(CANNOT_RUN);
  umask(S_IRWXG | S_IRWXO);
  if (setrlimit(RLIMIT_NOFILE, &most) == -1) _exit(CANNOT_RUN);
  execvp(program[0], program);
  perror(program[0]);
  _exit(CANNOT_RUN);
}

static void serve(int client, char *program[], char **last) {
  char line[LINE + 1];
  if (!hear_line(client, line, sizeof line)) return;
  printf("asked: %s\n", line);
  *last = line;
  pid_t child = fork();
  if (child == -1) perror("fork");
  if (child == 0) run(client, program);
  if (child > 0 && waitpid(child, NULL, 0) == -1) perror("waitpid");
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT PROGRAM [ARGUMENT]...\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_on((in_port_t)atoi(argv[1]));
  char **program = calloc((size_t)argc, sizeof *program);
  if (program == NULL) die("calloc");
  memcpy(program, argv + 2, (size_t)(argc - 2) * sizeof *program);
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client == -1) {
      perror("accept");
      sleep(1); /* too many descriptors, perhaps: later there are fewer */
      continue;
    }
    serve(client, program, program + argc - 2);
    close(client);
  }
}
