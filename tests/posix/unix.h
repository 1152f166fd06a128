/* For the programs about AF_UNIX: names, and what is said of them. Include check.h first. */
#ifndef PORTSIDE_UNIX_TEST_H
#define PORTSIDE_UNIX_TEST_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { PATH_AT = offsetof(struct sockaddr_un, sun_path) };

/* A directory of its own, so that names can be short; leave() removes it. */
MAYBE char unix_dir[] = "/tmp/portside-XXXXXX";
MAYBE void enter(void) {
  must(mkdtemp(unix_dir) ? 0 : -1, "mkdtemp");
  must(chdir(unix_dir), "chdir");
}
MAYBE void leave(void) { must(rmdir(unix_dir), "rmdir"); }

/* A path, or an abstract name written with @ for its NUL, which gets our process id (8 digits), for
 * they are the whole machine's. Its length as bind wants it. */
enum { ID = 8 };
MAYBE socklen_t unix_name(struct sockaddr_un *a, const char *name) {
  *a = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (*name != '@') return (socklen_t)(PATH_AT + sprintf(a->sun_path, "%s", name) + 1);
  int n = sprintf(a->sun_path, "%s%0*d", name, ID, (int)getpid());
  a->sun_path[0] = 0;
  return (socklen_t)(PATH_AT + n);
}

MAYBE int unix_bind(int fd, const char *name) {
  struct sockaddr_un a;
  socklen_t length = unix_name(&a, name);
  return bind(fd, (struct sockaddr *)&a, length);
}

MAYBE int unix_connect(int fd, const char *name) {
  struct sockaddr_un a;
  socklen_t length = unix_name(&a, name);
  return connect(fd, (struct sockaddr *)&a, length);
}

MAYBE ssize_t unix_sendto(int fd, const void *bytes, size_t n, int flags, const char *name) {
  struct sockaddr_un a;
  socklen_t length = unix_name(&a, name);
  return sendto(fd, bytes, n, flags, (struct sockaddr *)&a, length);
}

MAYBE void show_name(const char *what, const struct sockaddr_un *a, socklen_t length) {
  char path[sizeof *a + 1] = {0};
  int n = (int)length - PATH_AT;
  printf("%s = length %d", what, (int)length);
  if (n >= 0) printf(", family %d", a->sun_family);
  printf(", ");
  if (n <= 0) {
    printf("no path\n");
    return;
  }
  memcpy(path, a->sun_path, (size_t)n);
  if (!*path && n > ID) memset(path + n - ID, '#', ID); /* an abstract name's process id */
  check_bytes("path", path, (size_t)n);
}

#define SOCKNAME(fd) own_name("getsockname(" #fd ")", fd, getsockname)
#define PEERNAME(fd) own_name("getpeername(" #fd ")", fd, getpeername)
MAYBE void own_name(const char *what, int fd, int (*ask)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_storage s; /* a path without a NUL is longer than struct sockaddr_un */
  socklen_t length = sizeof s;
  memset(&s, 0, sizeof s);
  if (ask(fd, (struct sockaddr *)&s, &length))
    check_call(what, -1);
  else
    show_name(what, (struct sockaddr_un *)&s, length);
}

/* recvfrom: the value, the bytes, and from whom. */
#define RECEIVE(fd, n, flags) receive("recvfrom(" #fd ", " #n ", " #flags ")", fd, n, flags)
MAYBE void receive(const char *what, int fd, size_t n, int flags) {
  struct sockaddr_un a;
  socklen_t length = sizeof a;
  char bytes[256];
  memset(&a, 0, sizeof a);
  ssize_t got = check_call(what, recvfrom(fd, bytes, n, flags, (struct sockaddr *)&a, &length));
  if (got < 0) return;
  check_bytes("  bytes", bytes, (size_t)got < n ? (size_t)got : n);
  show_name("  from", &a, length);
}

#define OPTION(fd, option) show_option("getsockopt(" #fd ", " #option ")", fd, option)
MAYBE void show_option(const char *what, int fd, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &length))
    check_call(what, -1);
  else if (option == SO_ERROR)
    printf("%s = %s\n", what, error_name(value));
  else
    printf("%s = %d, length %d\n", what, value, (int)length);
}

#endif
