/* Asks ./shelf HOST PORT FOLDER for what is in the folder, and for what is not.
 */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONG = 5000, LARGE = 300 * 1024, ANSWER = 16 * 1024, PATH = 128 };

static const char secret[] = "The treasure is under the crane.\n";
static const char error_end[] = "\t\t-\t0\r\n.\r\n";

static char folder[] = "/tmp/shelf-XXXXXX", texts[PATH];
static char long_line[LONG + 1], large[LARGE + 1];
static const char *port;

static void put_file(const char *path, const char *text) {
  char name[2 * PATH];
  snprintf(name, sizeof name, "%s/%s", folder, path);
  FILE *f = fopen(name, "w");
  if (f == NULL || fputs(text, f) == EOF || fclose(f) == EOF) perror(name);
}

static const char *const files[] = {
    "texts/a.txt",    "texts/dots.txt", "texts/half",           "texts/large",
    "texts/long.txt", "texts/.hidden",  "texts/drawer/pen.txt", "secret.txt"};

static void fill_folder(void) {
  char path[2 * PATH];
  if (mkdtemp(folder) == NULL) perror(folder);
  snprintf(texts, sizeof texts, "%s/texts", folder);
  mkdir(texts, 0700);
  snprintf(path, sizeof path, "%s/drawer", texts);
  mkdir(path, 0700);
  memset(long_line, 'x', LONG);
  for (int i = 200; i < LONG; i += 2)
    long_line[i] = '.';
  memset(large, 'o', LARGE);
  put_file("texts/large", large);
  put_file("texts/a.txt", "One line,\n\nand another.\n");
  put_file("texts/dots.txt", ".\n..\n.hidden\n a. b.\n.\nend\n");
  put_file("texts/half", "It has\nno end");
  put_file("texts/long.txt", long_line);
  put_file("texts/.hidden", secret);
  put_file("texts/drawer/pen.txt", secret);
  put_file("secret.txt", secret);
}

static void empty_folder(void) {
  char path[2 * PATH];
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, files[i]);
    unlink(path);
  }
  snprintf(path, sizeof path, "%s/drawer", texts);
  rmdir(path);
  rmdir(texts);
  rmdir(folder);
}

static void begin(void) {
  port = free_port();
  start("shelf", "shelf.lab", port, texts, NULL);
}

static void gives(const char *request, const char *answer) {
  int fd = dial(port);
  say(fd, request);
  hear(fd, answer);
  hear_end(fd);
  hang_up(fd);
}

static void refuses(const char *request) {
  static char answer[ANSWER + 1];
  int fd = dial(port);
  say(fd, request);
  size_t n = hear_all(fd, answer, ANSWER);
  answer[n] = '\0';
  hang_up(fd);
  if (failed()) return;
  const char *end = strstr(answer, error_end);
  if (strstr(answer, secret) != NULL ||
      strstr(answer, "under the crane") != NULL)
    fail("gave the secret away to %s", shown(request, strlen(request)));
  else if (answer[0] != '3' || end == NULL || end[sizeof error_end - 1] != '\0')
    fail("answered %s by %s, which is no error of type 3",
         shown(request, strlen(request)), shown(answer, n));
}

static void text(void) {
  begin();
  gives("/a.txt\r\n", "One line,\r\n\r\nand another.\r\n.\r\n");
  gives("/a.txt\n", "One line,\r\n\r\nand another.\r\n.\r\n");
}

static void absent(void) {
  begin();
  refuses("/nothing.txt\r\n");
  refuses("/drawer\r\n");
  refuses("/.hidden\r\n");
  refuses("a.txt\r\n");
}

static void climbing(void) {
  begin();
  refuses("/../secret.txt\r\n");
  refuses("/drawer/../../secret.txt\r\n");
  refuses("/./../secret.txt\r\n");
  refuses("/drawer/pen.txt\r\n");
  refuses("/..\r\n");
}

static void dots(void) {
  begin();
  gives("/dots.txt\r\n",
        "..\r\n...\r\n..hidden\r\n a. b.\r\n..\r\nend\r\n.\r\n");
}

static void long_text(void) {
  static char wanted[LONG + 16];
  snprintf(wanted, sizeof wanted, "%s\r\n.\r\n", long_line);
  begin();
  gives("/long.txt\r\n", wanted);
  gives("/half\r\n", "It has\r\nno end\r\n.\r\n");
}

static void slowly(void) {
  begin();
  int fd = dial(port);
  say_slowly(fd, "/half\r\n");
  hear(fd, "It has\r\nno end\r\n.\r\n");
  hear_end(fd);
}

static void too_much(void) {
  begin();
  int fd = dial(port);
  say(fd, "/large\r\n");
  say(fd, long_line);
  pause_ms(100);
  hear(fd, large);
  hear(fd, "\r\n.\r\n");
  hear_end(fd);
}

static void rude(void) {
  begin();
  hang_up_rudely(dial(port));
  int fd = dial(port);
  say(fd, "/long.txt\r\n");
  hang_up_rudely(fd);
  gives("/half\r\n", "It has\r\nno end\r\n.\r\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  fill_folder();
  check("a text", text, NULL);
  check("what is not there, or is no text", absent,
        "Hand out only regular files whose names do not begin with a dot.");
  check("selectors that lead out of the folder", climbing,
        "A selector comes from a stranger. Allow a slash and a plain name, and "
        "nothing else.");
  check("lines that begin with dots", dots,
        "Put one dot more before a line that begins with one.");
  check("a long line, and a line without an end", long_text,
        "A line stays one line however long it is, and a dot within it stays "
        "as it is.");
  check("a request byte by byte", slowly,
        "Receive until the line's end has come.");
  check("a client that sends more than a line, and reads late", too_much,
        "Shut your side down, then read until the client has ended; only then "
        "close.");
  check("clients that hang up", rude, "Ignore SIGPIPE, and go on.");
  empty_folder();
  return check_end();
}
