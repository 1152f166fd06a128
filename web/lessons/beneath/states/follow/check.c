/* The lives of some connections, told to ./follow event by event. */
#include "check.h"
#include <stdio.h>
#include <string.h>

static struct program *follow;
static char before[32]; /* the state it was in */

static void begin(void) {
  follow = start("follow", NULL);
  strcpy(before, "CLOSE");
}

static void step(const char *event, const char *state) {
  char line[64];
  if (failed()) return;
  snprintf(line, sizeof line, "%s\n", event);
  type(follow, line);
  const char *got = printed_line(follow);
  if (!failed() && strcmp(got, state) != 0)
    fail("after `%s` in %s the state is %s; got `%s`", event, before, state,
         got);
  snprintf(before, sizeof before, "%s", state);
}

static void client(void) {
  begin();
  step("connect", "SYN_SENT");
  step("recv SYN ACK", "ESTABLISHED");
}

static void server(void) {
  begin();
  step("listen", "LISTEN");
  step("recv SYN", "SYN_RECV");
  step("recv ACK", "ESTABLISHED");
}

static void closes_first(void) {
  client();
  step("close", "FIN_WAIT1");
  step("recv ACK", "FIN_WAIT2");
  step("recv FIN", "TIME_WAIT");
  step("timeout", "CLOSE");
  type_end(follow);
  prints_end(follow);
  ends(follow, 0);
}

static void closes_second(void) {
  server();
  step("recv FIN", "CLOSE_WAIT");
  step("close", "LAST_ACK");
  step("recv ACK", "CLOSE");
}

static void in_one(void) {
  client();
  step("close", "FIN_WAIT1");
  step("recv FIN ACK", "TIME_WAIT");
  server();
  step("recv FIN ACK", "CLOSE_WAIT");
}

static void close_at_once(void) {
  client();
  step("close", "FIN_WAIT1");
  step("recv FIN", "CLOSING");
  step("recv ACK", "TIME_WAIT");
  step("timeout", "CLOSE");
}

static void connect_at_once(void) {
  begin();
  step("connect", "SYN_SENT");
  step("recv SYN", "SYN_RECV");
  step("recv SYN ACK", "ESTABLISHED");
}

static void early(void) {
  begin();
  step("listen", "LISTEN");
  step("close", "CLOSE");
  step("connect", "SYN_SENT");
  step("close", "CLOSE");
  step("listen", "LISTEN");
  step("recv SYN", "SYN_RECV");
  step("close", "FIN_WAIT1");
  step("recv ACK", "FIN_WAIT2");
}

static void reset(void) {
  begin();
  step("connect", "SYN_SENT");
  step("recv RST", "CLOSE");
  step("listen", "LISTEN");
  step("recv RST", "LISTEN");
  step("recv SYN", "SYN_RECV");
  step("recv ACK", "ESTABLISHED");
  step("recv RST", "CLOSE");
  step("connect", "SYN_SENT");
  step("recv SYN ACK", "ESTABLISHED");
  step("recv FIN", "CLOSE_WAIT");
  step("recv RST", "CLOSE");
}

static void nothing_new(void) {
  begin();
  step("recv FIN", "CLOSE");
  step("connect", "SYN_SENT");
  step("recv SYN ACK", "ESTABLISHED");
  step("recv ACK", "ESTABLISHED");
  step("timeout", "ESTABLISHED");
  step("recv FIN", "CLOSE_WAIT");
  step("recv FIN", "CLOSE_WAIT");
  step("recv ACK", "CLOSE_WAIT");
  step("close", "LAST_ACK");
  step("recv FIN", "LAST_ACK");
  step("close", "LAST_ACK");
  step("timeout", "LAST_ACK");
  step("recv ACK", "CLOSE");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a client that closes first", closes_first,
        "Who closes first waits for the ACK of its FIN, then for the other's "
        "FIN, and then for a time.");
  check("a server whose client closes first", closes_second,
        "In CLOSE_WAIT it is the program that is waited for: only its close "
        "goes on from there.");
  check("FIN and ACK in one segment", in_one,
        "Such a segment is an ACK and then a FIN: two steps.");
  check("both close at once", close_at_once,
        "A FIN without an ACK says nothing of yours: CLOSING waits for its "
        "acknowledgement.");
  check("both connect at once", connect_at_once,
        "A SYN alone acknowledges nothing. It is answered with SYN ACK.");
  check("closed before it was established", early,
        "What nobody has heard of needs no FIN. After a SYN ACK has been sent, "
        "somebody has.");
  check("resets", reset,
        "After a reset there is no connection; only a listening socket is "
        "above that.");
  check("what comes again or changes nothing", nothing_new,
        "A segment may come twice. What the diagram has no arrow for leaves "
        "the state as it is.");
  return check_end();
}
