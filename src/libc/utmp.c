/* Who is logged in: records in a file, which utmpname(3) names. Where it is not, nobody is. */
#define _GNU_SOURCE
#include "call.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>

static char path[PATH_MAX] = _PATH_UTMP;
static int file = -1;
static struct utmpx record;

void endutxent(void) {
  if (file >= 0) close(file);
  file = -1;
}

void setutxent(void) { endutxent(); }

struct utmpx *getutxent(void) {
  if (file < 0) file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) file = open(path, O_RDONLY | O_CLOEXEC);
  return file >= 0 && read(file, &record, sizeof record) == sizeof record ? &record : NULL;
}

struct utmpx *getutxid(const struct utmpx *like) {
  for (struct utmpx *u; (u = getutxent());)
    if (like->ut_type <= OLD_TIME ? u->ut_type == like->ut_type
                                  : !memcmp(u->ut_id, like->ut_id, sizeof u->ut_id))
      return u;
  return NULL;
}

struct utmpx *getutxline(const struct utmpx *like) {
  for (struct utmpx *u; (u = getutxent());)
    if ((u->ut_type == USER_PROCESS || u->ut_type == LOGIN_PROCESS) &&
        !strncmp(u->ut_line, like->ut_line, sizeof u->ut_line))
      return u;
  return NULL;
}

/* In the place of the record with its id, or behind all. */
struct utmpx *pututxline(const struct utmpx *u) {
  struct utmpx new = *u;
  setutxent();
  if (getutxid(&new)) lseek(file, -(off_t)sizeof new, SEEK_CUR);
  if (file < 0 || write(file, &new, sizeof new) != sizeof new) return NULL;
  record = new;
  return &record;
}

void updwtmpx(const char *to, const struct utmpx *u) {
  int fd = open(to, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return;
  write(fd, u, sizeof *u);
  close(fd);
}

int utmpxname(const char *name) {
  if (strlen(name) >= sizeof path) return (int)answer(-ENAMETOOLONG);
  strcpy(path, name);
  endutxent();
  return 0;
}

void endutent(void) ALIAS(endutxent);
void setutent(void) ALIAS(setutxent);
struct utmpx *getutent(void) ALIAS(getutxent);
struct utmpx *getutid(const struct utmpx *) ALIAS(getutxid);
struct utmpx *getutline(const struct utmpx *) ALIAS(getutxline);
struct utmpx *pututline(const struct utmpx *) ALIAS(pututxline);
void updwtmp(const char *, const struct utmpx *) ALIAS(updwtmpx);
int utmpname(const char *) ALIAS(utmpxname);
