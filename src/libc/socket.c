/* Calls on sockets that Emscripten's libc does not pass on as they are. */
#define _GNU_SOURCE
#include "call.h"
#include <sys/socket.h>

CALL(accept4)
long kernel_accept4(int fd, struct sockaddr *from, socklen_t *length, int flags, int, int);
CALL(sendmmsg) long kernel_sendmmsg(int fd, struct mmsghdr *list, unsigned n, int flags);
CALL(recvmmsg)
long kernel_recvmmsg(int fd, struct mmsghdr *list, unsigned n, int flags, struct timespec *limit);

/* Emscripten's tries once more without flags when they are wrong. */
int accept4(int fd, struct sockaddr *restrict from, socklen_t *restrict length, int flags) {
  return (int)answer(kernel_accept4(fd, from, length, flags, 0, 0));
}

/* Emscripten's pass the kernel the address of what follows the flags. */
int sendmmsg(int fd, struct mmsghdr *list, unsigned n, unsigned flags) {
  return (int)answer(kernel_sendmmsg(fd, list, n, (int)flags));
}

int recvmmsg(int fd, struct mmsghdr *list, unsigned n, unsigned flags, struct timespec *limit) {
  return (int)answer(kernel_recvmmsg(fd, list, n, (int)flags, limit));
}
