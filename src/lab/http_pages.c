/* See http_pages.h. */
#define _GNU_SOURCE
#include "http_pages.h"
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- pages of its own ---- */

#define HEAD(title)                                                                                \
  "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" title "</title>\n"      \
  "<link rel=\"stylesheet\" href=\"/style.css\">\n<h1>" title "</h1>\n"
#define HOME "<p><a href=\"/\">Back to the quay</a></p>\n</html>\n"

static const char index_page[] =
    HEAD("Portside") "<p>You have reached the web server of a very small harbour. Every byte of "
                     "this page came\n"
                     "over a TCP connection, as the answer to a line that begins with <code>GET "
                     "/</code>.</p>\n"
                     "<ul>\n"
                     "<li><a href=\"/ports.html\">Why a harbour has numbers on its berths</a>\n"
                     "<li><a href=\"/manifest.html\">The manifest: what an answer says before it "
                     "says anything</a>\n"
                     "<li><a href=\"/tide.html\">Waiting for the tide, or: why the page is not "
                     "there yet</a>\n"
                     "<li><a href=\"/chunked\">A cargo whose weight nobody knew</a> (chunked)\n"
                     "<li><a href=\"/slow\">A lighthouse</a> (a line a second)\n"
                     "<li><a href=\"/old\">The old quay</a> (moved)\n"
                     "</ul>\n"
                     "<form method=\"post\" action=\"/echo\"><p>Shout across the water:\n"
                     "<input name=\"shout\" value=\"ahoy\"> <button>Shout</button></p></form>\n"
                     "</html>\n";

static const char ports_page[] =
    HEAD("Numbers on the berths") "<p>An address brings a packet to a machine, as a chart brings a "
                                  "ship to a town. But a town\n"
                                  "has one harbour and many firms in it. The <b>port</b>, a number "
                                  "of 16 bits, says which berth\n"
                                  "a ship is for: 80 for the firm that hands out pages, 25 for the "
                                  "one that takes letters.</p>\n"
                                  "<p>Your browser has a berth too. Its number was picked for this "
                                  "one trip, and the answer\n"
                                  "finds its way home by it. Two addresses and two ports: these "
                                  "four are the name of a\n"
                                  "connection, and no two connections have the same four at the "
                                  "same time.</p>\n" HOME;

static const char manifest_page[] = HEAD(
    "The manifest") "<p>Before the cargo comes the manifest: a status line, then fields, then an "
                    "empty line.\n"
                    "Three things in it spare everybody trouble.</p>\n"
                    "<dl>\n"
                    "<dt>Content-Length<dd>TCP delivers a stream without marks. The length says "
                    "where this page\n"
                    "ends, so that the next answer can follow on the same connection.\n"
                    "<dt>ETag<dd>The name of this version of the page. Show it again with "
                    "<code>If-None-Match</code>\n"
                    "and, if nothing has changed, you get 304 and no cargo.\n"
                    "<dt>Connection: close<dd>The polite way to say that this is the last answer.\n"
                    "</dl>\n" HOME;

static const char tide_page[] =
    HEAD("Waiting for the tide") "<p>A sender may not put to sea as it likes. The receiver tells "
                                 "how much room it has on the\n"
                                 "quay, the <b>window</b>; when the quay is full, the window is "
                                 "zero, and ships wait outside.\n"
                                 "In the program that sends, <code>send</code> does not return, or "
                                 "says <code>EAGAIN</code>.</p>\n"
                                 "<p>A server with one quay and many customers must not stand and "
                                 "wait with the slowest of\n"
                                 "them. This one asks <code>poll</code> who has room now, serves "
                                 "those, and asks again.</p>\n" HOME;

static const char style_sheet[] = "body { max-width: 38em; margin: 2em auto; padding: 0 1em; "
                                  "font: 1.1em/1.5 Georgia, serif; color: #123; }\n"
                                  "h1 { color: #06577a; }\na { color: #06577a; }\n";

static const struct {
  const char *path, *text;
} pages[] = {{"/", index_page},           {"/index.html", index_page},
             {"/ports.html", ports_page}, {"/manifest.html", manifest_page},
             {"/tide.html", tide_page},   {"/style.css", style_sheet}};

/* ---- */

static const char *type_of(const char *path) {
  static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                         {".txt", "text/plain; charset=utf-8"},
                                         {".c", "text/plain; charset=utf-8"},
                                         {".css", "text/css; charset=utf-8"},
                                         {".js", "text/javascript; charset=utf-8"},
                                         {".json", "application/json"},
                                         {".svg", "image/svg+xml"},
                                         {".png", "image/png"},
                                         {".jpg", "image/jpeg"},
                                         {".gif", "image/gif"},
                                         {".wasm", "application/wasm"}};
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  if (!slash[1]) return types[0][1];
  for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
    if (!strcasecmp(dot, types[i][0])) return types[i][1];
  return "application/octet-stream";
}

static uint64_t hash(const char *text) { /* FNV-1a */
  uint64_t h = 14695981039346656037u;
  for (; *text; text++)
    h = (h ^ (unsigned char)*text) * 1099511628211u;
  return h;
}

/* No other time is known of it than that of the start. */
static int find_own(const char *path, struct page *p) {
  static time_t since;
  if (!since) since = time(NULL);
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    if (strcmp(path, pages[i].path)) continue;
    p->text = pages[i].text;
    p->size = (int64_t)strlen(p->text);
    p->modified = since;
    snprintf(p->tag, sizeof p->tag, "\"%" PRIx64 "\"", hash(p->text));
    return 0;
  }
  return 404;
}

/* Nothing whose name begins with a dot is shown: no .git, and no way up. */
static int find_file(const char *folder, const char *path, struct page *p) {
  char name[PATH_MAX];
  struct stat s;
  bool is_folder = path[strlen(path) - 1] == '/';
  if (strstr(path, "/.")) return 404;
  if (snprintf(name, sizeof name, "%s%s%s", folder, path, is_folder ? "index.html" : "") >=
      (int)sizeof name)
    return 404;
  p->file = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (p->file < 0) return 404;
  if (fstat(p->file, &s) || !S_ISREG(s.st_mode)) {
    close_page(p);
    return !is_folder && S_ISDIR(s.st_mode) ? 301 : 404;
  }
  p->size = s.st_size;
  p->modified = s.st_mtime;
  snprintf(p->tag, sizeof p->tag, "\"%" PRIx64 "-%" PRIx64 "\"", (uint64_t)s.st_mtime,
           (uint64_t)s.st_size);
  return 0;
}

int find_page(const char *folder, const char *path, struct page *p) {
  *p = (struct page){.file = -1, .type = type_of(path)};
  return folder ? find_file(folder, path, p) : find_own(path, p);
}

ssize_t read_page(const struct page *p, int64_t at, char *to, size_t size) {
  if ((int64_t)size > p->size - at) size = (size_t)(p->size - at);
  if (!p->text) return pread(p->file, to, size, (off_t)at);
  memcpy(to, p->text + at, size);
  return (ssize_t)size;
}

void close_page(struct page *p) {
  if (p->file >= 0) close(p->file);
  p->file = -1;
}
