/* A terminal: what is typed is tty.c, what is shown tty_output.c, its open files and names pty.c,
 * whose it is session.c. */
#ifndef PORTSIDE_TTY_H
#define PORTSIDE_TTY_H

#include "kernel.h"
#include <termios.h>
#include <sys/ioctl.h>

enum { INPUT_SIZE = 4096, OUTPUT_SIZE = 65536, ECHO_SIZE = 4096, END_OF_FILE = 0x100 };

struct tty {
  struct tty *next;
  int number; /* of /dev/pts */
  struct termios mode;
  struct winsize size;
  struct ring output, held;   /* for the screen; what would have been echoed while it was stopped */
  int column;                 /* where the screen's cursor is */
  uint16_t input[INPUT_SIZE]; /* bytes ready to be read; END_OF_FILE where Ctrl-D ended them */
  int head, ready, lines;     /* lines: how many line ends are among them */
  char line[INPUT_SIZE];      /* the line that is being edited */
  int length;
  int session, foreground;     /* whose controlling terminal it is, and its process group; or 0 */
  int slaves;                  /* how often it is open */
  bool master, opened, locked; /* the master is open; a slave has been; unlockpt(3) is to come */
  bool quote;                  /* the next byte is taken literally */
  bool stopped;                /* nothing is shown: Ctrl-S, or tcflow(3) */
  struct waitq changed;
};
extern struct tty *ttys;

/* tty.c. What is typed, and what a program reads of it. */
bool tty_readable(const struct tty *t);
ssize_t tty_read(struct tty *t, struct uio *to, bool nonblock);
void tty_type(struct tty *t, uint8_t c);
bool tty_takes(const struct tty *t);                           /* one more byte can be typed */
int tty_ioctl(struct tty *t, unsigned request, uptr argument); /* -ENOTTY: none of these */
int tty_set_size(struct tty *t, const struct winsize *size);
void tty_reset(struct tty *t); /* as stty sane has it */

/* tty_output.c. What a program writes, which waits for room, and what is echoed, which does not; a
 * stopped terminal holds both. */
ssize_t tty_write(struct tty *t, struct uio *from, bool nonblock);
bool tty_writable(const struct tty *t);
void tty_show(struct tty *t, const char *bytes, size_t n);
void tty_stop(struct tty *t, bool stop);

/* session.c. */
struct tty *session_tty(void); /* the caller's controlling terminal, or NULL */
int session_check(struct tty *t,
                  int sig); /* may the caller's group use it? 0, -EIO, -ERESTARTSYS */
int session_ioctl(struct tty *t, unsigned request, uptr argument);
void session_adopt(struct tty *t);  /* by its leader, who has none, unless it is another's */
void session_hangup(struct tty *t); /* its master is closed */

#endif
