/* strptime (POSIX): a date and time as text, by a format, in the C locale. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const halves[] = {"AM", "PM"};

/* What the fields do not say by themselves until all are read. */
struct state {
  struct tm *tm;
  int century, half; /* -1: not given */
};

/* A number of at most `digits` digits in a range. Its end, or NULL. */
static const char *number(const char *s, int digits, int least, int most, int *to) {
  int n = 0, read = 0;
  while (isspace((unsigned char)*s))
    s++;
  for (; read < digits && isdigit((unsigned char)*s); read++)
    n = n * 10 + *s++ - '0';
  if (!read || n < least || n > most) return NULL;
  *to = n;
  return s;
}

/* One of some names, whole or by its first three letters. Its end, or NULL. */
static const char *name(const char *s, const char *const *names, int count, int *to) {
  for (int i = 0; i < count; i++) {
    size_t whole = strlen(names[i]), n = strncasecmp(s, names[i], whole) ? 3 : whole;
    if (strncasecmp(s, names[i], n)) continue;
    *to = i;
    return s + n;
  }
  return NULL;
}

static const char *zone(const char *s, struct tm *tm) {
  int sign = *s == '-' ? -1 : 1, hours, minutes = 0;
  if (*s == 'Z') {
    tm->tm_gmtoff = 0;
    return s + 1;
  }
  if (*s != '+' && *s != '-') return NULL;
  if (!(s = number(s + 1, 2, 0, 23, &hours))) return NULL;
  if (*s == ':') s++;
  const char *end = number(s, 2, 0, 59, &minutes);
  tm->tm_gmtoff = sign * (hours * 60 + minutes) * 60;
  return end ? end : s;
}

static const char *seconds_since_1970(const char *s, struct tm *tm) {
  long long n = 0;
  const char *from = s;
  for (; isdigit((unsigned char)*s); s++)
    n = n * 10 + *s - '0';
  time_t t = (time_t)n;
  return s > from && localtime_r(&t, tm) ? s : NULL;
}

static const char *parse(const char *s, const char *format, struct state *to);

static const char *field(const char *s, char kind, struct state *to) {
  struct tm *tm = to->tm;
  int n, ignored;
  switch (kind) {
  case 'a':
  case 'A': return name(s, days, 7, &tm->tm_wday);
  case 'b':
  case 'B':
  case 'h': return name(s, months, 12, &tm->tm_mon);
  case 'c': return parse(s, "%a %b %e %H:%M:%S %Y", to);
  case 'C': return number(s, 2, 0, 99, &to->century);
  case 'd':
  case 'e': return number(s, 2, 1, 31, &tm->tm_mday);
  case 'x':
  case 'D': return parse(s, "%m/%d/%y", to);
  case 'F': return parse(s, "%Y-%m-%d", to);
  case 'k':
  case 'H': return number(s, 2, 0, 23, &tm->tm_hour);
  case 'l':
  case 'I': return number(s, 2, 1, 12, &tm->tm_hour);
  case 'j':
    if ((s = number(s, 3, 1, 366, &n))) tm->tm_yday = n - 1;
    return s;
  case 'm':
    if ((s = number(s, 2, 1, 12, &n))) tm->tm_mon = n - 1;
    return s;
  case 'M': return number(s, 2, 0, 59, &tm->tm_min);
  case 'n':
  case 't': return parse(s, " ", to);
  case 'p': return name(s, halves, 2, &to->half) ? s + 2 : NULL;
  case 'r': return parse(s, "%I:%M:%S %p", to);
  case 'R': return parse(s, "%H:%M", to);
  case 's': return seconds_since_1970(s, tm);
  case 'S': return number(s, 2, 0, 60, &tm->tm_sec);
  case 'X':
  case 'T': return parse(s, "%H:%M:%S", to);
  case 'u':
    if ((s = number(s, 1, 1, 7, &n))) tm->tm_wday = n % 7;
    return s;
  case 'w': return number(s, 1, 0, 6, &tm->tm_wday);
  case 'U':
  case 'W': return number(s, 2, 0, 53, &ignored);
  case 'y':
    if ((s = number(s, 2, 0, 99, &n))) tm->tm_year = n < 69 ? n + 100 : n;
    return s;
  case 'Y':
    if ((s = number(s, 4, 0, 9999, &n))) tm->tm_year = n - 1900;
    return s;
  case 'z': return zone(s, tm);
  case '%': return *s == '%' ? s + 1 : NULL;
  }
  return NULL;
}

static const char *parse(const char *s, const char *format, struct state *to) {
  for (; *format && s; format++) {
    if (isspace((unsigned char)*format)) {
      while (isspace((unsigned char)*s))
        s++;
    } else if (*format == '%') {
      format += format[1] == 'E' || format[1] == 'O' ? 2 : 1;
      s = field(s, *format, to);
    } else if (*s++ != *format) {
      return NULL;
    }
  }
  return s;
}

char *strptime(const char *restrict s, const char *restrict format, struct tm *restrict tm) {
  struct state state = {tm, -1, -1};
  const char *end = parse(s, format, &state);
  if (!end) return NULL;
  if (state.half >= 0) tm->tm_hour = tm->tm_hour % 12 + 12 * state.half;
  if (state.century >= 0) tm->tm_year = state.century * 100 - 1900 + (tm->tm_year + 1900) % 100;
  return (char *)end;
}
