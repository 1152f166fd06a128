/* A Telnet server for ./window HOST PORT COLUMNS ROWS. */
#include "check.h"

enum { QUIET = 60 };

#define IAC "\xff"
#define WILL IAC "\xfb"
#define WONT IAC "\xfc"
#define DO IAC "\xfd"
#define DONT IAC "\xfe"
#define SB IAC "\xfa"
#define SE IAC "\xf0"
#define ECHO "\x01"
#define TYPE "\x18"
#define NAWS "\x1f"

static struct program *window;
static int server;

/* A text with zeros in it. */
#define SAY(text) say_bytes(server, text, sizeof(text) - 1)
#define HEAR(text) hear_bytes(server, text, sizeof(text) - 1)
#define SIZE_100_40 SB NAWS "\0\x64\0\x28" SE

static void begin(const char *columns, const char *rows) {
  int listener = listen_tcp();
  window = start("window", "127.0.0.1", port_of(listener), columns, rows, NULL);
  server = caller(listener);
}

static void agrees(void) {
  begin("100", "40");
  SAY(DO NAWS);
  HEAR(WILL NAWS SIZE_100_40);
}

static void refuses(void) {
  begin("100", "40");
  SAY(DO TYPE WILL ECHO DO NAWS DO ECHO WILL NAWS);
  HEAR(WONT TYPE DONT ECHO WILL NAWS SIZE_100_40 WONT ECHO DONT NAWS);
}

static void wide(void) {
  begin("255", "511");
  SAY(DO NAWS);
  HEAR(WILL NAWS SB NAWS "\0" IAC IAC "\x01" IAC IAC SE);
  begin("65280", "24");
  SAY(DO NAWS);
  HEAR(WILL NAWS SB NAWS IAC IAC "\0\0\x18" SE);
}

static void once(void) {
  begin("100", "40");
  SAY(DO NAWS);
  HEAR(WILL NAWS SIZE_100_40);
  SAY(DO NAWS DO NAWS);
  hear_nothing(server, QUIET);
}

static void off(void) {
  begin("100", "40");
  SAY(DONT NAWS WONT ECHO DONT ECHO);
  hear_nothing(server, QUIET);
  SAY(DO NAWS);
  HEAR(WILL NAWS SIZE_100_40);
  SAY(DONT NAWS);
  HEAR(WONT NAWS);
  SAY(DONT NAWS);
  hear_nothing(server, QUIET);
  SAY(DO NAWS);
  HEAR(WILL NAWS SIZE_100_40);
}

static void pieces(void) {
  static const char text[] =
      "ho" DO NAWS "ist" SB TYPE "\x01" IAC IAC "x" SE "!" WILL ECHO "\r\n";
  begin("100", "40");
  say_bytes_slowly(server, text, sizeof text - 1);
  HEAR(WILL NAWS SIZE_100_40 DONT ECHO);
  hang_up(server);
  prints(window, "hoist!\r\n");
  prints_end(window);
  ends(window, 0);
}

static void typing(void) {
  begin("100", "40");
  SAY(DO NAWS "Name? ");
  HEAR(WILL NAWS SIZE_100_40);
  prints(window, "Name? ");
  type(window, "bob\n");
  hear(server, "bob\r\n");
  SAY("caf" IAC IAC "\r\0.");
  prints(window, "caf\xff\r.");
  hang_up(server);
  prints_end(window);
  ends(window, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("DO NAWS: it agrees, and tells 100 columns and 40 rows", agrees,
        "Answer IAC WILL NAWS, then IAC SB NAWS, four bytes, IAC SE.");
  check("other options, before and behind it", refuses,
        "Refuse what you do not know: WONT to DO, DONT to WILL. It is your own "
        "window that NAWS is about, not the server's.");
  check("a window whose numbers have bytes of 255", wide,
        "Double each byte that is 255, in a subnegotiation, too.");
  check("DO NAWS again", once,
        "Answer only what changes something: two sides that confirm each "
        "other's confirmations never end.");
  check("off, and on again", off,
        "Remember whether NAWS is on. DONT is answered only then, and DO only "
        "if it is off.");
  check("commands and text, byte by byte", pieces,
        "A command may come in pieces: remember what you have seen of it.");
  check("text in both directions", typing,
        "Leave the text as it was: a doubled 255 is one character.");
  return check_end();
}
