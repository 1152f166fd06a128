/* An NNTP server for news readers (RFC 3977): nntp [PORT]. It comes with a few groups, lab.*, and
 * keeps what is posted in memory. */
#define _GNU_SOURCE
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "news.h"
#include "service.h"

enum { LINE_LIMIT = 2048, PATIENCE = 600 /* seconds */, ERRORS = 20 };

struct session {
  struct group *group;
  int current; /* an article's number, or 0 */
  int errors;
  bool posting, too_long;
  char *text; /* what is posted */
  size_t size, room;
};

static void refuse(struct client *c, const char *reply) {
  struct session *s = c->session;
  client_puts(c, reply);
  if (++s->errors < ERRORS) return;
  client_puts(c, "400 Too many errors, closing\r\n");
  client_close(c);
}

/* Sends lines that end in CRLF, with a dot before each that begins with one, and the last dot. */
static void put_lines(struct client *c, const char *text, size_t size) {
  while (size) {
    const char *end = memchr(text, '\n', size);
    size_t length = end ? (size_t)(end - text) + 1 : size;
    if (*text == '.') client_puts(c, ".");
    client_write(c, text, length);
    if (!end) client_puts(c, "\r\n");
    text += length;
    size -= length;
  }
  client_puts(c, ".\r\n");
}

/* --- which articles --- */

struct choice { /* of one article, or of those of the group with numbers from low to high */
  const struct article *article;
  int low, high;
};

static bool take_number(const char **text, int *number) {
  char *end;
  unsigned long value = strtoul(*text, &end, 10);
  if (!isdigit((unsigned char)**text) || value > INT_MAX) return false;
  *text = end;
  *number = (int)value;
  return true;
}

/* N, N- or N-M */
static bool take_range(const char *text, struct choice *choice) {
  if (!take_number(&text, &choice->low)) return false;
  choice->high = choice->low;
  if (*text != '-') return !*text;
  choice->high = INT_MAX;
  return !*++text || (take_number(&text, &choice->high) && !*text);
}

/* What the word chooses: an article's id, a range, or if there is none the current article. Refuses
 * what chooses nothing. */
static bool choose(struct client *c, const char *word, struct choice *choice) {
  struct session *s = c->session;
  *choice = (struct choice){0};
  if (word && *word == '<') {
    choice->article = news_article(word);
    if (!choice->article) refuse(c, "430 There is no such article\r\n");
    return choice->article;
  }
  if (!s->group) {
    refuse(c, "412 Say GROUP first\r\n");
    return false;
  }
  if (!word && !s->current) {
    refuse(c, "420 There is no current article\r\n");
    return false;
  }
  if (!word) {
    choice->low = choice->high = s->current;
    return true;
  }
  if (take_range(word, choice)) return true;
  refuse(c, "501 Say a number, or an id in <>\r\n");
  return false;
}

/* Calls `each` for what is chosen, with the number 0 if it was by id; refuses if there is none. */
static void for_each(struct client *c, const struct choice *choice, const char *head,
                     void (*each)(struct client *, int, const struct article *, const char *),
                     const char *argument) {
  struct session *s = c->session;
  bool any = choice->article;
  if (any) {
    client_puts(c, head);
    each(c, 0, choice->article, argument);
  }
  for (size_t i = 0; !choice->article && i < s->group->count; i++) {
    int number = s->group->entries[i].number;
    if (number < choice->low || number > choice->high) continue;
    if (!any) client_puts(c, head);
    any = true;
    each(c, number, s->group->entries[i].article, argument);
  }
  if (any)
    client_puts(c, ".\r\n");
  else
    refuse(c, "423 There are no such articles\r\n");
}

/* --- reading; each command is given its words --- */

static void put_article(struct client *c, int code, int number, const struct article *a) {
  client_printf(c, "%d %d %s\r\n", code, number, a->id);
  if (code == 220) put_lines(c, a->text, a->size);
  if (code == 221) put_lines(c, a->text, a->body - 2);
  if (code == 222) put_lines(c, a->text + a->body, a->size - a->body);
}

static void read_article(struct client *c, const char *word, int code) {
  struct session *s = c->session;
  struct choice choice;
  if (!choose(c, word, &choice)) return;
  if (choice.article) {
    put_article(c, code, 0, choice.article);
    return;
  }
  const struct article *a = choice.low == choice.high ? news_number(s->group, choice.low) : NULL;
  if (!a) {
    refuse(c, "423 There is no article of that number\r\n");
    return;
  }
  s->current = choice.low;
  put_article(c, code, s->current, a);
}

static void do_article(struct client *c, char **words) { read_article(c, words[0], 220); }
static void do_head(struct client *c, char **words) { read_article(c, words[0], 221); }
static void do_body(struct client *c, char **words) { read_article(c, words[0], 222); }
static void do_stat(struct client *c, char **words) { read_article(c, words[0], 223); }

static void step(struct client *c, bool forward) {
  struct session *s = c->session;
  struct choice choice;
  int found = 0;
  if (!choose(c, NULL, &choice)) return;
  for (size_t i = 0; i < s->group->count; i++) {
    int number = s->group->entries[i].number;
    if (forward ? number > s->current && !found : number < s->current) found = number;
  }
  if (!found) {
    refuse(c, forward ? "421 That was the last\r\n" : "422 That was the first\r\n");
    return;
  }
  s->current = found;
  put_article(c, 223, found, news_number(s->group, found));
}

static void do_next(struct client *c, char **words) { step(c, true); }
static void do_last(struct client *c, char **words) { step(c, false); }

/* Makes a group the current one. */
static bool enter(struct client *c, const char *name) {
  struct session *s = c->session;
  struct group *g = name ? news_group(name) : s->group;
  if (!g) {
    refuse(c, name ? "411 There is no such group\r\n" : "412 Say GROUP first\r\n");
    return false;
  }
  s->group = g;
  s->current = g->count ? news_low(g) : 0;
  client_printf(c, "211 %zu %d %d %s\r\n", g->count, news_low(g), news_high(g), g->name);
  return true;
}

static void do_group(struct client *c, char **words) {
  if (words[0])
    enter(c, words[0]);
  else
    refuse(c, "501 Say GROUP lab.harbour\r\n");
}

static void do_listgroup(struct client *c, char **words) {
  struct session *s = c->session;
  struct choice choice = {.high = INT_MAX};
  if (words[0] && words[1] && !take_range(words[1], &choice)) {
    refuse(c, "501 Say LISTGROUP lab.harbour 1-5\r\n");
    return;
  }
  if (!enter(c, words[0])) return;
  for (size_t i = 0; i < s->group->count; i++) {
    int number = s->group->entries[i].number;
    if (number >= choice.low && number <= choice.high) client_printf(c, "%d\r\n", number);
  }
  client_puts(c, ".\r\n");
}

static const char *const overview[] = {"Subject", "From", "Date", "Message-ID", "References"};
enum { OVERVIEW = sizeof overview / sizeof *overview };

static void put_overview(struct client *c, int number, const struct article *a,
                         const char *unused) {
  char value[NEWS_HEADER_LIMIT];
  client_printf(c, "%d", number);
  for (int i = 0; i < OVERVIEW; i++)
    client_printf(c, "\t%s", news_field(a, overview[i], value) ? value : "");
  client_printf(c, "\t%zu\t%zu\r\n", a->size, news_lines(a));
}

static void do_over(struct client *c, char **words) {
  struct choice choice;
  if (choose(c, words[0], &choice))
    for_each(c, &choice, "224 Here they are\r\n", put_overview, NULL);
}

static void put_field(struct client *c, int number, const struct article *a, const char *name) {
  char value[NEWS_HEADER_LIMIT];
  client_printf(c, "%d ", number);
  if (!strcasecmp(name, ":bytes"))
    client_printf(c, "%zu\r\n", a->size);
  else if (!strcasecmp(name, ":lines"))
    client_printf(c, "%zu\r\n", news_lines(a));
  else
    client_printf(c, "%s\r\n", news_field(a, name, value) ? value : "");
}

static void put_fields(struct client *c, char **words, const char *head) {
  struct choice choice;
  if (!words[0])
    refuse(c, "501 Say HDR Subject 1-5\r\n");
  else if (choose(c, words[1], &choice))
    for_each(c, &choice, head, put_field, words[0]);
}

static void do_hdr(struct client *c, char **words) {
  put_fields(c, words, "225 Here they are\r\n");
}
static void do_xhdr(struct client *c, char **words) {
  put_fields(c, words, "221 Here they are\r\n");
}

/* --- lists --- */

static void put_active(struct client *c, const struct group *g) {
  client_printf(c, "%s %d %d y\r\n", g->name, news_high(g), news_low(g));
}

static void put_times(struct client *c, const struct group *g) {
  client_printf(c, "%s %lld carol@portside.lab\r\n", g->name, (long long)news_founded);
}

static void put_about(struct client *c, const struct group *g) {
  client_printf(c, "%s\t%s\r\n", g->name, g->about);
}

static void put_overview_format(struct client *c) {
  client_puts(c, "215 Here it is\r\n");
  for (int i = 0; i < OVERVIEW; i++)
    client_printf(c, "%s:\r\n", overview[i]);
  /* the older names, which RFC 3977 allows here: without them slrn does not use OVER */
  client_puts(c, "Bytes:\r\nLines:\r\n.\r\n");
}

static void do_list(struct client *c, char **words) {
  static const struct {
    const char *name;
    void (*put)(struct client *, const struct group *);
  } lists[] = {{"ACTIVE", put_active}, {"ACTIVE.TIMES", put_times}, {"NEWSGROUPS", put_about}};
  const char *what = words[0] ? words[0] : "ACTIVE",
             *wildmat = words[0] && words[1] ? words[1] : "*";
  for (int i = 0; i < 3; i++) {
    if (strcasecmp(what, lists[i].name)) continue;
    client_puts(c, "215 Here they are\r\n");
    for (int j = 0; j < NEWS_GROUPS; j++)
      if (news_matches(wildmat, news_groups[j].name)) lists[i].put(c, &news_groups[j]);
    client_puts(c, ".\r\n");
    return;
  }
  if (!strcasecmp(what, "OVERVIEW.FMT"))
    put_overview_format(c);
  else if (!strcasecmp(what, "HEADERS"))
    client_puts(c, "215 All of them\r\n:\r\n:bytes\r\n:lines\r\n.\r\n");
  else
    refuse(c, "501 There is no such list\r\n");
}

/* yymmdd or yyyymmdd, and hhmmss; -1: that is no time. */
static time_t read_time(const char *date, const char *clock) {
  struct tm t = {0};
  int year, end = 0;
  size_t digits = date ? strspn(date, "0123456789") : 0;
  if (!clock || strspn(clock, "0123456789") != 6 || clock[6] || date[digits]) return -1;
  if ((digits != 6 && digits != 8) ||
      sscanf(date, digits == 6 ? "%2d%2d%2d" : "%4d%2d%2d", &year, &t.tm_mon, &t.tm_mday) != 3 ||
      sscanf(clock, "%2d%2d%2d%n", &t.tm_hour, &t.tm_min, &t.tm_sec, &end) != 3)
    return -1;
  if (t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31) return -1;
  if (digits == 6) year += year < 70 ? 2000 : 1900;
  t.tm_year = year - 1900;
  t.tm_mon--;
  return timegm(&t);
}

static void do_newgroups(struct client *c, char **words) {
  time_t since = words[0] ? read_time(words[0], words[1]) : -1;
  if (since < 0) {
    refuse(c, "501 Say NEWGROUPS 20260301 000000\r\n");
    return;
  }
  client_puts(c, "231 Here they are\r\n");
  for (int i = 0; i < NEWS_GROUPS && news_founded >= since; i++)
    put_active(c, &news_groups[i]);
  client_puts(c, ".\r\n");
}

static bool came_before(const struct article *a, int group) {
  for (int i = 0; i < group; i++)
    for (size_t j = 0; j < news_groups[i].count; j++)
      if (news_groups[i].entries[j].article == a) return true;
  return false;
}

static void do_newnews(struct client *c, char **words) {
  time_t since = words[0] && words[1] ? read_time(words[1], words[2]) : -1;
  if (since < 0) {
    refuse(c, "501 Say NEWNEWS lab.* 20260301 000000\r\n");
    return;
  }
  client_puts(c, "230 Here they are\r\n");
  for (int i = 0; i < NEWS_GROUPS; i++) {
    const struct group *g = &news_groups[i];
    for (size_t j = 0; news_matches(words[0], g->name) && j < g->count; j++)
      if (g->entries[j].article->arrived >= since && !came_before(g->entries[j].article, i))
        client_printf(c, "%s\r\n", g->entries[j].article->id);
  }
  client_puts(c, ".\r\n");
}

/* --- the rest --- */

static void do_capabilities(struct client *c, char **words) {
  client_puts(c,
              "101 What there is\r\nVERSION 2\r\nREADER\r\nPOST\r\nNEWNEWS\r\nHDR\r\nOVER MSGID\r\n"
              "LIST ACTIVE ACTIVE.TIMES NEWSGROUPS OVERVIEW.FMT HEADERS\r\n"
              "IMPLEMENTATION Portside\r\n.\r\n");
}

static void do_mode(struct client *c, char **words) {
  if (words[0] && !strcasecmp(words[0], "READER"))
    client_puts(c, "200 Read, and post\r\n");
  else
    refuse(c, "501 Only MODE READER\r\n");
}

static void do_date(struct client *c, char **words) {
  char text[32];
  time_t t = time(NULL);
  struct tm utc;
  gmtime_r(&t, &utc);
  strftime(text, sizeof text, "111 %Y%m%d%H%M%S\r\n", &utc);
  client_puts(c, text);
}

static void do_post(struct client *c, char **words) {
  struct session *s = c->session;
  s->posting = true;
  s->too_long = false;
  client_puts(c, "340 From, Newsgroups, Subject, an empty line, the text, and a dot alone\r\n");
}

static void do_quit(struct client *c, char **words) {
  client_puts(c, "205 Good-bye\r\n");
  client_close(c);
}

static void do_help(struct client *c, char **words);

static const struct {
  const char *name;
  void (*run)(struct client *, char **words);
} commands[] = {{"CAPABILITIES", do_capabilities},
                {"MODE", do_mode},
                {"LIST", do_list},
                {"GROUP", do_group},
                {"LISTGROUP", do_listgroup},
                {"ARTICLE", do_article},
                {"HEAD", do_head},
                {"BODY", do_body},
                {"STAT", do_stat},
                {"NEXT", do_next},
                {"LAST", do_last},
                {"OVER", do_over},
                {"XOVER", do_over},
                {"HDR", do_hdr},
                {"XHDR", do_xhdr},
                {"POST", do_post},
                {"NEWGROUPS", do_newgroups},
                {"NEWNEWS", do_newnews},
                {"DATE", do_date},
                {"HELP", do_help},
                {"QUIT", do_quit}};
enum { COMMANDS = sizeof commands / sizeof *commands, WORDS = 5 };

static void do_help(struct client *c, char **words) {
  client_puts(c,
              "100 LIST, then GROUP lab.harbour, then OVER 1-, then ARTICLE 1; and there are\r\n");
  for (int i = 0; i < COMMANDS; i++)
    client_printf(c, "  %s\r\n", commands[i].name);
  client_puts(c, ".\r\n");
}

/* --- posting --- */

static bool append(struct session *s, const char *bytes, size_t size) {
  if (s->size + size > NEWS_ARTICLE_LIMIT) return false;
  if (s->size + size > s->room) {
    size_t room = 2 * (s->size + size);
    char *text = realloc(s->text, room);
    if (!text) return false;
    s->text = text;
    s->room = room;
  }
  memcpy(s->text + s->size, bytes, size);
  s->size += size;
  return true;
}

static void forget_post(struct session *s) {
  free(s->text);
  s->text = NULL;
  s->size = s->room = 0;
  s->posting = s->too_long = false;
}

static void end_post(struct client *c) {
  struct session *s = c->session;
  bool stored = append(s, "", 1); /* a 0, so that it is a text */
  const char *wrong = s->too_long || !stored ? "It is too long, or has a line that is"
                                             : news_post(s->text, s->size - 1, time(NULL));
  char reply[128];
  snprintf(reply, sizeof reply, "441 %s\r\n", wrong ? wrong : "");
  client_log(c, "%s", wrong ? "has not posted" : "has posted an article");
  wrong ? refuse(c, reply) : client_puts(c, "240 It hangs there now\r\n");
  forget_post(s);
}

static void take_post(struct client *c, const char *line, size_t length) {
  struct session *s = c->session;
  if (length == 1 && *line == '.') {
    end_post(c);
    return;
  }
  if (*line == '.') line++, length--;
  if (memchr(line, 0, length) || !append(s, line, length) || !append(s, "\r\n", 2))
    s->too_long = true;
}

/* --- events --- */

static void connected(struct client *c) { client_puts(c, "200 news.lab at your service\r\n"); }

static void line(struct client *c, char *text, size_t length) {
  struct session *s = c->session;
  char *words[WORDS + 1] = {NULL}, *rest = text, *word;
  if (s->posting) {
    take_post(c, text, length);
    return;
  }
  for (int n = 0; n < WORDS && (word = strtok_r(rest, " \t", &rest)); n++)
    words[n] = word;
  for (int i = 0; words[0] && i < COMMANDS; i++) {
    if (strcasecmp(words[0], commands[i].name)) continue;
    int errors = s->errors;
    commands[i].run(c, words + 1);
    if (s->errors == errors) s->errors = 0;
    return;
  }
  refuse(c, "500 There is no such command; HELP tells which there are\r\n");
}

static void too_long(struct client *c) {
  struct session *s = c->session;
  if (s->posting)
    s->too_long = true;
  else
    refuse(c, "501 That line is too long\r\n");
}

static void idle(struct client *c) { client_puts(c, "400 You are silent, closing\r\n"); }

static void gone(struct client *c) { forget_post(c->session); }

static const struct service nntp = {.session = sizeof(struct session),
                                    .line_limit = LINE_LIMIT,
                                    .patience = PATIENCE,
                                    .connected = connected,
                                    .line = line,
                                    .too_long = too_long,
                                    .idle = idle,
                                    .gone = gone};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 1, 119, "nntp [PORT]");
  if (!news_open()) {
    fprintf(stderr, "nntp: no memory for the articles\n");
    return EXIT_FAILURE;
  }
  service_open(port, &nntp, NULL);
  service_run();
}
