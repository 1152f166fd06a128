/* Terminals: the master is the Worker's, the slave the process's descriptors 0, 1 and 2. */
#include "test.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master;

/* What was read by the process, line by line as it came, or how it ended. */
static char got[8192];
static long last_result;
static int lines;

static int start_with_terminal(void (*body)(void)) {
  int pair = k_pty(80, 24), slave = pair & 0xffff;
  master = pair >> 16;
  lines = 0;
  got[0] = 0;
  int pid = spawn_program("alice", "/bin/program", body, slave, slave, slave);
  k_close(slave);
  return pid;
}

/* What the terminal shows, when it shows no more: until the process sleeps. */
static const char *shown(void) {
  static char text[70000];
  long n, all = 0;
  while ((n = k_read(master, text + all, sizeof text - 1 - (size_t)all)) > 0)
    all += n;
  text[all] = 0;
  return text;
}

/* Types, and lets the process go on until it has read `count` lines in all. */
static void type(const char *keys) { worker_put(master, keys); }
static void type_until(const char *keys, int count) {
  type(keys);
  UNTIL(__atomic_load_n(&lines, __ATOMIC_SEQ_CST) >= count);
}

static void end_by(int pid, const char *keys, int wanted, const char *what) {
  type(keys);
  is(wait_for(pid), wanted, what);
  k_close(master);
}

/* Reads until the end of the file, and keeps what it read, each piece followed by a bar. */
static void read_lines(void) {
  char b[4200];
  while ((last_result = take(0, b, sizeof b)) > 0) {
    strncat(got, b, (size_t)last_result);
    strcat(got, "|");
    __atomic_fetch_add(&lines, 1, __ATOMIC_SEQ_CST);
  }
}

static void canonical(void) {
  int pid = start_with_terminal(read_lines);
  wait_asleep(pid);
  type("hal");
  same(shown(), "hal", "what is typed is shown");
  type_until("lo\r", 1);
  same(got, "hallo\n|", "a line can be read when it has ended");
  same(shown(), "lo\r\n", "and the end of the line is shown");
  type_until("abc\177\177d\r", 2);
  same(got, "hallo\n|ad\n|", "erase takes a character back");
  same(shown(), "abc\b \b\b \bd\r\n", "on the screen too");
  type_until("\177x\r", 3);
  same(shown(), "x\r\n", "but not what is not there");
  type_until("one two\027three\r", 4);
  ok(strstr(got, "|one three\n|") != NULL, "Ctrl-W takes a word back");
  shown();
  type_until("rubbish\025good\r", 5);
  ok(strstr(got, "|good\n|") != NULL, "Ctrl-U takes the line back");
  shown();
  type_until("\303\244\177b\r", 6);
  ok(strstr(got, "|b\n|") != NULL, "erase takes all bytes of a character");
  same(shown(), "\303\244\b \bb\r\n", "which has one place on the screen");
  type_until("\026\003\r", 7);
  ok(strstr(got, "|\003\n|") != NULL, "Ctrl-V takes the next key as it is");
  same(shown(), "^\b^C\r\n", "control characters are shown with ^");
  type_until("one\rtwo\r", 9);
  ok(strstr(got, "|one\n|two\n|") != NULL, "one read gives one line");
  got[0] = 0;
  type_until("half\004", 10);
  same(got, "half|", "Ctrl-D ends a piece of a line");
  end_by(pid, "\004", 0, "and alone the file");
}

static void long_lines(void) {
  static char line[6000];
  int pid = start_with_terminal(read_lines);
  wait_asleep(pid);
  memset(line, 'x', 5000);
  strcpy(line + 5000, "\r");
  type_until(line, 1);
  is((long)strlen(got), 4096 + 1, "of a line that is too long 4095 bytes stay, and its end");
  ok(got[4095] == '\n' && got[4094] == 'x', "the end is still heard");
  type("\004");
  k_kill(pid, SIGKILL);
  wait_for(pid);
  k_close(master);
}

/* One line, in pieces of three. */
static void read_threes(void) {
  char b[4] = {0};
  while (take(0, b, 3) > 0) {
    strcat(strcat(got, b), "|");
    __atomic_fetch_add(&lines, 1, __ATOMIC_SEQ_CST);
  }
}

static void small_reads(void) {
  int pid = start_with_terminal(read_threes);
  wait_asleep(pid);
  type_until("abcdefg\r", 3);
  same(got, "abc|def|g\n|", "a line can be read in pieces");
  type_until("abc\004", 4);
  type_until("d\r", 5);
  same(got + 11, "abc|d\n|", "Ctrl-D behind a full piece is not the end of the file");
  end_by(pid, "\004", 0, "until it comes alone");
}

/* --- keys that are signals --- */

static void take_terminal(void) {
  int group = (int)__syscall_getpgid(0);
  control(0, TIOCSPGRP, &group);
}

static void foreground_reader(void) {
  take_terminal();
  read_lines();
}

static volatile sig_atomic_t interrupted, resized;
static void interrupt(int sig) { interrupted = sig; }
static void resize(int sig) { resized = sig; }

static void reader_without_session(void) {
  on_signal(SIGHUP, interrupt, 0);
  control(0, TIOCNOTTY, NULL);
  read_lines();
}

static void keys_as_signals(void) {
  int pid = start_with_terminal(foreground_reader);
  wait_asleep(pid);
  is(k_pty_foreground(master), pid, "the foreground group");
  end_by(pid, "abc\003", SIGINT, "Ctrl-C interrupts");
  pid = start_with_terminal(foreground_reader);
  wait_asleep(pid);
  end_by(pid, "\034", SIGQUIT, "Ctrl-\\ quits");
  pid = start_with_terminal(reader_without_session);
  wait_asleep(pid);
  is(k_pty_foreground(master), 0, "a terminal that was given up");
  type_until("abc\003\r", 1);
  same(got, "\n|", "without a foreground group Ctrl-C only drops the line");
  end_by(pid, "\004", 0, "the end");
  pid = start_with_terminal(foreground_reader);
  wait_asleep(pid);
  k_close(master);
  is(wait_for(pid), SIGHUP, "closing the terminal hangs up");
}

static void read_with_handler(void) {
  char b[16];
  take_terminal();
  on_signal(SIGINT, interrupt, 0);
  last_result = take(0, b, 16);
}

static void handled(void) {
  interrupted = 0;
  int pid = start_with_terminal(read_with_handler);
  wait_asleep(pid);
  type("abc\003");
  is(wait_for(pid), 0, "a handler for Ctrl-C");
  is(last_result, -EINTR, "and the read is interrupted");
  is(interrupted, SIGINT, "after it ran");
  k_close(master);
}

/* Computing, with nobody who reads: Ctrl-C still ends it. */
static bool computing;
static void compute_in_foreground(void) {
  take_terminal();
  __atomic_store_n(&computing, true, __ATOMIC_SEQ_CST);
  compute();
}

/* Printing without end, with nobody who looks. */
static void print_forever(void) {
  take_terminal();
  for (;;)
    put(1, "y\n", 2);
}

static void stubborn(void) {
  int pid = start_with_terminal(compute_in_foreground);
  UNTIL(__atomic_load_n(&computing, __ATOMIC_SEQ_CST));
  end_by(pid, "\003", SIGINT, "Ctrl-C ends a process that computes");
  pid = start_with_terminal(print_forever);
  wait_asleep(pid);
  end_by(pid, "\003", SIGINT, "and one whose output nobody takes");
}

/* --- modes --- */

static struct termios mode;
static void set_raw(int least, int tenths) {
  control(0, TCGETS, &mode);
  mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
  mode.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
  mode.c_oflag &= ~(tcflag_t)OPOST;
  mode.c_cc[VMIN] = (cc_t)least;
  mode.c_cc[VTIME] = (cc_t)tenths;
  control(0, TCSETS, &mode);
}

static void read_raw(void) {
  char b[8];
  set_raw(1, 0);
  put(1, "a\nb", 3);
  for (;;) {
    long n = take(0, b, 8);
    strncat(got, b, (size_t)n);
    strcat(got, "|");
    __atomic_fetch_add(&lines, 1, __ATOMIC_SEQ_CST);
    if (*b == 'q') return;
  }
}

static void raw(void) {
  int pid = start_with_terminal(read_raw);
  wait_asleep(pid);
  same(shown(), "a\nb", "without OPOST output is as it was written");
  type_until("x", 1);
  same(got, "x|", "raw: a byte can be read at once");
  type_until("\003", 2);
  type_until("\r", 3);
  type_until("\177", 4);
  same(got, "x|\003|\r|\177|", "and means nothing but itself");
  same(shown(), "", "and is not shown");
  end_by(pid, "q", 0, "the end");
}

static long polled_empty, waited_ms, needed_two;
static void read_timed(void) {
  char b[8];
  set_raw(0, 0);
  polled_empty = take(0, b, 8);
  set_raw(0, 1);
  int64_t before = now_ns();
  take(0, b, 8);
  __atomic_store_n(&waited_ms, (now_ns() - before) / 1000000, __ATOMIC_SEQ_CST);
  set_raw(2, 0);
  needed_two = take(0, b, 8);
}

static void timed(void) {
  int pid = start_with_terminal(read_timed);
  UNTIL(__atomic_load_n(&waited_ms, __ATOMIC_SEQ_CST));
  type("a");
  pump(10);
  ok(!program_find(pid)->exited, "VMIN 2 waits for two");
  type("b");
  is(wait_for(pid), 0, "the end");
  is(needed_two, 2, "and gives both");
  is(polled_empty, 0, "VMIN 0 and VTIME 0 do not wait");
  ok(waited_ms >= 100 && waited_ms < 1000, "VTIME waits tenths of a second");
  k_close(master);
}

static void change_sizes(void) {
  struct winsize size = {0};
  control(0, TIOCGWINSZ, &size);
  snprintf(got, sizeof got, "%dx%d", size.ws_col, size.ws_row);
  take_terminal();
  on_signal(SIGWINCH, resize, 0);
  __syscall_pause();
  control(0, TIOCGWINSZ, &size);
  snprintf(got, sizeof got, "%dx%d", size.ws_col, size.ws_row);
}

static void sizes(void) {
  int pid = start_with_terminal(change_sizes);
  wait_asleep(pid);
  same(got, "80x24", "the size");
  k_pty_resize(master, 100, 30);
  is(wait_for(pid), 0, "SIGWINCH wakes");
  is(resized, SIGWINCH, "when the size changes");
  same(got, "100x30", "which can be asked for");
  k_close(master);
}

static bool no_echo_mode;
static void read_password(void) {
  char b[16];
  control(0, TCGETS, &mode);
  mode.c_lflag &= ~(tcflag_t)ECHO;
  control(0, TCSETSF, &mode);
  no_echo_mode = true;
  last_result = take(0, b, 16);
  mode.c_lflag |= ECHO;
  control(0, TCSETS, &mode);
  int readable = -1;
  control(0, FIONREAD, &readable);
  snprintf(got, sizeof got, "%d", readable);
}

static void without_echo(void) {
  int pid = start_with_terminal(read_password);
  wait_asleep(pid);
  type("secret\r");
  is(wait_for(pid), 0, "a password");
  is(last_result, 7, "is read");
  same(shown(), "", "and not shown");
  same(got, "0", "FIONREAD when nothing is left");
  k_close(master);
}

static long opened, is_no_tty;
static void open_tty(void) {
  opened = __syscall_openat(AT_FDCWD, U("/dev/tty"), O_RDWR, 0);
  put(opened, "by name", 7);
  is_no_tty = __syscall_openat(AT_FDCWD, U("/dev/null"), O_RDWR, 0);
  is_no_tty = control(is_no_tty, TCGETS, &mode);
}

static void by_name(void) {
  int pid = start_with_terminal(open_tty);
  is(wait_for(pid), 0, "/dev/tty");
  is(opened, 3, "can be opened");
  same(shown(), "by name", "and written to");
  is(is_no_tty, -ENOTTY, "/dev/null is none");
  k_close(master);
}

/* --- output --- */

static char large[200000];
static void print_large(void) { last_result = put(1, large, sizeof large); }

static void output(void) {
  static char b[4096];
  memset(large, 'z', sizeof large);
  for (size_t i = 99; i < sizeof large; i += 100)
    large[i] = '\n';
  int pid = start_with_terminal(print_large);
  long n, total = 0;
  wait_asleep(pid);
  ok(!program_find(pid)->exited, "a process waits until its output is taken");
  while (!program_find(pid)->exited || k_poll(master) & POLLIN) {
    while ((n = k_read(master, b, sizeof b)) > 0)
      total += n;
    pump(1);
  }
  is(last_result, sizeof large, "it is written in one call");
  is(total, sizeof large + sizeof large / 100, "and each new line returns the carriage");
  is(k_read(master, b, sizeof b), 0, "then there is no more");
  k_close(master);
}

int main(void) {
  boot();
  canonical();
  long_lines();
  small_reads();
  keys_as_signals();
  handled();
  stubborn();
  raw();
  timed();
  sizes();
  without_echo();
  by_name();
  output();
  return finish();
}
