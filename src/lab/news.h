/* The news of the lab: groups, and articles in them, kept in memory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
  NEWS_ARTICLE_LIMIT = 64 * 1024, /* bytes of an article */
  NEWS_HEADER_LIMIT = 4096,       /* ... of its header */
  NEWS_ARTICLES = 200,
  NEWS_GROUPS = 4
};

struct article {
  const char *id; /* with its brackets */
  time_t arrived;
  size_t size, body; /* body: where it begins */
  char *text;        /* lines end in CRLF */
};

struct group {
  const char *name, *about;
  struct {
    int number;
    const struct article *article;
  } entries[NEWS_ARTICLES]; /* by number */
  size_t count;
};

extern struct group news_groups[NEWS_GROUPS];
extern const time_t news_founded; /* when the groups were */

/* Puts the articles that it comes with into the groups. */
bool news_open(void);
struct group *news_group(const char *name);
const struct article *news_article(const char *id);
const struct article *news_number(const struct group *g, int number);
int news_low(const struct group *g);
int news_high(const struct group *g);

/* Adds an article as a client has posted it: a header, an empty line, a body; lines end in CRLF.
 * NULL, or why it is not taken. */
const char *news_post(const char *text, size_t size, time_t arrived);

/* The value of a field, unfolded, without tabs. False: there is none. */
bool news_field(const struct article *a, const char *name, char to[NEWS_HEADER_LIMIT]);
size_t news_lines(const struct article *a); /* of its body */

/* Whether the name matches a list such as lab.*,!lab.test (RFC 3977, 4). */
bool news_matches(const char *wildmat, const char *name);

/* --- news_articles.c: what it comes with, but for Path, Date and the like; the last has no text
 * --- */

struct news_builtin {
  time_t arrived;
  const char *text; /* lines end in LF */
};
extern const struct news_builtin news_builtins[];
