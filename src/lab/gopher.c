/* A Gopher server (RFC 1436): gopher [PORT]. A client sends a selector, and gets a menu or a text.
 */
#define _GNU_SOURCE
#include "gopher_texts.h"
#include "service.h"
#include <netdb.h>
#include <string.h>
#include <time.h>

/* Where an item is to be had: here, by the address that the client found us at. */
struct place {
  char host[NI_MAXHOST], port[NI_MAXSERV];
};

static void find_place(struct client *c) {
  struct place *p = c->session;
  struct sockaddr_storage here;
  socklen_t length = sizeof here;
  getsockname(c->fd, (struct sockaddr *)&here, &length);
  getnameinfo((struct sockaddr *)&here, length, p->host, sizeof p->host, p->port, sizeof p->port,
              NI_NUMERICHOST | NI_NUMERICSERV);
  if (!strncmp(p->host, "::ffff:", 7)) memmove(p->host, p->host + 7, strlen(p->host + 7) + 1);
}

/* ---- menus ---- */

/* type: '0' a text, '1' a menu, '7' a search, 'i' words only, '3' an error */
static void put_item(struct client *c, char type, const char *title, const char *selector) {
  const struct place *p = c->session;
  if (type == 'i' || type == '3')
    client_printf(c, "%c%s\t\t-\t0\r\n", type, title);
  else
    client_printf(c, "%c%s\t%s\t%s\t%s\r\n", type, title, selector, p->host, p->port);
}

static void put_end(struct client *c) {
  client_puts(c, ".\r\n");
  client_close(c);
}

static void put_error(struct client *c, const char *what) {
  put_item(c, '3', what, "");
  put_end(c);
}

static void give_main_menu(struct client *c) {
  put_item(c, 'i', "Portside, the quay where Gopher lands", "");
  put_item(c, 'i', "", "");
  put_item(c, '1', "Everything there is to read", "/all");
  put_item(c, '0', texts[0].title, texts[0].selector);
  put_item(c, '0', "The harbour clock, and what we know of you", "/clock");
  put_item(c, '7', "Search the texts", "/search");
  put_end(c);
}

static void give_all(struct client *c) {
  for (size_t i = 0; i < text_count; i++)
    put_item(c, '0', texts[i].title, texts[i].selector);
  put_item(c, '1', "Back", "");
  put_end(c);
}

/* ---- texts ---- */

static void put_line(struct client *c, const char *line, size_t length) {
  if (*line == '.') client_puts(c, ".");
  client_write(c, line, length);
  client_puts(c, "\r\n");
}

static void give_text(struct client *c, const char *text) {
  while (*text) {
    size_t length = strcspn(text, "\n");
    put_line(c, text, length);
    text += length + 1;
  }
  put_end(c);
}

static void give_clock(struct client *c) {
  char text[64];
  time_t t = time(NULL);
  struct tm tm;
  gmtime_r(&t, &tm);
  strftime(text, sizeof text, "It is %H:%M:%S UTC on %A.", &tm);
  client_printf(c, "%s\r\nYou came from %s, and asked at %s, port %s.\r\n", text, c->name,
                ((struct place *)c->session)->host, ((struct place *)c->session)->port);
  put_end(c);
}

/* ---- the search ---- */

/* Whether the text has each of the words, in its title or in its lines. */
static bool matches(const struct text *text, const char *words) {
  for (;;) {
    char word[64];
    words += strspn(words, " ");
    size_t length = strcspn(words, " ");
    if (!length) return true;
    if (length >= sizeof word) return false;
    memcpy(word, words, length);
    word[length] = 0;
    if (!strcasestr(text->title, word) && !strcasestr(text->lines, word)) return false;
    words += length;
  }
}

static void search(struct client *c, const char *words) {
  int found = 0;
  if (!words || !words[strspn(words, " ")]) {
    put_error(c, "Search for what?");
    return;
  }
  for (size_t i = 0; i < text_count; i++) {
    if (!matches(&texts[i], words)) continue;
    put_item(c, '0', texts[i].title, texts[i].selector);
    found++;
  }
  if (!found) put_item(c, 'i', "No text has all of these words.", "");
  put_end(c);
}

/* ---- a request: SELECTOR, or SELECTOR TAB WORDS ---- */

static void take_request(struct client *c, char *line, size_t length) {
  char *words = strchr(line, '\t');
  client_log(c, "asks for '%s'", line);
  if (strlen(line) != length) {
    put_error(c, "A selector has no such characters");
    return;
  }
  if (words) *words++ = 0;
  if (words) words[strcspn(words, "\t")] = 0; /* more is Gopher+, which this is not */
  if (!*line || !strcmp(line, "/"))
    give_main_menu(c);
  else if (!strcmp(line, "/all"))
    give_all(c);
  else if (!strcmp(line, "/clock"))
    give_clock(c);
  else if (!strcmp(line, "/search"))
    search(c, words);
  else {
    for (size_t i = 0; i < text_count; i++)
      if (!strcmp(line, texts[i].selector)) {
        give_text(c, texts[i].lines);
        return;
      }
    put_error(c, "There is nothing by that selector here");
  }
}

static void refuse_line(struct client *c) { put_error(c, "No selector is that long"); }

static const struct service gopher = {.session = sizeof(struct place),
                                      .line_limit = 512,
                                      .patience = 60,
                                      .connected = find_place,
                                      .line = take_request,
                                      .too_long = refuse_line};

int main(int argc, char **argv) {
  service_open(service_port(argc, argv, 1, 70, "gopher [PORT]"), &gopher, NULL);
  service_run();
}
