/* Calls about descriptors and files that Emscripten's libc lacks or answers itself. */
#define _GNU_SOURCE
#include "call.h"
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <unistd.h>

CALL(flock) long kernel_flock(int fd, int operation);
CALL(sendfile) long kernel_sendfile(int out, int in, off_t *offset, size_t n);
CALL(getrandom) long kernel_getrandom(void *to, size_t n, unsigned flags);

int isatty(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0;
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
