/* daemon(3), alone: programs come with their own, which then take its place. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

int daemon(int stay, int keep_open) {
  pid_t child = fork();
  if (child < 0) return -1;
  if (child) _exit(0);
  if (setsid() < 0 || (!stay && chdir("/"))) return -1;
  if (keep_open) return 0;
  int null = open("/dev/null", O_RDWR);
  if (null < 0) return -1;
  for (int fd = 0; fd < 3; fd++)
    dup2(null, fd);
  if (null > 2) close(null);
  return 0;
}
