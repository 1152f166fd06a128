/* /dev/cc: who opens it has a stream to the page's compiler. src/bin/cc.c says what goes over it.
 */
#include "kernel.h"
#include <sys/socket.h>

int compiler_open(int flags, struct file **to) {
  struct socket *s[2];
  (void)flags;
  int error = socket_pair(AF_UNIX, SOCK_STREAM, 0, s);
  if (error) return error;
  *to = socket_open(s[0], 0);
  struct file *page = socket_open(s[1], 0);
  error = page ? worker_ask(page) : -ENOMEM;
  if (!error && *to) return 0;
  if (*to) file_put(*to);
  return error ? error : -ENOMEM;
}
