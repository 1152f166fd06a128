/* Calls about descriptors and files that Emscripten's libc lacks or answers itself. */
#define _GNU_SOURCE
#include "call.h"
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

CALL(flock) long kernel_flock(int fd, int operation);
CALL(sendfile) long kernel_sendfile(int out, int in, off_t *offset, size_t n);
CALL(getrandom) long kernel_getrandom(void *to, size_t n, unsigned flags);

int isatty(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0;
}

/* A terminal's name is /dev/pts/ and its number. */
int ttyname_r(int fd, char *name, size_t size) {
  enum { PTS_MAJOR = 136 };
  char path[32];
  struct stat own, there;
  if (!isatty(fd)) return errno;
  if (fstat(fd, &own)) return errno;
  snprintf(path, sizeof path, "/dev/pts/%u", minor(own.st_rdev));
  if (major(own.st_rdev) != PTS_MAJOR || stat(path, &there) || there.st_rdev != own.st_rdev)
    return ENODEV;
  return strlcpy(name, path, size) < size ? 0 : ERANGE;
}

int flock(int fd, int operation) { return (int)answer(kernel_flock(fd, operation)); }

ssize_t sendfile(int out, int in, off_t *offset, size_t n) {
  return answer(kernel_sendfile(out, in, offset, n));
}

ssize_t getrandom(void *to, size_t n, unsigned flags) {
  return answer(kernel_getrandom(to, n, flags));
}

int getentropy(void *to, size_t n) {
  if (n > 256) return (int)answer(-EIO);
  return getrandom(to, n, 0) == (ssize_t)n ? 0 : -1;
}

int getdtablesize(void) { return (int)sysconf(_SC_OPEN_MAX); }
