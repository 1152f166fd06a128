/* /etc/hosts, /etc/services and the like: fields between blanks, comments behind #. */
#include "names.h"
#include <string.h>

/* The next line that has any fields, split in place. False at the end of the file. */
bool next_fields(FILE *f, char *line, char **fields, int limit, int *count) {
  while (fgets(line, LINE_LIMIT, f)) {
    line[strcspn(line, "#\n")] = 0;
    char *rest = line;
    for (*count = 0; *count < limit && (fields[*count] = strtok_r(rest, " \t\r", &rest));)
      ++*count;
    if (*count) return true;
  }
  return false;
}
