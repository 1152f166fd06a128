/* The Character Generator (RFC 864): lines of 72 characters, each begun one character further, for
 * as long as the client takes them; over UDP one line for each datagram. chargen [PORT] */
#include "service.h"

enum { FIRST = ' ', COUNT = '~' - ' ' + 1, WIDTH = 72, LINE = WIDTH + 2, LINES = 50 };

static void fill_line(char *line, unsigned number) {
  for (unsigned i = 0; i < WIDTH; i++)
    line[i] = (char)(FIRST + (number + i) % COUNT);
  line[WIDTH] = '\r';
  line[WIDTH + 1] = '\n';
}

static void begin(struct client *c) { client_produce(c, true); }

/* The loop asks for more only while little waits to be sent: a client that stops reading stops us.
 */
static void generate(struct client *c) {
  unsigned *number = c->session;
  char line[LINE];
  for (int i = 0; i < LINES; i++) {
    fill_line(line, (*number)++ % COUNT);
    client_write(c, line, sizeof line);
  }
}

static size_t ignore(struct client *c, const char *bytes, size_t size) { return size; }

/* A line and no more: an answer much longer than the question would serve those who ask in
 * another's name. */
static void generate_datagram(int s) {
  static unsigned number;
  char byte, line[LINE];
  struct sockaddr_storage from;
  if (datagram_receive(s, &byte, sizeof byte, &from) < 0) return;
  fill_line(line, number++ % COUNT);
  datagram_answer(s, line, sizeof line, &from);
}

static const struct service chargen = {.session = sizeof(unsigned),
                                       .raw = true,
                                       .patience = 600,
                                       .connected = begin,
                                       .bytes = ignore,
                                       .room = generate};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 19, "chargen [PORT]"), &chargen, generate_datagram);
  service_run();
}
