/* A crowd of clients, and some that do not read. */
#include "check.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  DESCRIPTORS = 16,
  CROWD = 24, /* of them so many leave: */
  LEAVE = 16,
  SMALL = 32768, /* bytes of receive buffer for who does not read */
  PIECE = 120 * 1024,
  BEHIND = 2,     /* pieces: more than the kernel holds, less than the limit */
  BIT = 65536,    /* bytes that it takes before it pauses again */
  FAR_BEHIND = 5, /* much more than both */
  STEP_MS = 10,
  FEW = 9,      /* descriptors */
  SLEEPERS = 4, /* more than fit into those */
};

static const char *port;
static char text[FAR_BEHIND * PIECE];

static void begin(void) {
  port = free_port();
  start("relay", port, NULL);
}

/* Its receive buffer is small, so that what it does not read comes to rest in
 * the server. */
static int dial_small(void) {
  int size = SMALL;
  struct sockaddr_in there = {.sin_family = AF_INET};
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons((in_port_t)atoi(port));
  if (failed()) return -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (connect(fd, (struct sockaddr *)&there, sizeof there) == -1)
    fail("connecting: %s", strerror(errno));
  return fd;
}

/* Waits until the server has it. */
static void enters(int fd, int other) {
  say(fd, "I am here\n");
  hear(other, "I am here\n");
}

/* So many pieces, each heard before the next is said. */
static void talk(int talker, int reader, int pieces) {
  for (int i = 0; i < pieces && !failed(); i++) {
    say_bytes(talker, text + (size_t)i * PIECE, PIECE);
    hear_bytes(reader, text + (size_t)i * PIECE, PIECE);
  }
}

/* Reads on until the connection is over. */
static void hear_dropped(int fd) {
  static char bytes[PIECE];
  int waited = 0;
  while (!failed()) {
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0 || (n == -1 && errno != EAGAIN)) break;
    if (n == -1 && waited >= patience_ms)
      fail("who read nothing is far behind, and is still connected");
    if (n > 0) {
      waited = 0;
    } else {
      pause_ms(STEP_MS);
      waited += STEP_MS;
    }
  }
  hang_up(fd);
}

static void three(void) {
  begin();
  int a = dial(port), b = dial(port);
  enters(b, a);
  int c = dial(port);
  enters(c, a);
  hear(b, "I am here\n");
  say(a, "hello\n");
  hear(b, "hello\n");
  hear(c, "hello\n");
  hang_up_rudely(b);
  say_slowly(c, "goodbye\n");
  hear(a, "goodbye\n");
}

static void crowd(void) {
  int fds[CROWD];
  limit_descriptors(DESCRIPTORS);
  begin();
  for (int i = 0; i < CROWD; i++) {
    fds[i] = dial(port);
    if (i == 1) enters(fds[1], fds[0]);
  }
  say(fds[0], "hello\n");
  hear(fds[1], "hello\n");
  hear_nothing(fds[CROWD - 1], 100);
  say(fds[1], "still there?\n");
  hear(fds[0], "still there?\n");
  for (int i = 0; i < LEAVE; i++)
    hang_up(fds[i]);
  say(fds[CROWD - 1], "now it is our turn\n");
  for (int i = LEAVE; i < CROWD - 1; i++)
    hear(fds[i], "now it is our turn\n");
}

static void behind(void) {
  begin();
  int talker = dial(port), reader = dial(port);
  enters(reader, talker);
  int slow = dial_small();
  say(slow, "zzz\n");
  hear(talker, "zzz\n");
  hear(reader, "zzz\n");
  talk(talker, reader, BEHIND);
  hear_bytes(slow, text, BIT);
  pause_ms(50);
  say(talker, "awake?\n");
  hear(reader, "awake?\n");
  hear_bytes(slow, text + BIT, (size_t)BEHIND * PIECE - BIT);
  hear(slow, "awake?\n");
}

static void far_behind(void) {
  begin();
  int talker = dial(port), reader = dial(port);
  enters(reader, talker);
  int slow = dial_small();
  say(slow, "zzz\n");
  hear(talker, "zzz\n");
  hear(reader, "zzz\n");
  talk(talker, reader, FAR_BEHIND);
  hear_dropped(slow);
  say(reader, "who was that?\n");
  hear(talker, "who was that?\n");
}

static void one_after_the_other(void) {
  limit_descriptors(FEW);
  begin();
  int talker = dial(port), reader = dial(port);
  enters(reader, talker);
  for (int i = 0; i < SLEEPERS && !failed(); i++) {
    int slow = dial_small();
    say(slow, "zzz\n");
    hear(talker, "zzz\n");
    hear(reader, "zzz\n");
    talk(talker, reader, FAR_BEHIND);
    hear_dropped(slow);
  }
}

int main(int argc, char *argv[]) {
  for (size_t i = 0; i < sizeof text / 16; i++) {
    char line[17];
    snprintf(line, sizeof line, "%15zu\n", i);
    memcpy(text + i * 16, line, 16);
  }
  check_begin(argc, argv);
  check("three clients", three, NULL);
  check("24 clients, and 16 descriptors", crowd,
        "accept fails with EMFILE when there is no descriptor left. Those who "
        "wait stay in the backlog; take the next when a client has left.");
  check("a client that reads late, and was not too far behind", behind,
        "A short send or EAGAIN is no reason to drop a client, or to wait for "
        "it: "
        "keep the rest, up to the limit. Nothing of it may be missing.");
  check("a client that does not read", far_behind,
        "What a client does not read stays in its queue. When that would grow "
        "over the limit, drop this client, and no other.");
  check("four that do not read, one after the other, and 9 descriptors",
        one_after_the_other, "Close the socket of a client that you drop.");
  return check_end();
}
