/* Descriptors, and pipes. */
#include "test.h"
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int ends[2]; /* of a pipe that several processes have */
static char large[4 * PIPE_SIZE];
static int broken; /* how often SIGPIPE was caught */

static void open_pipe(int flags) { __syscall_pipe2(U(ends), flags); }
static void count_broken(int sig) { broken += sig == SIGPIPE; }
static long open_null(void) { return __syscall_openat(AT_FDCWD, U("/dev/null"), O_RDWR, 0); }

/* --- descriptors --- */

static void duplicates(void) {
  is(open_null(), 0, "open");
  is(__syscall_dup(0), 1, "dup takes the lowest");
  is(__syscall_dup(7), -EBADF, "dup of nothing");
  is(__syscall_dup3(0, 10, 0), 10, "dup3");
  is(__syscall_dup3(0, 0, 0), -EINVAL, "dup3 to itself");
  is(__syscall_dup3(0, 11, 1), -EINVAL, "dup3 with such a flag");
  is(__syscall_dup3(9, 11, 0), -EBADF, "dup3 of nothing");
  is(__syscall_dup3(0, FD_LIMIT, 0), -EBADF, "dup3 past the limit");
  is(__syscall_dup3(0, -1, 0), -EBADF, "dup3 to -1");
  is(file_control(0, F_DUPFD, 5), 5, "F_DUPFD takes the lowest from there");
  is(file_control(0, F_DUPFD, 5), 6, "and the next");
  is(file_control(0, F_DUPFD, FD_LIMIT), -EINVAL, "F_DUPFD past the limit");
  is(file_control(0, F_DUPFD, -1), -EINVAL, "F_DUPFD from -1");
  is(file_control(0, F_DUPFD_CLOEXEC, 0), 2, "F_DUPFD_CLOEXEC");
  is(file_control(2, F_GETFD, 0), FD_CLOEXEC, "F_GETFD");
  is(file_control(0, F_GETFD, 0), 0, "which is each descriptor's own");
  is(file_control(0, F_SETFD, FD_CLOEXEC), 0, "F_SETFD");
  is(file_control(0, F_GETFD, 0), FD_CLOEXEC, "can be seen");
  is(file_control(9, F_GETFD, 0), -EBADF, "F_GETFD of nothing");
  is(file_control(0, 9999, 0), -EINVAL, "fcntl of no such command");
  is(file_control(0, F_SETFL, O_NONBLOCK), 0, "F_SETFL");
  ok(file_control(1, F_GETFL, 0) & O_NONBLOCK, "the flags are the file's");
  ok((file_control(1, F_GETFL, 0) & O_ACCMODE) == O_RDWR, "F_SETFL leaves how it was opened");
  is(control(0, FIONBIO, &(int){0}), 0, "FIONBIO");
  ok(!(file_control(0, F_GETFL, 0) & O_NONBLOCK), "is the same flag");
  is(control(0, TIOCGWINSZ, &(struct winsize){0}), -ENOTTY, "/dev/null is no terminal");
  is(shut(0), 0, "close");
  is(shut(0), -EBADF, "close again");
  is(shut(-1), -EBADF, "close of -1");
  char b[1];
  is(take(1, b, 1), 0, "the others stay");
}

static void too_many(void) {
  long fd, last = -1;
  while ((fd = open_null()) >= 0)
    last = fd;
  is(last, FD_LIMIT - 1, "there are so many descriptors");
  is(fd, -EMFILE, "and no more");
  is(__syscall_dup(0), -EMFILE, "not for dup");
  is(__syscall_pipe2(U(ends), 0), -EMFILE, "not for a pipe");
  shut(5);
  is(__syscall_pipe2(U(ends), 0), -EMFILE, "which needs two");
  is(open_null(), 5, "and gives the one back");
}

/* setrlimit(2): the soft limit may be raised, as far as the hard one. */
static void many(void) {
  enum { MANY = 5000 };
  struct limit l = {0}, more = {MANY, FD_MOST}, most = {FD_MOST, FD_MOST};
  is(__syscall_prlimit64(0, RLIMIT_NOFILE, U(&more), U(&l)), 0, "the limit can be raised");
  ok(l.soft == FD_LIMIT && l.hard == FD_MOST, "from what a process has");
  long fd, last = -1;
  while ((fd = open_null()) >= 0)
    last = fd;
  is(last, MANY - 1, "there are as many as it says");
  is(fd, -EMFILE, "and no more");
  shut(3000);
  shut(70);
  is(__syscall_dup(4000), 70, "the lowest is taken");
  is(__syscall_dup(4000), 3000, "then the next");
  is(__syscall_dup3(0, FD_MOST - 1, 0), -EBADF, "dup3 past the limit");
  is(__syscall_prlimit64(0, RLIMIT_NOFILE, U(&most), 0), 0, "as far as the hard limit");
  is(__syscall_dup3(0, FD_MOST - 1, 0), FD_MOST - 1, "dup3 to the highest");
  is(file_control(FD_MOST - 1, F_GETFD, 0), 0, "which is one");
  is(file_control(FD_MOST, F_GETFD, 0), -EBADF, "and the last");
  more = (struct limit){FD_MOST, FD_MOST + 1};
  is(__syscall_prlimit64(0, RLIMIT_NOFILE, U(&more), 0), -EPERM, "no further");
  more = (struct limit){100, 100};
  is(__syscall_prlimit64(0, RLIMIT_NOFILE, U(&more), 0), 0, "lowered");
  is(open_null(), -EMFILE, "none is left");
  is(file_control(4000, F_GETFD, 0), 0, "those above the limit stay");
}

static bool inherited_0, inherited_1, kept_offset;
static void heir(void) {
  char b[4];
  inherited_0 = file_control(0, F_GETFD, 0) == 0;
  inherited_1 = file_control(1, F_GETFD, 0) >= 0;
  take(0, b, 2);
  kept_offset = !strncmp(b, "cd", 2);
}

static void inheritance(void) {
  mode_t mode = 0600;
  char b[4] = {0};
  long fd = __syscall_openat(AT_FDCWD, U("f"), O_RDWR | O_CREAT, U(&mode));
  __syscall_openat(AT_FDCWD, U("f"), O_RDWR | O_CLOEXEC, 0);
  put(fd, "abcdef", 6);
  int64_t now;
  wasi_fd_seek(0, 0, SEEK_SET, U(&now));
  take(fd, b, 2);
  start_child(heir);
  __syscall_wait4(-1, 0, 0, 0);
  ok(inherited_0, "a child has its parent's descriptors");
  ok(!inherited_1, "but those with O_CLOEXEC");
  ok(kept_offset, "and reads on where its parent was");
  take(fd, b, 2);
  same(b, "ef", "as its parent does after it");
  __syscall_unlinkat(AT_FDCWD, U("f"), 0);
}

/* --- a pipe in one process --- */

static void alone(void) {
  char b[16];
  struct stat s;
  is(__syscall_pipe2(U(ends), 0), 0, "pipe");
  ok(ends[0] == 0 && ends[1] == 1, "the lowest descriptors, to read from first");
  is(put(1, "hello", 5), 5, "write");
  int n = 0;
  is(control(0, FIONREAD, &n), 0, "FIONREAD");
  is(n, 5, "tells how much there is");
  is(take(0, b, 3), 3, "read less than there is");
  is(take(0, b, 16), 2, "and the rest");
  is(take(1, b, 1), -EBADF, "the writing end cannot be read");
  is(put(0, "x", 1), -EBADF, "nor the reading end written");
  is(take(0, b, 0), 0, "read nothing");
  is(put(1, "", 0), 0, "write nothing");
  int64_t now;
  is(wasi_fd_seek(0, 0, SEEK_SET, U(&now)), ESPIPE, "lseek of a pipe");
  is(__syscall_fstat64(0, U(&s)), 0, "fstat of a pipe");
  ok(S_ISFIFO(s.st_mode), "says what it is");
  put(1, "last", 4);
  shut(1);
  is(take(0, b, 16), 4, "what was written before the end is there");
  is(take(0, b, 16), 0, "and then the end");
  is(take(0, b, 16), 0, "again and again");
  shut(0);
  is(__syscall_pipe2(U(ends), O_TRUNC), -EINVAL, "pipe2 with such a flag");
  is(__syscall_pipe2(8, 0), -EFAULT, "pipe to a bad address");
  is(open_null(), 0, "and nothing of it stays open");
}

static void nonblocking(void) {
  char b[16];
  open_pipe(O_NONBLOCK | O_CLOEXEC);
  is(file_control(ends[0], F_GETFD, 0), FD_CLOEXEC, "pipe2 O_CLOEXEC");
  is(take(ends[0], b, 16), -EAGAIN, "read of an empty pipe");
  is(put(ends[1], large, sizeof large), PIPE_SIZE, "write more than it holds");
  is(put(ends[1], "x", 1), -EAGAIN, "write to a full pipe");
  take(ends[0], large, PIPE_BUF - 1);
  is(put(ends[1], large, PIPE_BUF), -EAGAIN, "PIPE_BUF bytes go in together or not at all");
  is(put(ends[1], large, PIPE_BUF + 1), PIPE_BUF - 1, "more may be parted");
  on_signal(SIGPIPE, count_broken, 0);
  shut(ends[0]);
  is(put(ends[1], "x", 1), -EPIPE, "write without a reader");
  is(broken, 1, "and SIGPIPE");
}

static void break_a_pipe(void) {
  open_pipe(0);
  shut(ends[0]);
  put(ends[1], "x", 1);
}

/* --- a pipe between processes --- */

static long total_read, first_read;
static void drain(void) {
  static char b[10000];
  shut(ends[1]);
  long n;
  first_read = take(ends[0], b, sizeof b);
  for (total_read = first_read; (n = take(ends[0], b, sizeof b)) > 0;)
    total_read += n;
}

static void feed(void) {
  open_pipe(0);
  long child = start_child(drain);
  shut(ends[0]);
  is(put(ends[1], large, sizeof large), sizeof large, "a write waits until all is taken");
  shut(ends[1]);
  is(__syscall_wait4((int)child, 0, 0, 0), child, "the reader sees the end");
  is(total_read, sizeof large, "after everything");
}

/* PIPE_BUF bytes of one letter, from several at once: nobody's are parted by another's. */
enum { WRITERS = 4, BLOCKS = 50 };
static int letters;
static void write_blocks(void) {
  char block[PIPE_BUF];
  memset(block, 'a' + __atomic_fetch_add(&letters, 1, __ATOMIC_SEQ_CST), sizeof block);
  shut(ends[0]);
  for (int i = 0; i < BLOCKS; i++)
    put(ends[1], block, sizeof block);
}

static long take_whole(long fd, char *to, size_t n) {
  for (size_t done = 0, m; done < n; done += m) {
    long got = take(fd, to + done, n - done);
    if (got <= 0) return (long)done;
    m = (size_t)got;
  }
  return (long)n;
}

static void atomicity(void) {
  char block[PIPE_BUF];
  int blocks = 0, parted = 0;
  open_pipe(0);
  for (int i = 0; i < WRITERS; i++)
    start_child(write_blocks);
  shut(ends[1]);
  for (; take_whole(ends[0], block, sizeof block) == PIPE_BUF; blocks++)
    parted += memcmp(block, block + 1, sizeof block - 1) != 0;
  is(blocks, WRITERS * BLOCKS, "many writers: all blocks arrive");
  is(parted, 0, "none parted by another's");
}

/* A writer that waits when the last reader goes is told. */
static long written;
static void write_until_broken(void) {
  on_signal(SIGPIPE, SIG_IGN, 0);
  shut(ends[0]);
  written = put(ends[1], large, sizeof large);
  written = put(ends[1], large, sizeof large);
}

static void reader_goes(void) {
  open_pipe(0);
  long child = start_child(write_until_broken);
  shut(ends[1]);
  take(ends[0], large, 1);
  shut(ends[0]);
  __syscall_wait4((int)child, 0, 0, 0);
  is(written, -EPIPE, "a waiting writer learns that the reader has gone");
}

/* --- the Worker's pipes --- */

static void echo_upper(void) {
  char b[64];
  long n;
  while ((n = take(0, b, sizeof b)) > 0) {
    for (long i = 0; i < n; i++)
      b[i] &= (char)~32;
    put(1, b, (size_t)n);
  }
}

static void of_the_worker(void) {
  int in = k_pipe(1), out = k_pipe(0);
  int to = in >> 16, from = out >> 16;
  int pid = spawn_program("alice", "/bin/program", echo_upper, in & 0xffff, out & 0xffff, -1);
  k_close(in & 0xffff);
  k_close(out & 0xffff);
  char b[16] = {0};
  is(k_read(from, b, 16), -EAGAIN, "the Worker does not wait");
  is(worker_put(to, "shout"), 5, "it writes");
  UNTIL(k_poll(from) & POLLIN);
  is(k_read(from, b, 16), 5, "and reads");
  same(b, "SHOUT", "what the process makes of it");
  k_close(to);
  is(wait_for(pid), 0, "the process sees the end");
  is(k_read(from, b, 16), 0, "and the Worker too");
  k_close(from);
  is(worker_put(to, "x"), -EBADF, "write to what is closed");
  in = k_pipe(1);
  k_close(in & 0xffff);
  is(worker_put(in >> 16, "x"), -EPIPE, "SIGPIPE does not end the Worker");
  k_close(in >> 16);
}

int main(void) {
  boot();
  run(duplicates);
  run(too_many);
  run(many);
  run(inheritance);
  run(alone);
  run(nonblocking);
  is(run(break_a_pipe), SIGPIPE, "SIGPIPE ends a process");
  run(feed);
  run(atomicity);
  run(reader_goes);
  of_the_worker();
  return finish();
}
