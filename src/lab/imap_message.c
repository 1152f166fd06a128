/* What IMAP tells of a message: its fields, envelope and structure. See imap_session.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "imap_session.h"

/* --- fields --- */

/* The length of the field that begins at `text`, with the lines that continue it. */
static size_t field_length(const char *text, const char *end) {
  const char *at = text;
  do {
    const char *line = memchr(at, '\n', (size_t)(end - at));
    at = line ? line + 1 : end;
  } while (at < end && (*at == ' ' || *at == '\t'));
  return (size_t)(at - text);
}

static bool is_field(const char *field, size_t length, const char *name, size_t name_length) {
  return length > name_length && field[name_length] == ':' &&
         !strncasecmp(field, name, name_length);
}

char *imap_field(const struct message *m, const char *name) {
  const char *end = m->text + mail_body(m);
  for (const char *at = m->text; at < end;) {
    size_t length = field_length(at, end), n = 0;
    if (!is_field(at, length, name, strlen(name))) {
      at += length;
      continue;
    }
    const char *value = at + strlen(name) + 1, *after = at + length;
    while (value < after && isspace((unsigned char)*value))
      value++;
    char *copy = malloc((size_t)(after - value) + 1);
    for (; copy && value < after; value++)
      if (*value && *value != '\r' && *value != '\n') copy[n++] = *value;
    if (copy) copy[n] = 0;
    return copy;
  }
  return NULL;
}

/* list: names with a space after each */
static bool is_listed(const char *field, size_t length, const char *list) {
  while (*list) {
    size_t name = strcspn(list, " ");
    if (is_field(field, length, list, name)) return true;
    list += name + (list[name] == ' ');
  }
  return false;
}

char *imap_fields(const struct message *m, const char *list, bool not_in, size_t *size) {
  size_t header = mail_body(m);
  char *copy = malloc(header + 3);
  const char *end = m->text + header;
  *size = 0;
  for (const char *at = m->text; copy && at < end;) {
    size_t length = field_length(at, end);
    if (*at != '\r' && is_listed(at, length, list) != not_in) {
      memcpy(copy + *size, at, length);
      *size += length;
    }
    at += length;
  }
  if (!copy) return NULL;
  memcpy(copy + *size, "\r\n", 2);
  *size += 2;
  return copy;
}

/* --- addresses --- */

static void put_text(struct client *c, const char *text) {
  text ? imap_put_string(c, text, strlen(text)) : client_puts(c, "NIL");
}

static char *trim(char *text) {
  text += strspn(text, " \t");
  for (size_t n = strlen(text); n && strchr(" \t", text[n - 1]); n--)
    text[n - 1] = 0;
  return text;
}

/* Takes quotes and backslashes away, in place. */
static char *unquote(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (*from == '"') continue;
    if (*from == '\\' && from[1]) from++;
    *to++ = *from;
  }
  *to = 0;
  return trim(text);
}

/* Where the first of `stops` is, outside of quotes and comments; or the end. */
static char *find(char *text, const char *stops) {
  bool quoted = false;
  int depth = 0;
  for (; *text; text++) {
    if (!quoted && !depth && strchr(stops, *text)) break;
    if (*text == '\\' && text[1])
      text++;
    else if (*text == '"' && !depth)
      quoted = !quoted;
    else if (*text == '(' && !quoted)
      depth++;
    else if (*text == ')' && depth)
      depth--;
  }
  return text;
}

/* Name <user@host>, or user@host (Name), or user@host; it is changed. */
static void put_address(struct client *c, char *text) {
  char *name = NULL, *address = text, *open = find(text, "<"), *comment = strchr(text, '(');
  if (*open) {
    *open = 0;
    name = text;
    address = open + 1;
    address[strcspn(address, ">")] = 0;
  } else if (comment) {
    *comment = 0;
    name = comment + 1;
    name[strcspn(name, ")")] = 0;
  }
  char *host = strrchr(address, '@');
  if (host) *host++ = 0;
  if (name && !*(name = unquote(trim(name)))) name = NULL;
  client_puts(c, "(");
  put_text(c, name);
  client_puts(c, " NIL ");
  put_text(c, unquote(trim(address)));
  client_puts(c, " ");
  put_text(c, host ? trim(host) : "");
  client_puts(c, ")");
}

/* A list, or that of `instead` if there is no such field. */
static void put_addresses(struct client *c, const struct message *m, const char *name,
                          const char *instead) {
  char *list = imap_field(m, name);
  if (!list && instead) list = imap_field(m, instead);
  char *at = list;
  bool any = false;
  while (at && *at) {
    char *end = find(at, ",;");
    bool last = !*end;
    *end = 0;
    if (*(at = trim(at))) {
      if (!any) client_puts(c, "(");
      any = true;
      put_address(c, at);
    }
    at = last ? NULL : end + 1;
  }
  client_puts(c, any ? ")" : "NIL");
  free(list);
}

static void put_field(struct client *c, const struct message *m, const char *name) {
  char *value = imap_field(m, name);
  put_text(c, value);
  free(value);
}

void imap_put_envelope(struct client *c, const struct message *m) {
  static const struct {
    const char *name, *instead;
  } lists[] = {{"From", NULL}, {"Sender", "From"}, {"Reply-To", "From"},
               {"To", NULL},   {"Cc", NULL},       {"Bcc", NULL}};
  client_puts(c, "(");
  put_field(c, m, "Date");
  client_puts(c, " ");
  put_field(c, m, "Subject");
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    client_puts(c, " ");
    put_addresses(c, m, lists[i].name, lists[i].instead);
  }
  client_puts(c, " ");
  put_field(c, m, "In-Reply-To");
  client_puts(c, " ");
  put_field(c, m, "Message-ID");
  client_puts(c, ")");
}

/* --- structure --- */

/* The value of charset=... in a Content-Type, or "us-ascii". */
static void put_charset(struct client *c, const char *type) {
  const char *at = type;
  while (at && (at = strchr(at, ';'))) {
    at += 1 + strspn(at + 1, " \t");
    if (strncasecmp(at, "charset=", 8)) continue;
    at += 8 + (at[8] == '"');
    imap_put_string(c, at, strcspn(at, "\"; \t"));
    return;
  }
  client_puts(c, "\"us-ascii\"");
}

void imap_put_structure(struct client *c, const struct message *m, bool extended) {
  size_t body = mail_body(m), lines = 0;
  char *type = imap_field(m, "Content-Type"),
       *encoding = imap_field(m, "Content-Transfer-Encoding");
  for (size_t i = body; i < m->size; i++)
    lines += m->text[i] == '\n';
  bool text = type && !strncasecmp(type, "text/", 5);
  const char *subtype = text ? type + 5 : "plain";
  client_puts(c, "(\"text\" ");
  imap_put_string(c, subtype, strcspn(subtype, "; \t"));
  client_puts(c, " (\"charset\" ");
  put_charset(c, text ? type : NULL);
  client_puts(c, ") NIL NIL ");
  put_text(c, encoding ? encoding : "7bit");
  client_printf(c, " %zu %zu%s)", m->size - body, lines, extended ? " NIL NIL NIL NIL" : "");
  free(type);
  free(encoding);
}
