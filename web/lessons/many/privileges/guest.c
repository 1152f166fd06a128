/* A guest book on a port for root, kept by somebody else: ./guest PORT USER */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16, LINE = 80, DESCRIPTORS = 16, PATIENCE_MS = 5000 };
static const char book[] = "/tmp/guests";

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

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

/* From here on this process is that user for good. */
static void become(const char *name) {
  struct passwd *user = getpwnam(name);
  if (user == NULL) {
    fprintf(stderr, "%s: no such user\n", name);
    exit(EXIT_FAILURE);
  }
  if (geteuid() == 0 && setgroups(0, NULL) == -1) die("setgroups");
  if (setgid(user->pw_gid) == -1) die("setgid");
  if (setuid(user->pw_uid) == -1) die("setuid");
  if (setuid(0) == 0) {
    fprintf(stderr, "still root\n");
    exit(EXIT_FAILURE);
  }
  printf("I am user %u; root again? %s\n", (unsigned)geteuid(),
         strerror(errno));
}

static void limit(int resource, rlim_t most) {
  struct rlimit l = {.rlim_cur = most, .rlim_max = most};
  if (setrlimit(resource, &l) == -1) die("setrlimit");
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_text(const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i] < ' ' || bytes[i] > '~') return false;
  return true;
}

/* A line without its end. false: it is too long, too late or no text. */
static bool hear_line(int client, char *line, size_t size) {
  size_t n = 0;
  struct pollfd p = {.fd = client, .events = POLLIN};
  for (long left, end = now_ms() + PATIENCE_MS; n < size;) {
    if ((left = end - now_ms()) <= 0 || poll(&p, 1, (int)left) <= 0)
      return false;
    ssize_t got = recv(client, line + n, size - n, 0);
    if (got <= 0) return false;
    char *newline = memchr(line + n, '\n', (size_t)got);
    n += (size_t)got;
    if (newline == NULL) continue;
    *newline = 0;
    return is_text(line, (size_t)(newline - line));
  }
  return false;
}

int main(int argc, char *argv[]) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PORT USER\n", argv[0]);
    return EXIT_FAILURE;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  int listener = listen_on((in_port_t)atoi(argv[1])); /* as root */
  become(argv[2]);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, DESCRIPTORS);
  umask(S_IRWXG | S_IRWXO);
  int file = open(book, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                  S_IRUSR | S_IWUSR);
  if (file == -1) die(book);
  for (;;) {
    char line[LINE + 1];
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client == -1) {
      perror("accept");
      sleep(1); /* too many descriptors, perhaps: later there are fewer */
      continue;
    }
    bool good = hear_line(client, line, sizeof line);
    if (good && dprintf(file, "%s\n", line) < 0) die(book);
    printf("%s\n", good ? line : "(not a line that I take)");
    const char *answer = good ? "thank you\n" : "no\n";
    if (send(client, answer, strlen(answer), MSG_NOSIGNAL) == -1)
      perror("send");
    close(client);
  }
}
