/* A Telnet server (RFC 854): telnet [PORT]. Behind it, a notice board on the quay of Portside: who
 * comes may look, pin a note, and speak with who else is there. */
#include "telnet_options.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_LIMIT = 16, LINE_LIMIT = 200, NOTES = 8 };
enum { BELL = 7, END_OF_INPUT = 4, DELETE = 127 };

struct session {
  struct telnet telnet;
  char name[NAME_LIMIT + 1]; /* "": not told yet */
  char line[LINE_LIMIT + 1]; /* as far as it is typed */
  size_t length;
};

static struct note {
  char author[NAME_LIMIT + 1], text[LINE_LIMIT + 1];
} notes[NOTES] = {
    {"harbour master",
     "Whoever borrowed the byte-order lamp: please bring it back, big end first."},
    {"lighthouse", "Selling a window of 65535 bytes, hardly used. The scale factor is gone."},
};
static int note_count = 2;

static bool echoes(const struct session *s) { return s->telnet.options[US][ECHO] == ON; }

/* ---- what is shown ---- */

static void put_prompt(struct client *c) {
  const struct session *s = c->session;
  client_puts(c, *s->name ? "> " : "Your name, sailor? ");
  if (echoes(s)) client_write(c, s->line, s->length);
}

/* Words, in lines no longer than the window; what goes on is set in by `indent`. */
static void put_wrapped(struct client *c, const char *text, int indent) {
  const struct session *s = c->session;
  int width = s->telnet.width ? s->telnet.width - 1 : 72, column = 0;
  if (width < 20) width = 20;
  while (*text) {
    int length = (int)strcspn(text, " ");
    if (column && column + 1 + length > width) {
      client_printf(c, "\r\n%*s", indent, "");
      column = indent;
    } else if (column) {
      client_puts(c, " ");
      column++;
    }
    client_write(c, text, (size_t)length);
    column += length;
    text += length + (text[length] == ' ');
  }
  client_puts(c, "\r\n");
}

/* A line for somebody who may be typing: their prompt, and what they typed, come again below it. */
static void tell(struct client *c, const char *text) {
  const struct session *s = c->session;
  if (echoes(s))
    client_printf(c, "\r%*s\r", (int)s->length + 2, "");
  else
    client_puts(c, "\r\n");
  put_wrapped(c, text, 2);
  put_prompt(c);
}

/* To all but one, what that one does: "NAME DOES WHAT". */
static void tell_others(struct client *from, const char *does, const char *what) {
  char text[NAME_LIMIT + LINE_LIMIT + 40];
  snprintf(text, sizeof text, "%s %s%s", ((struct session *)from->session)->name, does, what);
  for (struct client *c = client_next(NULL); c; c = client_next(c))
    if (c != from && *((struct session *)c->session)->name) tell(c, text);
}

/* ---- commands ---- */

static void look(struct client *c, const char *rest) {
  char text[NAME_LIMIT + LINE_LIMIT + 32];
  put_wrapped(
      c,
      "You stand on the quay of Portside. Ropes creak, a gull counts packets. On the wall of "
      "the customs house hangs a notice board:",
      0);
  for (int i = 0; i < note_count; i++) {
    snprintf(text, sizeof text, "* %s (%s)", notes[i].text, notes[i].author);
    put_wrapped(c, text, 2);
  }
}

static void who(struct client *c, const char *rest) {
  for (struct client *o = client_next(NULL); o; o = client_next(o)) {
    const struct session *s = o->session;
    if (!*s->name) continue;
    client_printf(c, "%-16s %s%s\r\n", s->name, o->name, o == c ? " (you)" : "");
  }
}

static void speak(struct client *c, const char *rest) {
  if (!*rest) {
    client_puts(c, "Say what? For example: say ahoy\r\n");
    return;
  }
  client_printf(c, "You say: %s\r\n", rest);
  tell_others(c, "says: ", rest);
}

static void pin(struct client *c, const char *rest) {
  struct session *s = c->session;
  if (!*rest) {
    client_puts(c, "Pin what? For example: pin Lost: one gull\r\n");
    return;
  }
  if (note_count == NOTES) memmove(notes, notes + 1, sizeof *notes * (size_t)--note_count);
  struct note *n = &notes[note_count++];
  strcpy(n->author, s->name);
  strcpy(n->text, rest);
  client_puts(c, "It hangs.\r\n");
  tell_others(c, "pins a note to the board.", "");
}

static void window(struct client *c, const char *rest) {
  const struct telnet *t = &((struct session *)c->session)->telnet;
  if (t->width)
    client_printf(c, "Your window has %d columns and %d rows.\r\n", t->width, t->height);
  else
    client_puts(c, "Your client has not told the size of its window (option NAWS).\r\n");
  if (*t->terminal)
    client_printf(c, "Your terminal is called %s.\r\n", t->terminal);
  else
    client_puts(c, "Your client has not told the name of its terminal (option TERMINAL-TYPE).\r\n");
  client_printf(c, "What you type is shown by %s.\r\n", echoes(c->session) ? "us" : "your side");
}

static void quit(struct client *c, const char *rest) {
  client_puts(c, "Fair winds!\r\n");
  client_close(c);
}

static void help(struct client *c, const char *rest);

static const struct {
  const char *name, *does;
  void (*run)(struct client *, const char *rest);
} commands[] = {{"look", "look around, and read the notice board", look},
                {"who", "who else is on the quay", who},
                {"say", "say something to all of them", speak},
                {"pin", "pin a note to the board", pin},
                {"window", "what your client has told us", window},
                {"help", "this list", help},
                {"quit", "go", quit}};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void help(struct client *c, const char *rest) {
  for (int i = 0; i < COMMANDS; i++)
    client_printf(c, "  %-8s%s\r\n", commands[i].name, commands[i].does);
}

static void run(struct client *c, char *line) {
  size_t length = strcspn(line, " ");
  if (!*line) return;
  for (int i = 0; i < COMMANDS; i++) {
    if (strlen(commands[i].name) != length || strncasecmp(line, commands[i].name, length)) continue;
    commands[i].run(c, line + length + strspn(line + length, " "));
    return;
  }
  client_puts(c, "Nobody on the quay understands that. Try help.\r\n");
}

/* ---- who it is ---- */

static bool is_taken(const char *name) {
  for (struct client *c = client_next(NULL); c; c = client_next(c))
    if (!strcasecmp(((struct session *)c->session)->name, name)) return true;
  return false;
}

static void take_name(struct client *c, const char *name) {
  struct session *s = c->session;
  bool good = *name && strlen(name) <= NAME_LIMIT;
  for (const char *p = name; *p; p++)
    good &= isalnum((unsigned char)*p) != 0;
  if (!good || is_taken(name)) {
    client_puts(c, good ? "Somebody of that name is here already.\r\n"
                        : "A name has 1 to 16 letters and digits.\r\n");
    return;
  }
  strcpy(s->name, name);
  client_log(c, "is %s", name);
  client_printf(c, "Welcome, %s. help tells what you can do here.\r\n", name);
  if (s->telnet.width) window(c, "");
  tell_others(c, "comes up the quay.", "");
}

/* ---- what is typed ---- */

static void take_line(struct client *c) {
  struct session *s = c->session;
  char line[sizeof s->line];
  memcpy(line, s->line, s->length);
  line[s->length] = 0;
  for (size_t n = s->length; n && line[n - 1] == ' '; n--)
    line[n - 1] = 0;
  s->length = 0;
  if (*s->name)
    run(c, line + strspn(line, " "));
  else
    take_name(c, line + strspn(line, " "));
  put_prompt(c);
}

/* Takes the last character away, all of its bytes if it is one of UTF-8. */
static void erase(struct client *c) {
  struct session *s = c->session;
  if (!s->length) return;
  while (s->length && (s->line[--s->length] & 0xc0) == 0x80)
    ;
  if (echoes(s)) client_puts(c, "\b \b");
}

static void add(struct client *c, char byte) {
  struct session *s = c->session;
  bool fits = s->length < LINE_LIMIT;
  if (fits) s->line[s->length++] = byte;
  if (!fits) byte = BELL;
  if (echoes(s)) client_write(c, &byte, 1);
}

static void take_key(struct client *c, int key) {
  struct session *s = c->session;
  if (key == '\n') {
    if (echoes(s)) client_puts(c, "\r\n");
    take_line(c);
  } else if (key == ERASE || key == DELETE)
    erase(c);
  else if (key == ERASE_LINE)
    while (s->length)
      erase(c);
  else if (key == INTERRUPT) {
    s->length = 0;
    client_puts(c, "^C\r\n");
    put_prompt(c);
  } else if (key == ARE_YOU_THERE)
    client_puts(c, "\r\n[Yes: Portside, the quay]\r\n");
  else if (key == END_OF_INPUT && !s->length)
    quit(c, "");
  else if (key >= ' ' && key < 255)
    add(c, (char)key);
}

/* At most one line at a time, so that what it makes us say is not more than can be sent. */
static size_t take_bytes(struct client *c, const char *bytes, size_t size) {
  struct session *s = c->session;
  for (size_t i = 0; i < size; i++) {
    int key = telnet_take(c, &s->telnet, (unsigned char)bytes[i]);
    if (key != NOTHING) take_key(c, key);
    if (key == '\n') return i + 1;
  }
  return size;
}

static void begin(struct client *c) {
  struct session *s = c->session;
  telnet_begin(c, &s->telnet);
  client_puts(c, "\r\n"
                 "        |\\\r\n"
                 "        | \\       P O R T S I D E\r\n"
                 "     ___|__\\__    the quay, berth 23\r\n"
                 "     \\_______/\r\n"
                 "  ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\r\n"
                 "\r\n");
  put_prompt(c);
}

static void tell_silent(struct client *c) {
  client_puts(c, "\r\nYou have been silent for long. The tide takes you.\r\n");
}

static void leave(struct client *c) {
  const struct session *s = c->session;
  if (*s->name) tell_others(c, "has left.", "");
}

static const struct service telnet = {.session = sizeof(struct session),
                                      .raw = true,
                                      .patience = 600,
                                      .connected = begin,
                                      .bytes = take_bytes,
                                      .idle = tell_silent,
                                      .gone = leave};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 23, "telnet [PORT]"), &telnet, NULL);
  service_run();
}
