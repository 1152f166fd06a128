/* See http_request.h. */
#define _GNU_SOURCE
#include "http_request.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { FIELDS = 100 };

static bool is_token(const char *text) {
  if (!*text) return false;
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && !strchr("!#$%&'*+-.^_`|~", *text)) return false;
  return true;
}

static int digit(char c) {
  if (isdigit((unsigned char)c)) return c - '0';
  return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* Decodes %XX. False: malformed, does not fit, or a control character was hidden in it. */
static bool decode(const char *from, char *to, size_t size) {
  for (size_t n = 0;; n++) {
    int c = (unsigned char)*from++;
    if (n == size) return false;
    if (c == '%') {
      if (digit(from[0]) < 0 || digit(from[1]) < 0) return false;
      c = digit(from[0]) << 4 | digit(from[1]);
      from += 2;
      if (c < ' ' || c == 127) return false;
    }
    to[n] = (char)c;
    if (!c) return true;
  }
}

/* The path of a target in origin form, /path?query, or absolute form, http://host/path. */
static int read_target(struct request *r, char *target) {
  const char *path = target;
  target[strcspn(target, "?#")] = 0;
  if (!strcmp(target, "*") && r->method == OTHER) return strcpy(r->path, "*"), 0; /* OPTIONS * */
  if (!strncasecmp(target, "http://", 7)) path = strchr(target + 7, '/');
  if (!path) path = "/";
  if (*path != '/') return 400;
  if (strlen(path) >= sizeof r->path) return 414;
  return decode(path, r->path, sizeof r->path) ? 0 : 400;
}

/* What this server knows and does, knows and does not do (405), and does not know (501). */
static int read_method(struct request *r, const char *name) {
  static const char *const known[] = {"GET",     "HEAD",  "POST",    "PUT",  "DELETE",
                                      "CONNECT", "TRACE", "OPTIONS", "PATCH"};
  for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(name, known[i])) {
      r->method = i < OTHER ? (enum method)i : OTHER;
      strcpy(r->method_name, name);
      return 0;
    }
  return is_token(name) ? 501 : 400;
}

int read_request_line(struct request *r, char *line) {
  char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;
  if (!version) return 400;
  *target++ = 0;
  *version++ = 0;
  if (strncmp(version, "HTTP/", 5) || !isdigit((unsigned char)version[5]) || version[6] != '.' ||
      !isdigit((unsigned char)version[7]) || version[8])
    return 400;
  if (version[5] != '1') return 505;
  r->is_11 = version[7] != '0';
  int wrong = read_method(r, line);
  return wrong ? wrong : read_target(r, target);
}

char *next_element(char **list) {
  char *element = *list + strspn(*list, ", \t");
  size_t length = strcspn(element, ",");
  if (!*element) return NULL;
  *list = element + length + (element[length] == ',');
  while (length && strchr(" \t", element[length - 1]))
    length--;
  element[length] = 0;
  return element;
}

static int read_connection(struct request *r, char *list) {
  for (char *option; (option = next_element(&list));) {
    r->close |= !strcasecmp(option, "close");
    r->keep_alive |= !strcasecmp(option, "keep-alive");
  }
  return 0;
}

/* Two lengths that differ, or anything else than digits, make it unclear where the next request
 * begins: some have used that to slip one past a proxy. */
static int read_length(struct request *r, const char *value) {
  uint64_t length = 0;
  if (!*value || value[strspn(value, "0123456789")]) return 400;
  for (; *value; value++) {
    if (length > UINT64_MAX / 10 - 10) return 413;
    length = length * 10 + (uint64_t)(*value - '0');
  }
  if (r->has_length && r->length != length) return 400;
  r->has_length = true;
  r->length = length;
  return 0;
}

static int read_transfer_encoding(struct request *r, const char *value) {
  if (strcasecmp(value, "chunked")) return 501;
  if (r->is_chunked) return 400;
  r->is_chunked = true;
  return 0;
}

static int keep(char *to, size_t size, const char *value) {
  if (strlen(value) < size) strcpy(to, value);
  return 0;
}

int read_field(struct request *r, char *line) {
  char *value = strchr(line, ':');
  if (++r->fields > FIELDS) return 431;
  if (!value) return 400;
  *value++ = 0;
  if (!is_token(line)) return 400; /* also one that continues the last, as was once allowed */
  value += strspn(value, " \t");
  for (size_t n = strlen(value); n && strchr(" \t", value[n - 1]); n--)
    value[n - 1] = 0;
  for (const char *p = value; *p; p++)
    if (((unsigned char)*p < ' ' && *p != '\t') || *p == 127) return 400;

  if (!strcasecmp(line, "Host")) return r->hosts++, 0;
  if (!strcasecmp(line, "Connection")) return read_connection(r, value);
  if (!strcasecmp(line, "Content-Length")) return read_length(r, value);
  if (!strcasecmp(line, "Transfer-Encoding")) return read_transfer_encoding(r, value);
  if (!strcasecmp(line, "Content-Type")) return keep(r->type, sizeof r->type, value);
  if (!strcasecmp(line, "Range")) return keep(r->range, sizeof r->range, value);
  if (!strcasecmp(line, "If-Range")) return keep(r->if_range, sizeof r->if_range, value);
  if (!strcasecmp(line, "If-None-Match")) return keep(r->none_match, sizeof r->none_match, value);
  if (!strcasecmp(line, "If-Modified-Since"))
    return keep(r->modified_since, sizeof r->modified_since, value);
  if (!strcasecmp(line, "Expect")) {
    if (strcasecmp(value, "100-continue")) return 417;
    r->expects_continue = r->is_11;
  }
  return 0;
}

int check_request(const struct request *r) {
  if (r->hosts > 1 || (r->is_11 && !r->hosts)) return 400;
  if (r->is_chunked && (r->has_length || !r->is_11)) return 400;
  if (r->method == POST && !r->is_chunked && !r->has_length) return 411;
  return 0;
}

int64_t chunk_size(const char *line) {
  int64_t size = 0;
  int digits = 0;
  for (; digit(*line) >= 0; line++, digits++) {
    if (digits == 15) return -1;
    size = size << 4 | digit(*line);
  }
  line += strspn(line, " \t");
  return digits && (!*line || *line == ';') ? size : -1;
}
