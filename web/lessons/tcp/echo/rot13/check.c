/* Clients of ./rot13 PORT: talkative, in pieces, not in letters, gone. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { PIECE = 5000, LARGE = 300000, VALUES = 256 };

static struct program *server;
static const char *port;

static int begin(void) {
  port = free_port();
  server = start("rot13", port, NULL);
  return dial(port);
}

static void turned(int client, const char *said, const char *heard) {
  say(client, said);
  hear(client, heard);
}

static void word(void) {
  int client = begin();
  turned(client, "Harbour", "Uneobhe");
}

static void goes_on(void) {
  int client = begin();
  turned(client, "Harbour, ", "Uneobhe, ");
  turned(client, "pier ", "cvre ");
  turned(client, "and crane.\n", "naq penar.\n");
}

static void bytes(void) {
  int client = begin();
  say_slowly(client, "Anchor");
  hear(client, "Napube");
}

static void values(void) {
  unsigned char all[VALUES], back[VALUES];
  for (int i = 0; i < VALUES; i++) {
    all[i] = back[i] = (unsigned char)i;
    if (i >= 'A' && i <= 'Z')
      back[i] = (unsigned char)('A' + (i - 'A' + 13) % 26);
    if (i >= 'a' && i <= 'z')
      back[i] = (unsigned char)('a' + (i - 'a' + 13) % 26);
  }
  int client = begin();
  say_bytes(client, all, sizeof all);
  hear_bytes(client, back, sizeof back);
}

static void no_more(void) {
  int client = begin();
  turned(client, "a longer word first", "n ybatre jbeq svefg");
  turned(client, "short", "fubeg");
  hear_nothing(client, 100);
}

static void large(void) {
  static char text[PIECE], back[PIECE];
  int client = begin();
  memset(text, 'x', sizeof text);
  memset(back, 'k', sizeof back);
  for (size_t n = 0; n < LARGE && !failed(); n += sizeof text) {
    say_bytes(client, text, sizeof text);
    hear_bytes(client, back, sizeof back);
  }
  end_sending(client);
  hear_end(client);
}

static void next(void) {
  int client = begin();
  turned(client, "first", "svefg");
  end_sending(client);
  hear_end(client);
  client = dial(port);
  turned(client, "second", "frpbaq");
}

static void lost(void) {
  int client = begin();
  turned(client, "I am off", "V nz bss");
  hang_up_rudely(client);
  client = dial(port);
  turned(client, "second", "frpbaq");
  if (!still_runs(server)) fail("the server does not run any more");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a word", word,
        "Answer what has come at once; do not wait for a line end or for the "
        "end.");
  check("one client says three things", goes_on,
        "As long as recv returns more than 0, answer, and call recv again.");
  check("a word byte by byte", bytes,
        "recv gives what has come so far, and each piece is answered.");
  check("every value that a byte can have", values,
        "recv tells how many bytes have come. strlen stops at the first 0.");
  check("a long answer, then a short one", no_more,
        "Send back as many bytes as recv has returned, no more.");
  check("300,000 bytes", large,
        "Go on until recv returns 0, whatever the size.");
  check("the client ends, and the next one calls", next,
        "When recv returns 0, close this connection and accept the next one.");
  check("a client resets its connection", lost,
        "-1 from recv is the end of this conversation, not of the server; it "
        "is no number of bytes.");
  return check_end();
}
