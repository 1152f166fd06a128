/* sendfile: from a file to a file, a pipe and a socket. */
#include "check.h"
#include <fcntl.h>
#include <sys/sendfile.h>

enum { SIZE = 300000 };
static char text[SIZE], got[SIZE];

static ssize_t drain(int fd, size_t n) {
  size_t done = 0;
  for (ssize_t m; done < n && (m = read(fd, got + done, n - done)) > 0;)
    done += (size_t)m;
  return (ssize_t)done;
}

static int opened(const char *path, int flags) { return must(open(path, flags, 0600), path); }

static void between_files(void) {
  heading("from file to file");
  int in = opened("in", O_CREAT | O_TRUNC | O_RDWR),
      out = opened("out", O_CREAT | O_TRUNC | O_RDWR);
  off_t at = 3;
  CALL(write(in, "0123456789", 10));
  CALL(sendfile(out, in, NULL, 10));
  CALL(sendfile(out, in, &at, 4));
  VALUE(at);
  CALL(lseek(in, 0, SEEK_CUR));
  CALL(lseek(in, 2, SEEK_SET));
  CALL(sendfile(out, in, NULL, 100));
  CALL(lseek(in, 0, SEEK_CUR));
  CALL(sendfile(out, in, &at, 0));
  CALL(pread(out, got, 100, 0));
  BYTES(got, 12);
  at = 100;
  CALL(sendfile(out, in, &at, 5));
  at = -1;
  CALL(sendfile(out, in, &at, 5));
  CALL(sendfile(out, in, (off_t *)BAD, 5));
  CALL(sendfile(99, in, NULL, 5));
  CALL(sendfile(out, 99, NULL, 5));
  int reads = opened("out", O_RDONLY), writes = opened("in", O_WRONLY);
  CALL(sendfile(reads, in, NULL, 5));
  CALL(sendfile(out, writes, NULL, 5));
  CALL(fcntl(out, F_SETFL, O_APPEND));
  CALL(sendfile(out, in, NULL, 5));
}

static void to_others(void) {
  heading("to a pipe and a socket");
  int in = opened("large", O_CREAT | O_TRUNC | O_RDWR), ends[2], pair[2];
  for (int i = 0; i < SIZE; i++)
    text[i] = (char)(i * 7 + i / 1000);
  off_t at = 0;
  CALL(write(in, text, SIZE));
  CALL(pipe(ends));
  CALL(sendfile(ends[1], in, &at, 5000));
  CALL(drain(ends[0], 5000));
  VALUE(memcmp(got, text, 5000));
  CALL(sendfile(ends[1], ends[0], NULL, 5));
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  CALL(sendfile(ends[1], in, &at, 5));
  VALUE(at);
  tcp_pair(pair);
  at = 0;
  if (!fork()) _exit(sendfile(pair[0], in, &at, SIZE) == SIZE ? 0 : 1);
  CALL(drain(pair[1], SIZE));
  VALUE(memcmp(got, text, SIZE));
  int status;
  CALL(wait(&status) > 0);
  VALUE(status);
  CALL(fcntl(pair[0], F_SETFL, O_NONBLOCK));
  at = 0;
  long sent = 0, n;
  while ((n = sendfile(pair[0], in, &at, SIZE)) > 0)
    sent += n, at = 0;
  CALL(sendfile(pair[0], in, &at, SIZE));
  VALUE(sent > 0);
}

int main(void) {
  between_files();
  to_others();
  return 0;
}
