/* The decoder as a wasm module of its own, for the page: records in, a line of JSON out for each.
 *
 *   { "kind": "call" | "waits" | "gone" | "start" | "signal" | "exit" | "lost",
 *     "host": "alice", "pid": 2, "tid": 2, "image": 17,
 *     "entered": ms since 1970, "left": ms, "blocked": ms,
 *     "line": what strace prints of it,
 *     "name": "accept", "arguments": ["3", ...], "class": "network",   of calls
 *     "result": 4, "error": "EBADF" | null,                            of "call"; of "exit": status
 *     "socket": { "inode": 9, "family": "AF_INET", "type": "SOCK_STREAM", "local": "10.0.0.1:80",
 *                 "peer": "10.0.0.2:50000" } | null,                   that the call was made on
 *     "given": the same of the socket that it gave, or null,
 *     "offsets": [...] }                                               in the program, innermost
 * first */
#include "parts.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define EXPORT(name) __attribute__((export_name(#name), used))
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

static struct {
  char *bytes;
  size_t have, at, room;
} input;
static char json[1 << 17], part[1 << 16];

/* Where to put n more bytes of records; 0: no memory. */
EXPORT(decode_input) char *decode_input(size_t n) {
  memmove(input.bytes, input.bytes + input.at, input.have -= input.at);
  input.at = 0;
  if (input.have + n > input.room) {
    char *larger = realloc(input.bytes, input.have + n);
    if (!larger) return NULL;
    input.bytes = larger;
    input.room = input.have + n;
  }
  input.have += n;
  return input.bytes + input.have - n;
}

static void add_string(struct text *t, const char *name, const char *value) {
  text_add(t, *name ? ",\"%s\":\"" : "\"", name);
  for (const char *c = value; *c; c++)
    text_add(t, strchr("\"\\", *c) ? "\\%c" : *c < ' ' ? "\\u%04x" : "%c", (unsigned char)*c);
  text_add(t, "\"");
}

static const char *classes(int call) {
  int c = call_classes(call);
  return c & CLASS_HIDDEN    ? "hidden"
         : c & CLASS_NETWORK ? "network"
         : c & CLASS_DESC    ? "desc"
         : c & CLASS_FILE    ? "file"
         : c & CLASS_PROCESS ? "process"
         : c & CLASS_SIGNAL  ? "signal"
                             : "other";
}

static void add_socket(struct text *t, const char *name, const struct trace_record *r, int about) {
  struct trace_socket s;
  struct text p;
  text_add(t, ",\"%s\":", name);
  if (!record_socket(r, about, &s)) {
    text_add(t, "null");
    return;
  }
  text_begin(&p, part, sizeof part);
  text_name(&p, s.domain, domains, "AF_???");
  text_add(t, "{\"inode\":%llu", (unsigned long long)s.inode);
  add_string(t, "family", part);
  add_string(t, "type",
             s.type == SOCK_STREAM  ? "SOCK_STREAM"
             : s.type == SOCK_DGRAM ? "SOCK_DGRAM"
             : s.type == SOCK_RAW   ? "SOCK_RAW"
                                    : "SOCK_SEQPACKET");
  text_begin(&p, part, sizeof part);
  if (s.domain != AF_UNIX) text_endpoint(&p, s.local, s.local_length);
  add_string(t, "local", part);
  text_begin(&p, part, sizeof part);
  if (s.domain != AF_UNIX) text_endpoint(&p, s.peer, s.peer_length);
  add_string(t, "peer", part);
  text_add(t, "}");
}

static void add_call(struct text *t, const struct trace_record *r, const struct decode_options *o) {
  const struct trace_piece *stack = record_piece(r, TRACE_ABOUT_STACK, false, 0);
  bool failed = r->kind == TRACE_CALL && r->result < 0 && r->result >= -4095;
  struct text p;
  add_string(t, "name", call_name(r));
  add_string(t, "class", classes(r->call));
  text_add(t, ",\"arguments\":[");
  for (int n = 0; n < decode_count(r); n++) {
    text_begin(&p, part, sizeof part);
    decode_argument(&p, r, n, o);
    if (n) text_add(t, ",");
    add_string(t, "", part);
  }
  text_add(t, "]");
  const char *error = r->result == -TRACE_RESTARTS ? "ERESTARTSYS" : error_name((int)-r->result);
  if (failed && error)
    add_string(t, "error", error);
  else
    text_add(t, ",\"error\":null");
  add_socket(t, "socket", r, TRACE_ABOUT_SOCKET);
  add_socket(t, "given", r, TRACE_ABOUT_RESULT);
  text_add(t, ",\"offsets\":[");
  for (size_t i = 0; stack && i < stack->length / sizeof(uint32_t); i++) {
    uint32_t offset;
    memcpy(&offset, (const char *)piece_bytes(stack) + i * sizeof offset, sizeof offset);
    text_add(t, i ? ",%u" : "%u", (unsigned)offset);
  }
  text_add(t, "]");
}

/* The next record, until decode_input is called; 0: there is no whole one left. bytes: of a string.
 */
EXPORT(decode_next) const char *decode_next(size_t bytes) {
  static const char *const kinds[] = {"",      "call",   "waits", "gone",
                                      "start", "signal", "exit",  "lost"};
  const struct trace_record *r = (const void *)(input.bytes + input.at);
  const struct decode_options o = {.bytes = bytes};
  struct text t, p;
  if (!record_whole(r, input.have - input.at) || r->kind < TRACE_CALL || r->kind > TRACE_LOST)
    return NULL;
  input.at += r->size;
  text_begin(&t, json, sizeof json);
  text_add(&t, "{\"kind\":\"%s\"", kinds[r->kind]);
  add_string(&t, "host", r->host);
  text_add(&t,
           ",\"pid\":%d,\"tid\":%d,\"image\":%u,\"entered\":%.6f,\"left\":%.6f,\"blocked\":%.6f,"
           "\"result\":%lld",
           (int)r->pid, (int)r->tid, (unsigned)r->image, (double)r->entered / 1e6,
           (double)r->left / 1e6, (double)r->blocked / 1e6, (long long)r->result);
  text_begin(&p, part, sizeof part);
  decode_line(&p, r, &o);
  add_string(&t, "line", part);
  if (r->kind <= TRACE_GONE) add_call(&t, r, &o);
  if (r->kind == TRACE_START) text_add(&t, ",\"parent\":%lld", (long long)r->arguments[0]);
  text_add(&t, "}");
  return json;
}
