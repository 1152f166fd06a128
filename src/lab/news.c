/* See news.h. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "news.h"

#define NAME "news.lab"
enum { ADDED_LIMIT = 1024 }; /* bytes of what is put into a header */

struct group news_groups[NEWS_GROUPS] = {
    {.name = "lab.harbour", .about = "What happens at the quay"},
    {.name = "lab.sockets", .about = "Questions about sockets, and answers"},
    {.name = "lab.stories", .about = "Told while waiting for a connection"},
    {.name = "lab.test", .about = "Post here to see whether it works"},
};
const time_t news_founded = 1772352000; /* 1 March 2026 */

static struct article *articles[NEWS_ARTICLES];
static size_t article_count;

/* --- finding --- */

struct group *news_group(const char *name) {
  for (int i = 0; i < NEWS_GROUPS; i++)
    if (!strcmp(name, news_groups[i].name)) return &news_groups[i];
  return NULL;
}

const struct article *news_article(const char *id) {
  for (size_t i = 0; i < article_count; i++)
    if (!strcmp(id, articles[i]->id)) return articles[i];
  return NULL;
}

const struct article *news_number(const struct group *g, int number) {
  for (size_t i = 0; i < g->count; i++)
    if (g->entries[i].number == number) return g->entries[i].article;
  return NULL;
}

int news_low(const struct group *g) { return g->count ? g->entries[0].number : 1; }
int news_high(const struct group *g) { return g->count ? g->entries[g->count - 1].number : 0; }

/* One pattern, of `size` characters: where a `*` fits too little, it takes one character more. */
static bool matches_one(const char *pattern, size_t size, const char *name) {
  const char *end = pattern + size, *star = NULL, *from = NULL;
  while (*name) {
    if (pattern < end && *pattern == '*') {
      star = ++pattern;
      from = name;
    } else if (pattern < end && (*pattern == '?' || *pattern == *name)) {
      pattern++, name++;
    } else if (star) {
      pattern = star;
      name = ++from;
    } else {
      return false;
    }
  }
  while (pattern < end && *pattern == '*')
    pattern++;
  return pattern == end;
}

bool news_matches(const char *wildmat, const char *name) {
  bool matches = false;
  while (*wildmat) { /* the last that fits decides */
    bool not = *wildmat == '!';
    wildmat += not;
    size_t size = strcspn(wildmat, ",");
    if (matches_one(wildmat, size, name)) matches = !not;
    wildmat += size + (wildmat[size] == ',');
  }
  return matches;
}

/* --- fields --- */

static bool is_field(const char *line, const char *name) {
  size_t length = strlen(name);
  return !strncasecmp(line, name, length) && line[length] == ':';
}

/* Copies the value of the field that a line begins, with the lines that continue it. */
static void copy_value(const char *line, const char *end, char *to) {
  size_t n = 0;
  const char *at = (const char *)memchr(line, ':', (size_t)(end - line)) + 1;
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  for (; at < end && n + 1 < NEWS_HEADER_LIMIT; at++) {
    if (*at == '\n' && (at + 1 == end || (at[1] != ' ' && at[1] != '\t'))) break;
    if (*at != '\r' && *at != '\n') to[n++] = *at == '\t' || !*at ? ' ' : *at;
  }
  to[n] = 0;
}

static bool find_field(const char *text, const char *end, const char *name, char *to) {
  while (text < end) {
    if (is_field(text, name)) {
      copy_value(text, end, to);
      return true;
    }
    const char *line = memchr(text, '\n', (size_t)(end - text));
    text = line ? line + 1 : end;
  }
  return false;
}

bool news_field(const struct article *a, const char *name, char to[NEWS_HEADER_LIMIT]) {
  return find_field(a->text, a->text + a->body, name, to);
}

size_t news_lines(const struct article *a) {
  size_t lines = 0;
  for (size_t i = a->body; i < a->size; i++)
    lines += a->text[i] == '\n';
  return lines;
}

/* --- posting --- */

struct draft {
  const char *header, *end; /* of the header, the empty line not included */
  char id[256], newsgroups[NEWS_HEADER_LIMIT];
  bool has_id, has_date;
};

/* Every line is a field, or continues one. */
static bool is_header(const char *at, const char *end) {
  bool first = true;
  while (at < end) {
    const char *line = memchr(at, '\n', (size_t)(end - at));
    size_t name = strcspn(at, ": \t\r");
    bool continues = *at == ' ' || *at == '\t';
    if (!line || (continues ? first : !name || at[name] != ':')) return false;
    at = line + 1;
    first = false;
  }
  return !first;
}

static bool is_id(const char *id) {
  size_t size = strlen(id);
  const char *at = strchr(id, '@');
  if (size < 5 || *id != '<' || id[size - 1] != '>' || !at) return false;
  for (const char *p = id + 1; p < id + size - 1; p++)
    if (!isgraph((unsigned char)*p) || *p == '<' || *p == '>') return false;
  return true;
}

static const char *check(struct draft *d) {
  char value[NEWS_HEADER_LIMIT];
  if (d->end - d->header > NEWS_HEADER_LIMIT - ADDED_LIMIT) return "Its header is too long";
  if (!is_header(d->header, d->end)) return "It has no header, or a line in it is no field";
  if (!find_field(d->header, d->end, "From", value) || !*value) return "It has no From";
  if (!find_field(d->header, d->end, "Subject", value) || !*value) return "It has no Subject";
  if (!find_field(d->header, d->end, "Newsgroups", d->newsgroups)) return "It has no Newsgroups";
  d->has_date = find_field(d->header, d->end, "Date", value);
  d->has_id = find_field(d->header, d->end, "Message-ID", value);
  if (d->has_id && (strlen(value) > 250 || !is_id(value))) return "Its Message-ID is none";
  if (d->has_id) strcpy(d->id, value);
  if (d->has_id && news_article(d->id)) return "It is here already";
  return NULL;
}

/* The groups that the article is for, with a bit for each. */
static unsigned find_groups(char *list) {
  unsigned groups = 0;
  char *word;
  while ((word = strtok_r(list, ", ", &list))) {
    struct group *g = news_group(word);
    if (g) groups |= 1u << (g - news_groups);
  }
  return groups;
}

/* What a header gets from us. Its size. */
static size_t add_fields(const struct draft *d, unsigned groups, time_t arrived, char *to) {
  char date[64];
  struct tm t;
  gmtime_r(&arrived, &t);
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &t);
  size_t n = (size_t)sprintf(to, "Path: " NAME "!not-for-mail\r\n");
  if (!d->has_date) n += (size_t)sprintf(to + n, "Date: %s\r\n", date);
  if (!d->has_id) n += (size_t)sprintf(to + n, "Message-ID: %s\r\n", d->id);
  n += (size_t)sprintf(to + n, "Xref: " NAME);
  for (int i = 0; i < NEWS_GROUPS; i++)
    if (groups & 1u << i)
      n += (size_t)sprintf(to + n, " %s:%d", news_groups[i].name, news_high(&news_groups[i]) + 1);
  return n + (size_t)sprintf(to + n, "\r\n");
}

/* Copies the header without the fields that are ours to say. */
static size_t copy_header(const struct draft *d, char *to) {
  size_t n = 0;
  bool skip = false;
  for (const char *at = d->header; at < d->end;) {
    const char *line = (const char *)memchr(at, '\n', (size_t)(d->end - at)) + 1;
    if (*at != ' ' && *at != '\t') skip = is_field(at, "Path") || is_field(at, "Xref");
    if (!skip) memcpy(to + n, at, (size_t)(line - at)), n += (size_t)(line - at);
    at = line;
  }
  return n;
}

static struct article *make_article(const struct draft *d, unsigned groups, const char *body,
                                    size_t body_size, time_t arrived) {
  struct article *a = calloc(1, sizeof *a);
  char *text = malloc(ADDED_LIMIT + (size_t)(d->end - d->header) + 2 + body_size + 1);
  char *id = strdup(d->id);
  if (!a || !text || !id) {
    free(a), free(text), free(id);
    return NULL;
  }
  size_t n = add_fields(d, groups, arrived, text);
  n += copy_header(d, text + n);
  memcpy(text + n, "\r\n", 2);
  memcpy(text + n + 2, body, body_size);
  text[n + 2 + body_size] = 0;
  *a = (struct article){id, arrived, n + 2 + body_size, n + 2, text};
  return a;
}

const char *news_post(const char *text, size_t size, time_t arrived) {
  const char *empty = memmem(text, size, "\r\n\r\n", 4);
  struct draft d = {.header = text, .end = empty ? empty + 2 : text};
  if (!empty) return "There is no empty line between header and body";
  if (size > NEWS_ARTICLE_LIMIT) return "It is too long";
  if (article_count == NEWS_ARTICLES) return "There is no room for more";
  const char *wrong = check(&d);
  unsigned groups = wrong ? 0 : find_groups(d.newsgroups);
  if (!wrong && !groups) wrong = "None of its Newsgroups is here";
  if (wrong) return wrong;
  if (!d.has_id) sprintf(d.id, "<%lld.%zu@" NAME ">", (long long)arrived, article_count + 1);
  struct article *a =
      make_article(&d, groups, empty + 4, size - (size_t)(empty + 4 - text), arrived);
  if (!a) return "There is no memory for it";
  articles[article_count++] = a;
  for (int i = 0; i < NEWS_GROUPS; i++) {
    struct group *g = &news_groups[i];
    if (!(groups & 1u << i)) continue;
    g->entries[g->count].number = news_high(g) + 1;
    g->entries[g->count++].article = a;
  }
  return NULL;
}

bool news_open(void) {
  char text[8192];
  for (const struct news_builtin *b = news_builtins; b->text; b++) {
    size_t n = 0;
    for (const char *from = b->text; *from && n + 2 < sizeof text; from++) {
      if (*from == '\n') text[n++] = '\r';
      text[n++] = *from;
    }
    text[n] = 0;
    if (news_post(text, n, b->arrived)) return false;
  }
  return true;
}
