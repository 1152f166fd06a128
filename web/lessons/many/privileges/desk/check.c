/* Clients of ./desk PORT PROGRAM...: good ones, slow ones, and worse. */
#include "check.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
  LONGEST = 100,
  FLOOD = 5000,
  STEP_MS = 100,
  GAP_MS = 300,
  TOO_LATE_MS = 5000
};

static const char *port;
static struct program *server;

static void begin(const char *script) {
  port = free_port();
  server = start("desk", port, "sh", "-c", script, "sh", NULL);
}

static void begin_echo(void) {
  port = free_port();
  server = start("desk", port, "echo", NULL);
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void served(const char *line) {
  char text[LONGEST + 10];
  int a = dial(port);
  snprintf(text, sizeof text, "%s\n", line);
  say(a, text);
  hear(a, text);
  hear_end(a);
  snprintf(text, sizeof text, "asked: %s\n", line);
  prints(server, text);
  hang_up(a);
}

/* Nothing is run for these, and the server goes on. */
static void turned_away(const void *bytes, size_t n) {
  int a = dial(port);
  say_bytes(a, bytes, n);
  hear_gone(a);
  hang_up(a);
}

static void plain(void) {
  begin_echo();
  served("harbour");
  served("two words");
  served("9.30 a.m.");
}

static void in_pieces(void) {
  begin_echo();
  int a = dial(port);
  say_slowly(a, "low tide\n");
  hear(a, "low tide\n");
  hear_end(a);
  int b = dial(port);
  say(b, "high ");
  pause_ms(GAP_MS);
  say(b, "tide\n");
  hear(b, "high tide\n");
  hear_end(b);
  prints(server, "asked: low tide\nasked: high tide\n");
}

static void formats(void) {
  begin_echo();
  served("100% wool");
  served("%d %x %p");
  served("%s%s%s%s%s%s%s%s%n%n%n");
}

static void for_the_shell(void) {
  begin_echo();
  served("fish; echo pwned");
  served("$(echo pwned) `echo pwned`");
  served("*");
  served("it's \"cheap\" | > & \\");
}

static void lengths(void) {
  char text[FLOOD];
  begin_echo();
  memset(text, 'x', sizeof text);
  text[LONGEST] = 0;
  served(text);
  text[LONGEST] = 'x';
  text[LONGEST + 1] = '\n';
  turned_away(text, LONGEST + 2);
  text[LONGEST + 1] = 'x';
  text[FLOOD - 1] = '\n';
  turned_away(text, FLOOD);
  served("after the flood");
}

static void not_text(void) {
  begin_echo();
  turned_away("a\0b\n", 4);
  turned_away("\0\n", 2);
  turned_away("\x1b[2J\n", 5);
  turned_away("caf\xe9\n", 5);
  turned_away("\x7f\n", 2);
  turned_away("\n", 1);
  served("still here");
}

static void an_option(void) {
  begin_echo();
  turned_away("-n\n", 3);
  turned_away("--help\n", 7);
  served("a-n");
}

static void no_end(void) {
  begin_echo();
  int a = dial(port);
  say(a, "half a line");
  end_sending(a);
  hear_gone(a);
  int b = dial(port);
  say(b, "half a line");
  hang_up_rudely(b);
  served("still here");
}

/* Waits until the server hangs up on a client that goes on saying this. */
static void hangs_up(int fd, const char *again) {
  char byte;
  long until = now_ms() + TOO_LATE_MS;
  for (bool gone = false; !gone && !failed();) {
    if (now_ms() > until)
      fail("after %d ms the server still listens to the client", TOO_LATE_MS);
    gone = send(fd, again, strlen(again), MSG_NOSIGNAL) == -1;
    pause_ms(STEP_MS);
    ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
    gone |= n == 0 || (n == -1 && errno != EAGAIN);
  }
  hang_up(fd);
}

static void silent(void) {
  begin_echo();
  int a = dial(port);
  say(a, "half a line");
  hangs_up(a, "");
  served("still here");
}

/* A byte now and then: none is late, and the line never ends. */
static void drips(void) {
  begin_echo();
  hangs_up(dial(port), "x");
  served("still here");
}

static void asks(const char *wanted) {
  int a = dial(port);
  say(a, "x\n");
  hear(a, wanted);
  hear_end(a);
}

static void descriptors(void) {
  begin("for fd in 3 4 5 6 7 8 9; do "
        "{ true <&$fd; } 2>/dev/null && echo \"$fd is open\"; done; "
        "echo that is all");
  asks("that is all\n");
  asks("that is all\n");
}

static void input(void) {
  begin("read line && echo \"read $line\"; echo complains >&2");
  int a = dial(port);
  say(a, "x\ny\n");
  hear(a, "complains\n");
  hear_gone(a);
}

static void rights(void) {
  begin("umask");
  asks("0077\n");
}

static void limits(void) {
  begin("ulimit -n; ulimit -Hn");
  asks("16\n16\n");
}

static void cannot_run(void) {
  char said[1000];
  port = free_port();
  server = start("desk", port, "./no-such-program", NULL);
  for (int i = 0; i < 2; i++) {
    int a = dial(port);
    say(a, "x\n");
    hear_all(a, said, sizeof said);
  }
  prints(server, "asked: x\nasked: x\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("lines", plain,
        "the line is the program's last argument, without its end; the log is "
        "written at once.");
  check("a line in pieces", in_pieces,
        "recv gives what has come so far: go on until the line is whole.");
  check("lines for printf", formats,
        "what comes from a stranger is never a format: printf(\"%s\", line).");
  check("lines for a shell", for_the_shell,
        "ask no shell: execvp hands over an argument as it is.");
  check("100 bytes, 101, and 5,000", lengths,
        "a line that is too long is not cut, it is turned away; and never "
        "more is received than there is room.");
  check("bytes that are no text", not_text,
        "look at every byte that came, not at what strlen finds: it ends at "
        "a 0.");
  check("a line that looks like an option", an_option,
        "the program would take what begins with - for an option.");
  check("lines that do not end", no_end,
        "without its newline it is no line: perhaps the rest got lost.");
  check("a client that says nothing", silent,
        "give a client two seconds, and then hang up.");
  check("a client that says a byte now and then", drips,
        "the two seconds are for the whole line: note when they are over, and "
        "wait for what is left of them.");
  check("what the program has open", descriptors,
        "exec keeps descriptors: SOCK_CLOEXEC for the listener, and for the "
        "connection too.");
  check("what the program reads", input,
        "its descriptor 0 is /dev/null, 1 and 2 are the connection.");
  check("the rights of its files", rights,
        "umask(077): nobody else reads what it makes.");
  check("how many descriptors it may have", limits,
        "setrlimit sets both: who has only the soft limit raises it again.");
  check("a program that is not there", cannot_run,
        "execvp returns only when it has failed: end the child there, with "
        "_exit.");
  return check_end();
}
