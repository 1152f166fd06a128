/* See mail.h. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mail.h"

#define FOLDERS {{.name = "INBOX"}, {.name = "Archive"}, {.name = "Drafts"}, {.name = "Sent"}}

struct account mail_accounts[MAIL_ACCOUNTS] = {
    {.user = "alice", .password = "harbour", .name = "Alice", .folders = FOLDERS},
    {.user = "bob", .password = "harbour", .name = "Bob", .folders = FOLDERS},
    {.user = "carol", .password = "harbour", .name = "Carol", .folders = FOLDERS},
};

/* --- messages --- */

struct message *mail_hold(struct message *m) {
  m->holders++;
  return m;
}

void mail_release(struct message *m) {
  if (--m->holders) return;
  free(m->text);
  free(m);
}

size_t mail_body(const struct message *m) {
  if (!strncmp(m->text, "\r\n", 2)) return 2;
  const char *end = memmem(m->text, m->size, "\r\n\r\n", 4);
  return end ? (size_t)(end - m->text) + 4 : m->size;
}

size_t mail_date(time_t when, char *to, size_t size) {
  struct tm t;
  gmtime_r(&when, &t);
  return strftime(to, size, "%a, %d %b %Y %H:%M:%S +0000", &t);
}

/* A copy whose lines all end in CRLF; with `to` NULL only its size. */
static size_t copy_lines(char *to, const char *text, size_t size) {
  size_t n = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '\n' && (!i || text[i - 1] != '\r')) {
      if (to) to[n] = '\r';
      n++;
    }
    if (to) to[n] = text[i];
    n++;
  }
  return n;
}

static struct message *make_message(const char *text, size_t size) {
  struct message *m = calloc(1, sizeof *m);
  if (!m) return NULL;
  m->size = copy_lines(NULL, text, size);
  m->text = malloc(m->size + 1);
  if (!m->text) {
    free(m);
    return NULL;
  }
  copy_lines(m->text, text, size);
  m->text[m->size] = 0;
  m->holders = 1;
  return m;
}

/* --- folders --- */

struct folder *mail_folder(struct account *a, const char *name) {
  for (int i = 0; i < MAIL_FOLDERS; i++)
    if (!(i ? strcmp : strcasecmp)(name, a->folders[i].name)) return &a->folders[i];
  return NULL;
}

bool mail_is_full(const struct folder *f) {
  return f->count >= MAIL_COUNT_LIMIT || f->bytes + MAIL_MESSAGE_LIMIT > MAIL_FOLDER_LIMIT;
}

static size_t place_of(const struct folder *f, uint32_t uid) {
  size_t i = 0;
  while (i < f->count && f->messages[i]->uid < uid)
    i++;
  return i;
}

/* Puts a message where its uid belongs. The folder holds it from now on. */
static int insert(struct folder *f, struct message *m) {
  struct message **more = realloc(f->messages, (f->count + 1) * sizeof *more);
  if (!more) return -ENOMEM;
  f->messages = more;
  size_t at = place_of(f, m->uid);
  memmove(more + at + 1, more + at, (f->count - at) * sizeof *more);
  more[at] = m;
  f->count++;
  f->bytes += m->size;
  if (m->uid >= f->uid_next) f->uid_next = m->uid + 1;
  return 0;
}

static void take_out(struct folder *f, size_t at) {
  struct message *m = f->messages[at];
  f->count--;
  f->bytes -= m->size;
  memmove(f->messages + at, f->messages + at + 1, (f->count - at) * sizeof *f->messages);
  m->gone = true;
  mail_release(m);
}

/* --- the spool: a message is SPOOL/USER/UID --- */

static int file_path(const struct folder *f, const char *prefix, uint32_t uid, char *to,
                     size_t size) {
  int n = snprintf(to, size, "%s/%s%u", f->path, prefix, (unsigned)uid);
  return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int write_all(int fd, const char *from, size_t size) {
  while (size) {
    ssize_t n = write(fd, from, size);
    if (n < 0) return -errno;
    from += n;
    size -= (size_t)n;
  }
  return 0;
}

/* Under another name first, so that nobody reads half of it. The uid is the time if it can be:
 * then it is never one that a removed message had. */
static int write_file(struct folder *f, struct message *m) {
  char path[512], half[512];
  uint32_t now = (uint32_t)time(NULL);
  m->uid = f->uid_next > now ? f->uid_next : now;
  int error = file_path(f, "", m->uid, path, sizeof path);
  if (!error) error = file_path(f, ".half-", m->uid, half, sizeof half);
  if (error) return error;
  int fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  error = write_all(fd, m->text, m->size);
  if (close(fd) && !error) error = -errno;
  if (!error && rename(half, path)) error = -errno;
  if (error) unlink(half);
  return error;
}

static struct message *read_file(struct folder *f, uint32_t uid) {
  char path[512];
  struct stat status;
  if (file_path(f, "", uid, path, sizeof path)) return NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *text = malloc(MAIL_MESSAGE_LIMIT);
  size_t size = 0;
  ssize_t n = -1;
  if (text && !fstat(fd, &status) && S_ISREG(status.st_mode))
    while ((n = read(fd, text + size, MAIL_MESSAGE_LIMIT - size)) > 0)
      size += (size_t)n;
  close(fd);
  struct message *m = n < 0 ? NULL : make_message(text, size);
  free(text);
  if (!m) return NULL;
  m->uid = uid;
  m->arrived = status.st_mtime;
  m->flags = MAIL_RECENT;
  return m;
}

static bool uid_of_name(const char *name, uint32_t *uid) {
  char *end;
  unsigned long long value = strtoull(name, &end, 10);
  *uid = (uint32_t)value;
  return *name >= '1' && *name <= '9' && !*end && value < UINT32_MAX;
}

void mail_refresh(struct folder *f) {
  char path[512];
  uint32_t uid;
  if (!f->path) return;
  for (size_t i = f->count; i-- > 0;)
    if (!file_path(f, "", f->messages[i]->uid, path, sizeof path) && access(path, F_OK))
      take_out(f, i);
  DIR *folder = opendir(f->path);
  if (!folder) return;
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (!uid_of_name(entry->d_name, &uid) || mail_is_full(f)) continue;
    size_t at = place_of(f, uid);
    if (at < f->count && f->messages[at]->uid == uid) continue;
    struct message *m = read_file(f, uid);
    if (m && insert(f, m)) mail_release(m);
  }
  closedir(folder);
}

/* --- adding and removing --- */

int mail_add(struct folder *f, const char *text, size_t size, unsigned flags, time_t arrived) {
  if (size > MAIL_MESSAGE_LIMIT) return -EFBIG;
  mail_refresh(f);
  if (mail_is_full(f)) return -ENOSPC;
  struct message *m = make_message(text, size);
  if (!m) return -ENOMEM;
  m->flags = flags;
  m->arrived = arrived;
  m->uid = f->uid_next;
  int error = f->path ? write_file(f, m) : 0;
  if (!error) error = insert(f, m);
  if (error) mail_release(m);
  return error;
}

void mail_remove(struct folder *f, struct message *m) {
  char path[512];
  size_t at = place_of(f, m->uid);
  if (m->gone || at == f->count || f->messages[at] != m) return;
  if (f->path && !file_path(f, "", m->uid, path, sizeof path)) unlink(path);
  take_out(f, at);
}

/* --- accounts --- */

struct account *mail_account(const char *user, size_t size) {
  for (int i = 0; i < MAIL_ACCOUNTS; i++) {
    struct account *a = &mail_accounts[i];
    if (strlen(a->user) == size && !strncasecmp(a->user, user, size)) return a;
  }
  return NULL;
}

static int add_letters(void) {
  char text[4096];
  for (const struct letter *l = mail_letters; l->user; l++) {
    size_t n = (size_t)sprintf(text, "Date: ");
    n += mail_date(l->arrived, text + n, sizeof text - n);
    int more = snprintf(text + n, sizeof text - n, "\n%s", l->text);
    if (more < 0 || (size_t)more >= sizeof text - n) return -EFBIG;
    struct account *a = mail_account(l->user, strlen(l->user));
    struct folder *f = mail_folder(a, l->folder);
    int error = mail_add(f, text, n + (size_t)more, l->flags, l->arrived);
    if (error) return error;
  }
  return 0;
}

int mail_open(const char *spool) {
  char path[256];
  uint32_t now = (uint32_t)time(NULL);
  if (spool && mkdir(spool, 0700) && errno != EEXIST) return -errno;
  for (int i = 0; i < MAIL_ACCOUNTS; i++) {
    struct account *a = &mail_accounts[i];
    for (int j = 0; j < MAIL_FOLDERS; j++) {
      a->folders[j].uid_validity = now;
      a->folders[j].uid_next = 1;
    }
    if (!spool) continue;
    int n = snprintf(path, sizeof path, "%s/%s", spool, a->user);
    if (n < 0 || (size_t)n >= sizeof path) return -ENAMETOOLONG;
    if (mkdir(path, 0700) && errno != EEXIST) return -errno;
    a->folders[0].path = strdup(path);
    if (!a->folders[0].path) return -ENOMEM;
    a->folders[0].uid_validity = 1; /* files keep their names */
    mail_refresh(&a->folders[0]);
  }
  return spool ? 0 : add_letters();
}
