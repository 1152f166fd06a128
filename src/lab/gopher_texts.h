/* What the Gopher server has to read. */
#pragma once
#include <stddef.h>

struct text {
  const char *selector, *title, *lines; /* each line ends in \n; the lines may begin with a dot */
};

extern const struct text texts[];
extern const size_t text_count;
