/* An HTTP server (RFC 9110, 9112): http [PORT [FOLDER]] gives the folder's files, or else pages of
 * its own, and in both cases /echo     to POST to: gives the content back /chunked  content in
 * chunks, as its length is not known when it begins /slow     a line a second /old      is to be
 * found elsewhere now */
#define _GNU_SOURCE
#include "http_pages.h"
#include "http_request.h"
#include "service.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
  LINE_LIMIT = 8000,
  CONTENT_LIMIT = 64 * 1024,
  TRAILERS = 100,
  PIECE = 16 * 1024, /* of a page, sent at a time */
  SLOW_LINES = 10
};

/* What of a request comes next; in REPLY, its answer is on its way, and the next one waits. */
enum state { LINE, FIELDS, CONTENT, CHUNK, CHUNK_DATA, CHUNK_END, TRAILER, REPLY };

struct session {
  enum state state;
  struct request request;
  uint64_t left;    /* of the content, or of a chunk of it */
  uint64_t size;    /* of the content that has come */
  char *content;    /* as far as it is needed */
  bool last;        /* the connection ends with this answer */
  bool chunked;     /* the answer is */
  int lines;        /* of the answer, or of the trailer */
  struct page page; /* being sent: from `at` on, up to `end` */
  int64_t at, end;
};

static const char *folder;

/* ---- the head of an answer ---- */

static const char *reason(int status) {
  switch (status) {
  case 200: return "OK";
  case 206: return "Partial Content";
  case 301: return "Moved Permanently";
  case 304: return "Not Modified";
  case 400: return "Bad Request";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 411: return "Length Required";
  case 413: return "Content Too Large";
  case 414: return "URI Too Long";
  case 416: return "Range Not Satisfiable";
  case 417: return "Expectation Failed";
  case 431: return "Request Header Fields Too Large";
  case 501: return "Not Implemented";
  case 505: return "HTTP Version Not Supported";
  default: return "Internal Server Error";
  }
}

static const char *date(time_t t) {
  static char text[40];
  struct tm tm;
  gmtime_r(&t, &tm);
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  return text;
}

/* Length < 0: not known. `more`: further fields, each with its CRLF. */
static void put_head(struct client *c, int status, const char *type, int64_t length,
                     const char *more) {
  struct session *s = c->session;
  const struct request *r = &s->request;
  s->state = REPLY;
  s->chunked = length < 0 && r->is_11;
  if (r->close || !(r->is_11 || r->keep_alive) || (length < 0 && !r->is_11)) s->last = true;
  client_log(c, "%s %s %d", *r->method_name ? r->method_name : "?", r->path, status);
  client_printf(c, "HTTP/1.1 %d %s\r\nDate: %s\r\n%s", status, reason(status), date(time(NULL)),
                more);
  if (type) client_printf(c, "Content-Type: %s\r\n", type);
  if (length >= 0 && status != 304) client_printf(c, "Content-Length: %lld\r\n", (long long)length);
  if (s->chunked) client_puts(c, "Transfer-Encoding: chunked\r\n");
  if (s->last)
    client_puts(c, "Connection: close\r\n");
  else if (!r->is_11)
    client_puts(c, "Connection: keep-alive\r\n");
  client_puts(c, "\r\n");
}

static void reset(struct session *s) {
  close_page(&s->page);
  free(s->content);
  *s = (struct session){.page.file = -1};
}

/* The answer is complete. */
static void finish(struct client *c) {
  struct session *s = c->session;
  if (s->last)
    client_close(c);
  else {
    reset(s);
    client_raw(c, false);
    client_hold(c, false);
  }
}

/* An answer that is known as a whole. */
static void reply(struct client *c, int status, const char *more, const char *text) {
  struct session *s = c->session;
  put_head(c, status, "text/plain; charset=utf-8", (int64_t)strlen(text), more);
  if (s->request.method != HEAD) client_puts(c, text);
  finish(c);
}

static void refuse(struct client *c, int status) {
  char text[64];
  const struct request *r = &((struct session *)c->session)->request;
  snprintf(text, sizeof text, "%d %s\n", status, reason(status));
  const char *allow = strcmp(r->path, "/echo") ? "Allow: GET, HEAD\r\n" : "Allow: POST\r\n";
  reply(c, status, status == 405 ? allow : "", text);
}

/* After this request one cannot know where the next begins. */
static void refuse_and_close(struct client *c, int status) {
  ((struct session *)c->session)->last = true;
  refuse(c, status);
}

/* ---- answers that take a while ---- */

static void put_piece(struct client *c, const char *text) {
  struct session *s = c->session;
  if (s->chunked)
    client_printf(c, "%zx\r\n%s\r\n", strlen(text), text);
  else
    client_puts(c, text);
}

static void end_pieces(struct client *c) {
  struct session *s = c->session;
  if (s->chunked) client_puts(c, "0\r\n\r\n");
  finish(c);
}

static void put_slow_line(struct client *c) {
  struct session *s = c->session;
  char text[40];
  s->lines++;
  snprintf(text, sizeof text, "%d %s\n", s->lines, s->lines % 2 ? "(the light turns)" : "*");
  put_piece(c, text);
  if (s->lines == SLOW_LINES)
    end_pieces(c);
  else
    client_alarm(c, 1000);
}

static void give_in_pieces(struct client *c, bool slow) {
  static const char *const cargo[] = {
      "A ship came in whose cargo nobody had weighed.\n",
      "So each crate was put on the quay behind a slip with its own size,\n",
      "in hexadecimal, as is the custom here,\n",
      "and the last slip said 0: that was all.\n",
  };
  const struct request *r = &((struct session *)c->session)->request;
  put_head(c, 200, "text/plain; charset=utf-8", -1, "");
  if (r->method == HEAD) {
    finish(c);
    return;
  }
  client_hold(c, true);
  if (slow) {
    put_slow_line(c);
    return;
  }
  for (size_t i = 0; i < sizeof cargo / sizeof *cargo; i++)
    put_piece(c, cargo[i]);
  end_pieces(c);
}

/* Called when there is room. */
static void put_page_piece(struct client *c) {
  struct session *s = c->session;
  char bytes[PIECE];
  size_t size = s->end - s->at > PIECE ? PIECE : (size_t)(s->end - s->at);
  ssize_t n = size ? read_page(&s->page, s->at, bytes, size) : 0;
  if (n <= 0 && size) { /* the file has become shorter than we said */
    client_abort(c);
    return;
  }
  client_write(c, bytes, (size_t)n);
  s->at += n;
  if (s->at < s->end) return;
  client_produce(c, false);
  finish(c);
}

/* ---- pages ---- */

/* Weak comparison: W/"x" is as good as "x". */
static bool has_tag(char *list, const char *tag) {
  for (char *element; (element = next_element(&list));)
    if (!strcmp(element, "*") || !strcmp(strncmp(element, "W/", 2) ? element : element + 2, tag))
      return true;
  return false;
}

/* In any of the three forms that RFC 9110 wants understood. */
static bool read_date(const char *text, time_t *t) {
  static const char *const forms[] = {"%*3s, %d %3s %d %d:%d:%d GMT%n",
                                      "%*[A-Za-z], %d-%3s-%d %d:%d:%d GMT%n"};
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  struct tm tm = {0};
  char month[4];
  int n = 0;
  for (int i = 0; i < 2 && !n; i++)
    sscanf(text, forms[i], &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
           &n);
  if (!n)
    sscanf(text, "%*3s %3s %d %d:%d:%d %d%n", month, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
           &tm.tm_sec, &tm.tm_year, &n);
  const char *found = n && !text[n] ? strstr(months, month) : NULL;
  if (!found || (found - months) % 3 || strlen(month) != 3) return false;
  tm.tm_mon = (int)(found - months) / 3;
  if (tm.tm_year < 70) tm.tm_year += 100; /* of two digits */
  if (tm.tm_year >= 1900) tm.tm_year -= 1900;
  *t = timegm(&tm);
  return true;
}

static bool is_known_to_client(struct request *r, const struct page *p) {
  time_t t;
  if (*r->none_match) return has_tag(r->none_match, p->tag);
  return *r->modified_since && read_date(r->modified_since, &t) && p->modified <= t;
}

/* Narrows at and end to what a Range field wants. 206; 200: it wants all, or what is not done here,
 * such as several ranges; 416: there is nothing there. */
static int choose_range(struct session *s) {
  const struct request *r = &s->request;
  unsigned long long first, last;
  int n = 0;
  int64_t size = s->page.size;
  if (r->method != GET || strncmp(r->range, "bytes=", 6)) return 200;
  if (*r->if_range && strcmp(r->if_range, s->page.tag)) return 200;
  const char *spec = r->range + 6;
  if (spec[strspn(spec, "0123456789-")] || strlen(spec) > 30) return 200;
  if (sscanf(spec, "-%llu%n", &last, &n) == 1 && !spec[n]) { /* the last bytes */
    if (!last || !size) return 416;
    s->at = (int64_t)last < size ? size - (int64_t)last : 0;
    return 206;
  }
  if (sscanf(spec, "%llu-%n", &first, &n) != 1 || !n) return 200;
  if (spec[n]) {
    int from = n;
    if (sscanf(spec + from, "%llu%n", &last, &n) != 1 || spec[from + n] || last < first) return 200;
    if ((int64_t)last < size) s->end = (int64_t)last + 1;
  }
  if (first >= (unsigned long long)size) {
    s->end = size;
    return 416;
  }
  s->at = (int64_t)first;
  return 206;
}

static void give_page(struct client *c) {
  struct session *s = c->session;
  struct request *r = &s->request;
  char more[256];
  int n = snprintf(more, sizeof more, "ETag: %s\r\nLast-Modified: %s\r\nAccept-Ranges: bytes\r\n",
                   s->page.tag, date(s->page.modified));
  s->at = 0;
  s->end = s->page.size;
  if (is_known_to_client(r, &s->page)) {
    put_head(c, 304, NULL, 0, more);
    finish(c);
    return;
  }
  int status = choose_range(s);
  if (status == 416) {
    snprintf(more, sizeof more, "Content-Range: bytes */%lld\r\n", (long long)s->page.size);
    reply(c, 416, more, "416 Range Not Satisfiable\n");
    return;
  }
  if (status == 206)
    snprintf(more + n, sizeof more - (size_t)n, "Content-Range: bytes %lld-%lld/%lld\r\n",
             (long long)s->at, (long long)s->end - 1, (long long)s->page.size);
  put_head(c, status, s->page.type, s->end - s->at, more);
  if (r->method == HEAD || s->at == s->end) {
    finish(c);
    return;
  }
  client_hold(c, true);
  client_produce(c, true);
}

static void redirect(struct client *c, const char *path, const char *after) {
  static const char hex[] = "0123456789ABCDEF";
  char more[3 * 1024 + 64] = "Location: ";
  size_t n = strlen(more);
  for (; *path; path++) {
    bool plain = (unsigned char)*path > ' ' && (unsigned char)*path < 127 &&
                 !strchr("\"%<>?#\\^`{|}", *path);
    if (plain)
      more[n++] = *path;
    else
      n += (size_t)sprintf(more + n, "%%%c%c", hex[(unsigned char)*path >> 4], hex[*path & 15]);
  }
  sprintf(more + n, "%s\r\n", after);
  reply(c, 301, more, "It is elsewhere now.\n");
}

/* ---- a request that is there as a whole ---- */

/* A form's content as text, for the browser to show; all else as what it came as. */
static void give_back(struct client *c) {
  struct session *s = c->session;
  bool form = !strcasecmp(s->request.type, "application/x-www-form-urlencoded");
  const char *type = form               ? "text/plain; charset=utf-8"
                     : *s->request.type ? s->request.type
                                        : "application/octet-stream";
  put_head(c, 200, type, (int64_t)s->size, "X-Content-Type-Options: nosniff\r\n");
  client_write(c, s->content, (size_t)s->size);
  finish(c);
}

static bool is_for(const struct request *r, const char *path) { return !strcmp(r->path, path); }

static void answer(struct client *c) {
  struct session *s = c->session;
  const struct request *r = &s->request;
  if ((r->method == POST) != is_for(r, "/echo") || r->method == OTHER) {
    int status = r->method == POST && find_page(folder, r->path, &s->page) == 404 ? 404 : 405;
    refuse(c, status);
  } else if (r->method == POST)
    give_back(c);
  else if (is_for(r, "/chunked") || is_for(r, "/slow"))
    give_in_pieces(c, is_for(r, "/slow"));
  else if (is_for(r, "/old"))
    redirect(c, "/", "");
  else {
    int status = find_page(folder, r->path, &s->page);
    if (!status)
      give_page(c);
    else if (status == 301)
      redirect(c, r->path + strspn(r->path, "/") - 1, "/"); /* //x would be another host */
    else
      refuse(c, status);
  }
}

/* ---- what comes in ---- */

static void begin_content(struct client *c) {
  struct session *s = c->session;
  const struct request *r = &s->request;
  int wrong = check_request(r);
  if (!wrong && r->has_length && r->length > CONTENT_LIMIT) wrong = 413;
  if (wrong) {
    refuse_and_close(c, wrong);
    return;
  }
  s->left = r->length;
  s->state = r->is_chunked ? CHUNK : CONTENT;
  if (!r->is_chunked && !s->left)
    answer(c);
  else if (r->expects_continue)
    client_puts(c, "HTTP/1.1 100 Continue\r\n\r\n");
  client_raw(c, s->state == CONTENT);
}

static void read_chunk_size(struct client *c, const char *line) {
  struct session *s = c->session;
  int64_t size = chunk_size(line);
  if (size < 0 || (uint64_t)size + s->size > CONTENT_LIMIT) {
    refuse_and_close(c, size < 0 ? 400 : 413);
    return;
  }
  s->left = (uint64_t)size;
  s->state = size ? CHUNK_DATA : TRAILER;
  client_raw(c, size);
}

static void take_line(struct client *c, char *line, size_t length) {
  struct session *s = c->session;
  int wrong = strlen(line) == length ? 0 : 400; /* a 0 in it */
  if (wrong) {
    refuse_and_close(c, wrong);
  } else if (s->state == LINE) {
    if (!length) return; /* some send one more than they should */
    wrong = read_request_line(&s->request, line);
    s->state = FIELDS;
  } else if (s->state == FIELDS) {
    if (!length)
      begin_content(c);
    else
      wrong = read_field(&s->request, line);
  } else if (s->state == CHUNK)
    read_chunk_size(c, line);
  else if (s->state == CHUNK_END) {
    s->state = CHUNK;
    wrong = length ? 400 : 0;
  } else if (!length) /* TRAILER */
    answer(c);
  else
    wrong = ++s->lines > TRAILERS ? 431 : 0;
  if (wrong) refuse_and_close(c, wrong);
}

static void refuse_line(struct client *c) {
  const struct session *s = c->session;
  refuse_and_close(c, s->state == LINE                            ? 414
                      : s->state == FIELDS || s->state == TRAILER ? 431
                                                                  : 400);
}

static size_t take_content(struct client *c, const char *bytes, size_t size) {
  struct session *s = c->session;
  if (size > s->left) size = (size_t)s->left;
  if (!s->content) s->content = malloc(CONTENT_LIMIT);
  if (!s->content) {
    refuse_and_close(c, 500);
    return size;
  }
  memcpy(s->content + s->size, bytes, size);
  s->size += size;
  s->left -= size;
  if (s->left) return size;
  client_raw(c, false);
  if (s->state == CONTENT)
    answer(c);
  else
    s->state = CHUNK_END;
  return size;
}

static void begin(struct client *c) { ((struct session *)c->session)->page.file = -1; }
static void end(struct client *c) { reset(c->session); }

/* In the middle of a request it is told why; between two, there is nothing to tell. */
static void time_out(struct client *c) {
  struct session *s = c->session;
  if (s->state != LINE && s->state != REPLY) refuse_and_close(c, 408);
}

static const struct service http = {.session = sizeof(struct session),
                                    .line_limit = LINE_LIMIT,
                                    .patience = 30,
                                    .connected = begin,
                                    .line = take_line,
                                    .too_long = refuse_line,
                                    .bytes = take_content,
                                    .room = put_page_piece,
                                    .alarm = put_slow_line,
                                    .idle = time_out,
                                    .gone = end};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 2, 80, "http [PORT [FOLDER]]");
  if (argc > 2) folder = argv[2];
  service_open(port, &http, NULL);
  service_run();
}
