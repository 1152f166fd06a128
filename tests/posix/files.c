/* Files: open, read, write, lseek, truncate; what stdio makes of them; devices. */
#include "check.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>

static char buffer[4096];

static int made(const char *path) {
  return must(open(path, O_CREAT | O_TRUNC | O_RDWR, 0666), path);
}

static void offsets(void) {
  heading("read, write, lseek");
  int fd = made("f");
  CALL(write(fd, "hello, world", 12));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(read(fd, buffer, 4));
  CALL(lseek(fd, -5, SEEK_END));
  CALL(read(fd, buffer, 100));
  BYTES(buffer, 5);
  CALL(lseek(fd, -1, SEEK_SET));
  CALL(lseek(fd, 0, 77));
  CALL(lseek(99, 0, SEEK_SET));
  CALL(lseek(fd, 3, SEEK_SET));
  CALL(lseek(fd, 4, SEEK_CUR));
  CALL(lseek(fd, -100, SEEK_CUR));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(pread(fd, buffer, 5, 7));
  BYTES(buffer, 5);
  CALL(pwrite(fd, "W", 1, 7));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(pread(fd, buffer, 1, -1));
  CALL(pread(fd, buffer, 100, 12));
  CALL(lseek(fd, 20, SEEK_SET));
  CALL(read(fd, buffer, 1));
  CALL(write(fd, "!", 1));
  CALL(pread(fd, buffer, 100, 0));
  BYTES(buffer, 21);
  CALL(read(fd, buffer, 0));
  CALL(write(fd, buffer, 0));
  CALL(write(fd, BAD, 1));
  CALL(read(fd, BAD, 0));
  lseek(fd, 0, SEEK_SET);
  CALL(read(fd, BAD, 1));
  int n = -1;
  CALL(ioctl(fd, FIONREAD, &n));
  VALUE(n);
  CALL(close(fd));
  CALL(close(fd));
}

static void vectors(void) {
  heading("readv, writev, preadv, pwritev");
  int fd = made("f");
  char ab[] = "ab", cde[] = "cde";
  struct iovec out[] = {{ab, 2}, {NULL, 0}, {cde, 3}};
  CALL(writev(fd, out, 3));
  volatile int less_than_none = -1;
  CALL(writev(fd, out, less_than_none));
  CALL(writev(fd, out, 0));
  char one[3] = "", two[10] = "";
  struct iovec in[] = {{one, 2}, {two, 9}};
  CALL(preadv(fd, in, 2, 1));
  BYTES(one, 2);
  BYTES(two, 2);
  CALL(pwritev(fd, out, 1, 3));
  CALL(lseek(fd, 0, SEEK_SET));
  CALL(readv(fd, in, 2));
  BYTES(one, 2);
  BYTES(two, 3);
  close(fd);
}

static void opening(void) {
  heading("open");
  unlink("f");
  CALL(open("f", O_RDONLY));
  CALL(open("f", O_RDWR | O_TRUNC));
  CALL(open("", O_RDONLY));
  CALL(open(BAD, O_RDONLY));
  CALL(open("no/f", O_CREAT | O_RDWR, 0600));
  CALL(open("f/", O_CREAT | O_RDWR, 0600));
  int fd = OPEN(open("f", O_CREAT | O_EXCL | O_RDWR, 0600));
  CALL(open("f", O_CREAT | O_EXCL | O_RDWR, 0600));
  CALL(open("f", O_DIRECTORY));
  CALL(open("f/", O_RDONLY));
  CALL(open("f/g", O_RDONLY));
  CALL(open("/f/g", O_RDONLY));
  CALL(open(".", O_WRONLY));
  CALL(open(".", O_RDWR | O_CREAT, 0600));
  VALUE((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
  VALUE((fcntl(fd, F_GETFL) & (O_CREAT | O_EXCL)) == 0);
  int reader = OPEN(open("f", O_RDONLY | O_CLOEXEC));
  CALL(fcntl(reader, F_GETFD));
  CALL(write(reader, "x", 1));
  CALL(ftruncate(reader, 0));
  int writer = OPEN(open("f", O_WRONLY | O_APPEND));
  CALL(read(writer, buffer, 1));
  CALL(write(fd, "abc", 3));
  CALL(write(writer, "def", 3));
  CALL(lseek(writer, 0, SEEK_CUR));
  CALL(lseek(writer, 0, SEEK_SET));
  CALL(write(writer, "g", 1));
  CALL(fcntl(writer, F_SETFL, 0));
  CALL(lseek(writer, 0, SEEK_SET));
  CALL(write(writer, "A", 1));
  CALL(read(reader, buffer, 100));
  BYTES(buffer, 7);
  CALL(creat("f", 0600));
  CALL(lseek(reader, 0, SEEK_END));
  int dir = OPEN(open(".", O_RDONLY | O_DIRECTORY));
  CALL(read(dir, buffer, 1));
  CALL(openat(dir, "g", O_RDONLY));
  close(OPEN(openat(dir, "f", O_RDONLY)));
  CALL(openat(reader, "f", O_RDONLY));
  CALL(openat(99, "f", O_RDONLY));
  close(OPEN(openat(99, "/", O_RDONLY)));
  memset(buffer, 'n', 300);
  buffer[256] = 0;
  CALL(open(buffer, O_RDONLY));
  buffer[255] = 0;
  CALL(open(buffer, O_RDONLY));
}

/* posix_fallocate returns the errno, whose number is each system's own. */
static int fallocate_error(int fd, off_t offset, off_t length) {
  return (errno = posix_fallocate(fd, offset, length)) ? -1 : 0;
}

static void lengths(void) {
  heading("truncate, posix_fallocate");
  int fd = made("f");
  must((int)write(fd, "0123456789", 10), "write");
  CALL(ftruncate(fd, 4));
  CALL(lseek(fd, 0, SEEK_END));
  CALL(ftruncate(fd, 6));
  CALL(pread(fd, buffer, 100, 0));
  BYTES(buffer, 6);
  CALL(truncate("f", 2));
  CALL(truncate("none", 2));
  CALL(truncate(".", 2));
  CALL(truncate("f", -1));
  CALL(ftruncate(fd, -1));
  CALL(ftruncate(99, 1));
  CALL(fallocate_error(fd, 0, 10));
  CALL(lseek(fd, 0, SEEK_END));
  CALL(fallocate_error(fd, 0, 0));
  CALL(fallocate_error(fd, -1, 10));
  CALL(fallocate_error(99, 0, 10));
  VALUE(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  CALL(fsync(fd));
  CALL(fdatasync(fd));
  CALL(fsync(99));
  int fds[2];
  must(pipe(fds), "pipe");
  CALL(fsync(fds[0]));
  CALL(ftruncate(fds[1], 0));
  CALL(lseek(fds[0], 0, SEEK_SET));
  CALL(pread(fds[0], buffer, 1, 0));
  CALL(fchdir(fds[0]));
}

static void streams(void) {
  heading("stdio");
  FILE *f = fopen("s", "w+");
  VALUE(f != NULL);
  VALUE(fprintf(f, "one %d\ntwo %s\n", 1, "2"));
  VALUE(ftell(f));
  VALUE(fseek(f, 0, SEEK_SET));
  VALUE(fgets(buffer, 100, f) != NULL);
  BYTES(buffer, strlen(buffer));
  char word[10] = "";
  int number = 0;
  VALUE(fscanf(f, "%9s %d", word, &number));
  BYTES(word, strlen(word));
  VALUE(number);
  VALUE(fgetc(f));
  VALUE(fgetc(f));
  VALUE(feof(f) != 0);
  rewind(f);
  VALUE(fseek(f, -2, SEEK_END));
  VALUE(fgetc(f));
  VALUE(ungetc('x', f));
  VALUE(fgetc(f));
  VALUE(fflush(f));
  VALUE(fclose(f));
  f = fopen("s", "a");
  VALUE(fputs("three\n", f) >= 0);
  VALUE(fclose(f));
  f = fopen("s", "r");
  VALUE((long)fread(buffer, 1, sizeof buffer, f));
  VALUE(fputc('x', f));
  VALUE(ferror(f) != 0);
  VALUE(fclose(f));
  VALUE(fopen("none", "r") == NULL);
  CALL(errno == ENOENT);
  VALUE(fopen("s", "wx") == NULL);
  char *line = NULL;
  size_t room = 0;
  f = fopen("s", "r");
  VALUE(getline(&line, &room, f));
  BYTES(line, 6);
  fclose(f);
  free(line);
  f = tmpfile();
  VALUE(f != NULL);
  VALUE(fputs("temporary", f) >= 0);
  rewind(f);
  VALUE((long)fread(buffer, 1, sizeof buffer, f));
  fclose(f);
  char name[] = "tmp-XXXXXX";
  int fd = OPEN(mkstemp(name));
  CALL(write(fd, "x", 1));
  CALL(access(name, F_OK));
  CALL(unlink(name));
  CALL(remove("s"));
  CALL(remove("s"));
}

static void devices(void) {
  heading("devices");
  struct stat s;
  int fd = OPEN(open("/dev/null", O_RDWR));
  CALL(read(fd, buffer, 10));
  CALL(write(fd, buffer, 10));
  CALL(lseek(fd, 100, SEEK_SET));
  CALL(fstat(fd, &s));
  VALUE(S_ISCHR(s.st_mode));
  VALUE(isatty(fd));
  CALL(ftruncate(fd, 0));
  CALL(ioctl(fd, FIONREAD, buffer));
  READY(fd);
  fd = OPEN(open("/dev/zero", O_RDONLY));
  memset(buffer, 1, sizeof buffer);
  CALL(read(fd, buffer, 100));
  VALUE(!buffer[0] && !buffer[99] && buffer[100]);
  fd = OPEN(open("/dev/full", O_RDWR));
  CALL(write(fd, "x", 1));
  CALL(read(fd, buffer, 10));
  fd = OPEN(open("/dev/urandom", O_RDONLY));
  CALL(read(fd, buffer, 4096));
}

int main(void) {
  offsets();
  vectors();
  opening();
  lengths();
  streams();
  devices();
  return 0;
}
