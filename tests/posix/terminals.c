/* Terminals: what the line discipline makes of what is typed, and who may read it. */
#include "check.h"
#include "terminal.h"

static void making(void) {
  struct termios t;
  struct winsize size;
  int ends[2];
  heading("making one");
  screen = must(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
  CALL(isatty(screen));
  CALL(open(ptsname(screen), O_RDWR | O_NOCTTY));
  CALL(grantpt(screen));
  CALL(unlockpt(screen));
  terminal = OPEN(open(ptsname(screen), O_RDWR | O_NOCTTY));
  CALL(isatty(terminal));
  VALUE(strcmp(ttyname(terminal), ptsname(screen)));
  CALL(tcgetattr(terminal, &t));
  VALUE(t.c_iflag == (ICRNL | IXON));
  VALUE(t.c_oflag == (OPOST | ONLCR));
  VALUE(t.c_lflag == (ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE));
  VALUE((t.c_cflag & (CSIZE | CREAD)) == (CS8 | CREAD));
  BYTES(t.c_cc, 5);
  VALUE(t.c_cc[VSUSP]);
  VALUE(t.c_cc[VSTART]);
  VALUE(t.c_cc[VSTOP]);
  VALUE(t.c_cc[VWERASE]);
  VALUE(t.c_cc[VLNEXT]);
  CALL(ioctl(terminal, TIOCGWINSZ, &size));
  VALUE(size.ws_row);
  VALUE(size.ws_col);
  heading("what is none, and what cannot be");
  must(pipe(ends), "pipe");
  CALL(isatty(ends[0]));
  CALL(isatty(99));
  CALL(tcgetattr(ends[0], &t));
  CALL(tcgetattr(99, &t));
  CALL(tcsetattr(terminal, 99, &t));
  CALL(ioctl(terminal, TCGETS, BAD));
  CALL(ioctl(terminal, TIOCGWINSZ, BAD));
  CALL(read(terminal, bytes, 0));
  CALL(lseek(terminal, 0, SEEK_SET));
  CALL(tcgetpgrp(terminal));
  CALL(tcsetpgrp(terminal, getpgrp()));
  CALL(tcgetsid(terminal));
  CALL(write(terminal, BAD, 1));
  close(ends[0]);
  close(ends[1]);
  close_terminal();
}

static void lines(void) {
  int n;
  heading("lines");
  open_terminal();
  READY(terminal);
  READY(screen);
  type("ab");
  shows(2);
  READY(terminal);
  CALL(ioctl(terminal, FIONREAD, &n));
  VALUE(n);
  type("\177c\n");
  shows(6);
  READY(terminal);
  CALL(ioctl(terminal, FIONREAD, &n));
  VALUE(n);
  take(sizeof bytes);
  type("one\ntwo\n");
  shows(10);
  take(2);
  take(sizeof bytes);
  take(sizeof bytes);
  heading("a line is done away with, a word, a quoted character");
  type("wrong\025right\n");
  shows(27);
  take(sizeof bytes);
  type("one two  \027three\n");
  shows(31);
  take(sizeof bytes);
  type("a\026\003b\026\177\n");
  shows(12);
  take(sizeof bytes);
  heading("the end of the file, at once and behind bytes");
  type("\004");
  take(sizeof bytes);
  type("abc\004");
  shows(3);
  take(sizeof bytes);
  type("abc\004def\n");
  shows(8);
  take(3);
  take(sizeof bytes);
  heading("a return is a new line; so is what ends one besides");
  type("a\r");
  shows(3);
  take(sizeof bytes);
  struct termios t;
  tcgetattr(terminal, &t);
  t.c_cc[VEOL] = ';';
  CALL(tcsetattr(terminal, TCSANOW, &t));
  type("a;b;");
  shows(4);
  take(sizeof bytes);
  take(sizeof bytes);
  close_terminal();
}

static void flags(void) {
  heading("without echo, or with that of new lines only");
  open_terminal();
  set(LOCAL, 0, ECHO);
  type("secret\n");
  take(sizeof bytes);
  READY(screen);
  set(LOCAL, ECHONL, 0);
  type("secret\n");
  take(sizeof bytes);
  shows(2);
  close_terminal();

  heading("control characters are shown, or are not");
  open_terminal();
  type("a\001b\n");
  shows(6);
  take(sizeof bytes);
  set(LOCAL, 0, ECHOCTL);
  type("a\001b\n");
  shows(5);
  take(sizeof bytes);
  close_terminal();

  heading("returns and new lines, as they come in");
  open_terminal();
  set(LOCAL, 0, ECHO);
  set(INPUT, IGNCR, 0);
  type("a\rb\n");
  take(sizeof bytes);
  set(INPUT, INLCR, IGNCR | ICRNL);
  type("a\nb\r\004");
  take(sizeof bytes);
  set(INPUT, ICRNL, INLCR);
  set(INPUT, ISTRIP, 0);
  type("\341\342\n");
  take(sizeof bytes);
  close_terminal();
}

static void raw(void) {
  heading("raw: bytes as they come");
  open_terminal();
  set_raw(1, 0);
  type("a");
  take(sizeof bytes);
  READY(screen);
  type("\003\004\r\177");
  take(sizeof bytes);
  heading("at least three");
  set_raw(3, 0);
  fcntl(terminal, F_SETFL, O_NONBLOCK);
  CALL(read(terminal, bytes, sizeof bytes));
  fcntl(terminal, F_SETFL, 0);
  type("abcd");
  take(sizeof bytes);
  heading("as many as there are, or after a time");
  set_raw(0, 0);
  CALL(read(terminal, bytes, sizeof bytes));
  set_raw(0, 2);
  SPEND(200, read(terminal, bytes, sizeof bytes));
  type("x");
  wait_for(terminal, POLLIN);
  SPEND(0, read(terminal, bytes, sizeof bytes));
  heading("three, or what came until nothing more did for a time");
  set_raw(3, 3);
  type("xy");
  SPEND(300, read(terminal, bytes, sizeof bytes));
  type("xyz");
  SPEND(0, read(terminal, bytes, 3));
  heading("a line that is not finished can be read when lines are no longer asked for");
  close_terminal();
  open_terminal();
  type("ab");
  shows(2);
  set(LOCAL, 0, ICANON);
  take(sizeof bytes);
  heading("what was typed is dropped");
  type("ab");
  shows(2);
  wait_for(terminal, POLLIN);
  CALL(tcflush(terminal, TCIFLUSH));
  READY(terminal);
  CALL(tcflush(terminal, 9));
  CALL(tcdrain(terminal));
  type("ab");
  shows(2);
  struct termios t;
  tcgetattr(terminal, &t);
  CALL(tcsetattr(terminal, TCSAFLUSH, &t));
  READY(terminal);
  close_terminal();
}

static void ends(void) {
  struct termios t;
  heading("the terminal is closed");
  open_terminal();
  write(terminal, "last", 4);
  close(terminal);
  shows(4);
  READY(screen);
  CALL(read(screen, bytes, 1));
  CALL(write(screen, "x", 1));
  terminal = OPEN(open(ptsname(screen), O_RDWR | O_NOCTTY));
  close_terminal();
  heading("the screen is closed");
  open_terminal();
  char name[64];
  strcpy(name, ptsname(screen));
  close(screen);
  READY(terminal);
  CALL(read(terminal, bytes, 1));
  CALL(write(terminal, "x", 1));
  CALL(tcgetattr(terminal, &t));
  CALL(open(name, O_RDWR | O_NOCTTY));
  CALL(isatty(terminal));
  close(terminal);
}

/* --- processes --- */

/* A child in a session that the terminal controls. It has said that it is there when this returns.
 */
static pid_t leader(void (*body)(void)) {
  int told[2];
  char byte;
  must(pipe(told), "pipe");
  fflush(stdout);
  pid_t pid = must(fork(), "fork");
  if (!pid) {
    setsid();
    must(ioctl(terminal, TIOCSCTTY, 0), "TIOCSCTTY");
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    close(screen);
    write(told[1], "", 1);
    close(told[1]);
    body();
    _exit(0);
  }
  close(told[1]);
  read(told[0], &byte, 1);
  close(told[0]);
  return pid;
}

static void sleeps(void) {
  for (;;)
    pause();
}

static void reads(void) {
  ssize_t n = read(terminal, bytes, sizeof bytes);
  CALL((int)n);
  if (n > 0) BYTES(bytes, n);
}

static void keys(void) {
  heading("keys that mean signals");
  open_terminal();
  pid_t pid = leader(sleeps);
  VALUE(tcgetpgrp(screen) == pid);
  type("\003");
  VALUE(ended(pid));
  shows(2);
  close_terminal();
  open_terminal();
  pid = leader(sleeps);
  type("\034");
  VALUE(ended(pid));
  shows(2);
  close_terminal();
  heading("the screen closed: SIGHUP");
  open_terminal();
  pid = leader(sleeps);
  close(screen);
  VALUE(ended(pid));
  close(terminal);
  heading("they are bytes without ISIG, and drop what was typed");
  open_terminal();
  set(LOCAL, 0, ISIG);
  pid = leader(reads);
  type("a\003b\n");
  VALUE(ended(pid));
  close_terminal();
}

static volatile sig_atomic_t resized;
static void on_resize(int sig) { resized += sig == SIGWINCH; }

/* It waits for each of two changes, of which the second changes nothing. */
static void watches(void) {
  struct winsize size;
  sigset_t set, none;
  struct sigaction a = {.sa_handler = on_resize};
  sigemptyset(&a.sa_mask);
  sigemptyset(&set);
  sigaddset(&set, SIGWINCH);
  sigaddset(&set, SIGUSR1);
  sigemptyset(&none);
  sigprocmask(SIG_BLOCK, &set, NULL);
  sigaction(SIGWINCH, &a, NULL);
  sigaction(SIGUSR1, &a, NULL);
  kill(getppid(), SIGUSR1);
  sigsuspend(&none);
  VALUE(resized);
  CALL(ioctl(terminal, TIOCGWINSZ, &size));
  VALUE(size.ws_row);
  VALUE(size.ws_col);
  kill(getppid(), SIGUSR1);
  sigsuspend(&none);
  VALUE(resized);
}

static void sizes(void) {
  sigset_t set;
  int sig;
  struct winsize size = {.ws_row = 24, .ws_col = 80};
  heading("its size");
  open_terminal();
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t pid = leader(watches);
  sigwait(&set, &sig);
  must(ioctl(screen, TIOCSWINSZ, &size), "TIOCSWINSZ");
  sigwait(&set, &sig);
  must(ioctl(screen, TIOCSWINSZ, &size), "TIOCSWINSZ");
  kill(pid, SIGUSR1);
  VALUE(ended(pid));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  close_terminal();
}

/* How a child that wants something of the terminal fares: 2000 + the signal that stopped it. */
static int fared(pid_t pid) {
  int status;
  must(waitpid(pid, &status, WUNTRACED), "waitpid");
  if (!WIFSTOPPED(status)) return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  return 2000 + WSTOPSIG(status);
}

enum wish { READ, WRITE, SET, TAKE };

/* In a process group of its own, which is in the background, with a signal ignored. */
static int wishes(enum wish wish, int ignored) {
  struct termios t;
  fflush(stdout);
  pid_t pid = must(fork(), "fork");
  if (!pid) {
    setpgid(0, 0);
    if (ignored) signal(ignored, SIG_IGN);
    tcgetattr(terminal, &t);
    long result = wish == READ    ? read(terminal, bytes, 1)
                  : wish == WRITE ? write(terminal, "w", 1)
                  : wish == SET   ? tcsetattr(terminal, TCSANOW, &t)
                                  : tcsetpgrp(terminal, getpid());
    _exit(result == 0 || result == 1 ? 0 : errno == EIO ? 1 : 2);
  }
  return fared(pid);
}

static void background(void) {
  heading("in the background");
  VALUE(tcgetpgrp(terminal) == getpid());
  VALUE(tcgetsid(terminal) == getpid());
  VALUE(wishes(READ, 0));
  VALUE(wishes(READ, SIGTTIN));
  VALUE(wishes(WRITE, 0));
  set(LOCAL, TOSTOP, 0);
  VALUE(wishes(WRITE, 0));
  VALUE(wishes(WRITE, SIGTTOU));
  set(LOCAL, 0, TOSTOP);
  VALUE(wishes(SET, 0));
  VALUE(wishes(SET, SIGTTOU));
  VALUE(wishes(TAKE, 0));
  heading("groups that cannot be in the foreground");
  CALL(tcsetpgrp(terminal, getpgid(getppid())));
  CALL(tcsetpgrp(terminal, -1));
  CALL(tcsetpgrp(terminal, 999999999));
  heading("Ctrl-Z");
  fflush(stdout);
  pid_t pid = must(fork(), "fork");
  if (!pid) sleeps();
  setpgid(pid, pid);
  signal(SIGTTOU, SIG_IGN);
  CALL(tcsetpgrp(terminal, pid));
  write(terminal, "go\n", 3); /* the one behind the screen types Ctrl-Z then */
  VALUE(fared(pid));
  CALL(tcsetpgrp(terminal, getpid()));
  heading("it has one only, and gives it up");
  int other = must(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
  unlockpt(other);
  int second = must(open(ptsname(other), O_RDWR), "open");
  CALL(ioctl(second, TIOCSCTTY, 0));
  CALL(tcgetpgrp(second));
  signal(SIGHUP, SIG_IGN);
  close(OPEN(open("/dev/tty", O_RDWR)));
  CALL(ioctl(terminal, TIOCNOTTY));
  CALL(tcgetpgrp(terminal));
  CALL(open("/dev/tty", O_RDWR));
}

static void jobs(void) {
  open_terminal();
  pid_t pid = leader(background);
  size_t n = 0;
  while (n == 0 || bytes[n - 1] != '\n') {
    wait_for(screen, POLLIN);
    n += (size_t)must((int)read(screen, bytes + n, sizeof bytes - n), "read");
  }
  type("\032");
  VALUE(ended(pid));
  BYTES(bytes, n);
  close_terminal();
}

int main(int argc, char *argv[]) {
  (void)argc;
  check_argv = argv;
  making();
  lines();
  flags();
  raw();
  ends();
  keys();
  sizes();
  jobs();
  return 0;
}
