/* Both sides of ./relay PORT HOST PORT. */
#include "check.h"
#include <string.h>

enum { PIECE = 5000, LARGE = 200000 };

static struct program *relay;
static const char *port;
static int listener, client, server;

static void next_pair(void) {
  client = dial(port);
  server = caller(listener);
}

static void begin(void) {
  listener = listen_tcp();
  port = free_port();
  relay = start("relay", port, "127.0.0.1", port_of(listener), NULL);
  next_pair();
}

static void passes(int from, int to, const char *text) {
  say(from, text);
  hear(to, text);
}

static void in_turns(void) {
  begin();
  passes(client, server, "how deep is the water?");
  passes(server, client, "ten metres");
  passes(client, server, "and the tide?");
  passes(server, client, "three more");
}

static void server_first(void) {
  begin();
  passes(server, client, "220 welcome\r\n");
  passes(client, server, "HELO\r\n");
}

static void no_answer(void) {
  begin();
  passes(client, server, "one");
  passes(client, server, "two");
  passes(client, server, "three");
  passes(server, client, "four");
  passes(server, client, "five");
  passes(client, server, "six");
}

static void pass_large(int from, int to) {
  static char piece[PIECE];
  memset(piece, 'x', sizeof piece);
  piece[0] = '\0';
  for (size_t n = 0; n < LARGE && !failed(); n += sizeof piece) {
    say_bytes(from, piece, sizeof piece);
    hear_bytes(to, piece, sizeof piece);
  }
}

static void large(void) {
  begin();
  pass_large(client, server);
  pass_large(server, client);
}

static void half_close(int first, int second) {
  passes(first, second, "that was all");
  end_sending(first);
  hear_end(second);
  passes(second, first, "here is ");
  passes(second, first, "the answer");
  end_sending(second);
  hear_end(first);
}

static void client_ends(void) {
  begin();
  half_close(client, server);
}

static void server_ends(void) {
  begin();
  half_close(server, client);
}

static void next(void) {
  begin();
  for (int i = 0; i < 3 && !failed(); i++) {
    if (i > 0) next_pair();
    passes(server, client, "hello");
    hang_up(client);
    hear_end(server);
    hang_up(server);
  }
}

static void lost(void) {
  begin();
  passes(client, server, "I am off");
  hang_up_rudely(client);
  hear_gone(server);
  next_pair();
  passes(server, client, "hello");
  hang_up_rudely(server);
  hear_gone(client);
  next_pair();
  passes(client, server, "hello");
}

static void nobody(void) {
  port = free_port();
  relay = start("relay", port, "127.0.0.1", free_port(), NULL);
  hear_gone(dial(port));
  hear_gone(dial(port));
  if (!still_runs(relay)) fail("the relay does not run any more");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a question and an answer, twice", in_turns,
        "select's first argument is the highest of the descriptors, plus 1.");
  check("the server speaks first", server_first,
        "Wait for both at once: put both into the set, and ask which of them "
        "is in it afterwards.");
  check("three words one way, two the other", no_answer,
        "select leaves in the set only what is ready: fill it again before "
        "each call.");
  check("200,000 bytes each way", large, "Pass on as many bytes as have come.");
  check("the client ends what it sends, and hears the answer", client_ends,
        "Pass on the end of one side with shutdown(SHUT_WR), and go on until "
        "the other side ends, too.");
  check("the server ends what it sends, and the client goes on", server_ends,
        "What is true for the client's end is true for the server's.");
  check("one client after the other", next,
        "When both have ended, close both and accept the next.");
  check("connections that are lost", lost,
        "After an error on one side close both, and accept the next.");
  check("a server that cannot be reached", nobody,
        "Hang up on the client, and accept the next.");
  return check_end();
}
