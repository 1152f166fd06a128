/* A daemon that runs a program for each client: ./super PORT PROGRAM [ARG]...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 16, CANNOT_RUN = 127, MASK = 022 };
static const char pid_file[] = "/tmp/super.pid";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* It ends with exec: no service gets it. */
static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

static void note(pid_t pid) {
  FILE *file = fopen(pid_file, "w");
  if (file == NULL) die(pid_file);
  fprintf(file, "%ld\n", (long)pid);
  if (fclose(file) != 0) die(pid_file);
}

/* Only the child returns: without terminal, session, folder of the caller's. */
static void become_daemon(void) {
  pid_t child = fork();
  if (child == -1) die("fork");
  if (child > 0) {
    note(child);
    exit(EXIT_SUCCESS); /* the shell goes on */
  }
  if (setsid() == -1) die("setsid");
  if (chdir("/") == -1) die("chdir");
  umask(MASK);
  int null = open("/dev/null", O_RDWR);
  if (null == -1) die("/dev/null");
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (dup2(null, fd) == -1) die("dup2");
  if (null > STDERR_FILENO) close(null);
}

/* The connection is 0, 1 and 2, and the service takes this process's place. */
static void run(int client, char *service[]) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (dup2(client, fd) == -1) _exit(CANNOT_RUN);
  close(client);
  signal(SIGCHLD, SIG_DFL); /* exec keeps what is ignored */
  execvp(service[0], service);
  perror(service[0]); /* the client reads it */
  _exit(CANNOT_RUN);
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT PROGRAM [ARGUMENT]...\n", argv[0]);
    return EXIT_FAILURE;
  }
  int listener = listen_on((in_port_t)atoi(argv[1]));
  become_daemon();
  signal(SIGCHLD, SIG_IGN); /* nobody asks how the services ended */
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) continue;
    if (fork() == 0) run(client, argv + 2);
    close(client);
  }
}
