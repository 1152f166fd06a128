/* Lists of files, in FTP's three styles: see ftp_session.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ftp_session.h"

enum { TEXT_LIMIT = 512 * 1024, HALF_YEAR = 182 * 24 * 60 * 60 };

struct list {
  struct ftp_session *session;
  enum ftp_style style;
  const char *pattern; /* or NULL */
  int error;
};

void ftp_facts(const struct ftp_session *s, const struct tree_status *status, char *to) {
  struct tm t;
  gmtime_r(&status->changed, &t);
  const char *may = s->who != ALICE  ? (status->folder ? "el" : "r")
                    : status->folder ? "cdeflmp"
                                     : "adfrw";
  int n = sprintf(to, "type=%s;", status->folder ? "dir" : "file");
  if (!status->folder) n += sprintf(to + n, "size=%lld;", (long long)status->size);
  n += (int)strftime(to + n, 32, "modify=%Y%m%d%H%M%S;", &t);
  sprintf(to + n, "perm=%s; ", may);
}

/* As ls -l has it, which is what clients expect. */
static void details(const struct tree_status *status, char *to) {
  struct tm t;
  char date[32];
  time_t age = time(NULL) - status->changed;
  gmtime_r(&status->changed, &t);
  strftime(date, sizeof date, age < 0 || age > HALF_YEAR ? "%b %e  %Y" : "%b %e %H:%M", &t);
  sprintf(to, "%s 1 portside portside %10lld %s ", status->folder ? "drwxr-xr-x" : "-rw-r--r--",
          (long long)status->size, date);
}

static void add(void *arg, const char *name, const struct tree_status *status) {
  struct list *list = arg;
  struct ftp_session *s = list->session;
  char before[128] = "";
  if (list->error || (list->pattern && fnmatch(list->pattern, name, FNM_PERIOD))) return;
  if (strpbrk(name, "\r\n")) return; /* it cannot be said */
  if (list->style == FTP_LIST) details(status, before);
  if (list->style == FTP_MLSD) ftp_facts(s, status, before);
  size_t size = strlen(before) + strlen(name) + 2;
  if (s->text_size + size >= s->text_room) {
    size_t room = 2 * (s->text_size + size) + 1;
    char *text = room > TEXT_LIMIT ? NULL : realloc(s->text, room);
    if (!text) {
      list->error = -ENOMEM;
      return;
    }
    s->text = text;
    s->text_room = room;
  }
  s->text_size += (size_t)sprintf(s->text + s->text_size, "%s%s\r\n", before, name);
}

int ftp_list(struct ftp_session *s, const char *path, enum ftp_style style) {
  struct list list = {.session = s, .style = style};
  struct tree_status status;
  const char *name = strrchr(path, '/') + 1;
  char above[TREE_PATH_LIMIT];
  int error = tree->status(path, &status);
  if (!error && status.folder) {
    error = tree->list(path, add, &list);
  } else if (style == FTP_MLSD) {
    return error ? error : -ENOTDIR;
  } else if (!error) {
    add(&list, name, &status);
  } else if (strpbrk(name, "*?[") && !(error = tree_path(path, "..", above))) {
    list.pattern = name;
    error = tree->list(above, add, &list);
  }
  return error ? error : list.error;
}
