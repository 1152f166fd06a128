/* What the HTTP server has to give: a page of its own, or a file of a folder. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct page {
  const char *text; /* NULL: it is in `file` */
  int file;         /* to be closed with close_page; -1: none */
  int64_t size;
  time_t modified;
  const char *type;
  char tag[40]; /* an entity tag, in its quotes: another for other content */
};

/* Finds the page of a path. The folder: NULL for the server's own pages. Answers 0; 404; or 301, if
 * it is to be found under the path with a '/' after it. */
int find_page(const char *folder, const char *path, struct page *);
ssize_t read_page(const struct page *, int64_t at, char *to, size_t size);
void close_page(struct page *);
