/* Text, and the records that it is made from. */
#include "decode.h"
#include <stdio.h>
#include <string.h>

void text_begin(struct text *t, char *at, size_t room) {
  *t = (struct text){at, 0, room};
  *at = 0;
}

void text_add(struct text *t, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(t->at + t->used, t->room - t->used, format, arguments);
  va_end(arguments);
  if (n > 0) t->used += (size_t)n < t->room - t->used ? (size_t)n : t->room - t->used - 1;
}

static void quote(struct text *t, int c, bool digit_follows) {
  static const char plain[] = "\n\r\t\v\f\\\"", letters[] = "nrtvf\\\"";
  const char *special = c ? strchr(plain, c) : NULL;
  if (special)
    text_add(t, "\\%c", letters[special - plain]);
  else if (c >= ' ' && c < 127)
    text_add(t, "%c", c);
  else
    text_add(t, digit_follows ? "\\%03o" : "\\%o", (unsigned)c);
}

void text_quoted(struct text *t, const void *bytes, size_t n, size_t full, size_t most) {
  const uint8_t *b = bytes;
  size_t shown = n < most ? n : most;
  text_add(t, "\"");
  for (size_t i = 0; i < shown; i++)
    quote(t, b[i], i + 1 < shown && b[i + 1] >= '0' && b[i + 1] <= '9');
  text_add(t, full > shown ? "\"..." : "\"");
}

static size_t piece_size(const struct trace_piece *p) {
  return sizeof *p + ((size_t)p->length + 7) / 8 * 8;
}

bool record_whole(const void *bytes, size_t n) {
  const struct trace_record *r = bytes;
  if (n < sizeof *r || r->size < sizeof *r || r->size % 8 || r->size > n) return false;
  size_t at = sizeof *r;
  for (uint32_t i = 0; i < r->pieces; i++) {
    const struct trace_piece *p = (const void *)((const char *)bytes + at);
    if (r->size - at < sizeof *p || piece_size(p) > r->size - at) return false;
    at += piece_size(p);
  }
  return at == r->size && r->call < CALLS && memchr(r->host, 0, sizeof r->host);
}

const struct trace_piece *record_piece(const struct trace_record *r, int argument, bool after,
                                       int part) {
  const char *at = (const char *)(r + 1);
  const struct trace_piece *found = NULL, *p;
  for (uint32_t i = 0; i < r->pieces; i++, at += piece_size(p)) {
    p = (const void *)at;
    if (p->argument == argument && p->after == after && p->part == part) found = p;
  }
  return found;
}

bool record_socket(const struct trace_record *r, int about, struct trace_socket *to) {
  const struct trace_piece *p = record_piece(r, about, true, 0);
  if (!p) p = record_piece(r, about, false, 0);
  if (!p || p->length != sizeof *to) return false;
  memcpy(to, p + 1, sizeof *to);
  return to->local_length <= sizeof to->local && to->peer_length <= sizeof to->peer;
}
