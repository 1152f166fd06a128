/* A machine that is steered, acknowledges late, and answers nothing. */
#include "check.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 15, MOST_US = 25000 };

static struct program *program;

static long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The program's connection. */
static int begin(void) {
  int listener = listen_tcp();
  program = start("remote", "127.0.0.1", port_of(listener), NULL);
  return caller(listener);
}

/* As if an answer were to be expected, with which it could go. */
static void acknowledge_late(int peer) {
  int no = 0;
  setsockopt(peer, IPPROTO_TCP, TCP_QUICKACK, &no, sizeof no);
}

static void one(void) {
  int peer = begin();
  type(program, "left\n");
  hear(peer, "\4left");
  type_end(program);
  hear_end(peer);
  ends(program, 0);
}

static int by_size(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

static void at_once(void) {
  long took[ROUNDS];
  int peer = begin();
  for (int i = 0; i < ROUNDS && !failed(); i++) {
    acknowledge_late(peer);
    long began = now_us();
    type(program, i % 2 == 0 ? "left\n" : "right\n");
    hear(peer, i % 2 == 0 ? "\4left" : "\5right");
    took[i] = now_us() - began;
  }
  if (failed()) return;
  qsort(took, ROUNDS, sizeof *took, by_size);
  long slow = took[ROUNDS * 2 / 3];
  if (slow > MOST_US)
    fail("of %d commands, each after the one before had come, a third took "
         "%ld ms and more until they were here",
         ROUNDS, slow / 1000);
}

static void together(void) {
  int peer = begin();
  type(program, "up\nup\ndown\ndown\nleft\nright\nleft\nright\nfire\n");
  hear(peer, "\2up\2up\4down\4down\4left\5right\4left\5right\4fire");
  type_end(program);
  hear_end(peer);
  ends(program, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a command", one, "Send each line as soon as it is read.");
  check("fifteen commands, and how long each takes", at_once,
        "A small segment waits for the acknowledgement of the one before, "
        "unless TCP_NODELAY is set: an option at the level IPPROTO_TCP.");
  check("nine commands at once", together, NULL);
  return check_end();
}
