/* A server for a client that asks again, and the bad network between them. */
#include "check.h"
#include <poll.h>
#include <string.h>

enum { WAIT_MS = 250, TRIES = 4, STALE = 12, STALE_GAP_MS = 50 };

static void hear_question(int server, const char *wanted) {
  hear_this_datagram(server, wanted, strlen(wanted));
}

static void tell(int server, const char *text) {
  answer(server, text, strlen(text));
}

static void answered(void) {
  int server = datagrams();
  struct program *client =
      start("client", port_of(server), "north", "east", "south", NULL);
  hear_question(server, "1 north");
  tell(server, "1 ice");
  hear_question(server, "2 east");
  tell(server, "2 the sun, early");
  hear_question(server, "3 south");
  tell(server, "3 ice, too");
  prints(client, "ice\nthe sun, early\nice, too\n");
  ends(client, 0);
  hear_no_datagram(server, 0);
}

static void lost(void) {
  int server = datagrams();
  struct program *client =
      start("client", port_of(server), "north", "south", NULL);
  for (int i = 0; i < 2; i++)
    hear_question(server, "1 north");
  tell(server, "1 ice");
  for (int i = 0; i < TRIES; i++)
    hear_question(server, "2 south");
  tell(server, "2 ice, too");
  prints(client, "ice\nice, too\n");
  ends(client, 0);
}

static void slow(void) {
  int server = datagrams();
  struct program *client = start("client", port_of(server), "north", NULL);
  hear_question(server, "1 north");
  hear_no_datagram(server, WAIT_MS / 2);
  tell(server, "1 ice");
  prints(client, "ice\n");
  ends(client, 0);
}

static void twice(void) {
  int server = datagrams();
  struct program *client =
      start("client", port_of(server), "north", "south", NULL);
  hear_question(server, "1 north");
  tell(server, "1 ice");
  tell(server, "1 ice");
  hear_question(server, "2 south");
  tell(server, "1 ice");
  tell(server, "12 o'clock");
  tell(server, "2 ice, too");
  prints(client, "ice\nice, too\n");
  ends(client, 0);
}

static void stale(void) {
  int server = datagrams();
  start("client", port_of(server), "north", "south", NULL);
  hear_question(server, "1 north");
  tell(server, "1 ice");
  hear_question(server, "2 south");
  for (int i = 0; i < STALE; i++) {
    tell(server, "1 ice");
    pause_ms(STALE_GAP_MS);
  }
  struct pollfd again = {.fd = server, .events = POLLIN};
  if (!failed() && poll(&again, 1, 0) == 0)
    fail("the client has not sent `2 south` again after %d ms",
         STALE * STALE_GAP_MS);
  hear_question(server, "2 south");
}

static void silent(void) {
  int server = datagrams();
  struct program *client =
      start("client", port_of(server), "north", "south", NULL);
  for (int i = 0; i < TRIES; i++)
    hear_question(server, "1 north");
  ends_badly(client);
  prints_end(client);
  hear_no_datagram(server, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("three questions, answered at once", answered,
        "One question at a time, numbered from 1; the next when this one is "
        "answered.");
  check("questions are lost", lost,
        "The same question keeps its number however often it is sent: up to "
        "four times.");
  check("the answer takes its time", slow, "An answer has 250 ms to come.");
  check("answers come twice", twice,
        "That was the answer to an earlier question: compare the numbers, and "
        "go on waiting.");
  check("old answers come all the time, the right one does not", stale,
        "With each old answer the wait began anew: wait only for what is left "
        "of the 250 ms.");
  check(
      "nobody answers", silent,
      "After four times and 250 ms more, give up with a status other than 0.");
  return check_end();
}
