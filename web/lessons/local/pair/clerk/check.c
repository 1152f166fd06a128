/* The office: it gives the clerk descriptors, each an end of a socket pair. */
#include "check.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST = 4, MANY = 60, LIMIT = 32 };

static char path[64];
static struct program *clerk;

static int begin(void) {
  int listener = listen_unix(path);
  clerk = start("clerk", path, NULL);
  return caller(listener);
}

/* Gives `count` descriptors in one message, and closes them here; the other
 * ends are left in `ours`. */
static void give(int to, int ours[], size_t count) {
  int theirs[MOST], pair[2];
  char byte = '.';
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof theirs)];
  } room = {0};
  struct iovec data = {.iov_base = &byte, .iov_len = sizeof byte};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  size_t size = count * sizeof *theirs;
  if (failed()) return;
  for (size_t i = 0; i < count; i++) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
      fail("socketpair: %s", strerror(errno));
    ours[i] = pair[0];
    theirs[i] = pair[1];
  }
  message.msg_control = &room;
  message.msg_controllen = CMSG_SPACE(size);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), theirs, size);
  if (!failed() && sendmsg(to, &message, MSG_NOSIGNAL) == -1)
    fail("the clerk takes no descriptors: sendmsg: %s", strerror(errno));
  for (size_t i = 0; i < count; i++)
    close(theirs[i]);
}

static void see_signed(int fd) {
  hear(fd, "signed\n");
  hear_end(fd);
  hang_up(fd);
}

static void one(void) {
  int fd, office = begin();
  give(office, &fd, 1);
  see_signed(fd);
  hang_up(office);
  ends(clerk, 0);
}

static void four(void) {
  int fd[MOST], office = begin();
  give(office, fd, MOST);
  for (int i = 0; i < MOST; i++)
    see_signed(fd[i]);
}

static void none(void) {
  int fd, office = begin();
  say(office, "good morning");
  pause_ms(20);
  give(office, &fd, 1);
  see_signed(fd);
  say(office, "good night");
  hang_up(office);
  ends(clerk, 0);
}

static void gone(void) {
  int fd, office = begin();
  give(office, &fd, 1);
  see_signed(fd);
  for (int i = 0; i < MOST; i++) {
    int pair[2];
    give(office, pair, 1);
    hang_up(pair[0]);
  }
  give(office, &fd, 1);
  see_signed(fd);
  hang_up(office);
  ends(clerk, 0);
}

static void many(void) {
  int fd;
  limit_descriptors(LIMIT);
  int office = begin();
  for (int i = 0; i < MANY && !failed(); i++) {
    give(office, &fd, 1);
    see_signed(fd);
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  snprintf(path, sizeof path, "/tmp/office-%d", (int)getpid());
  check("it signs one descriptor, and closes it", one,
        "It comes with recvmsg, in a control message. Sign the one that came, "
        "and close the descriptor.");
  check("four descriptors in one message", four,
        "Have room for four descriptors, and take as many as cmsg_len says.");
  check("words without a descriptor", none,
        "Then CMSG_FIRSTHDR is NULL. And set msg_controllen each time: recvmsg "
        "has changed it.");
  check("descriptors whose other end is closed", gone,
        "MSG_NOSIGNAL keeps SIGPIPE from you.");
  check("sixty of them, one after the other", many,
        "Close each when it is signed.");
  return check_end();
}
