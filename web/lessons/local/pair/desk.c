/* Hands each caller to a second process, the worker: ./desk PORT */
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BACKLOG = 16 };

extern char **environ;

static char role[] = "worker";

union room { /* for one descriptor; the header sees to the alignment */
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
};

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* Sends a descriptor, beside one byte: on a stream it cannot go alone. */
static void send_descriptor(int to, int fd) {
  char byte = 0;
  union room room = {0};
  struct iovec data = {.iov_base = &byte, .iov_len = sizeof byte};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  message.msg_control = &room;
  message.msg_controllen = sizeof room.bytes;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(to, &message, MSG_NOSIGNAL) == -1) die("sendmsg");
}

/* A descriptor that the other side has sent; -1 at the end. */
static int receive_descriptor(int from) {
  char byte;
  int fd = -1;
  union room room = {0};
  struct iovec data = {.iov_base = &byte, .iov_len = sizeof byte};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  message.msg_control = &room;
  message.msg_controllen = sizeof room.bytes;
  if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) == -1) die("recvmsg");
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_level == SOL_SOCKET &&
      header->cmsg_type == SCM_RIGHTS)
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

/* The worker: its standard input is a socket, and the desk is behind it. */
static void work(void) {
  char text[64];
  int caller;
  for (int number = 1; (caller = receive_descriptor(STDIN_FILENO)) != -1;
       number++) {
    int length = snprintf(text, sizeof text, "caller %d: done\n", number);
    if (send(caller, text, (size_t)length, MSG_NOSIGNAL) == -1) perror("send");
    close(caller);
  }
}

/* Starts this program once more; returns a socket that leads to it. */
static int start_worker(char *program) {
  int pair[2];
  pid_t worker;
  char *arguments[] = {program, role, NULL};
  posix_spawn_file_actions_t actions;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
    die("socketpair");
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO);
  int error = posix_spawn(&worker, program, &actions, NULL, arguments, environ);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", program, strerror(error));
    exit(EXIT_FAILURE);
  }
  posix_spawn_file_actions_destroy(&actions);
  close(pair[1]); /* that end is the worker's */
  return pair[0];
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

int main(int argc, char *argv[]) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (strcmp(argv[1], role) == 0) {
    work();
    return 0;
  }
  int worker = start_worker(argv[0]);
  int listener = listen_on((in_port_t)atoi(argv[1]));
  for (;;) {
    int caller = accept(listener, NULL, NULL);
    if (caller == -1) die("accept");
    send_descriptor(worker, caller);
    printf("passed on\n");
    fflush(stdout);
    close(caller); /* the worker has its own */
  }
}
