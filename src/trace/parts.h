/* What the files of src/trace/ share. */
#ifndef PORTSIDE_PARTS_H
#define PORTSIDE_PARTS_H

#include "decode.h"

struct name {
  int64_t value;
  const char *name;
};
#define NAME(n) {(int64_t)(n), #n}
/* One of the names, or a number and a remark: 0x7 with XX_???. The list ends with a NULL name. */
void text_name(struct text *t, int64_t value, const struct name *names, const char *unknown);
/* Names joined by |; what is left is a number. */
void text_flags(struct text *t, uint64_t value, const struct name *names, const char *unknown);

extern const struct name domains[], message_flags[], socket_levels[], open_flags[], poll_events[],
    epoll_events[], signals[];

/* names.c: an argument that is a name, a number or flags. False: it is none of them. */
bool text_value(struct text *t, const struct trace_record *r, int n, enum trace_type type);
void text_signal(struct text *t, int sig);          /* SIGINT */
void text_sigset(struct text *t, uint64_t signals); /* [INT TERM] */
void text_status(struct text *t, int status);       /* of wait */
void text_siginfo(struct text *t, const void *info);

/* net.c: what belongs to sockets */
void text_address(struct text *t, const void *address, size_t length);
void text_endpoint(struct text *t, const void *address, size_t length); /* 10.0.0.1:80 */
void text_socket(struct text *t, const struct trace_socket *s, bool addresses);
void text_option(struct text *t, int level, int option);
void text_option_value(struct text *t, int level, int option, const void *value, size_t length,
                       size_t full, const struct decode_options *o);
/* A struct msghdr, from its piece and those that it refers to. */
void text_message(struct text *t, const struct trace_record *r, int argument, bool after, int part,
                  const struct decode_options *o);
void text_vector(struct text *t, const struct trace_record *r, int argument, bool after, int part,
                 size_t count, const struct decode_options *o);

/* memory.c: what arguments refer to */
void text_pointer(struct text *t, int64_t a);
/* A socklen_t: [16], or [28 => 16] when the call has changed it. */
void text_length_at(struct text *t, const struct trace_record *r, int n);
void text_pollfds(struct text *t, const struct trace_piece *p, bool returned);
void text_fds(struct text *t, const struct trace_piece *p, int most);
void text_strings(struct text *t, const struct trace_piece *p, size_t most);
void text_referred(struct text *t, const struct trace_record *r, int n, enum trace_type type,
                   const struct trace_piece *p, const struct decode_options *o);

static inline const void *piece_bytes(const struct trace_piece *p) { return p + 1; }

#endif
