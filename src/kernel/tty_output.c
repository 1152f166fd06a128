/* What goes to a terminal's screen: from programs, and as the echo of what is typed (POSIX, General
 * Terminal Interface, Output Modes). */
#include "tty.h"
#include <ctype.h>
#include <string.h>

enum { TAB = 8, BLOCK = 256 };

/* What a byte becomes there; how many bytes that is, at most a tab's width. */
static size_t cook(struct tty *t, uint8_t c, char to[TAB]) {
  tcflag_t mode = t->mode.c_oflag;
  int width = TAB - t->column % TAB;
  *to = (char)c;
  if (!(mode & OPOST)) return 1;
  switch (c) {
  case '\n':
    if (mode & (ONLCR | ONLRET)) t->column = 0;
    if (mode & ONLCR) return memcpy(to, "\r\n", 2), 2;
    return 1;
  case '\r':
    if (mode & ONOCR && !t->column) return 0;
    if (mode & ONLRET || !(mode & OCRNL)) t->column = 0;
    if (mode & OCRNL) *to = '\n';
    return 1;
  case '\t':
    t->column += width;
    if ((mode & TABDLY) == TAB3) return memset(to, ' ', (size_t)width), (size_t)width;
    return 1;
  case '\b':
    if (t->column) t->column--;
    return 1;
  }
  if (mode & OLCUC) *to = (char)toupper(c);
  bool goes_on = t->mode.c_iflag & IUTF8 && (c & 0xC0) == 0x80; /* a character of several bytes */
  if (!iscntrl(c) && !goes_on) t->column++;
  return 1;
}

static void add(struct ring *r, char *bytes, size_t n) {
  struct uio u;
  uio_kernel(&u, bytes, n);
  if (ring_space(r) >= n) ring_from(r, &u);
}

void tty_show(struct tty *t, const char *bytes, size_t n) {
  char cooked[TAB];
  for (size_t i = 0; i < n; i++) {
    size_t length = cook(t, (uint8_t)bytes[i], cooked);
    add(t->stopped ? &t->held : &t->output, cooked, length);
  }
}

void tty_stop(struct tty *t, bool stop) {
  char bytes[BLOCK];
  t->stopped = stop;
  while (!stop && t->held.used) {
    struct uio u;
    uio_kernel(&u, bytes, sizeof bytes);
    add(&t->output, bytes, (size_t)ring_to(&t->held, &u));
  }
}

bool tty_writable(const struct tty *t) { return !t->stopped && ring_space(&t->output) >= TAB; }

ssize_t tty_write(struct tty *t, struct uio *from, bool nonblock) {
  int forbidden = t->mode.c_lflag & TOSTOP ? session_check(t, SIGTTOU) : 0;
  if (forbidden) return forbidden;
  while (from->left) {
    if (!t->master) return -EIO;
    if (!tty_writable(t)) {
      int error = nonblock ? -EAGAIN : sleep_on(&t->changed, FOREVER);
      if (error) return from->done ? (ssize_t)from->done : error;
      continue;
    }
    char bytes[BLOCK], cooked[BLOCK * TAB];
    size_t n = ring_space(&t->output) / TAB, length = 0;
    if (n > from->left) n = from->left;
    if (n > sizeof bytes) n = sizeof bytes;
    if (uio_get(from, bytes, n)) return from->done ? (ssize_t)from->done : -EFAULT;
    for (size_t i = 0; i < n; i++)
      length += cook(t, (uint8_t)bytes[i], cooked + length);
    add(&t->output, cooked, length);
    wake(&t->changed);
  }
  return (ssize_t)from->done;
}
