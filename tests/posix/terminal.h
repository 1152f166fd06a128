/* For the programs about terminals. Each is a pseudo-terminal of the program's own: what goes into
 * its master is typed, and what comes out of it shown. Include check.h first. */
#ifndef PORTSIDE_TERMINAL_TEST_H
#define PORTSIDE_TERMINAL_TEST_H

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

MAYBE int screen, terminal; /* the two ends */
MAYBE char bytes[256];

MAYBE void open_terminal(void) {
  screen = must(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
  must(grantpt(screen), "grantpt");
  must(unlockpt(screen), "unlockpt");
  terminal = must(open(ptsname(screen), O_RDWR | O_NOCTTY), "open");
}

MAYBE void close_terminal(void) {
  close(terminal);
  close(screen);
}

MAYBE void type(const char *text) { must((int)write(screen, text, strlen(text)), "write"); }

/* One read, of at most so many bytes. */
MAYBE void take(size_t room) {
  wait_for(terminal, POLLIN);
  ssize_t n = ready(terminal) & POLLIN ? read(terminal, bytes, room) : -2;
  printf("read(terminal, %zu) = %zd\n", room, n);
  if (n > 0) BYTES(bytes, n);
}

/* Reads what the screen shows until that is so much. */
MAYBE void shows(size_t expected) {
  size_t n = 0;
  while (n < expected) {
    wait_for(screen, POLLIN);
    ssize_t more = ready(screen) & POLLIN ? read(screen, bytes + n, sizeof bytes - n) : 0;
    if (more <= 0) break;
    n += (size_t)more;
  }
  printf("the screen shows ");
  BYTES(bytes, n);
}

enum part { INPUT, OUTPUT, LOCAL };

MAYBE void set(enum part part, tcflag_t on, tcflag_t off) {
  struct termios t;
  must(tcgetattr(terminal, &t), "tcgetattr");
  tcflag_t *flags = part == INPUT ? &t.c_iflag : part == OUTPUT ? &t.c_oflag : &t.c_lflag;
  *flags = (*flags | on) & ~off;
  must(tcsetattr(terminal, TCSANOW, &t), "tcsetattr");
}

MAYBE void set_raw(int least, int tenths) {
  struct termios t;
  must(tcgetattr(terminal, &t), "tcgetattr");
  cfmakeraw(&t);
  t.c_cc[VMIN] = (cc_t)least;
  t.c_cc[VTIME] = (cc_t)tenths;
  must(tcsetattr(terminal, TCSANOW, &t), "tcsetattr");
}

#endif
