/* Runs a program for each line that a stranger says:
   ./desk PORT PROGRAM [ARGUMENT]... */
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 16, COMMAND = 1024, CANNOT_RUN = 127 };

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

static int listen_on(in_port_t port) {
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (listener == -1) die("socket");
  if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == -1)
    die("setsockopt");
  if (bind(listener, (struct sockaddr *)&here, sizeof here) == -1) die("bind");
  if (listen(listener, BACKLOG) == -1) die("listen");
  return listener;
}

/* Writes to the log. */
static void note(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vprintf(format, values);
  va_end(values);
}

/* In the child: the shell runs the program with the line behind it. */
static void run(int client, char *program[], const char *line) {
  char command[COMMAND] = "exec";
  for (int i = 0; program[i] != NULL; i++) {
    strcat(command, " ");
    strcat(command, program[i]);
  }
  strcat(command, " ");
  strcat(command, line);
  if (dup2(client, STDOUT_FILENO) == -1) _exit(CANNOT_RUN);
  if (dup2(client, STDERR_FILENO) == -1) _exit(CANNOT_RUN);
  execlp("sh", "sh", "-c", command, NULL);
  _exit(CANNOT_RUN);
}

static void serve(int client, char *program[]) {
  char line[COMMAND];
  ssize_t n = recv(client, line, sizeof line - 1, 0);
  if (n <= 0) return;
  line[n] = 0;
  note("asked: ");
  note(line);
  pid_t child = fork();
  if (child == -1) perror("fork");
  if (child == 0) run(client, program, line);
  if (child > 0 && waitpid(child, NULL, 0) == -1) perror("waitpid");
}

int main(int argc, char *argv[]) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s PORT PROGRAM [ARGUMENT]...\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client == -1) {
      perror("accept");
      sleep(1); /* too many descriptors, perhaps: later there are fewer */
      continue;
    }
    serve(client, argv + 2);
    close(client);
  }
}
