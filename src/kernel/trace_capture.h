/* A call that is traced, while it lasts: trace.c tells it, trace_capture.c keeps what it refers to.
 */
#ifndef PORTSIDE_TRACE_CAPTURE_H
#define PORTSIDE_TRACE_CAPTURE_H

#include "kernel.h"
#include "trace.h"

enum { PIECES_ROOM = 16384 }; /* bytes that a record's pieces may take; more are left out */

struct tracing {
  struct tracing *outer; /* a call that goes on while a handler runs */
  size_t bytes;          /* of a buffer, to be kept */
  bool waits;            /* TRACE_WAITS has been told */
  long value;            /* what a call of WASI's gives by address */
  struct trace_record record;
  uint8_t pieces[PIECES_ROOM]; /* of the record */
};

/* Keeps what the arguments refer to; after: as the call leaves it, its result is in the record. */
void trace_capture(struct tracing *t, bool after);
/* Adds a piece of the kernel's bytes, up to t->bytes of them. */
void trace_piece(struct tracing *t, int argument, bool after, int part, const void *from, size_t n);

#endif
