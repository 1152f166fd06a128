/* cc: the page's compiler, as a command. It sends what clang needs through /dev/cc and writes what
 * comes back; each request is
 *     WORDS FILES\n           two numbers: the arguments, and the files, that follow
 *     arguments, then for each file its name and its bytes
 * and its answer
 *     what is to be said, then, if it went well, the program or, after -c, the object
 * where each of these is its length, "\n", and its bytes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 256 };

struct text {
  char *bytes;
  size_t length;
};
static struct file {
  char *name;
  struct text text;
} files[MOST];
static int file_count;

static const char *words[MOST], *inputs[MOST], *folders[MOST]; /* folders: of -I */
static int word_count, input_count, folder_count;
static const char *out;
static bool only_compile;

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "cc: error: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  exit(EXIT_FAILURE);
}

static void *need(void *allocated) {
  if (!allocated) fail("out of memory", NULL);
  return allocated;
}

static char *joined(const char *a, const char *b) {
  char *all;
  if (asprintf(&all, "%s%s", a, b) == -1) fail("out of memory", NULL);
  return all;
}

static void add(const char **list, int *count, const char *item) {
  if (*count == MOST) fail("too many arguments", NULL);
  list[(*count)++] = item;
}

static bool ends_in(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n > m && !strcmp(name + n - m, end);
}

static bool read_all(const char *name, struct text *to) {
  struct stat s;
  int fd = open(name, O_RDONLY);
  if (fd == -1) return false;
  bool good = fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
  if (!good) errno = EISDIR;
  *to = (struct text){.bytes = need(malloc((size_t)s.st_size + 1))};
  ssize_t n = good ? read(fd, to->bytes, (size_t)s.st_size) : -1;
  close(fd);
  if (n != s.st_size) return false;
  to->length = (size_t)n;
  to->bytes[n] = '\0';
  return true;
}

static bool have(const char *name) {
  for (int i = 0; i < file_count; i++)
    if (!strcmp(files[i].name, name)) return true;
  return false;
}

static void add_included(const struct file *f);

/* A file to be sent, and those that it includes. The compiler has no directory above the current.
 */
static bool add_file(const char *name) {
  struct text text;
  if (have(name)) return true;
  if (!read_all(name, &text)) return false;
  if (file_count == MOST) fail(name, "too many files");
  files[file_count] = (struct file){need(strdup(name)), text};
  add_included(&files[file_count++]);
  return true;
}

/* Headers in quotation marks: beside the file that includes them, or where -I says. Those that are
 * nowhere, clang knows, or complains of. */
static void add_included(const struct file *f) {
  const char *slash = strrchr(f->name, '/');
  int folder = slash ? (int)(slash - f->name) + 1 : 0;
  for (const char *at = f->text.bytes; (at = strstr(at, "include")); at++) {
    char quoted[NAME_MAX + 1], path[PATH_MAX];
    if (sscanf(at, "include \"%255[^\"\n]\"", quoted) != 1) continue;
    snprintf(path, sizeof path, "%.*s%s", folder, f->name, quoted);
    bool found = add_file(path);
    for (int i = 0; !found && i < folder_count; i++) {
      snprintf(path, sizeof path, "%s/%s", folders[i], quoted);
      found = add_file(path);
    }
  }
}

/* --- the arguments --- */

/* The value of an option that has one, in the same word or the next. */
static char *value(char *argv[], int *i) {
  if (argv[*i][2]) return argv[*i] + 2;
  if (!argv[*i + 1]) fail(argv[*i], "an argument is missing");
  return argv[++*i];
}

static void take_option(char *argv[], int *i) {
  char *word = argv[*i];
  char letter[3] = {'-', word[1], '\0'};
  if (!strcmp(word, "-c"))
    only_compile = true;
  else if (!strcmp(word, "-E") || !strcmp(word, "-S"))
    fail(word, "this compiler makes programs and, with -c, objects");
  else if (word[1] == 'o')
    out = value(argv, i);
  else if (word[1] == 'l' || word[1] == 'L')
    value(argv, i); /* all libraries are there */
  else if (word[1] == 'I') {
    add(folders, &folder_count, value(argv, i));
    add(words, &word_count, joined("-I", folders[folder_count - 1]));
  } else if (word[1] == 'D' || word[1] == 'U')
    add(words, &word_count, joined(letter, value(argv, i)));
  else if (strcmp(word, "-pthread") && strcmp(word, "-static") && strcmp(word, "-s"))
    add(words, &word_count, word);
}

static void take_arguments(char *argv[]) {
  for (int i = 1; argv[i]; i++) {
    if (argv[i][0] == '-' && argv[i][1])
      take_option(argv, &i);
    else if (ends_in(argv[i], ".c") || ends_in(argv[i], ".o"))
      add(inputs, &input_count, argv[i]);
    else
      fail(argv[i], "neither C (.c) nor an object (.o)");
  }
  if (!input_count) fail("no input files", NULL);
  if (only_compile && out && input_count > 1) fail("-o with -c and several files", NULL);
  add(words, &word_count, isatty(STDERR_FILENO) ? "-fcolor-diagnostics" : "-fno-color-diagnostics");
  if (only_compile) add(words, &word_count, "-c");
}

/* --- the page --- */

static void send_text(FILE *to, const char *bytes, size_t length) {
  fprintf(to, "%zu\n", length);
  fwrite(bytes, 1, length, to);
}

/* False: there is none. */
static bool receive_text(FILE *from, struct text *to) {
  if (fscanf(from, "%zu", &to->length) != 1 || fgetc(from) != '\n') return false;
  to->bytes = need(malloc(to->length + 1));
  return fread(to->bytes, 1, to->length, from) == to->length;
}

static void write_out(const char *name, const struct text *made) {
  unlink(name); /* a program that runs keeps its own */
  int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, only_compile ? 0666 : 0777);
  if (fd == -1 || write(fd, made->bytes, made->length) != (ssize_t)made->length ||
      close(fd) == -1) {
    perror(name);
    exit(EXIT_FAILURE);
  }
}

/* Has inputs[first] to inputs[last] made into one file. */
static bool make(int first, int last, const char *name) {
  struct text said, made;
  int fd = open("/dev/cc", O_RDWR);
  FILE *page = fd == -1 ? NULL : fdopen(fd, "r+");
  if (!page) fail("/dev/cc", "the compiler of a Portside lab is not here");
  file_count = 0;
  for (int i = first; i <= last; i++)
    if (!add_file(inputs[i])) fail(inputs[i], strerror(errno));
  fprintf(page, "%d %d\n", word_count + last - first + 1, file_count);
  for (int i = 0; i < word_count; i++)
    send_text(page, words[i], strlen(words[i]));
  for (int i = first; i <= last; i++)
    send_text(page, inputs[i], strlen(inputs[i]));
  for (int i = 0; i < file_count; i++) {
    send_text(page, files[i].name, strlen(files[i].name));
    send_text(page, files[i].text.bytes, files[i].text.length);
  }
  if (fflush(page) || !receive_text(page, &said)) fail("no answer from the page", NULL);
  fwrite(said.bytes, 1, said.length, stderr);
  bool good = receive_text(page, &made);
  fclose(page);
  if (good) write_out(name, &made);
  return good;
}

int main(int argc, char *argv[]) {
  (void)argc;
  bool good = true;
  take_arguments(argv);
  if (!only_compile)
    return make(0, input_count - 1, out ? out : "a.out") ? EXIT_SUCCESS : EXIT_FAILURE;
  for (int i = 0; i < input_count; i++) {
    const char *slash = strrchr(inputs[i], '/'), *base = slash ? slash + 1 : inputs[i];
    char name[NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s.o", (int)strlen(base) - 2, base);
    if (!make(i, i, out ? out : name)) good = false;
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
