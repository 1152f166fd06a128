/* Clients of a server that waits for their end, and turns their text round. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 65536, QUIET_MS = 150 };

static struct program *server;

static const char *begin(void) {
  const char *port = free_port();
  server = start("reverse", port, NULL);
  return port;
}

static void word(void) {
  int client = dial(begin());
  say(client, "stressed");
  end_sending(client);
  hear(client, "desserts");
  hear_end(client);
}

static void pieces(void) {
  int client = dial(begin());
  say(client, "one\n");
  hear_nothing(client, QUIET_MS);
  say(client, "two\n");
  hear_nothing(client, QUIET_MS);
  end_sending(client);
  hear(client, "\nowt\neno");
  hear_end(client);
}

static void slowly(void) {
  int client = dial(begin());
  say_bytes_slowly(client, "a\0b\0\xff!", 6);
  end_sending(client);
  hear_bytes(client, "!\xff\0b\0a", 6);
  hear_end(client);
}

static void nothing(void) {
  const char *port = begin();
  int client = dial(port);
  end_sending(client);
  hear_end(client);
  client = dial(port);
  say(client, "ab");
  end_sending(client);
  hear(client, "ba");
  hear_end(client);
}

static void longest(void) {
  static char text[LONGEST], back[LONGEST];
  for (int i = 0; i < LONGEST; i++)
    text[i] = back[LONGEST - 1 - i] = (char)('a' + i / 5 % 26);
  int client = dial(begin());
  say_bytes(client, text, sizeof text);
  end_sending(client);
  hear_bytes(client, back, sizeof back);
  hear_end(client);
}

/* Neither all of it nor a part comes back. */
static void too_long(void) {
  static char text[LONGEST + 1];
  const char *port = begin();
  memset(text, 'x', sizeof text);
  int client = dial(port);
  say_bytes(client, text, sizeof text);
  end_sending(client);
  hear_gone(client);
  client = dial(port);
  say(client, "live");
  end_sending(client);
  hear(client, "evil");
  hear_end(client);
}

/* They go without waiting for the answer. */
static void gone(void) {
  const char *port = begin();
  for (int i = 0; i < 5; i++) {
    int client = dial(port);
    say(client, "nobody hears the answer to this");
    if (i % 2 == 0) end_sending(client);
    hang_up_rudely(client);
  }
  int client = dial(port);
  say(client, "live");
  end_sending(client);
  hear(client, "evil");
  hear_end(client);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a word, and the end of file behind it", word,
        "recv returns 0 when the client will say no more. It may still listen: "
        "now is the time to answer.");
  check("two lines in two pieces: no answer before the end", pieces,
        "A piece is not the whole, and a line end is no end of file. Go on "
        "until recv returns 0.");
  check("byte by byte, and not only letters", slowly,
        "Put each piece behind the last one, and count bytes; strlen stops at "
        "the first 0.");
  check("a client that says nothing, and the next one", nothing,
        "Nothing turned round is nothing: close, and serve the next client.");
  check(
      "65,536 bytes", longest,
      "The buffer has to hold the whole, and one send may take a part of it.");
  check("one byte more than that", too_long,
        "Too much is an error: close without an answer. Never write behind the "
        "buffer, and do not answer half of it.");
  check(
      "clients that do not wait for the answer", gone,
      "recv or send fails for them (MSG_NOSIGNAL!); go on with the next one.");
  return check_end();
}
