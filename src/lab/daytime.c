/* The Daytime service (RFC 867): whoever connects, or sends a datagram, is told the time in words.
 * daytime [PORT] */
#define _GNU_SOURCE
#include "service.h"
#include <string.h>
#include <time.h>

/* As RFC 867 proposes: Tuesday, February 22, 1982 17:37:43-PST */
static const char *say_time(void) {
  static char text[80];
  struct tm tm;
  time_t t = time(NULL);
  gmtime_r(&t, &tm);
  strftime(text, sizeof text, "%A, %B %d, %Y %H:%M:%S-UTC\r\n", &tm);
  return text;
}

static void tell(struct client *c) {
  client_puts(c, say_time());
  client_close(c);
}

static void tell_by_datagram(int s) {
  char byte;
  const char *text = say_time();
  struct sockaddr_storage from;
  if (datagram_receive(s, &byte, sizeof byte, &from) >= 0)
    datagram_answer(s, text, strlen(text), &from);
}

static const struct service daytime = {.patience = 60, .connected = tell};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 13, "daytime [PORT]"), &daytime, tell_by_datagram);
  service_run();
}
