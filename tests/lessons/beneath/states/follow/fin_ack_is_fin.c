/* wrong: after `recv FIN ACK` in FIN_WAIT1 the state is TIME_WAIT; got `CLOSING` */
/* Follows one end of a connection through its states: ./follow <EVENTS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 64
#define COUNT(array) (sizeof(array) / sizeof *(array))

enum state {
  CLOSE,
  LISTEN,
  SYN_SENT,
  SYN_RECV,
  ESTABLISHED,
  FIN_WAIT1,
  FIN_WAIT2,
  CLOSING,
  TIME_WAIT,
  CLOSE_WAIT,
  LAST_ACK
};

static const char *const names[] = {"CLOSE",       "LISTEN",     "SYN_SENT",  "SYN_RECV",
                                    "ESTABLISHED", "FIN_WAIT1",  "FIN_WAIT2", "CLOSING",
                                    "TIME_WAIT",   "CLOSE_WAIT", "LAST_ACK"};

static const struct step {
  enum state from;
  const char *event;
  enum state to;
} steps[] = {
    {CLOSE, "listen", LISTEN},
    {LISTEN, "recv SYN", SYN_RECV},
    {LISTEN, "close", CLOSE},
    {CLOSE, "connect", SYN_SENT},
    {SYN_SENT, "recv SYN ACK", ESTABLISHED},
    {SYN_SENT, "recv SYN", SYN_RECV},
    {SYN_SENT, "close", CLOSE},
    {SYN_RECV, "recv ACK", ESTABLISHED},
    {SYN_RECV, "recv SYN ACK", ESTABLISHED},
    {SYN_RECV, "close", FIN_WAIT1},
    {ESTABLISHED, "close", FIN_WAIT1},
    {ESTABLISHED, "recv FIN", CLOSE_WAIT},
    {FIN_WAIT1, "recv ACK", FIN_WAIT2},
    {FIN_WAIT1, "recv FIN", CLOSING},
    {FIN_WAIT2, "recv FIN", TIME_WAIT},
    {CLOSING, "recv ACK", TIME_WAIT},
    {TIME_WAIT, "timeout", CLOSE},
    {CLOSE_WAIT, "close", LAST_ACK},
    {LAST_ACK, "recv ACK", CLOSE},
};

static enum state after(enum state state, const char *event) {
  if (strcmp(event, "recv FIN ACK") == 0) return after(state, "recv FIN");
  if (strcmp(event, "recv RST") == 0 && state != LISTEN) return CLOSE;
  for (size_t i = 0; i < COUNT(steps); i++)
    if (steps[i].from == state && strcmp(steps[i].event, event) == 0) return steps[i].to;
  return state;
}

int main(void) {
  char line[LINE_SIZE];
  enum state state = CLOSE;
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    state = after(state, line);
    printf("%s\n", names[state]);
  }
  return ferror(stdin) ? EXIT_FAILURE : 0;
}
