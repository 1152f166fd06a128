/* A tree that is a folder of the disk; see tree.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tree.h"

enum { FULL_LIMIT = 2 * TREE_PATH_LIMIT };

static const char *root;

static int full_path(const char *path, char to[FULL_LIMIT]) {
  int n = snprintf(to, FULL_LIMIT, "%s%s", root, path);
  return n < 0 || n >= FULL_LIMIT ? -ENAMETOOLONG : 0;
}

static int disk_status(const char *path, struct tree_status *to) {
  char full[FULL_LIMIT];
  struct stat s;
  int error = full_path(path, full);
  if (error) return error;
  if (stat(full, &s)) return -errno;
  *to = (struct tree_status){S_ISDIR(s.st_mode), s.st_size, s.st_mtime};
  return S_ISDIR(s.st_mode) || S_ISREG(s.st_mode) ? 0 : -EACCES;
}

static int disk_list(const char *path, tree_each *each, void *arg) {
  char full[FULL_LIMIT];
  struct dirent **entries;
  struct tree_status status;
  int error = full_path(path, full);
  if (error) return error;
  int n = scandir(full, &entries, NULL, alphasort);
  if (n < 0) return -errno;
  for (int i = 0; i < n; i++) {
    const char *name = entries[i]->d_name;
    int length = snprintf(full, sizeof full, "%s/%s", path, name);
    if (strcmp(name, ".") && strcmp(name, "..") && length < FULL_LIMIT &&
        !disk_status(full, &status))
      each(arg, name, &status);
    free(entries[i]);
  }
  free(entries);
  return 0;
}

static int disk_open(const char *path, enum tree_how how, struct tree_file *to) {
  static const int flags[] = {[TREE_READ] = O_RDONLY,
                              [TREE_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
                              [TREE_RESUME] = O_WRONLY | O_CREAT};
  char full[FULL_LIMIT];
  struct stat s;
  int error = full_path(path, full);
  if (error) return error;
  int fd = open(full, flags[how] | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd < 0) return -errno;
  if (fstat(fd, &s) || !S_ISREG(s.st_mode)) {
    close(fd);
    return S_ISDIR(s.st_mode) ? -EISDIR : -EACCES;
  }
  *to = (struct tree_file){.fd = fd};
  return 0;
}

static ssize_t disk_read(struct tree_file *f, off_t at, void *to, size_t size) {
  ssize_t n = pread(f->fd, to, size, at);
  return n < 0 ? -errno : n;
}

static ssize_t disk_write(struct tree_file *f, off_t at, const void *from, size_t size) {
  ssize_t n = pwrite(f->fd, from, size, at);
  return n < 0 ? -errno : n;
}

static void disk_close(struct tree_file *f) { close(f->fd); }

static int disk_make_folder(const char *path) {
  char full[FULL_LIMIT];
  int error = full_path(path, full);
  return error ? error : mkdir(full, 0777) ? -errno : 0;
}

static int disk_remove(const char *path, bool folder) {
  char full[FULL_LIMIT];
  int error = full_path(path, full);
  if (!error && !strcmp(path, "/")) error = -EBUSY;
  return error ? error : (folder ? rmdir : unlink)(full) ? -errno : 0;
}

static int disk_rename(const char *from, const char *to) {
  char old[FULL_LIMIT], new[FULL_LIMIT];
  int error = full_path(from, old);
  if (!error) error = full_path(to, new);
  if (!error && !access(new, F_OK)) error = -EEXIST;
  return error ? error : rename(old, new) ? -errno : 0;
}

const struct tree tree_disk = {disk_status, disk_list,        disk_open,   disk_read,  disk_write,
                               disk_close,  disk_make_folder, disk_remove, disk_rename};

int tree_disk_start(const char *folder) {
  struct tree_status status;
  root = folder;
  int error = disk_status("/", &status);
  return error ? error : status.folder ? 0 : -ENOTDIR;
}
