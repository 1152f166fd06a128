/* Users and groups, from /etc/passwd and /etc/group. */
#define _GNU_SOURCE
#include "call.h"
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 1024, MEMBERS = 32 };

CALL(setgroups32) long kernel_setgroups(size_t n, const gid_t *groups);

/* Splits line in place at its colons; how many fields there are, at most n. */
static int split(char *line, char **fields, int n) {
  int count = 0;
  line[strcspn(line, "\n")] = 0;
  while (count < n && (fields[count] = strsep(&line, ":")))
    count++;
  return count;
}

static bool parse_user(char *line, struct passwd *to) {
  char *f[7];
  if (split(line, f, 7) < 7) return false;
  *to = (struct passwd){
      .pw_name = f[0], .pw_passwd = f[1], .pw_gecos = f[4], .pw_dir = f[5], .pw_shell = f[6]};
  to->pw_uid = (uid_t)atoi(f[2]);
  to->pw_gid = (gid_t)atoi(f[3]);
  return true;
}

/* members: room for them, which is to live as long as the line. */
static bool parse_group(char *line, struct group *to, char **members) {
  char *f[4];
  if (split(line, f, 4) < 4) return false;
  *to = (struct group){.gr_name = f[0], .gr_passwd = f[1], .gr_mem = members};
  to->gr_gid = (gid_t)atoi(f[2]);
  int n = 0;
  for (char *list = f[3], *name; n < MEMBERS - 1 && (name = strsep(&list, ","));)
    if (*name) members[n++] = name;
  members[n] = NULL;
  return true;
}

static bool next_user(FILE *f, struct passwd *to, char *line, size_t size) {
  while (fgets(line, (int)size, f))
    if (parse_user(line, to)) return true;
  return false;
}

static bool next_group(FILE *f, struct group *to, char *line, size_t size, char **members) {
  while (fgets(line, (int)size, f))
    if (parse_group(line, to, members)) return true;
  return false;
}

/* The first user of that name, or (name NULL) of that number. 0, or errno; *found NULL: none. */
static int find_user(const char *name, uid_t uid, struct passwd *to, char *line, size_t size,
                     struct passwd **found) {
  *found = NULL;
  if (size < 2) return ERANGE;
  FILE *f = fopen("/etc/passwd", "re");
  if (!f) return errno == ENOENT ? 0 : errno;
  while (!*found && next_user(f, to, line, size))
    if (name ? !strcmp(name, to->pw_name) : uid == to->pw_uid) *found = to;
  fclose(f);
  return 0;
}

static int find_group(const char *name, gid_t gid, struct group *to, char *line, size_t size,
                      struct group **found) {
  *found = NULL;
  size_t room = MEMBERS * sizeof(char *), gap = -(uintptr_t)line % sizeof(char *);
  if (size < room + gap + 2) return ERANGE;
  char **members = (void *)(line + gap);
  FILE *f = fopen("/etc/group", "re");
  if (!f) return errno == ENOENT ? 0 : errno;
  while (!*found && next_group(f, to, line + gap + room, size - gap - room, members))
    if (name ? !strcmp(name, to->gr_name) : gid == to->gr_gid) *found = to;
  fclose(f);
  return 0;
}

int getpwnam_r(const char *name, struct passwd *to, char *line, size_t size,
               struct passwd **found) {
  return find_user(name, 0, to, line, size, found);
}

int getpwuid_r(uid_t uid, struct passwd *to, char *line, size_t size, struct passwd **found) {
  return find_user(NULL, uid, to, line, size, found);
}

int getgrnam_r(const char *name, struct group *to, char *line, size_t size, struct group **found) {
  return find_group(name, 0, to, line, size, found);
}

int getgrgid_r(gid_t gid, struct group *to, char *line, size_t size, struct group **found) {
  return find_group(NULL, gid, to, line, size, found);
}

static struct passwd user;
static struct group group;
static char user_line[LINE], group_line[LINE], *members[MEMBERS];
static FILE *users, *groups;

static struct passwd *static_user(const char *name, uid_t uid) {
  struct passwd *found;
  int error = find_user(name, uid, &user, user_line, sizeof user_line, &found);
  if (error) errno = error;
  return found;
}

struct passwd *getpwnam(const char *name) { return static_user(name, 0); }
struct passwd *getpwuid(uid_t uid) { return static_user(NULL, uid); }

static struct group *static_group(const char *name, gid_t gid) {
  static char line[LINE];
  struct group *found;
  int error = find_group(name, gid, &group, line, sizeof line, &found);
  if (error) errno = error;
  return found;
}

struct group *getgrnam(const char *name) { return static_group(name, 0); }
struct group *getgrgid(gid_t gid) { return static_group(NULL, gid); }

void setpwent(void) {
  if (users) fclose(users);
  users = NULL;
}
void endpwent(void) { setpwent(); }

struct passwd *getpwent(void) {
  if (!users && !(users = fopen("/etc/passwd", "re"))) return NULL;
  return next_user(users, &user, user_line, sizeof user_line) ? &user : NULL;
}

void setgrent(void) {
  if (groups) fclose(groups);
  groups = NULL;
}
void endgrent(void) { setgrent(); }

struct group *getgrent(void) {
  if (!groups && !(groups = fopen("/etc/group", "re"))) return NULL;
  return next_group(groups, &group, group_line, sizeof group_line, members) ? &group : NULL;
}

int setgroups(size_t n, const gid_t *list) { return (int)answer(kernel_setgroups(n, list)); }

/* Like Linux's, with the group given first; more than *count: -1, and *count says how many. */
int getgrouplist(const char *name, gid_t gid, gid_t *list, int *count) {
  int found = 1, room = *count;
  struct group *g;
  if (room > 0) list[0] = gid;
  for (setgrent(); (g = getgrent());)
    for (char **member = g->gr_mem; g->gr_gid != gid && *member; member++)
      if (!strcmp(*member, name) && found++ < room) list[found - 1] = g->gr_gid;
  endgrent();
  *count = found;
  return found > room ? -1 : found;
}

int initgroups(const char *name, gid_t gid) { return setgroups(1, &gid); }

char *getlogin(void) {
  struct passwd *p = getpwuid(getuid());
  return p ? p->pw_name : NULL;
}

int getlogin_r(char *name, size_t size) {
  const char *login = getlogin();
  if (!login) return ENXIO;
  return strlcpy(name, login, size) < size ? 0 : ERANGE;
}
