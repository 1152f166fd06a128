/* What a terminal shows of what is written to it and typed, and when it is stopped. */
#include "check.h"
#include "terminal.h"

static void new_lines(void) {
  heading("returns and new lines, as they go out");
  open_terminal();
  CALL(write(terminal, "a\nb\r", 4));
  shows(5);
  set(OUTPUT, 0, ONLCR);
  CALL(write(terminal, "a\nb", 3));
  shows(3);
  set(OUTPUT, OCRNL, 0);
  CALL(write(terminal, "a\rb", 3));
  shows(3);
  set(OUTPUT, ONLCR, OPOST);
  CALL(write(terminal, "a\nb\r", 4));
  shows(4);
  close_terminal();
}

static void stopping(void) {
  heading("Ctrl-S and Ctrl-Q");
  open_terminal();
  fcntl(terminal, F_SETFL, O_NONBLOCK);
  set(LOCAL, 0, ECHO);
  type("\023x\n");
  take(sizeof bytes);
  READY(terminal);
  CALL(write(terminal, "abc", 3));
  type("\021y\n");
  take(sizeof bytes);
  READY(terminal);
  CALL(write(terminal, "abc", 3));
  shows(3);
  CALL(tcflow(terminal, TCOOFF));
  CALL(write(terminal, "abc", 3));
  CALL(tcflow(terminal, TCOON));
  CALL(write(terminal, "abc", 3));
  shows(3);
  CALL(tcflow(terminal, 9));
  set(INPUT, 0, IXON);
  type("\023\021\n");
  take(sizeof bytes);
  close_terminal();
}

static void echoing_later(void) {
  heading("what is typed while nothing is shown");
  open_terminal();
  type("ab");
  shows(2);
  type("\023cd\177e\n");
  READY(screen);
  type("\021");
  shows(8);
  take(sizeof bytes);
  heading("and is dropped");
  type("\023fg\003h\n");
  shows(5);
  take(sizeof bytes);
  heading("any key goes on");
  set(INPUT, IXANY, 0);
  type("\023h");
  shows(1);
  type("\023\n");
  shows(2);
  take(sizeof bytes);
  close_terminal();
}

/* What the screen shows of a line with everything that moves the cursor, from column 2 on. */
static void moves(const char *name, tcflag_t mode) {
  static const char text[] = "\rab\r\ncd\n\r\te\bf\tg\n\th\303\251\ti\r\r\n";
  set(OUTPUT, OPOST, ONLCR | OCRNL | ONOCR | ONLRET | OLCUC | TABDLY);
  must((int)write(terminal, "\rab", 3), "write");
  shows(3);
  set(OUTPUT, mode, 0);
  printf("%s: ", name);
  must((int)write(terminal, text, sizeof text), "write"); /* with the NUL, which ends it */
  size_t n = 0;
  do {
    wait_for(screen, POLLIN);
    ssize_t more = read(screen, bytes + n, sizeof bytes - n);
    n += more > 0 ? (size_t)more : 0;
  } while (!n || bytes[n - 1]);
  BYTES(bytes, n);
}

static void columns(void) {
  heading("returns, new lines and tabs, by where the cursor is");
  open_terminal();
  moves("ONOCR", ONOCR);
  moves("ONLRET", ONLRET);
  moves("ONOCR, ONLRET", ONOCR | ONLRET);
  moves("ONOCR, ONLRET, ONLCR", ONOCR | ONLRET | ONLCR);
  moves("ONOCR, OCRNL", ONOCR | OCRNL);
  moves("ONOCR, OCRNL, ONLRET", ONOCR | OCRNL | ONLRET);
  moves("OLCUC", OLCUC);
  moves("XTABS", XTABS);
  moves("XTABS, ONLRET", XTABS | ONLRET);
  moves("XTABS, ONLCR", XTABS | ONLCR);
  set(INPUT, IUTF8, 0);
  moves("XTABS, IUTF8", XTABS);
  close_terminal();
}

int main(int argc, char *argv[]) {
  (void)argc;
  check_argv = argv;
  new_lines();
  stopping();
  echoing_later();
  columns();
  return 0;
}
