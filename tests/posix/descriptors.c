/* Descriptors: fcntl, ioctl, dup and its kin, pipes; what of them a socket shares. */
#include "check.h"
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static char buffer[1 << 17];

static void duplicates(void) {
  heading("dup, dup2, dup3");
  int fds[2];
  must(pipe(fds), "pipe");
  VALUE(dup(fds[0]) == fds[1] + 1);
  CALL(dup2(fds[0], 50));
  CALL(dup2(fds[0], fds[0]) == fds[0]);
  CALL(dup2(99, 99));
  CALL(dup2(99, 51));
  CALL(dup2(fds[0], -1));
  CALL(dup2(fds[0], 1 << 20));
  CALL(dup3(fds[0], 51, O_CLOEXEC));
  CALL(fcntl(51, F_GETFD));
  CALL(dup3(fds[0], fds[0], 0));
  CALL(dup3(fds[0], 52, O_NONBLOCK));
  CALL(dup3(99, 52, 0));
  CALL(dup2(51, 50));
  CALL(fcntl(50, F_GETFD));
  CALL(fcntl(fds[0], F_DUPFD, 60));
  CALL(fcntl(fds[0], F_DUPFD, 60));
  CALL(fcntl(fds[0], F_DUPFD_CLOEXEC, 62));
  CALL(fcntl(62, F_GETFD));
  CALL(fcntl(fds[0], F_DUPFD, -1));
  CALL(fcntl(fds[0], F_DUPFD, 1 << 20));
  CALL(write(fds[1], "shared", 6));
  CALL(read(60, buffer, 3));
  CALL(read(50, buffer + 3, 9));
  BYTES(buffer, 6);
  CALL(close(60));
  CALL(close(60));
}

static void flags(void) {
  heading("fcntl");
  int pair[2];
  tcp_pair(pair);
  int s = pair[0], copy = dup(s);
  VALUE(fcntl(s, F_GETFL) == O_RDWR);
  CALL(fcntl(s, F_SETFL, O_NONBLOCK));
  VALUE(fcntl(copy, F_GETFL) == (O_RDWR | O_NONBLOCK));
  CALL(recv(copy, buffer, 1, 0));
  CALL(fcntl(s, F_SETFL, O_WRONLY));
  VALUE(fcntl(s, F_GETFL) == O_RDWR);
  CALL(fcntl(s, F_SETFL, O_APPEND));
  VALUE((fcntl(s, F_GETFL) & O_APPEND) != 0);
  CALL(fcntl(s, F_GETFD));
  CALL(fcntl(s, F_SETFD, FD_CLOEXEC));
  CALL(fcntl(s, F_GETFD));
  CALL(fcntl(copy, F_GETFD));
  CALL(fcntl(s, F_SETFD, 0));
  CALL(fcntl(s, F_GETFD));
  CALL(fcntl(s, 9999));
  CALL(fcntl(99, 9999));
  CALL(fcntl(s, F_SETOWN, getpid()));
  VALUE(fcntl(s, F_GETOWN) == getpid());
  CALL(fcntl(s, F_SETOWN, 0));
  CALL(fcntl(s, F_GETOWN));
  CALL(lseek(s, 0, SEEK_CUR));
  CALL(pread(s, buffer, 1, 0));
  CALL(pwrite(s, buffer, 1, 0));
  CALL(ftruncate(s, 0));
  CALL(fsync(s));
  CALL(isatty(s));
  struct stat st;
  CALL(fstat(s, &st));
  VALUE(S_ISSOCK(st.st_mode) != 0);
  VALUE(st.st_size);
  close(pair[0]);
  close(pair[1]);
  close(copy);
}

static void controls(void) {
  heading("ioctl");
  int pair[2], on = 1, off = 0, n = -1;
  tcp_pair(pair);
  int s = pair[0];
  CALL(ioctl(s, FIONBIO, &on));
  VALUE((fcntl(s, F_GETFL) & O_NONBLOCK) != 0);
  CALL(recv(s, buffer, 1, 0));
  CALL(ioctl(s, FIONBIO, &off));
  VALUE((fcntl(s, F_GETFL) & O_NONBLOCK) != 0);
  CALL(ioctl(s, FIONBIO, BAD));
  CALL(ioctl(s, FIONREAD, &n));
  VALUE(n);
  CALL(send(pair[1], "12345", 5, 0));
  wait_for(s, POLLIN);
  CALL(ioctl(s, FIONREAD, &n));
  VALUE(n);
  CALL(ioctl(s, FIONREAD, BAD));
  CALL(ioctl(s, SIOCATMARK, &n));
  VALUE(n);
  CALL(ioctl(s, TIOCOUTQ, &n));
  VALUE(n);
  CALL(ioctl(s, TCGETS, buffer));
  CALL(ioctl(s, FIOCLEX));
  CALL(fcntl(s, F_GETFD));
  CALL(ioctl(s, FIONCLEX));
  CALL(fcntl(s, F_GETFD));
  CALL(ioctl(s, FIOASYNC, &off));
  n = getpid();
  CALL(ioctl(s, FIOSETOWN, &n));
  n = -1;
  CALL(ioctl(s, FIOGETOWN, &n));
  VALUE(n == getpid());
  close(pair[0]);
  close(pair[1]);
}

static void pipes(void) {
  heading("pipes");
  int fds[2], n;
  CALL(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
  VALUE(fcntl(fds[0], F_GETFL) == (O_RDONLY | O_NONBLOCK));
  VALUE(fcntl(fds[1], F_GETFL) == (O_WRONLY | O_NONBLOCK));
  CALL(fcntl(fds[0], F_GETFD));
  CALL(pipe2(fds, O_APPEND));
  CALL(pipe((int *)BAD));
  CALL(read(fds[0], buffer, 1));
  CALL(write(fds[1], buffer, sizeof buffer));
  CALL(write(fds[1], buffer, 1));
  READY(fds[1]);
  CALL(ioctl(fds[0], FIONREAD, &n));
  VALUE(n);
  CALL(read(fds[0], buffer, 4096));
  READY(fds[1]);
  CALL(write(fds[1], buffer, 4097));
  CALL(write(fds[1], buffer, 4096));
  close(fds[1]);
  CALL(read(fds[0], buffer, sizeof buffer));
  CALL(read(fds[0], buffer, 1));
  close(fds[0]);
  catch(SIGPIPE, 0);
  must(pipe(fds), "pipe");
  close(fds[0]);
  CALL(write(fds[1], "x", 1));
  VALUE(caught);
  CALL(write(fds[1], "", 0));
  close(fds[1]);
  struct stat st;
  must(pipe(fds), "pipe");
  CALL(fstat(fds[0], &st));
  VALUE(S_ISFIFO(st.st_mode) != 0);
  CALL(ioctl(fds[0], SIOCATMARK, &n));
  CALL(read(fds[0], buffer, 0));
}

static void files(void) {
  heading("files");
  int fd = OPEN(open("check", O_RDWR | O_CREAT | O_EXCL, 0600));
  CALL(open("check", O_RDWR | O_CREAT | O_EXCL, 0600));
  CALL(open("none", O_RDONLY));
  CALL(open("check/in", O_RDONLY));
  CALL(open(".", O_WRONLY));
  CALL(write(fd, "0123456789", 10));
  CALL(lseek(fd, 2, SEEK_SET));
  CALL(read(fd, buffer, 3));
  BYTES(buffer, 3);
  int copy = dup(fd);
  CALL(lseek(copy, 0, SEEK_CUR));
  CALL(pread(fd, buffer, 4, 6));
  BYTES(buffer, 4);
  CALL(lseek(fd, 0, SEEK_END));
  CALL(read(fd, buffer, 1));
  CALL(lseek(fd, -1, SEEK_SET));
  CALL(lseek(fd, 0, 99));
  CALL(bind(fd, (struct sockaddr *)buffer, 16));
  READY(fd);
  CALL(ftruncate(fd, 4));
  struct stat st;
  CALL(fstat(fd, &st));
  VALUE(st.st_size);
  CALL(unlink("check"));
  CALL(unlink("check"));
  CALL(pread(copy, buffer, 9, 0));
  close(fd);
  close(copy);
}

int main(void) {
  duplicates();
  flags();
  controls();
  pipes();
  files();
}
