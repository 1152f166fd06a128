/* A request of HTTP (RFC 9110, 9112), read line by line: bytes in, a struct out. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum method { GET, HEAD, POST, OTHER };

struct request {
  enum method method;
  char method_name[16];
  char path[1024]; /* decoded, without the query; begins with '/' */
  bool is_11;      /* HTTP/1.1 or later; else 1.0 */
  int fields, hosts;
  bool close, keep_alive, expects_continue; /* Connection, Expect */
  bool has_length, is_chunked;              /* Content-Length, Transfer-Encoding */
  uint64_t length;                          /* of its content, if has_length */
  char type[128];                           /* Content-Type; these four: "" for none */
  char none_match[512], modified_since[64]; /* If-None-Match, If-Modified-Since */
  char range[64], if_range[128];            /* Range, If-Range */
};

/* Each answers 0, or the status that says what is wrong. The lines are changed on the way. */
int read_request_line(struct request *, char *line);
int read_field(struct request *, char *line);
int check_request(const struct request *); /* once all fields are there */

/* The size at the begin of a chunk; -1: it is none. */
int64_t chunk_size(const char *line);

/* Takes what is between white space and commas, as in a Connection field: the next element, or
 * NULL. */
char *next_element(char **list);
