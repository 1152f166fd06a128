/* Clients that leave first, late, or not at all; and who may have the port
 * afterwards. */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TALK_MS = 50, TALK = 40 };
static const char LONG[] = "9000", SHORT[] = "300";

/* Can a program have the port that sets no option? */
static void is_free(const char *port) {
  struct sockaddr_in here = {.sin_family = AF_INET,
                             .sin_port = htons((in_port_t)atoi(port))};
  here.sin_addr.s_addr = htonl(INADDR_ANY);
  if (failed()) return;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&here, sizeof here) == -1)
    fail("last has ended, and port %s is not free: %s. The server went first, "
         "and its end waits in TIME_WAIT",
         port, strerror(errno));
  close(fd);
}

static void leaves(void) {
  const char *port = free_port();
  for (int i = 0; i < 2; i++) {
    struct program *server = start("last", port, LONG, NULL);
    int client = dial(port);
    hear(client, "good day\n");
    hear_nothing(client, TALK_MS);
    hang_up(client);
    ends(server, 0);
    is_free(port);
  }
}

static void thanks(void) {
  const char *port = free_port();
  struct program *server = start("last", port, LONG, NULL);
  int client = dial(port);
  hear(client, "good day\n");
  say_slowly(client, "thank you");
  hear_nothing(client, TALK_MS);
  hang_up(client);
  ends(server, 0);
  is_free(port);
}

static void stays(void) {
  const char *port = free_port();
  for (int i = 0; i < 2; i++) {
    struct program *server = start("last", port, SHORT, NULL);
    int client = dial(port);
    hear(client, "good day\n");
    hear_end(client);
    ends(server, 0);
  }
}

/* Longer than the server may wait for it. */
static void talks(void) {
  const char *port = free_port();
  struct program *server = start("last", port, SHORT, NULL);
  int client = dial(port);
  hear(client, "good day\n");
  int said = 0;
  while (said < TALK && send(client, ".", 1, MSG_NOSIGNAL) == 1) {
    said++;
    pause_ms(TALK_MS);
  }
  if (said == TALK)
    fail("last still listened to the client after %d ms; it had %s",
         TALK * TALK_MS, SHORT);
  ends(server, 0);
}

static void in_use(void) {
  const char *port = free_port();
  struct program *first = start("last", port, LONG, NULL);
  int client = dial(port);
  hear(client, "good day\n");
  struct program *second = start("last", port, LONG, NULL);
  prints_error(second, "in use");
  ends_badly(second);
  hang_up(client);
  ends(first, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a client that hears the line, and leaves", leaves,
        "Whoever closes first keeps the port for a minute. Wait until recv "
        "returns 0, and close then.");
  check("a client that says thank you, byte by byte, and leaves", thanks,
        "Read what it says meanwhile, until recv returns 0. A close with bytes "
        "unread is a reset.");
  check("a client that stays, and a second server at once", stays,
        "Now the server does close first. SO_REUSEADDR, set before bind, lets "
        "its successor have the port.");
  check("a client that talks without end", talks,
        "The limit is for all of the waiting, not for each recv.");
  check("another server listens on the port", in_use,
        "SO_REUSEADDR does not let two programs listen on one port, and that "
        "is right. SO_REUSEPORT does.");
  return check_end();
}
