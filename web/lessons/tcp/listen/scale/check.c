/* Clients of ./scale PORT, who stand in line. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>

enum { LINE = 60, MANY = 40, DESCRIPTORS = 16, HEAVY = 300000 };

static struct program *scale;
static const char *port;

static int begin(void) {
  port = free_port();
  scale = start("scale", port, NULL);
  return dial(port);
}

static void weighs(int client, const char *weight) {
  end_sending(client);
  hear(client, weight);
  hear_end(client);
  hang_up(client);
}

static void one(void) {
  int client = begin();
  say(client, "hello");
  weighs(client, "5\n");
}

static void pieces(void) {
  int client = begin();
  say_slowly(client, "hello");
  hear_nothing(client, 100);
  weighs(client, "5\n");
}

static void heavy(void) {
  char *load = calloc(1, HEAVY);
  if (load == NULL) abort();
  int client = begin();
  say_bytes(client, load, HEAVY);
  free(load);
  weighs(client, "300000\n");
}

static void next(void) {
  int first = begin();
  say(first, "one");
  weighs(first, "3\n");
  int second = dial(port);
  weighs(second, "0\n");
}

static void in_line(void) {
  int client[3] = {begin()};
  client[1] = dial(port);
  say(client[1], "second");
  end_sending(client[1]);
  client[2] = dial(port);
  say(client[2], "the third");
  end_sending(client[2]);
  hear_nothing(client[2], 100);
  say(client[0], "1st");
  weighs(client[0], "3\n");
  weighs(client[1], "6\n");
  weighs(client[2], "9\n");
}

static void long_line(void) {
  int client[LINE];
  int first = begin();
  for (int i = 0; i < LINE; i++)
    client[i] = dial(port);
  weighs(first, "0\n");
  for (int i = 0; i < LINE; i++) {
    say(client[i], "so light");
    weighs(client[i], "8\n");
  }
}

static void gone(void) {
  int first = begin();
  int rude = dial(port), hasty = dial(port), patient = dial(port);
  say(rude, "I cannot wait");
  hang_up_rudely(rude);
  say(hasty, "nor can I");
  hang_up(hasty);
  say(patient, "I can");
  weighs(first, "0\n");
  weighs(patient, "5\n");
  if (!still_runs(scale)) fail("the scale does not run any more");
}

static void gone_meanwhile(void) {
  int first = begin(), next_one = dial(port);
  say(first, "I am");
  pause_ms(100);
  hang_up_rudely(first);
  say(next_one, "me");
  weighs(next_one, "2\n");
}

static void many(void) {
  limit_descriptors(DESCRIPTORS);
  weighs(begin(), "0\n");
  for (int i = 1; i < MANY && !failed(); i++)
    weighs(dial(port), "0\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("one client", one, NULL);
  check("five bytes, one at a time", pieces,
        "Weigh until recv returns 0, and answer then.");
  check("300,000 bytes", heavy, "Add up what each recv returns.");
  check("the next client", next,
        "After close comes the next accept, on the same listening socket.");
  check("two wait in line, and have said everything", in_line,
        "What a client sends while it waits is there when its turn comes.");
  check("sixty clients call while one is being served", long_line,
        "listen's second argument says how many may wait to be accepted.");
  check("two in line give up before their turn", gone,
        "An error of one connection is no reason to end; and mind SIGPIPE.");
  check("the one who is being served is gone", gone_meanwhile,
        "An error of one connection is no reason to end.");
  check("forty clients, and few descriptors", many,
        "Close every connection that you accept.");
  return check_end();
}
