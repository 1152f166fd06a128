/* printf's %m, of glibc: strerror(errno). Emscripten's leaves it out. Linked with --wrap. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_LIMIT = 128 };
typedef int print(FILE *to, const char *format, va_list values);

/* The next %m in the format, if any; *end: behind it. */
static const char *next_m(const char *format, const char **end) {
  for (const char *at = format; (at = strchr(at, '%')); at = *end) {
    const char *letter = at + 1 + strspn(at + 1, "-0123456789.");
    *end = letter + (*letter != '\0');
    if (*letter == 'm') return at;
  }
  return NULL;
}

/* Appends to the text what errno says, printed as the %m has it. */
static char *append_words(char *to, const char *m, const char *end) {
  char form[WORDS_LIMIT], words[WORDS_LIMIT];
  size_t n = (size_t)(end - m);
  if (n >= sizeof form) return to;
  memcpy(form, m, n);
  form[n - 1] = 's';
  form[n] = '\0';
  snprintf(words, sizeof words, form, strerror(errno));
  return stpcpy(to, words);
}

static int print_with_m(print *print, FILE *to, const char *format, va_list values) {
  const char *end, *m = next_m(format, &end);
  if (!m) return print(to, format, values);
  size_t size = strlen(format) + WORDS_LIMIT;
  for (const char *at = end; next_m(at, &at);)
    size += WORDS_LIMIT;
  char *whole = __builtin_alloca(size), *out = whole;
  const char *from = format;
  for (; m; from = end, m = next_m(from, &end)) {
    memcpy(out, from, (size_t)(m - from));
    out = append_words(out + (m - from), m, end);
  }
  strcpy(out, from);
  return print(to, whole, values);
}

/* Emscripten has three: with all floating point, without, and without long double. */
#define WRAP(name)                                                                                 \
  print __real_##name, __wrap_##name;                                                              \
  int __wrap_##name(FILE *to, const char *format, va_list values) {                                \
    return print_with_m(__real_##name, to, format, values);                                        \
  }
WRAP(vfprintf)
WRAP(vfiprintf)
WRAP(__small_vfprintf)
