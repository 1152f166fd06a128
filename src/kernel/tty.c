/* A terminal's line discipline (POSIX termios). */
#include "tty.h"
#include <string.h>

static bool set(const struct tty *t, tcflag_t local) { return t->mode.c_lflag & local; }

static void show_char(struct tty *t, uint8_t c) {
  bool control = c < 32 && c != '\n' && c != '\t';
  if ((control || c == 127) && set(t, ECHOCTL))
    tty_show(t, (char[]){'^', (char)(c ^ 64)}, 2);
  else
    tty_show(t, (char *)&c, 1);
}

static void echo(struct tty *t, uint8_t c) {
  if (set(t, ECHO))
    show_char(t, c);
  else if (c == '\n' && set(t, ECHONL) && set(t, ICANON))
    show_char(t, c);
}

static void put(struct tty *t, uint16_t c) {
  if (t->ready == INPUT_SIZE) return;
  t->input[(t->head + t->ready++) % INPUT_SIZE] = c;
}

static void line_done(struct tty *t, uint16_t end) {
  for (int i = 0; i < t->length; i++)
    put(t, (uint8_t)t->line[i]);
  put(t, end);
  t->length = 0;
  t->lines++;
}

/* Takes the last character off the line and off the screen: in UTF-8, all of its bytes. */
static void erase(struct tty *t) {
  if (!t->length) return;
  uint8_t c;
  do
    c = (uint8_t)t->line[--t->length];
  while (t->mode.c_iflag & IUTF8 && (c & 0xC0) == 0x80 && t->length);
  if (!set(t, ECHO) || !set(t, ECHOE)) return;
  tty_show(t, "\b \b", 3);
  if (c < 32 && c != '\t' && set(t, ECHOCTL)) tty_show(t, "\b \b", 3);
}

static void erase_word(struct tty *t) {
  while (t->length && t->line[t->length - 1] == ' ')
    erase(t);
  while (t->length && t->line[t->length - 1] != ' ')
    erase(t);
}

static bool is(const struct tty *t, int index, uint8_t c) { return c && t->mode.c_cc[index] == c; }

/* A key that means a signal: what was typed before it is dropped, and not shown any more. */
static bool signal_key(struct tty *t, uint8_t c) {
  int sig = is(t, VINTR, c) ? SIGINT : is(t, VQUIT, c) ? SIGQUIT : is(t, VSUSP, c) ? SIGTSTP : 0;
  if (!set(t, ISIG) || !sig) return false;
  if (!set(t, NOFLSH)) t->head = t->ready = t->lines = t->length = t->held.used = 0;
  if (t->mode.c_iflag & IXON) tty_stop(t, false);
  echo(t, c);
  if (t->foreground) signal_group(t->foreground, sig);
  return true;
}

static bool flow_key(struct tty *t, uint8_t c) {
  if (!(t->mode.c_iflag & IXON)) return false;
  bool stop = is(t, VSTOP, c), key = stop || is(t, VSTART, c);
  if (key || t->mode.c_iflag & IXANY) tty_stop(t, stop);
  return key;
}

static bool edit_key(struct tty *t, uint8_t c) {
  if (is(t, VERASE, c))
    erase(t);
  else if (is(t, VWERASE, c) && set(t, IEXTEN))
    erase_word(t);
  else if (is(t, VKILL, c))
    while (t->length)
      erase(t);
  else if (is(t, VLNEXT, c) && set(t, IEXTEN)) {
    t->quote = true;
    if (set(t, ECHO) && set(t, ECHOCTL)) tty_show(t, "^\b", 2); /* what comes takes that place */
  } else
    return false;
  return true;
}

void tty_type(struct tty *t, uint8_t c) {
  bool quoted = t->quote;
  t->quote = false;
  if (t->mode.c_iflag & ISTRIP) c &= 127;
  if (!quoted) {
    if (flow_key(t, c)) return;
    if (c == '\r' && t->mode.c_iflag & IGNCR) return;
    if (c == '\r' && t->mode.c_iflag & ICRNL)
      c = '\n';
    else if (c == '\n' && t->mode.c_iflag & INLCR)
      c = '\r';
    if (signal_key(t, c)) return;
  }
  if (!set(t, ICANON)) {
    echo(t, c);
    put(t, c);
    return;
  }
  if (!quoted && edit_key(t, c)) return;
  if (!quoted && is(t, VEOF, c)) {
    line_done(t, END_OF_FILE);
    return;
  }
  bool end = !quoted && (c == '\n' || is(t, VEOL, c));
  if (!end && t->length == INPUT_SIZE - 1) return; /* a line that long: only its end is heard */
  echo(t, c);
  if (end)
    line_done(t, c);
  else
    t->line[t->length++] = (char)c;
}

static bool has_input(const struct tty *t) { return set(t, ICANON) ? t->lines : t->ready; }

bool tty_readable(const struct tty *t) {
  bool least = !set(t, ICANON) && t->mode.c_cc[VMIN] && !t->mode.c_cc[VTIME];
  return least ? t->ready >= t->mode.c_cc[VMIN] : has_input(t);
}

/* Canonical: up to one line; raw: what there is. */
static ssize_t take(struct tty *t, struct uio *to) {
  bool canonical = set(t, ICANON);
  while (to->left && t->ready) {
    uint16_t c = t->input[t->head];
    uint8_t byte = (uint8_t)c;
    if (c != END_OF_FILE && uio_put(to, &byte, 1)) return -EFAULT;
    t->head = (t->head + 1) % INPUT_SIZE;
    t->ready--;
    bool end = c == END_OF_FILE || c == '\n' || is(t, VEOL, byte);
    if (end && t->lines) t->lines--;
    if (canonical && end) break;
  }
  if (canonical && to->done && t->lines && t->input[t->head] == END_OF_FILE && !to->left) {
    t->head = (t->head + 1) % INPUT_SIZE; /* it ended just those bytes */
    t->ready--;
    t->lines--;
  }
  wake(&t->changed);
  return (ssize_t)to->done;
}

/* Raw (POSIX, Non-Canonical Mode Input Processing): VMIN bytes, or fewer when after one of them
 * none came for VTIME tenths of a second; with VMIN 0, what has come by then. */
ssize_t tty_read(struct tty *t, struct uio *to, bool nonblock) {
  int least = set(t, ICANON) ? 1 : t->mode.c_cc[VMIN];
  int64_t time = set(t, ICANON) ? 0 : t->mode.c_cc[VTIME] * INT64_C(100000000);
  int64_t deadline = least ? FOREVER : deadline_in(time);
  int forbidden = session_check(t, SIGTTIN);
  if (forbidden) return forbidden;
  if (!to->left) return 0;
  for (;;) {
    if (has_input(t)) {
      ssize_t n = take(t, to);
      if (n < 0 || set(t, ICANON) || !to->left || n >= least) return n;
      if (time) deadline = deadline_in(time);
    }
    if (!t->master || (!least && !time)) return (ssize_t)to->done;
    int error = nonblock ? -EAGAIN : sleep_on(&t->changed, deadline);
    if (error) return to->done || error == -ETIMEDOUT ? (ssize_t)to->done : error;
  }
}

/* A finished line, however long, always finds room for its signals and its end. */
bool tty_takes(const struct tty *t) {
  return t->ready + t->length < INPUT_SIZE - 1 || (set(t, ICANON) && !t->lines);
}

static void flush_input(struct tty *t) { t->head = t->ready = t->lines = t->length = 0; }

static int drop(struct tty *t, int which) {
  if (which < TCIFLUSH || which > TCIOFLUSH) return -EINVAL;
  if (which != TCOFLUSH) flush_input(t);
  return 0;
}

static int flow(struct tty *t, int action) {
  if (action < TCOOFF || action > TCION) return -EINVAL;
  if (action <= TCOON) tty_stop(t, action == TCOOFF);
  wake(&t->changed);
  return 0;
}

static int set_mode(struct tty *t, uptr from, bool flush) {
  int forbidden = session_check(t, SIGTTOU);
  if (forbidden) return forbidden;
  struct termios mode;
  if (copy_from_user(&mode, from, sizeof mode)) return -EFAULT;
  if (flush) flush_input(t);
  if (set(t, ICANON) && !(mode.c_lflag & ICANON)) { /* the unfinished line can be read at once */
    for (int i = 0; i < t->length; i++)
      put(t, (uint8_t)t->line[i]);
    t->length = t->lines = 0;
  }
  t->mode = mode;
  if (!(mode.c_iflag & IXON)) tty_stop(t, false);
  wake(&t->changed);
  return 0;
}

int tty_set_size(struct tty *t, const struct winsize *size) {
  bool same = !memcmp(&t->size, size, sizeof *size);
  t->size = *size;
  if (!same && t->foreground) signal_group(t->foreground, SIGWINCH);
  return 0;
}

int tty_ioctl(struct tty *t, unsigned request, uptr argument) {
  struct winsize size;
  int number, forbidden;
  switch (request) {
  case TCGETS: return copy_to_user(argument, &t->mode, sizeof t->mode);
  case TCSETS:
  case TCSETSW: return set_mode(t, argument, false);
  case TCSETSF: return set_mode(t, argument, true);
  case TIOCGWINSZ: return copy_to_user(argument, &t->size, sizeof t->size);
  case TIOCSWINSZ:
    return copy_from_user(&size, argument, sizeof size) ? -EFAULT : tty_set_size(t, &size);
  case FIONREAD:
    number = has_input(t) ? t->ready : 0;
    return copy_to_user(argument, &number, sizeof number);
  case TCFLSH:
  case TCSBRK:
  case TCXONC:
    if ((forbidden = session_check(t, SIGTTOU))) return forbidden;
    if (request == TCFLSH) return drop(t, (int)argument);
    return request == TCXONC ? flow(t, (int)argument) : 0;
  }
  return -ENOTTY;
}

static const struct termios usual_mode = {.c_iflag = ICRNL | IXON,
                                          .c_oflag = OPOST | ONLCR,
                                          .c_cflag = CS8 | CREAD | B38400,
                                          .c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK |
                                                     ECHOCTL | ECHOKE,
                                          .c_cc = {[VINTR] = 3,
                                                   [VQUIT] = 28,
                                                   [VERASE] = 127,
                                                   [VKILL] = 21,
                                                   [VEOF] = 4,
                                                   [VMIN] = 1,
                                                   [VSTART] = 17,
                                                   [VSTOP] = 19,
                                                   [VSUSP] = 26,
                                                   [VREPRINT] = 18,
                                                   [VWERASE] = 23,
                                                   [VLNEXT] = 22}};

void tty_reset(struct tty *t) { t->mode = usual_mode; }
