/* sendmmsg and recvmmsg: Emscripten's own pass the kernel the address of what follows the flags. */
#define _GNU_SOURCE
#include "call.h"
#include <sys/socket.h>

CALL(sendmmsg) long kernel_sendmmsg(int fd, struct mmsghdr *list, unsigned n, int flags);
CALL(recvmmsg)
long kernel_recvmmsg(int fd, struct mmsghdr *list, unsigned n, int flags, struct timespec *limit);

int sendmmsg(int fd, struct mmsghdr *list, unsigned n, unsigned flags) {
  return (int)answer(kernel_sendmmsg(fd, list, n, (int)flags));
}

int recvmmsg(int fd, struct mmsghdr *list, unsigned n, unsigned flags, struct timespec *limit) {
  return (int)answer(kernel_recvmmsg(fd, list, n, (int)flags, limit));
}
