/* Files by name, as on Linux. Everything happens in a working directory that is empty at first. */
#include "test.h"
#include <dirent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static long at(const char *path, int flags, mode_t mode) {
  return __syscall_openat(AT_FDCWD, U(path), flags, U(&mode));
}
static long get(const char *path, int flags) { return at(path, flags, 0666); }
static long make(const char *path, mode_t mode) {
  return __syscall_mkdirat(AT_FDCWD, U(path), mode);
}
static long drop(const char *path) { return __syscall_unlinkat(AT_FDCWD, U(path), 0); }
static long drop_dir(const char *path) {
  return __syscall_unlinkat(AT_FDCWD, U(path), AT_REMOVEDIR);
}
static long move(const char *from, const char *to) {
  return __syscall_renameat(AT_FDCWD, U(from), AT_FDCWD, U(to));
}
static long hard(const char *from, const char *to) {
  return __syscall_linkat(AT_FDCWD, U(from), AT_FDCWD, U(to), 0);
}
static long soft(const char *target, const char *path) {
  return __syscall_symlinkat(U(target), AT_FDCWD, U(path));
}
static long may(const char *path, int wanted) {
  return __syscall_faccessat(AT_FDCWD, U(path), wanted, 0);
}
static long tell(const char *path, struct stat *s) {
  return __syscall_fstatat64(AT_FDCWD, U(path), U(s), 0);
}
static long tell_link(const char *path, struct stat *s) {
  return __syscall_fstatat64(AT_FDCWD, U(path), U(s), AT_SYMLINK_NOFOLLOW);
}

static long take_at(long fd, char *bytes, size_t n, int64_t offset) {
  struct user_iovec v = {U(bytes), n};
  uint32_t done = 0;
  memset(bytes, 0, n);
  int error = wasi_fd_pread((int)fd, U(&v), 1, offset, U(&done));
  return moved(error, done);
}
static long put_at(long fd, const char *bytes, size_t n, int64_t offset) {
  struct user_iovec v = {U(bytes), n};
  uint32_t done = 0;
  int error = wasi_fd_pwrite((int)fd, U(&v), 1, offset, U(&done));
  return moved(error, done);
}
static long seek(long fd, int64_t offset, int whence) {
  int64_t now = 0;
  int error = wasi_fd_seek((int)fd, offset, whence, U(&now));
  return error ? -error : (long)now;
}
static void touch(const char *path) { shut(get(path, O_CREAT | O_WRONLY)); }

static void reading_and_writing(void) {
  char b[16];
  long fd = get("f", O_CREAT | O_EXCL | O_RDWR);
  is(fd, 0, "the first descriptor is the lowest");
  is(put(fd, "hello", 5), 5, "write");
  is(take(fd, b, 5), 0, "read at the end");
  is(seek(fd, 1, SEEK_SET), 1, "lseek SEEK_SET");
  is(take(fd, b, 16), 4, "read up to the end");
  same(b, "ello", "what was written");
  is(seek(fd, -2, SEEK_END), 3, "lseek SEEK_END");
  is(seek(fd, 1, SEEK_CUR), 4, "lseek SEEK_CUR");
  is(seek(fd, -5, SEEK_CUR), -EINVAL, "lseek before the start");
  is(seek(fd, 0, 9), -EINVAL, "lseek by no such way");
  is(seek(fd, 2, 3), 2, "lseek SEEK_DATA");
  is(seek(fd, 2, 4), 5, "lseek SEEK_HOLE");
  is(seek(fd, 5, 3), -ENXIO, "lseek SEEK_DATA at the end");
  is(seek(fd, 8, SEEK_SET), 8, "lseek past the end");
  is(put(fd, "X", 1), 1, "write past the end");
  is(take_at(fd, b, 16, 3), 6, "pread");
  ok(!memcmp(b, "lo\0\0\0X", 6), "the gap reads as zeros");
  is(put_at(fd, "J", 1, 0), 1, "pwrite");
  is(seek(fd, 0, SEEK_CUR), 9, "pread and pwrite leave the offset");
  is(take_at(fd, b, 16, -1), -EINVAL, "pread before the start");
  is(put(fd, NULL, 1), -EFAULT, "write from a bad address");
  is(__syscall_ftruncate64((int)fd, 2), 0, "ftruncate");
  is(__syscall_ftruncate64((int)fd, 4), 0, "ftruncate to more");
  is(take_at(fd, b, 16, 0), 4, "it is that long");
  ok(!memcmp(b, "Je\0\0", 4), "and zeros came with it");
  is(__syscall_ftruncate64((int)fd, -1), -EINVAL, "ftruncate to less than nothing");
  is(__syscall_truncate64(U("f"), 1), 0, "truncate");
  is(__syscall_truncate64(U("g"), 1), -ENOENT, "truncate nothing");
  is(__syscall_truncate64(U("."), 1), -EISDIR, "truncate a directory");
  is(__syscall_fallocate((int)fd, 0, 5, 5), 0, "fallocate");
  is(seek(fd, 0, SEEK_END), 10, "fallocate makes it longer");
  is(shut(fd), 0, "close");
  is(take(fd, b, 1), -EBADF, "read after close");
  fd = get("f", O_RDONLY);
  is(put(fd, "x", 1), -EBADF, "write to O_RDONLY");
  is(__syscall_ftruncate64((int)fd, 0), -EINVAL, "ftruncate of O_RDONLY");
  shut(fd);
  fd = get("f", O_WRONLY | O_TRUNC);
  is(take(fd, b, 1), -EBADF, "read from O_WRONLY");
  is(seek(fd, 0, SEEK_END), 0, "O_TRUNC");
  long other = get("f", O_WRONLY | O_APPEND);
  put(fd, "abc", 3);
  is(put(other, "def", 3), 3, "write with O_APPEND");
  is(seek(other, 0, SEEK_CUR), 6, "it goes to the end");
  put(fd, "g", 1);
  shut(other);
  shut(fd);
  fd = get("f", O_RDONLY);
  is(take(fd, b, 16), 6, "read all");
  same(b, "abcgef", "two offsets in one file");
  shut(fd);
  is(drop("f"), 0, "unlink");
}

static void opening(void) {
  char b[4];
  is(get("f", O_RDONLY), -ENOENT, "open nothing");
  is(get("", O_RDONLY), -ENOENT, "open the empty path");
  is(__syscall_openat(AT_FDCWD, 0, O_RDONLY, 0), -EFAULT, "open a bad address");
  is(get("f/", O_CREAT | O_RDWR), -EISDIR, "O_CREAT of f/");
  is(get("no/f", O_CREAT | O_RDWR), -ENOENT, "O_CREAT where there is no directory");
  touch("f");
  is(get("f", O_CREAT | O_EXCL | O_RDWR), -EEXIST, "O_EXCL of what there is");
  is(get("f/", O_RDONLY), -ENOTDIR, "f/ of a file");
  is(get("f/g", O_RDONLY), -ENOTDIR, "a file on the way");
  is(get("f", O_RDONLY | O_DIRECTORY), -ENOTDIR, "O_DIRECTORY of a file");
  is(get(".", O_RDWR), -EISDIR, "O_RDWR of a directory");
  is(get(".", O_CREAT | O_RDONLY), -EISDIR, "O_CREAT of a directory");
  is(get("x", O_CREAT | O_DIRECTORY | O_RDWR), -EINVAL, "O_CREAT and O_DIRECTORY");
  long fd = get(".", O_RDONLY | O_DIRECTORY);
  is(take(fd, b, 1), -EISDIR, "read of a directory");
  is(take_at(fd, b, 1, 0), -EISDIR, "pread of a directory");
  mode_t mode = 0600;
  long inner = __syscall_openat((int)fd, U("f"), O_RDONLY, U(&mode));
  ok(inner > fd, "openat in it");
  is(__syscall_openat((int)inner, U("f"), O_RDONLY, 0), -ENOTDIR, "openat in a file");
  is(__syscall_openat(99, U("f"), O_RDONLY, 0), -EBADF, "openat in nothing");
  long absolute = __syscall_openat(99, U("/"), O_RDONLY, 0);
  ok(absolute > 0, "but not with an absolute path");
  shut(absolute);
  shut(inner);
  shut(fd);
  fd = get("f", O_PATH);
  is(take(fd, b, 1), -EBADF, "read of O_PATH");
  is(seek(fd, 0, SEEK_SET), -EBADF, "lseek of O_PATH");
  shut(fd);
  char name[NAME_MAX + 2], path[PATH_LIMIT + 1];
  memset(name, 'n', sizeof name);
  name[NAME_MAX + 1] = 0;
  is(get(name, O_CREAT | O_RDWR), -ENAMETOOLONG, "a name of 256 bytes");
  name[NAME_MAX] = 0;
  fd = get(name, O_CREAT | O_RDWR);
  ok(fd >= 0, "a name of 255 bytes");
  shut(fd);
  drop(name);
  memset(path, '/', sizeof path);
  path[PATH_LIMIT] = 0;
  is(get(path, O_RDONLY), -ENAMETOOLONG, "a path of 4096 bytes");
  drop("f");
}

static void permissions(void) {
  struct stat s;
  mode_t before = (mode_t)__syscall_umask(027);
  shut(at("f", O_CREAT | O_RDWR, 0666));
  tell("f", &s);
  is(s.st_mode, S_IFREG | 0640, "the mode under umask 027");
  is(s.st_uid, 1000, "the owner");
  is(__syscall_umask((int)before), 027, "umask gives the one before");
  is(__syscall_chmod(U("f"), 0400), 0, "chmod");
  is(get("f", O_RDWR), -EACCES, "O_RDWR of mode 0400");
  is(get("f", O_RDONLY | O_TRUNC), -EACCES, "O_TRUNC of mode 0400");
  is(may("f", W_OK), -EACCES, "access W_OK");
  is(may("f", R_OK), 0, "access R_OK");
  is(may("f", X_OK), -EACCES, "access X_OK");
  is(may("f", 8), -EINVAL, "access 8");
  is(may("g", F_OK), -ENOENT, "access of nothing");
  is(__syscall_chmod(U("/etc"), 0777), -EPERM, "chmod of another's");
  is(get("/etc/new", O_CREAT | O_RDWR), -EACCES, "O_CREAT in another's directory");
  is(drop("/etc/hosts"), -EACCES, "unlink in another's directory");
  is(get("/etc/hosts", O_WRONLY), -EACCES, "write to another's file");
  is(make("/etc/new", 0777), -EACCES, "mkdir in another's directory");
  is(move("f", "/etc/f"), -EACCES, "rename into another's directory");
  is(__syscall_fchownat(AT_FDCWD, U("f"), 0, 0, 0), -EPERM, "chown to root");
  is(__syscall_fchownat(AT_FDCWD, U("f"), 1000, (gid_t)-1, 0), 0, "chown to oneself");
  make("d", 0700);
  touch("d/f");
  is(__syscall_chmod(U("d"), 0600), 0, "a directory without x");
  is(tell("d/f", &s), -EACCES, "cannot be searched");
  is(__syscall_chdir(U("d")), -EACCES, "nor entered");
  __syscall_chmod(U("d"), 0500);
  is(drop("d/f"), -EACCES, "unlink in a directory without w");
  __syscall_chmod(U("d"), 0700);
  drop("d/f");
  drop_dir("d");
  is(drop("f"), 0, "unlink asks the directory, not the file");
}

static void directories(void) {
  char b[64];
  struct stat s;
  is(make("d", 0777), 0, "mkdir");
  is(make("d", 0777), -EEXIST, "mkdir again");
  is(make("d/", 0777), -EEXIST, "mkdir d/");
  is(make("d/e/", 0777), 0, "mkdir d/e/");
  is(make("x/e", 0777), -ENOENT, "mkdir of nothing");
  is(make("/", 0777), -EEXIST, "mkdir /");
  is(make("d/..", 0777), -EEXIST, "mkdir ..");
  tell("d", &s);
  is(s.st_nlink, 3, "links: its name, its own, its directory's");
  is(drop_dir("d"), -ENOTEMPTY, "rmdir with something in it");
  is(drop_dir("d/."), -EINVAL, "rmdir .");
  is(drop_dir("d/.."), -ENOTEMPTY, "rmdir ..");
  is(drop_dir("/"), -EBUSY, "rmdir /");
  is(drop_dir("x"), -ENOENT, "rmdir of nothing");
  is(drop("d"), -EISDIR, "unlink of a directory");
  is(drop("d/"), -EISDIR, "unlink d/");
  is(drop("."), -EISDIR, "unlink .");
  touch("d/f");
  is(drop_dir("d/f"), -ENOTDIR, "rmdir of a file");
  is(drop("d/f/"), -ENOTDIR, "unlink f/");
  is(__syscall_unlinkat(AT_FDCWD, U("d/f"), 1), -EINVAL, "unlinkat with such a flag");
  is(__syscall_getcwd(U(b), 1), -ERANGE, "getcwd without room");
  char here[256], there[256];
  long n = __syscall_getcwd(U(here), sizeof here);
  is(n, (long)strlen(here) + 1, "getcwd counts the NUL");
  is(__syscall_chdir(U("d/e")), 0, "chdir");
  __syscall_getcwd(U(there), sizeof there);
  ok(!strncmp(there, here, strlen(here)) && !strcmp(there + strlen(here), "/d/e"), "getcwd there");
  is(move("../../d", "../../moved"), 0, "rename of a directory above");
  __syscall_getcwd(U(there), sizeof there);
  ok(!strcmp(there + strlen(here), "/moved/e"), "getcwd sees that");
  is(drop_dir("../e"), 0, "rmdir of the working directory");
  is(__syscall_getcwd(U(there), sizeof there), -ENOENT, "which then has no name");
  is(get("f", O_CREAT | O_RDWR), -ENOENT, "and nothing can be made in it");
  is(make("f", 0777), -ENOENT, "not a directory either");
  long fd = get(".", O_RDONLY);
  is(__syscall_getdents64((int)fd, U(b), sizeof b), -ENOENT, "nor read from it");
  shut(fd);
  is(__syscall_chdir(U("..")), 0, "but .. leads out");
  __syscall_getcwd(U(there), sizeof there);
  ok(!strcmp(there + strlen(here), "/moved"), "to where it was");
  is(__syscall_chdir(U("f")), -ENOTDIR, "chdir to a file");
  is(__syscall_chdir(U("nothing")), -ENOENT, "chdir to nothing");
  fd = get("..", O_RDONLY);
  is(__syscall_fchdir((int)fd), 0, "fchdir");
  is(__syscall_fchdir(99), -EBADF, "fchdir of nothing");
  shut(fd);
  fd = get("moved/f", O_RDONLY);
  is(__syscall_fchdir((int)fd), -ENOTDIR, "fchdir to a file");
  shut(fd);
  drop("moved/f");
  is(drop_dir("moved"), 0, "rmdir");
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted and joined; read with room for `room` bytes at a time. */
static const char *names(const char *path, size_t room) {
  static char joined[4096], all[300][40];
  char *list[300], buffer[1024] __attribute__((aligned(8)));
  int count = 0;
  long fd = get(path, O_RDONLY | O_DIRECTORY), n;
  while ((n = __syscall_getdents64((int)fd, U(buffer), room)) > 0)
    for (long i = 0; i < n; count++) {
      struct dirent *d = (struct dirent *)(buffer + i);
      strcpy(list[count] = all[count], d->d_name);
      i += d->d_reclen;
    }
  shut(fd);
  qsort(list, (size_t)count, sizeof *list, by_name);
  joined[0] = 0;
  for (int i = 0; i < count; i++)
    strcat(strcat(joined, i ? " " : ""), list[i]);
  return n < 0 ? strerror((int)-n) : joined;
}

static void listing(void) {
  char b[1024] __attribute__((aligned(8)));
  make("d", 0777);
  same(names("d", 1024), ". ..", "an empty directory");
  touch("d/one");
  make("d/two", 0777);
  soft("one", "d/three");
  same(names("d", 1024), ". .. one three two", "one with three names");
  same(names("d", 32), ". .. one three two", "one by one");
  same(names("d", 16), strerror(EINVAL), "without room for one");
  long fd = get("d", O_RDONLY), n = __syscall_getdents64((int)fd, U(b), 1024);
  for (long i = 0; i < n; i += ((struct dirent *)(b + i))->d_reclen) {
    struct dirent *d = (struct dirent *)(b + i);
    int type = !strcmp(d->d_name, "one") ? DT_REG : !strcmp(d->d_name, "three") ? DT_LNK : DT_DIR;
    ok(d->d_type == type && d->d_ino, "d_type and d_ino of %s", d->d_name);
  }
  is(__syscall_getdents64((int)fd, U(b), 1024), 0, "getdents64 at the end");
  touch("d/four");
  is(seek(fd, 0, SEEK_SET), 0, "rewinddir");
  ok(__syscall_getdents64((int)fd, U(b), 1024) > n, "sees what was made meanwhile");
  is(__syscall_getdents64((int)fd, 0, 1024), 0, "nothing is left");
  seek(fd, 0, SEEK_SET);
  is(__syscall_getdents64((int)fd, 0, 1024), -EFAULT, "getdents64 to a bad address");
  shut(fd);
  fd = get("d/one", O_RDONLY);
  is(__syscall_getdents64((int)fd, U(b), 1024), -ENOTDIR, "getdents64 of a file");
  is(__syscall_getdents64(99, U(b), 1024), -EBADF, "getdents64 of nothing");
  shut(fd);
  fd = get("d", O_RDONLY); /* removing while reading must not lose those that stay */
  int seen = 0;
  while ((n = __syscall_getdents64((int)fd, U(b), 32)) > 0) {
    char path[64];
    snprintf(path, sizeof path, "d/%.40s", ((struct dirent *)b)->d_name);
    seen += path[2] != '.';
    if (path[2] != '.' && drop(path)) drop_dir(path);
  }
  shut(fd);
  is(seen, 4, "names removed one by one as they are read");
  is(drop_dir("d"), 0, "the directory is then empty");
}

static void links(void) {
  char b[16];
  struct stat s, t;
  touch("f");
  is(hard("f", "g"), 0, "link");
  tell("f", &s);
  tell("g", &t);
  ok(s.st_ino == t.st_ino && s.st_nlink == 2, "two names of one file");
  is(hard("f", "g"), -EEXIST, "link to what there is");
  is(hard(".", "h"), -EPERM, "link of a directory");
  is(hard("x", "h"), -ENOENT, "link of nothing");
  is(move("f", "g"), 0, "rename of one name to the other");
  is(tell("f", &s), 0, "does nothing");
  long fd = get("f", O_RDWR);
  drop("f");
  drop("g");
  is(put(fd, "still", 5), 5, "an open file without a name");
  is(take_at(fd, b, 16, 0), 5, "can be used");
  __syscall_fstat64((int)fd, U(&s));
  is(s.st_nlink, 0, "and has no links");
  shut(fd);
  is(soft("target", "l"), 0, "symlink");
  is(soft("target", "l"), -EEXIST, "symlink again");
  is(soft("", "m"), -ENOENT, "symlink to nothing");
  memset(b, 0, sizeof b);
  is(__syscall_readlinkat(AT_FDCWD, U("l"), U(b), 16), 6, "readlink");
  same(b, "target", "its target");
  is(__syscall_readlinkat(AT_FDCWD, U("l"), U(b), 3), 3, "readlink with less room");
  is(__syscall_readlinkat(AT_FDCWD, U("l"), U(b), 0), -EINVAL, "readlink without room");
  is(__syscall_readlinkat(AT_FDCWD, U("."), U(b), 3), -EINVAL, "readlink of a directory");
  is(get("l", O_RDONLY), -ENOENT, "open of a dangling link");
  is(get("l", O_CREAT | O_EXCL | O_RDWR), -EEXIST, "O_EXCL does not follow it");
  is(get("l", O_RDONLY | O_NOFOLLOW), -ELOOP, "O_NOFOLLOW");
  fd = get("l", O_CREAT | O_RDWR);
  ok(fd >= 0, "O_CREAT does");
  shut(fd);
  is(tell("target", &s), 0, "and makes the target");
  is(tell_link("l", &s), 0, "lstat");
  ok(S_ISLNK(s.st_mode) && s.st_size == 6, "of the link itself");
  is(drop("target"), 0, "unlink of the target");
  is(drop("l"), 0, "unlink of the link");
  soft("loop", "loop");
  is(tell("loop", &s), -ELOOP, "a link to itself");
  drop("loop");
  make("d", 0777);
  touch("d/f");
  soft("d", "l");
  is(tell("l/f", &s), 0, "a link on the way");
  is(tell_link("l/", &s), 0, "lstat of link/");
  ok(S_ISDIR(s.st_mode), "follows it");
  is(drop_dir("l"), -ENOTDIR, "rmdir of a link");
  is(drop_dir("l/"), -ENOTDIR, "rmdir of link/");
  is(make("l", 0777), -EEXIST, "mkdir of a link");
  is(get("l", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), -ENOTDIR, "O_DIRECTORY and O_NOFOLLOW");
  soft("/", "root");
  is(tell("root/etc", &s), 0, "a link to the root");
  soft("../d/./f", "d/up");
  is(tell("d/up", &s), 0, "a link with dots");
  drop("d/up");
  drop("root");
  drop("l");
  drop("d/f");
  drop_dir("d");
}

static void renaming(void) {
  struct stat s;
  touch("f");
  make("d", 0777);
  make("e", 0777);
  touch("e/x");
  is(move("x", "y"), -ENOENT, "rename of nothing");
  is(move("f", "no/y"), -ENOENT, "rename to nowhere");
  is(move("f", "d"), -EISDIR, "rename of a file to a directory");
  is(move("d", "f"), -ENOTDIR, "rename of a directory to a file");
  is(move("d", "e"), -ENOTEMPTY, "rename to a directory that has something in it");
  is(move("e", "d"), 0, "rename to an empty one");
  is(tell("d/x", &s), 0, "and what was in it came with it");
  is(tell("e", &s), -ENOENT, "its old name is gone");
  is(move("d", "d/y"), -EINVAL, "rename into itself");
  is(move("d/x", "d"), -ENOTEMPTY, "rename to the directory it is in");
  is(move("d/.", "y"), -EBUSY, "rename of .");
  is(move("d", ".."), -EBUSY, "rename to ..");
  is(move("/", "y"), -EBUSY, "rename of the root");
  is(move("f/", "y"), -ENOTDIR, "rename of f/");
  is(move("f", "y/"), -ENOTDIR, "rename of a file to y/");
  is(move("d", "y/"), 0, "of a directory it may be");
  is(move("f", "y/x"), 0, "rename over a file");
  is(tell("f", &s), -ENOENT, "from here");
  make("d", 0777);
  is(move("y", "d/y"), 0, "a directory to another");
  tell("d", &s);
  is(s.st_nlink, 3, "which then counts it");
  is(tell("d/y/../y/x", &s), 0, "and is its parent");
  drop("d/y/x");
  drop_dir("d/y");
  is(drop_dir("d"), 0, "rmdir");
}

static void describing(void) {
  struct stat s;
  long fd = get("f", O_CREAT | O_RDWR);
  put(fd, "12345", 5);
  is(__syscall_fstat64((int)fd, U(&s)), 0, "fstat");
  ok(S_ISREG(s.st_mode) && s.st_size == 5 && s.st_blksize == 4096 && s.st_nlink == 1,
     "what it tells");
  is(__syscall_fstat64(99, U(&s)), -EBADF, "fstat of nothing");
  is(__syscall_fstat64((int)fd, 0), -EFAULT, "fstat to a bad address");
  is(__syscall_fstatat64((int)fd, U(""), U(&s), AT_EMPTY_PATH), 0, "fstatat AT_EMPTY_PATH");
  is(__syscall_fstatat64((int)fd, U(""), U(&s), 0), -ENOENT, "and without it");
  is(__syscall_fstatat64(AT_FDCWD, U("f"), U(&s), 1), -EINVAL, "fstatat with such a flag");
  struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 1}, {.tv_sec = 2000, .tv_nsec = 2}};
  is(__syscall_utimensat(AT_FDCWD, U("f"), U(times), 0), 0, "utimensat");
  tell("f", &s);
  ok(s.st_atim.tv_sec == 1000 && s.st_mtim.tv_sec == 2000 && s.st_mtim.tv_nsec == 2,
     "sets the times");
  ok(s.st_ctim.tv_sec > 2000, "but not that of the change");
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = UTIME_NOW;
  is(__syscall_utimensat((int)fd, 0, U(times), 0), 0, "futimens");
  tell("f", &s);
  ok(s.st_atim.tv_sec == 1000 && s.st_mtim.tv_sec > 2000, "UTIME_OMIT and UTIME_NOW");
  times[0].tv_nsec = 1000000000;
  is(__syscall_utimensat(AT_FDCWD, U("f"), U(times), 0), -EINVAL, "utimensat of a bad time");
  is(__syscall_utimensat(AT_FDCWD, U("/etc"), 0, 0), -EACCES, "utimensat of another's");
  put(fd, "6", 1);
  struct stat later;
  tell("f", &later);
  ok(later.st_mtim.tv_sec >= s.st_mtim.tv_sec && later.st_size == 6, "a write changes them");
  struct statfs fs;
  is(__syscall_statfs64(U("f"), sizeof fs, U(&fs)), 0, "statfs");
  ok(fs.f_namelen == 255 && fs.f_bfree <= fs.f_blocks, "what it tells");
  shut(fd);
  drop("f");
}

static void devices(void) {
  char b[4096];
  struct stat s;
  long fd = get("/dev/null", O_RDWR | O_TRUNC);
  is(put(fd, "abc", 3), 3, "/dev/null takes all");
  is(take(fd, b, 8), 0, "and has nothing");
  is(seek(fd, 10, SEEK_SET), 0, "and no place");
  is(__syscall_ftruncate64((int)fd, 0), -EINVAL, "and no length");
  __syscall_fstat64((int)fd, U(&s));
  ok(S_ISCHR(s.st_mode) && s.st_rdev == 0x103, "and is the device 1, 3");
  shut(fd);
  fd = get("/dev/zero", O_RDWR);
  memset(b, 1, sizeof b);
  is(take(fd, b, 4096), 4096, "/dev/zero has as much as is asked for");
  ok(!b[0] && !b[4095], "of zeros");
  shut(fd);
  fd = get("/dev/full", O_RDWR);
  is(put(fd, "x", 1), -ENOSPC, "/dev/full has no room");
  shut(fd);
  fd = get("/dev/urandom", O_RDONLY);
  is(take(fd, b, 4096), 4096, "/dev/urandom has as much as is asked for");
  int zeros = 0;
  for (int i = 0; i < 4096; i++)
    zeros += !b[i];
  ok(zeros < 100, "of anything");
  shut(fd);
  is(get("/dev/tty", O_RDWR), -ENXIO, "/dev/tty without a terminal");
}

static void checks(void) {
  reading_and_writing();
  opening();
  permissions();
  directories();
  listing();
  links();
  renaming();
  describing();
  devices();
  same(names(".", 1024), ". ..", "nothing is left behind");
}

/* --- what is the lab's own --- */

static const char *file_text(const char *path) {
  static char text[4096];
  long fd = get(path, O_RDONLY);
  take(fd, text, sizeof text - 1);
  shut(fd);
  return text;
}

static void content(void) {
  char cwd[64];
  __syscall_getcwd(U(cwd), sizeof cwd);
  same(cwd, "/home/learner", "the working directory of a process");
  ok(strstr(file_text("/etc/hosts"), "127.0.0.1\tlocalhost\n") != NULL, "/etc/hosts has localhost");
  ok(strstr(file_text("/etc/hosts"), "10.0.0.2\tbob bob.lab\n") != NULL, "/etc/hosts has bob");
  ok(strstr(file_text("/etc/services"), "\nhttp\t\t80/tcp") != NULL, "/etc/services has http");
  ok(strstr(file_text("/etc/protocols"), "tcp\t6\t") != NULL, "/etc/protocols has tcp");
  ok(strstr(file_text("/etc/passwd"), "learner:x:1000:") != NULL, "/etc/passwd has the learner");
  same(file_text("/home/learner/deep/down/file"), "installed", "k_install makes directories");
  is(get("/home/learner/deep/down/file", O_WRONLY), 0,
     "and the learner owns what is in the learner's");
}

static void limits(void) {
  static char megabyte[1 << 20];
  size_t before = inode_bytes;
  long n, total = 0, fd = get("big", O_CREAT | O_RDWR);
  while ((n = put(fd, megabyte, sizeof megabyte)) > 0)
    total += n;
  is(n, -ENOSPC, "the file system is full");
  ok(total > 200 << 20 && inode_bytes <= FS_LIMIT, "after %ld bytes", total);
  is(make("d", 0777), -ENOSPC, "then nothing can be made");
  is(put_at(fd, "x", 1, FS_LIMIT), -EFBIG, "nor any file be larger than it");
  is(__syscall_ftruncate64((int)fd, INT64_MAX), -EFBIG, "not by ftruncate either");
  __syscall_ftruncate64((int)fd, 0);
  is(make("d", 0777), 0, "until something goes");
  drop_dir("d");
  shut(fd);
  drop("big");
  is((long)inode_bytes, (long)before, "and all is given back");
}

static void stay(void) { __syscall_pause(); }

static long spawn(const char *path) {
  char address[32];
  snprintf(address, sizeof address, "%ju", (uintmax_t)U(stay));
  return __syscall_posix_spawn(U(path), U((uptr[]){U(address), 0}), U((uptr[]){0}), 0, 0);
}

static void running(void) {
  is(get("/bin/program", O_RDONLY), 0, "a program can be read");
  is(get("own", O_WRONLY | O_CREAT), 1, "a program to be");
  put(1, "\0asm1234", 8);
  __syscall_chmod(U("own"), 0755);
  is(spawn("own"), -ETXTBSY, "is not run while it is written");
  shut(1);
  is(spawn("."), -EACCES, "nor is a directory");
  is(spawn("none"), -ENOENT, "nor nothing");
  is(spawn("/etc/hosts"), -EACCES, "nor what has no x");
  long pid = spawn("own");
  ok(pid > 0, "a program is run");
  is(get("own", O_WRONLY), -ETXTBSY, "and not written meanwhile");
  is(__syscall_truncate64(U("own"), 0), -ETXTBSY, "nor truncated");
  is(drop("own"), 0, "but it can be removed");
  __syscall_kill((int)pid, SIGKILL);
  __syscall_wait4((int)pid, 0, 0, 0);
}

int main(void) {
  boot();
  install("/home/learner/deep/down/file", "installed", 9, 0644);
  size_t before = inode_bytes;
  run(content);
  run(running);
  drop("/home/learner/deep/down/file");
  drop_dir("/home/learner/deep/down");
  drop_dir("/home/learner/deep");
  run(checks);
  ok(inode_bytes < before, "and nothing that has no name");
  run(limits);
  return finish();
}
