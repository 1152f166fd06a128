/* Asks the system for sockets of several kinds, and each socket what it is. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct kind {
  const char *call; /* as it stands in a program */
  int domain, type, protocol;
};

static const struct kind kinds[] = {
    {"AF_INET, SOCK_STREAM, 0", AF_INET, SOCK_STREAM, 0},
    {"AF_INET, SOCK_DGRAM, 0", AF_INET, SOCK_DGRAM, 0},
    {"AF_INET6, SOCK_STREAM, 0", AF_INET6, SOCK_STREAM, 0},
    {"AF_UNIX, SOCK_STREAM, 0", AF_UNIX, SOCK_STREAM, 0},
    {"AF_INET, SOCK_STREAM, IPPROTO_UDP", AF_INET, SOCK_STREAM, IPPROTO_UDP},
    {"AF_INET, SOCK_SEQPACKET, 0", AF_INET, SOCK_SEQPACKET, 0},
    {"AF_UNSPEC, SOCK_STREAM, 0", AF_UNSPEC, SOCK_STREAM, 0},
};

/* An option of the socket that is an int, such as SO_TYPE; -1 if it fails. */
static int option(int fd, int name) {
  int value;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &size) == -1) return -1;
  return value;
}

static void show(const struct kind *k) {
  printf("socket(%s)", k->call);
  int fd = socket(k->domain, k->type, k->protocol);
  if (fd == -1) {
    printf(": %s\n", strerror(errno));
    return;
  }

  int number = option(fd, SO_PROTOCOL);
  const struct protoent *protocol =
      number > 0 ? getprotobynumber(number) : NULL;
  printf(" = %d\n  domain %d, type %d, protocol %d (%s)\n", fd,
         option(fd, SO_DOMAIN), option(fd, SO_TYPE), number,
         protocol ? protocol->p_name : "none");
}

int main(void) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    show(&kinds[i]);
  return 0; /* the end of a program closes what it has open */
}
