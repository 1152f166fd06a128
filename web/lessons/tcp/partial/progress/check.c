/* Servers of ./progress HOST PORT BYTES, which read late and ask often. */
#include "check.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 8000000, STEP = 2000000, LETTERS = 26, ASKED = 4, GAP_MS = 25 };

static const char receipt[] = "receipt 00000042";
static struct program *program;

static int begin(const char *bytes) {
  int listener = listen_tcp();
  program = start("progress", "127.0.0.1", port_of(listener), bytes, NULL);
  return caller(listener);
}

/* The next n of the bytes, from number `first` on. */
static void takes(int fd, size_t first, size_t n) {
  char *wanted = malloc(n);
  if (wanted == NULL) abort();
  for (size_t i = 0; i < n; i++)
    wanted[i] = (char)('a' + (first + i) % LETTERS);
  hear_bytes(fd, wanted, n);
  free(wanted);
}

/* While nobody reads: so the program waits in send. */
static void asks(int times) {
  for (int i = 0; i < times && !failed(); i++) {
    pause_ms(GAP_MS);
    signal_program(program, SIGUSR1);
  }
  pause_ms(GAP_MS);
}

static void satisfied(void) {
  prints(program, receipt);
  prints(program, "\n");
  prints_end(program);
  ends(program, 0);
}

static void few(void) {
  int fd = begin("1000");
  takes(fd, 0, 1000);
  say(fd, receipt);
  satisfied();
}

static void receipt_in_pieces(void) {
  int fd = begin("10");
  takes(fd, 0, 10);
  say_slowly(fd, receipt);
  satisfied();
}

static void one_question(void) {
  int fd = begin("8000000");
  takes(fd, 0, 1);
  asks(1);
  takes(fd, 1, LARGE - 1);
  prints_error(program, "bytes so far");
  say(fd, receipt);
  satisfied();
}

static void questions(void) {
  int fd = begin("8000000");
  takes(fd, 0, 1);
  for (size_t n = 1; n < LARGE && !failed(); n += STEP) {
    asks(ASKED);
    takes(fd, n, n + STEP < LARGE ? STEP : LARGE - n);
  }
  hear_nothing(fd, GAP_MS);
  say(fd, receipt);
  satisfied();
}

static void questions_late(void) {
  int fd = begin("10");
  takes(fd, 0, 10);
  asks(1);
  say(fd, "receipt ");
  asks(2);
  say(fd, "00000042");
  satisfied();
}

static void cut_short(void) {
  int fd = begin("10");
  takes(fd, 0, 10);
  say(fd, "receipt");
  hang_up(fd);
  prints_end(program);
  ends_badly(program);
}

static void lost(void) {
  int fd = begin("8000000");
  takes(fd, 0, 1);
  asks(1);
  hang_up_rudely(fd);
  prints_end(program);
  ends_badly(program);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a thousand bytes, and the receipt", few, NULL);
  check("a receipt that comes byte by byte", receipt_in_pieces,
        "recv gives what has come so far: go on until there are 16 bytes.");
  check("8,000,000 bytes, and one question in the middle of send", one_question,
        "send returns how many bytes it has taken. Send the rest, beginning "
        "where it stopped.");
  check("many questions, and a server that reads little by little", questions,
        "-1 with EINTR: not a byte was taken, and nothing is wrong. Send the "
        "same again.");
  check("questions while it waits for the receipt", questions_late,
        "A signal ends recv, too: after EINTR, call it again.");
  check("a server that closes in the middle of the receipt", cut_short,
        "0 from recv: the rest will never come, and that is an error.");
  check("a connection that is lost while it sends", lost,
        "-1 from send with anything but EINTR is an error: end with a status "
        "that says so.");
  return check_end();
}
