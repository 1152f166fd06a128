/* Names of files: directories, links, renaming, and what stat tells. Nothing here depends on who
 * runs it: Linux lets root do what it would refuse others. */
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <libgen.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static char buffer[4096];
static struct stat s;

static void touch(const char *path) { close(must(open(path, O_CREAT | O_RDWR, 0666), path)); }

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void list(const char *path) {
  struct dirent **names;
  int n = scandir(path, &names, NULL, by_name);
  printf("%s:", path);
  for (int i = 0; i < n; i++) {
    static const char types[] = "?pc?d?b?f?l?s???";
    printf(" %s/%c", names[i]->d_name, types[names[i]->d_type]);
    free(names[i]);
  }
  printf(" = %d%s%s\n", n, n < 0 ? " " : "", n < 0 ? error_name(errno) : "");
  if (n >= 0) free(names);
}

static void directories(void) {
  heading("mkdir, rmdir, chdir, getcwd");
  CALL(mkdir("d", 0777));
  CALL(mkdir("d", 0777));
  CALL(mkdir("d/", 0777));
  CALL(mkdir("none/e", 0777));
  CALL(mkdir("/", 0777));
  CALL(mkdir("", 0777));
  CALL(mkdir(BAD, 0777));
  CALL(mkdir("d/e/", 0777));
  CALL(stat("d", &s));
  VALUE((long)s.st_nlink);
  VALUE(S_ISDIR(s.st_mode));
  touch("d/f");
  list("d");
  list("none");
  list("d/f");
  CALL(rmdir("d"));
  CALL(rmdir("d/."));
  CALL(rmdir("d/e/.."));
  CALL(rmdir("/"));
  CALL(rmdir("none"));
  CALL(rmdir("d/f"));
  CALL(unlink("d/f/"));
  CALL(unlink("none"));
  CALL(unlinkat(AT_FDCWD, "d/f", 1));
  CALL(chdir("d/f"));
  CALL(chdir("none"));
  CALL(chdir("d/e"));
  VALUE(getcwd(buffer, sizeof buffer) != NULL);
  printf("basename(getcwd()) = %s\n", basename(buffer));
  VALUE(getcwd(buffer, 2) == NULL);
  CALL(errno == ERANGE);
  CALL(rename("../../d", "../../renamed"));
  VALUE(getcwd(buffer, sizeof buffer) != NULL);
  printf("basename(dirname(getcwd())) = %s\n", basename(dirname(buffer)));
  CALL(rmdir("../e"));
  VALUE(getcwd(buffer, sizeof buffer) == NULL);
  CALL(errno == ENOENT);
  CALL(open("x", O_CREAT | O_RDWR, 0600));
  CALL(chdir("../.."));
  CALL(rename("renamed", "d"));
  int dir = OPEN(open("d", O_RDONLY));
  CALL(fchdir(dir));
  list(".");
  CALL(chdir(".."));
  CALL(fchdir(99));
  CALL(unlinkat(dir, "f", 0));
  CALL(mkdirat(dir, "g", 0700));
  CALL(unlinkat(dir, "g", AT_REMOVEDIR));
  CALL(rmdir("d"));
}

static void reading(void) {
  heading("readdir");
  mkdir("d", 0777);
  for (char name[] = "d/a"; name[2] <= 'z'; name[2]++)
    touch(name);
  DIR *d = opendir("d");
  int n = 0, dots = 0;
  for (struct dirent *e; (e = readdir(d)); n++)
    dots += e->d_name[0] == '.';
  VALUE(n);
  VALUE(dots);
  rewinddir(d);
  readdir(d), readdir(d), readdir(d);
  long place = telldir(d);
  strcpy(buffer, readdir(d)->d_name);
  readdir(d);
  seekdir(d, place);
  VALUE(!strcmp(readdir(d)->d_name, buffer));
  VALUE(dirfd(d) >= 0);
  VALUE(closedir(d));
  VALUE(opendir("none") == NULL);
  VALUE(opendir("d/a") == NULL);
  CALL(errno == ENOTDIR);
  d = opendir("d"); /* removed one by one as they are read */
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    snprintf(buffer, sizeof buffer, "d/%.200s", e->d_name);
    unlink(buffer);
  }
  closedir(d);
  CALL(rmdir("d"));
}

static int counted;
static int count(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)path, (void)st, (void)type;
  counted += at->level < 3;
  return 0;
}

static void walking(void) {
  heading("nftw, glob");
  mkdir("d", 0777);
  mkdir("d/e", 0777);
  touch("d/one.c");
  touch("d/two.c");
  touch("d/e/three.c");
  VALUE(nftw("d", count, 4, FTW_PHYS));
  VALUE(counted);
  glob_t g;
  VALUE(glob("d/*.c", 0, NULL, &g));
  VALUE((long)g.gl_pathc);
  printf("%s %s\n", g.gl_pathv[0], g.gl_pathv[1]);
  globfree(&g);
  remove("d/one.c"), remove("d/two.c"), remove("d/e/three.c");
  CALL(remove("d/e"));
  CALL(remove("d"));
}

static void links(void) {
  heading("link, symlink, readlink");
  struct stat t;
  touch("f");
  CALL(link("f", "g"));
  CALL(link("f", "g"));
  CALL(link("none", "h"));
  CALL(link(".", "h"));
  CALL(link("f", "none/h"));
  stat("f", &s);
  stat("g", &t);
  VALUE(s.st_ino == t.st_ino);
  VALUE((long)s.st_nlink);
  CALL(rename("f", "g"));
  CALL(unlink("f"));
  int fd = OPEN(open("g", O_RDWR));
  CALL(unlink("g"));
  CALL(write(fd, "still here", 10));
  CALL(pread(fd, buffer, 100, 0));
  CALL(fstat(fd, &s));
  VALUE((long)s.st_nlink);
  VALUE((long)s.st_size);
  close(fd);
  CALL(symlink("target", "l"));
  CALL(symlink("target", "l"));
  CALL(symlink("", "m"));
  CALL(readlink("l", buffer, 100));
  BYTES(buffer, 6);
  CALL(readlink("l", buffer, 3));
  CALL(readlink(".", buffer, 3));
  CALL(readlink("none", buffer, 3));
  CALL(stat("l", &s));
  CALL(lstat("l", &s));
  VALUE(S_ISLNK(s.st_mode));
  VALUE((long)s.st_size);
  CALL(open("l", O_RDONLY | O_NOFOLLOW));
  CALL(open("l", O_CREAT | O_EXCL | O_RDWR, 0600));
  close(OPEN(open("l", O_CREAT | O_RDWR, 0600)));
  CALL(access("target", F_OK));
  CALL(unlink("l"));
  CALL(unlink("target"));
  CALL(symlink("loop", "loop"));
  CALL(stat("loop", &s));
  CALL(unlink("loop"));
  mkdir("d", 0777);
  touch("d/f");
  CALL(symlink("d", "l"));
  CALL(stat("l/f", &s));
  CALL(lstat("l/", &s));
  VALUE(S_ISDIR(s.st_mode));
  CALL(rmdir("l"));
  CALL(rmdir("l/"));
  CALL(open("l", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  VALUE(realpath("l/../l/./f", buffer) != NULL);
  printf("basename(realpath()) = %s\n", basename(buffer));
  VALUE(realpath("l/none", buffer) == NULL);
  unlink("l"), unlink("d/f"), rmdir("d");
}

static void renaming(void) {
  heading("rename");
  touch("f");
  mkdir("d", 0777);
  mkdir("e", 0777);
  touch("e/x");
  CALL(rename("none", "y"));
  CALL(rename("f", "none/y"));
  CALL(rename("f", "d"));
  CALL(rename("d", "f"));
  CALL(rename("d", "e"));
  CALL(rename("e", "d"));
  CALL(access("d/x", F_OK));
  CALL(access("e", F_OK));
  CALL(rename("d", "d/y"));
  CALL(rename("d/x", "d"));
  CALL(rename("d/.", "y"));
  CALL(rename("d", ".."));
  CALL(rename("f/", "y"));
  CALL(rename("f", "y/"));
  CALL(rename("f", "f"));
  CALL(rename("d", "y/"));
  CALL(rename("f", "y/x"));
  list("y");
  unlink("y/x"), rmdir("y");
}

static void describing(void) {
  heading("stat, chmod, utimensat, access");
  mode_t before = umask(027);
  int fd = must(open("f", O_CREAT | O_RDWR, 0666), "open");
  VALUE((long)umask(before));
  must((int)write(fd, "12345", 5), "write");
  CALL(fstat(fd, &s));
  VALUE((long)s.st_mode);
  VALUE((long)s.st_size);
  VALUE((long)s.st_nlink);
  VALUE((long)s.st_blksize);
  VALUE(s.st_uid == getuid());
  CALL(stat("none", &s));
  CALL(stat("", &s));
  CALL(stat(BAD, &s));
  CALL(fstat(99, &s));
  CALL(fstatat(AT_FDCWD, "f", &s, 1));
  CALL(fstatat(fd, "", &s, AT_EMPTY_PATH));
  CALL(chmod("f", 0751));
  CALL(stat("f", &s));
  VALUE((long)s.st_mode);
  CALL(fchmod(fd, 0600));
  CALL(chmod("none", 0600));
  CALL(fchmod(99, 0600));
  CALL(access("f", F_OK));
  CALL(access("f", R_OK | W_OK));
  CALL(access("f", X_OK));
  CALL(access("none", F_OK));
  CALL(access("f", 8));
  CALL(chown("f", getuid(), (gid_t)-1));
  struct timespec times[2] = {{.tv_sec = 1000, .tv_nsec = 1}, {.tv_sec = 2000, .tv_nsec = 2}};
  CALL(utimensat(AT_FDCWD, "f", times, 0));
  CALL(stat("f", &s));
  VALUE((long)s.st_atime);
  VALUE((long)s.st_mtime);
  VALUE((long)s.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = UTIME_NOW;
  CALL(futimens(fd, times));
  CALL(fstat(fd, &s));
  VALUE((long)s.st_atime);
  VALUE(s.st_mtime > 2000);
  times[0].tv_nsec = 1000000000;
  CALL(utimensat(AT_FDCWD, "f", times, 0));
  CALL(utimensat(AT_FDCWD, "none", NULL, 0));
  struct statvfs v;
  CALL(statvfs("f", &v));
  VALUE((long)v.f_namemax);
  CALL(fstatvfs(99, &v));
  CALL(mknod("n", S_IFREG | 0600, 0));
  CALL(mknod("n", S_IFREG | 0600, 0));
  int fds[2];
  must(pipe(fds), "pipe");
  CALL(fstat(fds[0], &s));
  VALUE(S_ISFIFO(s.st_mode));
  int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  CALL(fstat(socket_fd, &s));
  VALUE(S_ISSOCK(s.st_mode));
}

int main(void) {
  directories();
  reading();
  walking();
  links();
  renaming();
  describing();
  return 0;
}
