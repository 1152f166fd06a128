/* A mail server for ./rounds PORT FROM TO..., which speaks at length. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int peer;
static bool delivers; /* without that, all else would only wait */

/* The program's next line begins with this, in any case of letters. */
static void told(const char *wanted) {
  const char *line = hear_line(peer);
  if (!failed() && strncasecmp(line, wanted, strlen(wanted)) != 0)
    fail("`%s` was to come next; it was `%s`", wanted, line);
}

static void exchange(const char *wanted, const char *reply) {
  told(wanted);
  say(peer, reply);
}

#define START(letter, ...)                                                     \
  int listener = listen_tcp();                                                 \
  struct program *p = start("rounds", port_of(listener), __VA_ARGS__, NULL);   \
  type(p, letter);                                                             \
  type_end(p);                                                                 \
  peer = caller(listener)

static void greet(void) {
  say(peer, "220 lab\r\n");
  exchange("EHLO ", "250 lab\r\n");
  exchange("MAIL FROM:<a@lab>", "250 ok\r\n");
}

static void quit(struct program *p) {
  exchange("QUIT", "221 bye\r\n");
  hang_up(peer);
  ends(p, 0);
}

static void one(void) {
  START("Subject: tide\n\nTen.\n", "a@lab", "b@lab");
  greet();
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "Subject: tide\r\n\r\nTen.\r\n.\r\n");
  say(peer, "250 delivered\r\n");
  quit(p);
  delivers = !failed();
}

static void long_replies(void) {
  START("x\n", "a@lab", "b@lab", "c@lab");
  say(peer, "220-lab\r\n220-500 ships\r\n");
  say(peer, "220 and you\r\n");
  told("EHLO ");
  say_slowly(peer, "250-lab\r\n250-SIZE 9\r\n250-400\r\n250 HELP\r\n");
  exchange("MAIL FROM:<a@lab>", "250-550\r\n250 \r\n");
  exchange("RCPT TO:<b@lab>", "250-b\r\n250-is\r\n250 here\r\n");
  exchange("RCPT TO:<c@lab>", "251 elsewhere\r\n");
  exchange("DATA", "354-go\r\n354 on\r\n");
  hear(peer, "x\r\n.\r\n");
  say(peer, "250-de\r\n250 livered\r\n");
  quit(p);
}

static void dots(void) {
  START("..\n.\n\n.x\nx.\n...\n.", "a@lab", "b@lab");
  greet();
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "...\r\n..\r\n\r\n..x\r\nx.\r\n....\r\n..\r\n.\r\n");
  say(peer, "250 delivered\r\n");
  quit(p);
}

static void some_refused(void) {
  START("x\n", "a@lab", "b@lab", "dave@lab", "c@lab", "eve@lab");
  greet();
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("RCPT TO:<dave@lab>", "550-no\r\n550 Dave\r\n");
  exchange("RCPT TO:<c@lab>", "250 ok\r\n");
  exchange("RCPT TO:<eve@lab>", "452 later\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "x\r\n.\r\n");
  say(peer, "250 delivered\r\n");
  exchange("QUIT", "221 bye\r\n");
  hang_up(peer);
  ends_badly(p);
  prints_error(p, "dave@lab");
  prints_error(p, "eve@lab");
}

/* It may say good-bye, and nothing else. */
static void leaves(struct program *p) {
  char rest[64];
  size_t n = 0, more;
  end_sending(peer);
  while (!failed() && n < sizeof rest &&
         (more = hear_some(peer, rest + n, sizeof rest - n)) > 0)
    n += more;
  if (!failed() && n > 0 && (n < 4 || strncasecmp(rest, "QUIT", 4) != 0))
    fail("nothing more was to come but QUIT; it was %s", shown(rest, n));
  ends_badly(p);
}

static void all_refused(void) {
  START("x\n", "a@lab", "dave@lab", "eve@lab");
  greet();
  exchange("RCPT TO:<dave@lab>", "550 no\r\n");
  exchange("RCPT TO:<eve@lab>", "550 no\r\n");
  leaves(p);
}

static void not_delivered(void) {
  START("x\n", "a@lab", "b@lab");
  greet();
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "x\r\n.\r\n");
  say(peer, "452 no room\r\n");
  leaves(p);
}

static void cut(void) {
  START("x\n", "a@lab", "b@lab");
  greet();
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "x\r\n.\r\n");
  hang_up(peer);
  ends_badly(p);
}

static void not_welcome(void) {
  START("x\n", "a@lab", "b@lab");
  say(peer, "554 no mail here\r\n");
  leaves(p);
}

static void old_server(void) {
  START("x\n", "a@lab", "b@lab");
  say(peer, "220 lab\r\n");
  exchange("EHLO ", "502 what?\r\n");
  exchange("HELO ", "250 ah\r\n");
  exchange("MAIL FROM:<a@lab>", "250 ok\r\n");
  exchange("RCPT TO:<b@lab>", "250 ok\r\n");
  exchange("DATA", "354 go on\r\n");
  hear(peer, "x\r\n.\r\n");
  say(peer, "250 delivered\r\n");
  quit(p);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a letter to one", one,
        "say EHLO, MAIL, RCPT and DATA, and wait for the reply to each; lines "
        "end with \\r\\n.");
  if (!delivers) return check_end();
  check("replies of several lines", long_replies,
        "a reply goes on as long as a `-` stands behind its code.");
  check("lines that begin with a dot", dots,
        "a line of the text that begins with a dot gets one more, or it ends "
        "the letter: its own dot is doubled.");
  check("some addresses are refused", some_refused,
        "a code of 400 or more refuses that address alone: tell it on standard "
        "error, go on with the next, and end with a status other than 0.");
  check("all addresses are refused", all_refused,
        "when nobody is left do not send DATA.");
  check("the letter is refused", not_delivered,
        "only the reply behind the text says whether the letter is delivered.");
  check("the server hangs up instead of that reply", cut,
        "only the reply behind the text says whether the letter is delivered.");
  check("the greeting is a refusal", not_welcome,
        "the server speaks first, and not always 220.");
  check("a server that does not know EHLO", old_server,
        "it answers with a code of 500 or more: say HELO.");
  return check_end();
}
