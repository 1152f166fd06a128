/* The options of every socket, level SOL_SOCKET (socket(7)): kept here, whatever its family makes
 * of them; ops->option tells it of a change. The options of the other levels are the family's. */
#include "kernel.h"
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* What Linux takes for the books of the smallest buffers, and at most for a buffer. */
enum { SMALLEST = 2304, LARGEST = 212992 };

/* Those that are on or off, and those that are any number. */
static const struct plain {
  int name;
  bool flag;
  size_t at;
} plain[] = {{SO_REUSEADDR, true, offsetof(struct socket, reuse)},
             {SO_REUSEPORT, true, offsetof(struct socket, reuse_port)},
             {SO_BROADCAST, true, offsetof(struct socket, broadcast)},
             {SO_KEEPALIVE, true, offsetof(struct socket, keepalive)},
             {SO_OOBINLINE, true, offsetof(struct socket, oob_inline)},
             {SO_DONTROUTE, true, offsetof(struct socket, dont_route)},
             {SO_TIMESTAMP, true, offsetof(struct socket, timestamp)},
             {SO_PASSCRED, true, offsetof(struct socket, pass_credentials)},
             {SO_NO_CHECK, true, offsetof(struct socket, no_check)},
             {SO_MARK, false, offsetof(struct socket, mark)},
             {SO_PRIORITY, false, offsetof(struct socket, priority)}};
enum { PLAIN = sizeof plain / sizeof *plain };

static int *plain_value(struct socket *s, int option, bool *flag) {
  for (int n = 0; n < PLAIN; n++)
    if (plain[n].name == option) {
      *flag = plain[n].flag;
      return (int *)(void *)((char *)s + plain[n].at);
    }
  return NULL;
}

static int get_timeout(int64_t ns, void *value) {
  if (ns < 0) ns = 0;
  struct timeval t = {.tv_sec = ns / 1000000000, .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};
  memcpy(value, &t, sizeof t);
  return sizeof t;
}

static int set_timeout(int64_t *ns, const void *value, size_t length) {
  struct timeval t;
  if (length < sizeof t) return -EINVAL;
  memcpy(&t, value, sizeof t);
  if (t.tv_usec < 0 || t.tv_usec > 999999) return -EDOM;
  *ns = t.tv_sec < 0 ? 0 : time_ns(t.tv_sec, t.tv_usec, 1000);
  if (!*ns) *ns = FOREVER;
  return 0;
}

static int get_device(const struct socket *s, void *value, int room) {
  if (!s->device) return 0;
  if (room < IFNAMSIZ) return -EINVAL;
  strcpy(value, net_device_name(s->device));
  return (int)strlen(value) + 1;
}

static int set_device(struct socket *s, const void *value, size_t length) {
  char name[IFNAMSIZ] = {0};
  memcpy(name, value, length < sizeof name ? length : sizeof name - 1);
  int device = *name ? net_device(name) : 0;
  if (*name && !device) return -ENODEV;
  s->device = device;
  return 0;
}

int socket_get_option(struct socket *s, int option, void *value, int room) {
  bool flag;
  int number, *at = plain_value(s, option, &flag);
  if (at) option = -1;
  switch (option) {
  case -1: number = *at; break;
  case SO_TYPE: number = s->type; break;
  case SO_DOMAIN: number = s->domain; break;
  case SO_PROTOCOL: number = s->protocol; break;
  case SO_ERROR: number = -socket_take_error(s); break;
  case SO_ACCEPTCONN: number = s->listening; break;
  case SO_RCVBUF: number = s->receive_size; break;
  case SO_SNDBUF: number = s->send_size; break;
  case SO_RCVLOWAT: number = s->receive_low; break;
  case SO_SNDLOWAT: number = 1; break;
  case SO_PEERCRED:
    memcpy(value, &s->peer_credentials, sizeof s->peer_credentials);
    return sizeof s->peer_credentials;
  case SO_LINGER: memcpy(value, &s->linger, sizeof s->linger); return sizeof s->linger;
  case SO_RCVTIMEO: return get_timeout(s->receive_timeout, value);
  case SO_SNDTIMEO: return get_timeout(s->send_timeout, value);
  case SO_BINDTODEVICE: return get_device(s, value, room);
  default: return -ENOPROTOOPT;
  }
  memcpy(value, &number, sizeof number);
  return sizeof number;
}

/* Twice what is asked for, because the books are kept in it too (socket(7)). */
static int buffer_size(int asked, int least) {
  int size = 2 * (asked < 0 || asked > LARGEST ? LARGEST : asked);
  return size < least ? least : size;
}

static int set_number(struct socket *s, int option, int number) {
  switch (option) {
  case SO_RCVBUF: s->receive_size = buffer_size(number, SMALLEST); return 0;
  case SO_SNDBUF: s->send_size = buffer_size(number, 2 * SMALLEST); return 0;
  case SO_RCVLOWAT: s->receive_low = number < 0 ? INT_MAX : number ? number : 1; return 0;
  }
  bool flag;
  int *at = plain_value(s, option, &flag);
  if (!at) return -ENOPROTOOPT;
  *at = flag ? number != 0 : number;
  return 0;
}

static int set_linger(struct socket *s, const void *value, size_t length) {
  if (length < sizeof s->linger) return -EINVAL;
  struct linger l;
  memcpy(&l, value, sizeof l);
  s->linger.l_onoff = l.l_onoff != 0;
  if (l.l_onoff) s->linger.l_linger = l.l_linger; /* else it keeps what it had */
  return 0;
}

int socket_set_option(struct socket *s, int option, const void *value, size_t length) {
  int number, error;
  if (option == SO_BINDTODEVICE) return set_device(s, value, length);
  if (length < sizeof number) return -EINVAL;
  memcpy(&number, value, sizeof number);
  switch (option) {
  case SO_LINGER: error = set_linger(s, value, length); break;
  case SO_RCVTIMEO: error = set_timeout(&s->receive_timeout, value, length); break;
  case SO_SNDTIMEO: error = set_timeout(&s->send_timeout, value, length); break;
  default: error = set_number(s, option, number);
  }
  if (!error && s->ops->option) s->ops->option(s, option);
  return error;
}
