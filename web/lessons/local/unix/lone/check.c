/* Meets ./lone PATH alone, after one that crashed, and beside one that runs. */
#include "check.h"
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { LETTERS = 7 };

static char path[64];

static void ask(int fd) {
  say(fd, "?");
  hear(fd, "here\n");
}

static void ask_once(void) {
  int caller = dial_unix(path);
  ask(caller);
  hear_end(caller);
  hang_up(caller);
}

/* What an earlier one has left. */
static void leave_stale(void) { hang_up(listen_unix(path)); }

static void stale(void) {
  leave_stale();
  start("lone", path, NULL);
  ask_once();
  ask_once();
}

static void removed(void) {
  struct program *p = start("lone", path, NULL);
  ask_once();
  say(dial_unix(path), "q");
  ends(p, 0);
  if (!failed() && access(path, F_OK) == 0)
    fail("lone has ended, and its socket's file is still there");
  unlink(path);
}

static void second(void) {
  leave_stale();
  struct program *first = start("lone", path, NULL);
  ask_once();
  ends_badly(start("lone", path, NULL));
  ask_once();
  if (!failed() && !still_runs(first)) fail("the first one has ended");
}

static void file(void) {
  char text[LETTERS + 1] = "";
  FILE *f = fopen(path, "w");
  if (f == NULL || fputs("letters", f) == EOF || fclose(f) == EOF)
    fail("the checker cannot write %s", path);
  ends_badly(start("lone", path, NULL));
  f = fopen(path, "r");
  if (f != NULL) {
    size_t n = fread(text, 1, LETTERS, f);
    text[n] = '\0';
    fclose(f);
  }
  if (!failed() && strcmp(text, "letters") != 0)
    fail("a file that is no socket was at the path, and lone removed it");
  unlink(path);
}

/* The first caller keeps it busy until the others have gone. */
static void gone(void) {
  start("lone", path, NULL);
  ask_once();
  int first = dial_unix(path), silent = dial_unix(path);
  hang_up(silent);
  int hasty = dial_unix(path);
  say(hasty, "?");
  hang_up(hasty);
  ask(first);
  ask_once();
  unlink(path);
}

static void too_long(void) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  char longer[2 * sizeof a.sun_path];
  size_t n = (size_t)snprintf(longer, sizeof longer, "%s-", path);
  memset(longer + n, 'x', sizeof longer - n - 1);
  longer[sizeof longer - 1] = '\0';
  ends_badly(start("lone", longer, NULL));
  for (size_t cut = sizeof a.sun_path; cut >= sizeof a.sun_path - 1; cut--) {
    longer[cut] = '\0';
    unlink(longer);
  }
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  snprintf(path, sizeof path, "/tmp/lone-%d", (int)getpid());
  check("it starts where an earlier one has left its file", stale,
        "bind makes the file, and it stays when a server ends. Where nobody "
        "listens, connect is refused: then remove it.");
  check("it removes its file when it ends", removed,
        "Call unlink before you end.");
  check("a second one is started beside it", second,
        "Removing the file of one that works takes its callers away. Try to "
        "connect first.");
  check("there is a file at the path that is no socket", file,
        "connect is refused there, too. lstat and S_ISSOCK tell what it is.");
  check("callers that hang up", gone,
        "One that says nothing does not end the server, and MSG_NOSIGNAL keeps "
        "SIGPIPE from it.");
  check("a path that is too long", too_long,
        "sun_path has 108 bytes. A path that was cut is another path.");
  return check_end();
}
