/* The Telnet protocol (RFC 854) under a session: commands and options are taken out of what comes,
 * what is left are the characters. */
#pragma once
#include "service.h"

enum { ECHO = 1, SUPPRESS_GO_AHEAD = 3, TERMINAL_TYPE = 24, NAWS = 31 };
enum { US, THEM, SIDES };

/* How an option stands on one side. ASKED: we have asked for it, and wait for the answer. */
enum standing { OFF, ASKED, ON };

struct telnet {
  enum standing options[SIDES][256];
  int width, height;  /* of their window; 0: not told (NAWS, RFC 1073) */
  char terminal[41];  /* its name; "" not told (TERMINAL-TYPE, RFC 1091) */
  int state, command; /* telnet_options.c's own */
  unsigned char sub[64];
  size_t sub_size;
};

/* What a command means to the one who types (RFC 854), as the key that would do the same. */
enum { NOTHING = -1, ERASE = '\b', ERASE_LINE = 21, INTERRUPT = 3, ARE_YOU_THERE = 256 };

/* Asks for the options that this server would like: that it echoes what is typed, that neither side
 * says "go ahead", the size of the window, and the name of the terminal. */
void telnet_begin(struct client *, struct telnet *);

/* Takes one byte, and answers to it what the protocol wants. The character ('\n' for the end of a
 * line), NOTHING, or one of the above. */
int telnet_take(struct client *, struct telnet *, unsigned char byte);
