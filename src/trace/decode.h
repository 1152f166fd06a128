/* From the records of a trace (src/kernel/trace.h) to what strace(1) prints of them. */
#ifndef PORTSIDE_DECODE_H
#define PORTSIDE_DECODE_H

#include "../kernel/trace.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Text that is being made; what has no room is left out. Always ended by NUL. */
struct text {
  char *at;
  size_t used, room;
};
void text_begin(struct text *t, char *at, size_t room);
__attribute__((format(printf, 2, 3))) void text_add(struct text *t, const char *format, ...);
/* Bytes as a C string; at most `most` of them, and "..." if `full` are more. */
void text_quoted(struct text *t, const void *bytes, size_t n, size_t full, size_t most);

struct decode_options {
  size_t bytes; /* of a string */
  int sockets;  /* 1: -y, which sockets descriptors are; 2: -yy, with their addresses */
};

/* Whether the n bytes begin with a whole record that is in order; then it can be decoded. */
bool record_whole(const void *bytes, size_t n);
/* The last piece about an argument; NULL: there is none. */
const struct trace_piece *record_piece(const struct trace_record *r, int argument, bool after,
                                       int part);
/* The socket that the call was made on (TRACE_ABOUT_SOCKET), or that it gave. */
bool record_socket(const struct trace_record *r, int about, struct trace_socket *to);

/* A call in its parts: accept(3,   {sa_family=...}, [16])   = 4. What is known when it is entered
 * comes first; of a TRACE_WAITS or TRACE_GONE there is only that. */
void decode_entered(struct text *t, const struct trace_record *r, const struct decode_options *o);
void decode_left(struct text *t, const struct trace_record *r, const struct decode_options *o);
void decode_result(struct text *t, const struct trace_record *r, const struct decode_options *o);
int decode_count(const struct trace_record *r); /* of arguments, as they are printed */
void decode_argument(struct text *t, const struct trace_record *r, int n,
                     const struct decode_options *o);
/* Any record as a whole line, without its end; of a call padded as strace does. */
void decode_line(struct text *t, const struct trace_record *r, const struct decode_options *o);

const char *call_name(const struct trace_record *r); /* as Linux knows it: accept, not accept4 */
int call_classes(int call);                          /* enum trace_class */
const char *error_name(int error);                   /* "ENOENT"; NULL: none has that number */

#endif
