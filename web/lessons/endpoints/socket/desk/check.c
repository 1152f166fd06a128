/* Commands for ./desk, sensible ones and others. */
#include "check.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 100, DESCRIPTORS = 12 };

static struct program *desk;

static void ask(const char *command, const char *answer) {
  char line[64];
  snprintf(line, sizeof line, "%s\n", command);
  type(desk, line);
  const char *got = printed_line(desk);
  if (!failed() && strcmp(got, answer) != 0)
    fail("asked `%s`: wanted `%s`, got `%s`", command, answer, got);
}

static void ask_refused(const char *command, int error) {
  char answer[128];
  snprintf(answer, sizeof answer, "error: %s", strerror(error));
  ask(command, answer);
}

/* The descriptor that `open WORDS` answers with. */
static int opened(const char *words) {
  char line[64], rest;
  int fd;
  snprintf(line, sizeof line, "open %s\n", words);
  type(desk, line);
  const char *got = printed_line(desk);
  if (failed()) return -1;
  if (sscanf(got, "%d%c", &fd, &rest) == 1 && fd >= 0) return fd;
  fail("asked `open %s`: wanted a descriptor such as `3`, got `%s`", words,
       got);
  return -1;
}

static void ask_of(const char *verb, int fd, const char *answer) {
  char command[32];
  snprintf(command, sizeof command, "%s %d", verb, fd);
  ask(command, answer);
}

static void opens(void) {
  static const char *const kinds[] = {
      "inet stream", "inet dgram", "inet6 stream",  "inet6 dgram",
      "unix stream", "unix dgram", "unix seqpacket"};
  enum { KINDS = sizeof kinds / sizeof kinds[0] };
  int fd[KINDS];
  desk = start("desk", NULL);
  for (int i = 0; i < KINDS; i++)
    fd[i] = opened(kinds[i]);
  for (int i = KINDS - 1; i >= 0; i--)
    ask_of("what", fd[i], kinds[i]);
}

static void refuses(void) {
  desk = start("desk", NULL);
  ask_refused("open inet seqpacket", ESOCKTNOSUPPORT);
  int fd = opened("inet stream");
  ask_of("what", fd, "inet stream");
}

static void others(void) {
  desk = start("desk", NULL);
  ask_refused("what 0", ENOTSOCK);
  ask_refused("what 1", ENOTSOCK);
  ask_refused("what 77", EBADF);
  ask_refused("close 77", EBADF);
  ask_refused("what -1", EBADF);
}

static void closes(void) {
  char command[32];
  desk = start("desk", NULL);
  int fd = opened("unix stream");
  ask_of("close", fd, "closed");
  snprintf(command, sizeof command, "what %d", fd);
  ask_refused(command, EBADF);
  snprintf(command, sizeof command, "close %d", fd);
  ask_refused(command, EBADF);
}

static void reuses(void) {
  desk = start("desk", NULL);
  int first = opened("inet stream");
  int second = opened("inet stream");
  if (!failed() && first == second) fail("both sockets are `%d`", first);
  ask_of("close", first, "closed");
  int third = opened("inet6 dgram");
  if (!failed() && third != first)
    fail("%d was closed and the next socket is %d: a new descriptor is the "
         "lowest that is free",
         first, third);
  ask_of("what", third, "inet6 dgram");
  ask_of("what", second, "inet stream");
}

static void hundred(void) {
  limit_descriptors(DESCRIPTORS);
  desk = start("desk", NULL);
  for (int i = 0; i < MANY && !failed(); i++)
    ask_of("close", opened("inet stream"), "closed");
}

static void no_more(void) {
  char got[64];
  int last = -1, fd;
  limit_descriptors(DESCRIPTORS);
  desk = start("desk", NULL);
  for (int i = 0; i < DESCRIPTORS; i++) {
    type(desk, "open inet stream\n");
    snprintf(got, sizeof got, "%s", printed_line(desk));
    if (failed()) return;
    if (sscanf(got, "%d", &fd) != 1) break;
    last = fd;
  }
  char wanted[64];
  snprintf(wanted, sizeof wanted, "error: %s", strerror(EMFILE));
  if (strcmp(got, wanted) != 0)
    fail("it may have %d descriptors and has them: asked `open inet stream`, "
         "wanted `%s`, got `%s`",
         DESCRIPTORS, wanted, got);
  ask_of("close", last, "closed");
  ask_of("what", opened("unix dgram"), "unix dgram");
}

static void quiet_end(void) {
  desk = start("desk", NULL);
  opened("inet stream");
  type_end(desk);
  prints_end(desk);
  ends(desk, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("it opens sockets and knows what they are", opens,
        "getsockopt with SO_DOMAIN and SO_TYPE tells what a socket is.");
  check("a kind that does not exist", refuses,
        "When socket returns -1, errno says why; go on with the next command.");
  check("descriptors that are no sockets", others,
        "Ask the system about any number, and tell what it answers.");
  check("a closed socket is gone", closes,
        "close gives the descriptor back; look at its result, too.");
  check("numbers are used again", reuses,
        "A closed number is free for the next socket, which is of its own "
        "kind: ask getsockopt, not a list.");
  check("a hundred sockets, one after the other", hundred,
        "A socket stays open until it is closed: does close happen?");
  check(
      "more sockets than it may have", no_more,
      "socket returns -1 at the limit: answer with the error, keep the rest.");
  check("the end of the input", quiet_end, NULL);
  return check_end();
}
