/* See telnet_options.h. */
#include "telnet_options.h"
#include <ctype.h>
#include <string.h>

enum { SE = 240, BREAK = 243, IP = 244, AYT = 246, EC = 247, EL = 248, SB = 250 };
enum { WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { IS = 0, SEND = 1 }; /* of TERMINAL-TYPE */

/* COMMAND: after IAC. OPTION: after WILL, WONT, DO, DONT. After_CR: a CR is followed by LF, or by
 * 0. */
enum { DATA, AFTER_CR, COMMAND, OPTION, SUB, SUB_COMMAND };

static void say(struct client *c, int command, int option) {
  unsigned char bytes[] = {IAC, (unsigned char)command, (unsigned char)option};
  client_write(c, bytes, sizeof bytes);
}

static void ask(struct client *c, struct telnet *t, int side, int option) {
  t->options[side][option] = ASKED;
  say(c, side == US ? WILL : DO, option);
}

void telnet_begin(struct client *c, struct telnet *t) {
  ask(c, t, US, ECHO);
  ask(c, t, US, SUPPRESS_GO_AHEAD);
  ask(c, t, THEM, NAWS);
  ask(c, t, THEM, TERMINAL_TYPE);
}

static bool is_welcome(int side, int option) {
  if (option == SUPPRESS_GO_AHEAD) return true;
  return side == US ? option == ECHO : option == NAWS || option == TERMINAL_TYPE;
}

/* They want it on, or agree. Only what changes something, and was not asked for, is answered: else
 * two sides could confirm each other's confirmations for ever. */
static void turn_on(struct client *c, struct telnet *t, int side, int option) {
  enum standing *standing = &t->options[side][option], before = *standing;
  if (before == ON) return;
  if (!is_welcome(side, option)) {
    say(c, side == US ? WONT : DONT, option);
    return;
  }
  *standing = ON;
  if (before == OFF) say(c, side == US ? WILL : DO, option);
  if (side == THEM && option == TERMINAL_TYPE) {
    static const unsigned char question[] = {IAC, SB, TERMINAL_TYPE, SEND, IAC, SE};
    client_write(c, question, sizeof question);
  }
}

static void turn_off(struct client *c, struct telnet *t, int side, int option) {
  enum standing before = t->options[side][option];
  t->options[side][option] = OFF;
  if (before == ON) say(c, side == US ? WONT : DONT, option);
}

static void take_option(struct client *c, struct telnet *t, int option) {
  int side = t->command == DO || t->command == DONT ? US : THEM;
  if (t->command == DO || t->command == WILL)
    turn_on(c, t, side, option);
  else
    turn_off(c, t, side, option);
}

static void take_sub(struct telnet *t) {
  const unsigned char *sub = t->sub;
  if (t->sub_size == 5 && sub[0] == NAWS && t->options[THEM][NAWS] == ON) {
    t->width = sub[1] << 8 | sub[2];
    t->height = sub[3] << 8 | sub[4];
  }
  if (t->sub_size < 3 || sub[0] != TERMINAL_TYPE || sub[1] != IS) return;
  size_t size = t->sub_size - 2;
  if (size >= sizeof t->terminal) size = sizeof t->terminal - 1;
  for (size_t i = 0; i < size; i++)
    t->terminal[i] = (char)(isgraph(sub[i + 2]) ? sub[i + 2] : '?');
  t->terminal[size] = 0;
}

static int take_command(struct telnet *t, unsigned char byte) {
  t->command = byte;
  t->state = byte >= WILL && byte <= DONT ? OPTION : byte == SB ? SUB : DATA;
  t->sub_size = 0;
  switch (byte) {
  case BREAK:
  case IP: return INTERRUPT;
  case AYT: return ARE_YOU_THERE;
  case EC: return ERASE;
  case EL: return ERASE_LINE;
  case IAC: return IAC; /* doubled: a character */
  default: return NOTHING;
  }
}

/* What does not fit is not kept, and the whole then not understood. */
static void add_to_sub(struct telnet *t, unsigned char byte) {
  if (t->sub_size < sizeof t->sub) t->sub[t->sub_size++] = byte;
}

int telnet_take(struct client *c, struct telnet *t, unsigned char byte) {
  bool after_cr = t->state == AFTER_CR;
  switch (t->state) {
  case COMMAND: return take_command(t, byte);
  case OPTION:
    t->state = DATA;
    take_option(c, t, byte);
    return NOTHING;
  case SUB:
    if (byte == IAC)
      t->state = SUB_COMMAND;
    else
      add_to_sub(t, byte);
    return NOTHING;
  case SUB_COMMAND:
    t->state = byte == IAC ? SUB : DATA;
    if (byte == IAC) add_to_sub(t, byte);
    if (byte == SE) take_sub(t);
    return NOTHING;
  default:
    t->state = byte == IAC ? COMMAND : byte == '\r' ? AFTER_CR : DATA;
    if (byte == IAC || (after_cr && (byte == '\n' || !byte))) return NOTHING;
    return byte == '\r' ? '\n' : byte;
  }
}
